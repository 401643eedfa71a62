// Writes the outputs in docs/planning.md: between `<!-- $ WORDS | SECTIONS -->` and `<!-- end -->` goes what the built
// program prints for these words, all of it or the named sections of the summary. With --check it writes nothing and fails
// where the page differs. All of them run in virtual time or by formula, so they are the same on every machine.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const page = join(root, 'docs/planning.md');
const program = join(root, 'dist/src/cli/main.js');
const out = mkdtempSync(join(tmpdir(), 'shardstorm-planning-'));
const PLACE = /<!-- \$ ([^|]*?)(?: \| (.*?))? -->\n[\s\S]*?<!-- end -->/g;

const before = readFileSync(page, 'utf8');
const after = before.replace(PLACE, (_, line, sections) => {
  const wanted = sections?.split(', ') ?? null;
  const command = sections === undefined ? line : `${line} | ${sections}`;
  const text = pick(outputOf(line), wanted);
  return `<!-- $ ${command} -->\n\n\`shardstorm ${line}\`\n\n\`\`\`\n${text}\n\`\`\`\n\n<!-- end -->`;
});
rmSync(out, { recursive: true });
if (!process.argv.includes('--check')) writeFileSync(page, after);
else if (after !== before) {
  process.stderr.write(
    'docs/planning.md is not what the program prints: node scripts/write-planning.mjs\n',
  );
  process.exitCode = 1;
}

/** A threshold that fails, or a load that cannot be, is an answer too. */
function outputOf(line) {
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare);
  const writes = words[0] === 'plan' ? [] : ['--quiet', '--out', out];
  try {
    return execFileSync(process.execPath, [program, ...words, ...writes], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    return error.stdout || error.stderr;
  }
}

/** The named sections (a line of its own, then lines set in), without the folder of the result. */
function pick(text, wanted) {
  const parts = text
    .trimEnd()
    .split('\n\n')
    .filter((part) => !part.startsWith('Result  '));
  const kept =
    wanted === null ? parts : parts.filter((part) => wanted.includes(part.split('\n')[0]));
  return kept.join('\n\n');
}

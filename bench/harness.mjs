// What the benches of the whole program share: a sink in a process of its own, runs of the built program, tables, and the
// places of docs/performance.md that scripts write.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const program = join(here, '../dist/src/cli/main.js');
const page = join(here, '../docs/performance.md');

/** Starts the sink; `stop` ends it. */
export function startSink({ shards = 8, stalls = false } = {}) {
  if (!existsSync(program)) throw new Error('dist/ is missing: npm run build');
  const words = [join(here, 'sink.mjs'), String(shards), ...(stalls ? ['--stall'] : [])];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'ignore'] });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the sink ended with ${code}`)));
    child.stdout.once('data', (line) => {
      resolve({ ...JSON.parse(line), stop: () => child.kill() });
    });
  });
}

/**
 * One run of the program against a sink; resolves to its summary.
 * @param set overrides, as of --set
 * @param keepIn folder for the result; without it the result is deleted
 */
export async function runProgram({
  scenario,
  set = [],
  sink,
  tls = false,
  keepIn = null,
  environment = {},
}) {
  const out = keepIn ?? mkdtempSync(join(tmpdir(), 'shardstorm-bench-'));
  const words = [program, 'run', join(here, 'scenarios', scenario)];
  words.push('--target', tls ? sink.tlsEndpoint : sink.endpoint);
  words.push('--json', '--quiet', '--out', out);
  for (const override of set) words.push('--set', override);
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_EC2_METADATA_DISABLED: 'true',
    NODE_EXTRA_CA_CERTS: sink.caFile,
    ...environment,
  };
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => (stdout += text));
  child.stderr.on('data', (text) => (stderr += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (keepIn === null) rmSync(out, { recursive: true, force: true });
  if (stdout === '') throw new Error(`${words.join(' ')}\nexit code ${code}: ${stderr}`);
  return JSON.parse(stdout).summary;
}

/** Whether a run says what it is meant to: every record accepted, by a generator that kept up. */
export function isSound(summary) {
  const { failed, expired } = summary.userRecords;
  return summary.valid && failed + expired === 0 && summary.userRecords.accepted > 0;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

export const thousands = (value) => Math.round(value).toLocaleString('en-US');

/** What a figure is of: runtime, machine, day, and how busy others kept it. */
export function conditions() {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const busy = loadavg()[0]?.toFixed(1);
  return `Node ${process.version}, ${model}, ${cpus().length} cores, ${process.platform}, ${new Date().toISOString().slice(0, 16)}Z, load average ${busy} at the end`;
}

export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Puts text between a section's marks in docs/performance.md. */
export function writeSection(name, text) {
  const start = `<!-- bench ${name}: start -->`;
  const end = `<!-- bench ${name}: end -->`;
  const old = readFileSync(page, 'utf8');
  const from = old.indexOf(start);
  const to = old.indexOf(end);
  if (from < 0 || to < from)
    throw new Error(`docs/performance.md has no marks "${start}" and "${end}"`);
  writeFileSync(page, `${old.slice(0, from + start.length)}\n\n${text}\n\n${old.slice(to)}`);
}

// The whole bench, under ten minutes on two cores:
//   npm run build && npm run bench                     measures, and writes the tables of docs/performance.md
//   npm run bench -- --record                          and the ratios that CI compares with, into bench/recorded.json
//   npx tsx bench/run.mjs --only ratios,ladder,growth     some of it; --rounds 1 --seconds 1 is a quick look
//   npx tsx bench/run.mjs --no-write                      prints and changes no file
// Tables of other versions of Node stay: run it once with each. CPU time is the load threads' own, from the operating system,
// over the measured phase; the sink (bench/sink.mjs) is another process and shares the machine. See docs/performance.md.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { growthTable, measureGrowth, measureStall, stallLine } from './growth.mjs';
import { conditions, startSink, writeSection } from './harness.mjs';
import { measureRatios, ratioOf, ratiosTable } from './ratios.mjs';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: 'ratios,ladder,growth' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    sites: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    'no-write': { type: 'boolean', default: false },
  },
});
const here = dirname(fileURLToPath(import.meta.url));
const execFileAsync = promisify(execFile);
const only = flags.only.split(',');
const rounds = Number(flags.rounds);
const seconds = Number(flags.seconds);
const major = process.versions.node.split('.')[0];
const startedMs = Date.now();

/** Prints a section and puts it into the page, under this version of Node. */
function publish(name, text) {
  console.log(`\n${text}`);
  if (!flags['no-write']) writeSection(`${name} node${major}`, text);
}

if (only.includes('ratios')) {
  const results = await measureRatios({ rounds, seconds });
  const said = `${conditions()}; median of ${rounds} rounds of ${seconds} s`;
  publish('ratios', `${said}\n\n${ratiosTable(results)}`);
  if (flags.record) record(results);
}

if (only.includes('ladder')) {
  const parts = [];
  const sink = await startSink();
  const cases = [
    [100, 'aggregated'],
    [1000, 'aggregated'],
    [100, 'plain'],
  ];
  for (const [bytes, kind] of cases) {
    const words = ['--import', 'tsx', join(here, 'ladder-case.mjs'), bytes, kind, sink.endpoint];
    if (flags.sites) words.push('--sites');
    const { stdout } = await execFileAsync(process.execPath, words);
    parts.push(`${bytes} B, ${kind}:\n\n${stdout.trimEnd()}`);
    process.stderr.write(`ladder of ${bytes} B, ${kind}: done\n`);
  }
  sink.stop();
  publish('ladder', [conditions(), ...parts].join('\n\n'));
}

if (only.includes('growth')) {
  const growth = growthTable(await measureGrowth({ rounds: Math.min(rounds, 2), seconds }));
  const stall = stallLine(await measureStall({ seconds: 8 }));
  publish('growth', [conditions(), growth, stall].join('\n\n'));
}

/** What bench/ci.mjs compares with. */
function record(results) {
  const file = join(here, 'recorded.json');
  const recorded = JSON.parse(readFileSync(file, 'utf8'));
  const round = (value) => Number(value.toFixed(3));
  const ratios = results.map((result) => [
    result.row.name,
    {
      sdk1: round(ratioOf(result, 'direct', 'sdk1')),
      sdk2: round(ratioOf(result, 'direct', 'sdk2')),
    },
  ]);
  recorded[major] = { conditions: conditions(), ratios: Object.fromEntries(ratios) };
  writeFileSync(file, `${JSON.stringify(recorded, null, 2)}\n`);
}

console.log(`\n${Math.round((Date.now() - startedMs) / 1000)} s`);
process.exit(0);

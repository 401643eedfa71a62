// Whether an hour is like a minute: CPU for each record and memory over one long run of the real program against the sink.
//   npm run build && node bench/long.mjs [--minutes 60] [--plain] [--no-write]
// The run's timeline is cut into sixths; the first and the last are compared. The aim: CPU within 10 %, memory no higher.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  conditions,
  isSound,
  median,
  runProgram,
  startSink,
  table,
  writeSection,
} from './harness.mjs';

const PARTS = 6;

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    plain: { type: 'boolean', default: false },
    'no-write': { type: 'boolean', default: false },
  },
});
const seconds = Number(flags.minutes) * 60;

const out = mkdtempSync(join(tmpdir(), 'shardstorm-long-'));
const sink = await startSink();
const summary = await runProgram({
  scenario: flags.plain ? 'plain-100b.yaml' : 'aggregated-100b.yaml',
  set: [
    'load.phases.0.duration=5s',
    `load.phases.1.duration=${seconds}s`,
    ...[0, 1].map(
      (i) => `load.phases.${i}.rate.closed.concurrency=${flags.plain ? 12_000 : 50_000}`,
    ),
  ],
  sink,
  keepIn: out,
});
sink.stop();
const [run = ''] = readdirSync(out);
const lines = readFileSync(join(out, run, 'timeline.jsonl'), 'utf8')
  .trim()
  .split('\n');
rmSync(out, { recursive: true, force: true });

const rows = lines.map((line) => JSON.parse(line)).filter(({ measured }) => measured);
const size = Math.floor(rows.length / PARTS);
const parts = Array.from({ length: PARTS }, (_, i) => partOf(rows.slice(i * size, (i + 1) * size)));

/** CPU a record over all of a part, and the middle of its memory, in a process that has others' garbage at times. */
function partOf(part) {
  const cpuUs = part.reduce(
    (sum, { generator, intervalMs }) => sum + generator.cpu * intervalMs * 1e3,
    0,
  );
  const records = part.reduce((sum, { userRecords }) => sum + userRecords.accepted, 0);
  const rss = median(part.map(({ generator }) => generator.rssBytes));
  return { nsPerRecord: (cpuUs * 1000) / records, rssMegabytes: rss / 1e6 };
}

const [first, last] = [parts[0], parts[PARTS - 1]];
const percent = (after, before) => `${((after / before - 1) * 100).toFixed(1)} %`;
const text = [
  conditions(),
  `${flags.minutes} minutes, 100 B ${flags.plain ? 'plain' : 'aggregated'}, ${isSound(summary) ? 'valid' : 'NOT valid'}; last sixth against the first: CPU a record ${percent(last.nsPerRecord, first.nsPerRecord)}, RSS ${percent(last.rssMegabytes, first.rssMegabytes)}.`,
  table(
    ['sixth', 'CPU ns a record', 'RSS, MB'],
    parts.map(({ nsPerRecord, rssMegabytes }, i) => [
      i + 1,
      nsPerRecord.toFixed(0),
      rssMegabytes.toFixed(0),
    ]),
  ),
].join('\n\n');
console.log(text);
if (!flags['no-write']) writeSection('long', text);
process.exit(0);

// Whether an hour is like a minute: CPU for each record and memory over one long run of the real program against the sink.
//   npm run build && node bench/long.mjs [--minutes 60] [--rate 200000] [--plain] [--no-write]
// The run is cut into sixths. In the last minute of each, a fresh program does the same beside it, and what the old one
// spends on a record is held against what the young one spends in the same seconds: whatever else the machine does meanwhile
// touches both. An open loop well below the ceiling, because two programs at their ceilings would measure the machine.
// Each minute the old one's threads collect their garbage in full, so that what is left tells whether the heap grows; RSS
// also shows what the collector and the allocator have not given back.
// The aim: the last sixth's ratio within 10 % of the first's, memory no higher.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import {
  conditions,
  isSound,
  median,
  runProgram,
  startSink,
  table,
  thousands,
  writeSection,
} from './harness.mjs';

const PARTS = 6;
const WARM_UP_S = 15;
const FRESH_S = 40;

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '200000' },
    plain: { type: 'boolean', default: false },
    'no-write': { type: 'boolean', default: false },
  },
});
const seconds = Number(flags.minutes) * 60;
const partS = seconds / PARTS;
if (!(partS >= WARM_UP_S + FRESH_S + 5)) throw new Error('--minutes must be at least 6');

const preload = join(dirname(fileURLToPath(import.meta.url)), 'heap-after-gc.mjs');

/** One run's timeline, a row a second with the instant of its end; and the heap after each full collection, if wanted. */
async function rowsOf(sink, warmUpS, measuredS, isHeapWanted = false) {
  const out = mkdtempSync(join(tmpdir(), 'shardstorm-long-'));
  const heapFile = join(out, 'heap.txt');
  const environment = isHeapWanted
    ? {
        NODE_OPTIONS: `--import ${pathToFileURL(preload).href}`,
        SHARDSTORM_BENCH_HEAP: heapFile,
      }
    : {};
  try {
    const summary = await runProgram({
      scenario: flags.plain ? 'plain-100b.yaml' : 'aggregated-100b.yaml',
      set: [
        `load.phases.0.duration=${warmUpS}s`,
        `load.phases.1.duration=${measuredS}s`,
        ...[0, 1].map((i) => `load.phases.${i}.rate=${flags.rate}/s`),
      ],
      sink,
      keepIn: out,
      environment,
    });
    const [run = ''] = readdirSync(out).filter((name) => name !== 'heap.txt');
    const startedMs = Date.parse(summary.run.startedAt);
    const rows = readFileSync(join(out, run, 'timeline.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ measured }) => measured)
      .map((row) => ({ ...row, endMs: startedMs + row.atMs + row.intervalMs }));
    const heap = isHeapWanted
      ? readFileSync(heapFile, 'utf8')
          .trim()
          .split('\n')
          .map((line) => line.split(' ').map(Number))
      : [];
    return { rows, heap, sound: isSound(summary) };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

function nsPerRecord(rows) {
  const cpuNs = rows.reduce((sum, row) => sum + row.generator.cpu * row.intervalMs * 1e6, 0);
  return cpuNs / rows.reduce((sum, row) => sum + row.userRecords.accepted, 0);
}

/** Megabytes left after a full collection, all threads together: the median of the minutes of these rows. */
function leftMegabytes(heap, rows, column) {
  const [fromMs, toMs] = [rows[0].endMs, rows[rows.length - 1].endMs];
  const minutes = new Map();
  for (const line of heap.filter(([atMs]) => atMs > fromMs && atMs <= toMs)) {
    const minute = Math.round((line[0] - heap[0][0]) / 60_000);
    minutes.set(minute, (minutes.get(minute) ?? 0) + line[column]);
  }
  return median([...minutes.values()]) / 1e6;
}

const megabytes = (rows) => median(rows.map(({ generator }) => generator.rssBytes)) / 1e6;

const [sink, freshSink] = [await startSink(), await startSink()];
const long = rowsOf(sink, WARM_UP_S, seconds, true);
const fresh = [];
await sleep((WARM_UP_S + partS - WARM_UP_S - FRESH_S - 5) * 1000);
for (let part = 0; part < PARTS; part++) {
  const startMs = performance.now();
  fresh.push(await rowsOf(freshSink, WARM_UP_S, FRESH_S));
  if (part < PARTS - 1) await sleep(partS * 1000 - (performance.now() - startMs));
}
const old = await long;
sink.stop();
freshSink.stop();

const parts = fresh.map(({ rows: young }, part) => {
  const [fromMs, toMs] = [young[0].endMs - young[0].intervalMs, young[young.length - 1].endMs];
  const beside = old.rows.filter(({ endMs }) => endMs > fromMs && endMs <= toMs);
  const share = Math.floor(old.rows.length / PARTS);
  const own = old.rows.slice(part * share, (part + 1) * share);
  return {
    old: nsPerRecord(beside),
    young: nsPerRecord(young),
    rss: megabytes(own),
    heap: leftMegabytes(old.heap, own, 1),
    buffers: leftMegabytes(old.heap, own, 2),
    rssYoung: megabytes(young),
  };
});

const [first, last] = [parts[0], parts[PARTS - 1]];
const percent = (after, before) => {
  const change = (after / before - 1) * 100;
  return `${change < 0 ? '' : '+'}${change.toFixed(1)} %`;
};
const sound = old.sound && fresh.every((run) => run.sound);
const text = [
  conditions(),
  `${flags.minutes} minutes, 100 B ${flags.plain ? 'plain' : 'aggregated'}, ${thousands(Number(flags.rate))} records/s in an open loop, ${sound ? 'valid' : 'NOT valid'}; last sixth against the first: CPU a record beside a fresh program's ${percent(last.old / last.young, first.old / first.young)}, heap after a full collection ${percent(last.heap, first.heap)}, RSS ${percent(last.rss, first.rss)}.`,
  table(
    [
      'sixth',
      'CPU ns a record',
      'a fresh program beside it',
      'ratio',
      'heap left, MB',
      'buffers, MB',
      'RSS, MB',
      'fresh',
    ],
    parts.map((part, i) => [
      i + 1,
      part.old.toFixed(0),
      part.young.toFixed(0),
      (part.old / part.young).toFixed(2),
      part.heap.toFixed(1),
      part.buffers.toFixed(1),
      part.rss.toFixed(0),
      part.rssYoung.toFixed(0),
    ]),
  ),
].join('\n\n');
console.log(text);
if (!flags['no-write']) writeSection('long', text);
process.exit(0);

// Whether a record costs the same on a small and on a large scale: CPU for each record over shards, keys and threads; and
// what 4 threads hold when the target stops answering. Each row is the real program against the sink, rows take turns, and
// the best of its rounds counts: what others do to the machine only adds. Beside n threads stand n programs of one thread
// each, at the same time against the same sink: they share cores and caches in the same way, so what n threads cost beyond
// them is this program's, and the rest is the machine's.
import { isSound, runProgram, startSink, table } from './harness.mjs';

const PLAIN = 'plain-100b.yaml';
const keys = (count) => `records.partitionKey.cardinality=${count}`;
const workers = (count) => [`load.workers=${count}`, `load.producers=${count}`];

/** The outstanding records of the scenario, divided among programs as they are among threads. */
const closed = (count) =>
  [0, 1].map((phase) => `load.phases.${phase}.rate.closed.concurrency=${12_000 / count}`);

/** Plain records: aggregates would be other ones, smaller with more shards and with more keys in each. */
const LADDERS = {
  shards: [1, 100, 10_000].map((shards) => ({ name: `${shards} shards`, shards, set: [] })),
  keys: [1, 10_000, 1_000_000].map((count) => ({
    name: `${count} keys`,
    shards: 1,
    set: [keys(count)],
  })),
  threads: [1, 2, 4].flatMap((count) => [
    { name: `${count} programs of one thread`, shards: 1, set: closed(count), programs: count },
    { name: `${count} threads`, shards: 1, set: workers(count) },
  ]),
};

const RSS_TARGET_BYTES = 300e6;

/** @returns ladders of {name, nsPerRecord, sound} */
export async function measureGrowth({ rounds, seconds }) {
  const results = [];
  for (const [ladder, rows] of Object.entries(LADDERS)) {
    const found = rows.map((row) => ({ name: row.name, ns: [], sound: true }));
    for (let round = 0; round < rounds; round++) {
      for (const [i, { shards, set, programs = 1 }] of rows.entries()) {
        const sink = await startSink({ shards });
        const phases = ['load.phases.0.duration=2s', `load.phases.1.duration=${seconds}s`];
        const run = () => runProgram({ scenario: PLAIN, set: [...phases, ...set], sink });
        const summaries = await Promise.all(Array.from({ length: programs }, run));
        sink.stop();
        const ns = summaries.map(({ generator }) => 1e9 / generator.userRecordsPerCpuSecond);
        found[i].ns.push(ns.reduce((sum, one) => sum + one) / programs);
        found[i].sound &&= summaries.every(isSound);
      }
    }
    results.push({ ladder, rows: found });
    process.stderr.write(`growth by ${ladder}: done\n`);
  }
  return results;
}

export function growthTable(results) {
  const rows = results.flatMap(({ ladder, rows: found }) => {
    const first = Math.min(...found[0].ns);
    return found.map(({ name, ns, sound }) => {
      const value = Math.min(...ns);
      const change = `${value >= first ? '+' : ''}${((value / first - 1) * 100).toFixed(0)} %`;
      return [ladder, name, value.toFixed(0), change, sound ? 'yes' : 'no'];
    });
  });
  return table(
    ['over', 'plain, 100 B × 500', 'CPU ns a record', 'against the first', 'valid'],
    rows,
  );
}

/** Memory of 4 threads whose target takes requests and never answers. */
export async function measureStall({ seconds }) {
  const sink = await startSink({ shards: 8, stalls: true });
  const rate = [0, 1].map((phase) => `load.phases.${phase}.rate=200000/s`);
  const summary = await runProgram({
    scenario: 'aggregated-100b.yaml',
    set: [
      ...workers(4),
      ...rate,
      'load.phases.0.duration=2s',
      `load.phases.1.duration=${seconds}s`,
      'producer.requestTimeout=2s',
      'producer.recordTtl=5s',
      'load.drain=1s',
    ],
    sink,
  });
  sink.stop();
  return summary;
}

export function stallLine(summary) {
  const megabytes = summary.generator.rssMaxBytes / 1e6;
  const verdict = summary.generator.rssMaxBytes <= RSS_TARGET_BYTES ? 'holds' : 'does not hold';
  return `4 threads, 200,000 records/s of 100 B offered, a target that takes requests and never answers: RSS at most ${megabytes.toFixed(0)} MB (at most 300 MB: ${verdict}).`;
}

// Records a CPU-second of the real program, our transport beside the SDK's, in one run: each row's variants take turns
// (A B C D A B C D …), so a machine that changes speed changes all, and a ratio is taken round by round.
import { isSound, median, runProgram, startSink, table, thousands } from './harness.mjs';

const AGGREGATED = 'aggregated-100b.yaml';
const PLAIN = 'plain-100b.yaml';

/** Records outstanding, in both phases: as many as keep the thread busy, and no more. */
const outstanding = (count) =>
  [0, 1].map((phase) => `load.phases.${phase}.rate.closed.concurrency=${count}`);

/** `shards` is the sink's; `atLeast` are the targets: records/CPU-s or MB/CPU-s by Node's major version, and times the SDK. */
export const ROWS = [
  {
    name: '100 B aggregated',
    bytes: 100,
    scenario: AGGREGATED,
    shards: 8,
    set: outstanding(50_000),
    atLeast: { records: { 20: 1.6e6, 24: 2.0e6 } },
  },
  {
    name: '1 KB aggregated',
    bytes: 1000,
    scenario: AGGREGATED,
    shards: 8,
    set: ['records.payload.size=1KB', ...outstanding(10_000)],
    atLeast: { megabytes: 320 },
  },
  {
    name: '100 B × 500 plain',
    bytes: 100,
    scenario: PLAIN,
    shards: 1,
    set: outstanding(12_000),
    atLeast: { records: 600_000, ratio: 5 },
  },
  {
    name: '1 KB × 500 plain',
    bytes: 1000,
    scenario: PLAIN,
    shards: 1,
    set: ['records.payload.size=1KB', ...outstanding(6000)],
    atLeast: { megabytes: 280, ratio: 4 },
  },
  {
    name: '50 KB × 20 plain',
    bytes: 50_000,
    scenario: PLAIN,
    shards: 1,
    set: ['records.payload.size=50KB', 'producer.collection.maxCount=20', ...outstanding(240)],
    atLeast: { ratio: 6 },
  },
];

const VARIANTS = {
  direct: { set: [] },
  tls: { set: [], tls: true },
  sdk1: { set: ['producer.transport=sdk'] },
  sdk2: { set: ['producer.transport=sdk', 'producer.http=2'] },
};

/**
 * @param variants names of VARIANTS
 * @returns by row name: by variant, records/CPU-s of each round; and whether all runs were sound
 */
export async function measureRatios({
  rows = ROWS,
  variants = Object.keys(VARIANTS),
  rounds,
  seconds,
  warmUpSeconds = 2,
}) {
  const results = [];
  for (const row of rows) {
    const sink = await startSink({ shards: row.shards });
    const perCpuSecond = Object.fromEntries(variants.map((name) => [name, []]));
    const shares = [];
    let sound = true;
    for (let round = 0; round < rounds; round++) {
      for (const name of variants) {
        const { set, tls } = VARIANTS[name];
        const phases = [
          `load.phases.0.duration=${warmUpSeconds}s`,
          `load.phases.1.duration=${seconds}s`,
        ];
        const summary = await runProgram({
          scenario: row.scenario,
          set: [...phases, ...row.set, ...set],
          sink,
          tls,
        });
        sound &&= isSound(summary);
        shares.push(summary.generator.cpuWaitShare ?? 0);
        perCpuSecond[name].push(summary.generator.userRecordsPerCpuSecond);
      }
    }
    sink.stop();
    results.push({ row, perCpuSecond, sound, waited: median(shares) });
    process.stderr.write(`${row.name}: ${thousands(median(perCpuSecond.direct))} records/CPU-s\n`);
  }
  return results;
}

/** The median over rounds of one variant's figure over another's. */
export function ratioOf({ perCpuSecond }, over, under) {
  return median(perCpuSecond[over].map((value, round) => value / perCpuSecond[under][round]));
}

function spread({ perCpuSecond }, over, under) {
  const ratios = perCpuSecond[over].map((value, round) => value / perCpuSecond[under][round]);
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
  return `${median(ratios).toFixed(1)} (${low.toFixed(1)}–${high.toFixed(1)})`;
}

const major = process.versions.node.split('.')[0];

function wanted({ atLeast }) {
  const words = [];
  const records = atLeast.records?.[major] ?? atLeast.records;
  if (typeof records === 'number') words.push(`${thousands(records)} records`);
  if (atLeast.megabytes !== undefined) words.push(`${atLeast.megabytes} MB`);
  if (atLeast.ratio !== undefined) words.push(`${atLeast.ratio}× SDK HTTP/1.1`);
  return words.join(', ');
}

/** Markdown of what {@link measureRatios} found with all variants. */
export function ratiosTable(results) {
  const rows = results.map((result) => {
    const { row, perCpuSecond, sound, waited } = result;
    const figure = (name) => thousands(median(perCpuSecond[name]));
    const megabytes = (median(perCpuSecond.direct) * row.bytes) / 1e6;
    return [
      row.name,
      `**${figure('direct')}**`,
      thousands(megabytes),
      wanted(row),
      `${figure('tls')} (${Math.round(ratioOf(result, 'tls', 'direct') * 100)} %)`,
      figure('sdk1'),
      spread(result, 'direct', 'sdk1'),
      figure('sdk2'),
      spread(result, 'direct', 'sdk2'),
      `${Math.round(waited * 100)} %`,
      sound ? 'yes' : 'no',
    ];
  });
  const head = ['records', 'direct: records/CPU-s', 'MB/CPU-s', 'at least', 'over TLS'];
  head.push('SDK HTTP/1.1', 'times it', 'SDK HTTP/2', 'times it', 'waited for a core', 'valid');
  return table(head, rows);
}

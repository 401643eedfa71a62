/**
 * The claims of docs/methodology.md, shown on the built program. Where the claim is about measuring and not about this
 * machine, the run is in virtual time, so its tolerances are the method's own.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RandomSequence } from '../../src/core/random.ts';
import { LatencyCounts } from '../../src/measure/latency-counts.ts';
import { LatencyTotals } from '../../src/measure/latency-totals.ts';
import type { Summary } from '../../src/results/summary.ts';
import { OutFolder, run } from '../system/program.ts';

let out: OutFolder;
beforeAll(() => {
  out = new OutFolder();
});
afterAll(() => out.remove());

interface Demonstrated {
  readonly code: number | null;
  readonly summary: Summary;
  readonly text: string;
}

/** Writes a scenario and runs it. */
async function demonstrate(
  name: string,
  scenario: string,
  words: readonly string[] = [],
  environment: NodeJS.ProcessEnv = {},
): Promise<Demonstrated> {
  const file = join(out.path, `${name}.yaml`);
  writeFileSync(file, `version: 1\nname: ${name}\n${scenario}`);
  const results = join(out.path, 'results');
  const ended = await run(
    ['run', file, '--json', '--quiet', '--out', results, ...words],
    environment,
  );
  expect(ended.stdout, ended.stderr).not.toBe('');
  return { code: ended.code, summary: JSON.parse(ended.stdout).summary, text: ended.stdout };
}

const SINGLE_RECORDS = `producer: { aggregation: { enabled: false }, rateLimit: "off", maxBufferedTime: 5ms, failIfThrottled: true }
records: { payload: { kind: random, size: 100B } }
`;

describe('a stall of 1 s in 10 s is not omitted', () => {
  const scenario = (rate: string) => `
target:
  kind: simulator
  simulator: { shards: 8, latency: { fixed: 1ms }, faults: [{ kind: stall, at: 5s, for: 1s }] }
load: { workers: 1, producers: 1, phases: [{ name: hold, duration: 10s, rate: ${rate} }] }
${SINGLE_RECORDS}`;
  const ms = (us: number | null) => (us ?? 0) / 1000;

  it('in virtual time, within the tolerances of the method', async () => {
    const { summary } = await demonstrate('stall', scenario('1000/s'), ['--virtual']);
    const { response } = summary.latency;
    expect(summary.userRecords).toMatchObject({ offered: 10_000, accepted: 10_000 });
    expect(ms(response.p50)).toBeLessThan(10);
    expect(ms(response.p95)).toBeGreaterThan(480);
    expect(ms(response.p95)).toBeLessThan(520);
    expect(ms(response.p99)).toBeGreaterThan(880);
    expect(ms(response.p99)).toBeLessThan(920);
    expect(ms(response.max)).toBeGreaterThanOrEqual(1000);
    expect(ms(response.max)).toBeLessThan(1050);
  });

  it('on the wire, where the machine may only add to it', async () => {
    const { summary } = await demonstrate('stall-wire', scenario('1000/s'));
    const { response } = summary.latency;
    expect(summary.userRecords).toMatchObject({ offered: 10_000, accepted: 10_000 });
    expect(ms(response.p95)).toBeGreaterThan(480);
    expect(ms(response.p99)).toBeGreaterThan(880);
    expect(ms(response.max)).toBeGreaterThanOrEqual(999);
  });

  it('while a closed loop, which waits for each answer, does not see it', async () => {
    const closed = scenario('{ closed: { concurrency: 1 } }');
    const { summary } = await demonstrate('stall-closed', closed, ['--virtual']);
    expect(ms(summary.latency.response.p99)).toBeLessThan(10);
    expect(summary.warnings.join()).toContain('coordinated omission');
  });
});

describe('the offered load is the schedule, whatever the number of workers', () => {
  const scenario = `
target: { kind: "null" }
load:
  seed: 7
  phases:
    - { name: whole, duration: 1s, rate: 1000/s }
    - { name: fraction, duration: 2s, rate: 10.5/s }
    - { name: ramp, duration: 1s, rate: { from: 0/s, to: 5000/s } }
records: { payload: { kind: random, size: 100B } }
`;

  it.each([1, 2, 3, 4, 7])('with %i', async (workers) => {
    const words = ['--workers', String(workers), '--set', `load.producers=${workers}`];
    const { summary } = await demonstrate(`workers-${workers}`, scenario, words);
    expect(summary.run.workers).toBe(workers);
    const offered = summary.phases.map(({ userRecords }) => userRecords.offered);
    expect(offered).toEqual([1000, 21, 2500]);
    expect(summary.userRecords.accepted).toBe(3521);
  });
});

it('eight merged histograms are one of all values, slot by slot', () => {
  const random = new RandomSequence(3, 1);
  const parts = Array.from({ length: 8 }, () => new LatencyCounts());
  const whole = new LatencyCounts();
  for (let i = 0; i < 200_000; i++) {
    const valueUs = 10 ** (9.7 * random.unit()) - 1;
    parts[i % 8]?.record(valueUs);
    whole.record(valueUs);
  }
  const slots = (counts: readonly LatencyCounts[]) => {
    const totals = new LatencyTotals();
    for (const part of counts) {
      const delta = part.takeDelta();
      if (delta !== null) totals.addDelta(delta);
    }
    const found: [number, number][] = [];
    totals.forEachSlot((slot, count) => found.push([slot, count]));
    return { found, count: totals.count, overflow: totals.overflow, maxUs: totals.maxUs };
  };
  const merged = slots(parts);
  expect(merged).toEqual(slots([whole]));
  expect(merged.count).toBe(200_000);
  expect(merged.overflow).toBeGreaterThan(0);
});

describe('a generator that is the bottleneck', () => {
  /** Environment of a program whose load threads are kept busy for `busyMs` of every 200 ms. */
  const hogged = (busyMs: number) => {
    const file = join(out.path, `hog-${busyMs}.cjs`);
    const code = `
const { isMainThread } = require('node:worker_threads');
if (!isMainThread) {
  const hog = () => {
    const until = performance.now() + ${busyMs};
    while (performance.now() < until);
  };
  setInterval(hog, 200).unref();
}
`;
    writeFileSync(file, code);
    return { NODE_OPTIONS: `--require ${file}` };
  };
  const scenario = `
target: { kind: "null" }
load: { workers: 1, producers: 1, phases: [{ name: hold, duration: 5s, rate: 500/s }] }
producer: { maxBufferedTime: 10ms }
records: { payload: { kind: random, size: 100B } }
`;

  it('makes the run invalid, and the cause is named', async () => {
    const { code, summary } = await demonstrate('hog', scenario, [], hogged(100));
    expect(code).toBe(4);
    expect(summary).toMatchObject({ valid: false, verdict: 'invalid' });
    expect(summary.generator.saturated).toBe(true);
    expect(summary.invalidReasons.join()).toContain('The generator was the bottleneck');
    expect(summary.warnings.join()).toContain('The event loop was delayed in');
    // The slow generator did not offer less: it offered late.
    expect(summary.userRecords).toMatchObject({ offered: 2500, accepted: 2500 });
  });

  it('makes the run suspect when it kept up but strained, which --strict-client refuses', async () => {
    const words = ['--strict-client'];
    const { code, summary } = await demonstrate('strain', scenario, words, hogged(20));
    expect(summary.verdict).not.toBe('valid');
    expect(summary.warnings.join()).toContain('The event loop was delayed in');
    expect(code).toBe(4);
  });
});

describe('a threshold', () => {
  it('over a metric without samples fails, with the words "no data"', async () => {
    const { code, summary } = await demonstrate(
      'no-data',
      `
target:
  kind: simulator
  simulator: { shards: 1, faults: [{ kind: internal-failure, rate: 100%, at: 2s, for: 10s }] }
load:
  workers: 1
  phases:
    - { name: healthy, duration: 1s, rate: 100/s }
    - { name: pause, duration: 1s, rate: 1/s }
    - { name: refused, duration: 2s, rate: 100/s }
producer: { recordTtl: 500ms }
records: { payload: { kind: random, size: 100B } }
thresholds: [{ expr: response.p99 < 1h, phase: refused }]
`,
      ['--virtual'],
    );
    const phases = summary.phases.map(({ userRecords }) => userRecords.accepted);
    expect(phases).toEqual([100, 1, 0]);
    expect(summary.thresholds).toMatchObject([{ held: false, actual: null, note: 'no data' }]);
    expect(code).toBe(99);
  });
});

it('a record refused in an answer of status 200 is counted as refused', async () => {
  const { summary } = await demonstrate(
    'partial',
    `
target: { kind: simulator, simulator: { shards: 1, latency: { fixed: 5ms } } }
load:
  workers: 1
  phases:
    - { name: empty-the-bucket, duration: 5s, rate: 1500/s, measure: false }
    - { name: hold, duration: 20s, rate: 1500/s }
${SINGLE_RECORDS}`,
    ['--virtual'],
  );
  const { offered, failed } = summary.userRecords;
  expect(offered).toBe(30_000);
  expect(failed / offered).toBeGreaterThan(1 / 3 - 0.02);
  expect(failed / offered).toBeLessThan(1 / 3 + 0.02);
  expect(summary.attempts.byErrorCode).toHaveProperty('ProvisionedThroughputExceededException');
  // What counting failed calls would say of it.
  expect(summary.rates.requestFailure).toBe(0);
});

describe('a long run', () => {
  const scenario = (rate: string, stop = '') => `
target: { kind: simulator, simulator: { shards: 1, latency: { median: 8ms, p99: 40ms } } }
load:
  workers: 1
  ${stop}
  phases: [{ name: hold, duration: 3m, rate: ${rate} }]
producer: { aggregation: { enabled: false }, rateLimit: "off", recordTtl: 10m, overload: wait }
records: { payload: { kind: random, size: 100B } }
`;

  it('that takes more than it can never settles, and says so', async () => {
    const { summary } = await demonstrate('drift', scenario('1020/s'), ['--virtual']);
    expect(summary.steadyState).toMatchObject({ phase: 'hold', reached: false });
    expect(summary.warnings.join()).toContain('Phase hold never settled');
  });

  it('that begins with a backlog tells how long that took', async () => {
    // 18 s of 600/s too many leave 10,800 records, which 400/s of room work off in 27 s.
    const piled = scenario('600/s').replace(
      'phases: [',
      'phases: [{ name: pile-up, duration: 18s, rate: 1600/s, measure: false }, ',
    );
    const { summary } = await demonstrate('transient', piled, ['--virtual']);
    expect(summary.steadyState).toMatchObject({ phase: 'hold', reached: true, by: 'response' });
    // MSER-5 cuts whole batches of five seconds, after the first second, which it leaves out.
    expect(summary.steadyState?.settledAfterMs).toBeGreaterThanOrEqual(25_000);
    expect(summary.steadyState?.settledAfterMs).toBeLessThanOrEqual(41_000);
    expect(summary.warnings.join()).toContain('Phase hold settled only after');
  });

  it('that is steady ends when it is precise enough, and counts as completed', async () => {
    const stop = 'stopWhen: { metric: response.mean, halfWidth: 2%, minDuration: 45s }';
    const { code, summary } = await demonstrate('precise', scenario('200/s', stop), ['--virtual']);
    expect(code).toBe(0);
    expect(summary).toMatchObject({ status: 'completed', valid: true });
    expect(summary.precision).toMatchObject({ metric: 'response.mean', reached: true });
    expect(summary.steadyState).toMatchObject({ reached: true });
    expect(summary.userRecords.offered).toBeGreaterThanOrEqual(45 * 200);
    expect(summary.userRecords.offered).toBeLessThan(170 * 200);
    expect(summary.userRecords.dropped).toBe(0);
  });
});

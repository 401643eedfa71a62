import { describe, expect, it } from 'vitest';
import { MEASURE_PATHS, RUN_PATHS, SHARD_PATHS } from '../../src/kinesis/metric-paths.ts';
import { COUNTER_INDEX } from '../../src/measure/frame.ts';
import { FrameMerger } from '../../src/measure/merge.ts';
import { buildSummary, type MeasuredLoad } from '../../src/results/build-summary.ts';
import { summarySchema } from '../../src/results/schema.ts';
import type { Summary, VerifySummary } from '../../src/results/summary.ts';
import { FakeWorker } from '../measure/builders.ts';
import { pretend } from './builders.ts';

const PHASES = [
  { name: 'a', startUs: 0, endUs: 3e6, isMeasured: false, scheduled: 3000, isConstantRate: true },
  { name: 'b', startUs: 3e6, endUs: 6e6, isMeasured: true, scheduled: 3000, isConstantRate: true },
];

/** Of a run that was verified: the reader adds it afterwards. */
const VERIFIED: VerifySummary = {
  verdict: 'delivered',
  expected: 1,
  found: 1,
  lost: 0,
  duplicatesExpected: 0,
  duplicatesUnexplained: 0,
  uncertainFound: 0,
  lateByKey: 0,
  lateByShard: 0,
  corrupt: 0,
  wrongKeys: 0,
  foreign: 0,
};

describe('buildSummary', () => {
  it('counts the measured phases in the run, and every phase in itself', () => {
    const { summary } = pretend();
    expect(summary.userRecords).toMatchObject({
      offered: 1000,
      accepted: 1000,
      bytesAccepted: 200_000,
      offeredPerSecond: 100,
      acceptedPerSecond: 100,
    });
    expect(summary.phases.map((p) => [p.name, p.measured, p.userRecords.offered])).toEqual([
      ['warm-up', false, 200],
      ['hold', true, 1000],
    ]);
    expect(summary.phases[1]).toMatchObject({ startMs: 2000, durationMs: 10_000 });
    expect(summary).toMatchObject({ valid: true, invalidReasons: [], warnings: [] });
  });

  it('computes means and rates as the contract says', () => {
    const { summary } = pretend();
    expect(summary.kinesisRecords).toEqual({
      sent: 200,
      accepted: 200,
      userRecordsPerRecord: 5,
      bytesPerRecord: 1050,
      closedBy: { count: 0, size: 50, time: 150, flush: 0 },
    });
    expect(summary.requests).toMatchObject({ recordsPerRequest: 2.2, bytesPerRequest: 3000 });
    expect(summary.rates).toEqual({
      throttle: 10 / 220,
      partialFailure: 20 / 80,
      requestFailure: 0.2,
      retryAmplification: 1.1,
    });
    expect(summary.attempts.byErrorCode).toEqual({
      ProvisionedThroughputExceededException: 10,
      InternalFailure: 10,
    });
    expect(summary.generator).toEqual({
      cpuSeconds: 2.5,
      userRecordsPerCpuSecond: 400,
      rssMaxBytes: 50e6,
      eventLoopDelayP99Us: 0,
      gcMs: 0,
      saturated: false,
      cpuWaitShare: 0,
      stealShare: 0,
    });
  });

  it('gives latencies that add up, and no percentile above the maximum', () => {
    const { latency } = pretend().summary;
    expect(latency.response).toMatchObject({ count: 1000, min: 5000, mean: 5000, max: 5000 });
    expect([latency.response.p50, latency.response.p99_99]).toEqual([5000, 5000]);
    const parts = [latency.lateness, latency.buffering, latency.retry, latency.service];
    expect(parts.reduce((sum, part) => sum + (part.mean ?? Number.NaN), 0)).toBe(5000);
    expect(latency.request).toMatchObject({ count: 100, mean: 3000 });
  });

  it('lists every open shard with its peak and the limit it is nearest to', () => {
    const { shards } = pretend({ input: { shards: [0, 1, 2] } }).summary;
    expect(shards).toEqual([
      {
        id: 'shardId-000000000000',
        records: 150,
        bytes: 150_000,
        throttled: 10,
        peakBytesPerSecond: 15_000,
        peakRecordsPerSecond: 15,
        utilisation: 0.015,
        bound: 'records',
      },
      expect.objectContaining({ id: 'shardId-000000000001', records: 50, bytes: 60_000 }),
      expect.objectContaining({ id: 'shardId-000000000002', records: 0, utilisation: 0 }),
    ]);
    expect(shards.reduce((sum, shard) => sum + shard.records, 0)).toBe(200);
  });

  it('divides by the time in which the target worked off a backlog', () => {
    const backlog = { offered: 0, accepted: 50, self: { backPressureUs: 0 } };
    const { summary } = pretend({
      drainSeconds: 10,
      second: (s) => (s >= 12 ? backlog : s >= 2 ? { offered: 100, accepted: 50 } : {}),
      input: { invalidReasons: [] },
    });
    expect(summary.userRecords.accepted).toBe(1000);
    expect(summary.userRecords.acceptedPerSecond).toBe(50);
    expect(summary.userRecords.offeredPerSecond).toBe(100);
  });

  it('does not take the usual delay of a pipeline for a backlog', () => {
    const merger = new FrameMerger({ workers: 1, phases: PHASES });
    const worker = new FakeWorker(0, [3e6, 6e6]);
    const accept = (phase: number, records: number) => {
      for (const name of ['userRecords.offered', 'userRecords.accepted'] as const) {
        worker.recorder.add(phase, COUNTER_INDEX[name], records);
      }
    };
    // Frames end a little late, and a tenth of a phase's records settles in the second after it.
    for (let second = 1; second <= 6; second++) {
      accept(second <= 3 ? 0 : 1, 900);
      if (second === 4) accept(0, 300);
      merger.add(worker.frame(second * 1e6 + 1500));
    }
    accept(1, 300);
    merger.add(worker.frame(6.1e6, {}, true));
    merger.flush();
    const { summary } = pretend({ input: { merger, phases: PHASES, status: 'interrupted' } });
    expect(summary.phases.map((phase) => phase.userRecords.acceptedPerSecond)).toEqual([
      1000, 1000,
    ]);
    expect(summary.userRecords.acceptedPerSecond).toBe(1000);
  });

  it('does not let one straggler stretch the time of a run', () => {
    const { summary } = pretend({
      drainSeconds: 6,
      second: (s) => (s === 17 ? { offered: 1, accepted: 1 } : {}),
    });
    expect(summary.userRecords.acceptedPerSecond).toBeCloseTo(100.1, 6);
  });

  it('cuts the phases of a run that was stopped', () => {
    const { summary } = pretend({
      phaseSeconds: [2, 10, 10],
      second: (s) => (s < 7 ? {} : { offered: 0, accepted: 0 }),
      input: { status: 'interrupted', stoppedUs: 7e6 },
    });
    expect(summary.phases.map((phase) => phase.durationMs)).toEqual([2000, 5000, 0]);
    expect(summary.userRecords.offeredPerSecond).toBe(100);
    expect(summary).toMatchObject({ status: 'interrupted', valid: true });
  });

  it('counts the time in which a stopped run worked off its backlog', () => {
    // 250 a second offered for 5 s, 100 a second taken: the other 750 take 7.5 s more.
    const { summary } = pretend({
      phaseSeconds: [2, 60],
      second: (s) => {
        if (s < 2) return {};
        return s < 7 ? { offered: 250, accepted: 100 } : { offered: 0, accepted: s < 15 ? 100 : 0 };
      },
      input: { status: 'interrupted', stoppedUs: 7e6 },
    });
    expect(summary.userRecords.offeredPerSecond).toBe(250);
    expect(summary.userRecords.acceptedPerSecond).toBeGreaterThan(99);
    expect(summary.userRecords.acceptedPerSecond).toBeLessThan(115);
  });

  it('hands the measured load to the price list', () => {
    const loads: MeasuredLoad[] = [];
    const cost = {
      assumptions: 'test',
      perHourUsd: 1,
      perGBUsd: 2,
      perMillionRecordsUsd: 3,
      priceListDate: '2026-11-23',
    };
    const { summary } = pretend({
      input: {
        cost: (load) => {
          loads.push(load);
          return cost;
        },
      },
    });
    expect(summary.cost).toEqual(cost);
    expect(loads).toEqual([
      { seconds: 10, shards: 2, putUnits: 200, roundedKib: 400, bytes: 210_000, userRecords: 1000 },
    ]);
  });

  it('writes what its schema accepts, and nothing that JSON cannot hold', () => {
    const { summary } = pretend({ phaseSeconds: [2, 30] });
    const back: unknown = JSON.parse(JSON.stringify(summary));
    expect(back).toEqual(summary);
    expect(summarySchema.parse(back)).toEqual(summary);
    const empty = pretend({ second: () => ({ offered: 0, accepted: 0 }) }).summary;
    expect(summarySchema.parse(JSON.parse(JSON.stringify(empty)))).toEqual(empty);
  });

  it('has exactly the numbers that metric-paths.ts lists', () => {
    const cost = () => ({
      assumptions: '',
      perHourUsd: 1,
      perGBUsd: 1,
      perMillionRecordsUsd: 1,
      priceListDate: '',
    });
    const calibration = {
      at: '2026-01-02T03:04:05.678Z',
      workers: 1,
      ceilingPerSecond: 1000,
      floorP50Us: 300,
      floorP99Us: 900,
    };
    const { summary: run } = pretend({ phaseSeconds: [2, 30], input: { cost, calibration } });
    const summary: Summary = { ...run, verify: VERIFIED };
    const notMetrics = /^run\.(seed|workers|producers)$|\.byErrorCode\.|\.confidence\./;
    const found = leaves(summary, '').filter((path) => !notMetrics.test(path));
    const known = Object.keys({ ...MEASURE_PATHS, ...RUN_PATHS });
    expect(found.sort()).toEqual(known.filter((path) => !path.includes('.endToEnd.')).sort());
    const shardLeaves = leaves(summary.shards[0], 'shards');
    expect(shardLeaves.sort()).toEqual(Object.keys(SHARD_PATHS).sort());
  });

  it('gives error bars that widen when seconds differ', () => {
    const steady = pretend({
      phaseSeconds: [2, 30],
      second: (s) => ({ serviceUs: 3000 + (s % 3), bufferingUs: 1900 }),
    }).summary.latency.response.confidence;
    expect(steady?.level).toBe(0.95);
    const slow = pretend({
      phaseSeconds: [2, 30],
      second: (s) => ({ serviceUs: s % 10 === 0 ? 90_000 : 3000 }),
    }).summary.latency.response.confidence;
    // Each second is one value repeated: 30 seconds are worth about 30 values, which supports a median only.
    expect(slow?.effectiveCount).toBeLessThan(40);
    expect(Object.keys(slow?.intervals ?? {})).toEqual(['p50']);
  });
});

describe('steady state of a run', () => {
  /** Service times of a phase of 120 s after a warm-up of 2 s. */
  const run = (serviceUs: (second: number) => number, input = {}) =>
    pretend({
      phaseSeconds: [2, 120],
      second: (s) => ({ serviceUs: serviceUs(s - 2) + 100 * ((s * 7) % 5) }),
      input,
    }).summary;

  it('is reached at once where nothing changes', () => {
    const state = { phase: 'hold', reached: true, settledAfterMs: 0, by: 'accepted' };
    const summary = run(() => 3000);
    expect(summary).toMatchObject({ verdict: 'valid', warnings: [], steadyState: state });
    expect(summary.phases.map(({ steadyState }) => steadyState)).toEqual([undefined, state]);
  });

  it('tells how long a transient took', () => {
    const { steadyState, warnings, verdict } = run((second) => (second < 31 ? 9000 : 3000));
    expect(steadyState).toMatchObject({ reached: true, settledAfterMs: 31_000, by: 'response' });
    expect(warnings.join()).toContain('Phase hold settled only after 31.0s');
    expect(verdict).toBe('valid');
  });

  it('is never reached by a run that drifts', () => {
    const { steadyState, warnings } = run((second) => 3000 + 100 * second);
    expect(steadyState).toMatchObject({ reached: false, settledAfterMs: null, by: 'response' });
    expect(warnings.join()).toContain('Phase hold never settled: the response time was still');
  });

  it('is not judged in a short phase, nor where the rate changes', () => {
    expect(pretend({ phaseSeconds: [2, 30] }).summary).not.toHaveProperty('steadyState');
    const { phases } = pretend({ phaseSeconds: [2, 120] }).input;
    const ramp = phases.map((phase) => ({ ...phase, isConstantRate: false }));
    const summary = run((second) => 3000 + 100 * second, { phases: ramp });
    expect(summary).not.toHaveProperty('steadyState');
    expect(summary.userRecords).not.toHaveProperty('acceptedPerSecondInterval');
  });

  it('leaves out the seconds after a stop', () => {
    const drop = (second: number) => ({ offered: second < 62 ? 100 : 0 });
    const stopped = { status: 'interrupted', stoppedUs: 62e6 } as const;
    const { steadyState } = pretend({
      phaseSeconds: [2, 120],
      second: drop,
      input: stopped,
    }).summary;
    expect(steadyState).toMatchObject({ reached: true, settledAfterMs: 0 });
  });
});

describe('error bars', () => {
  it('hold the accepted rate between what its seconds vary', () => {
    const { userRecords } = pretend({
      phaseSeconds: [2, 120],
      second: (s) => ({ offered: s % 2 === 0 ? 90 : 110 }),
    }).summary;
    const [low, high] = userRecords.acceptedPerSecondInterval ?? [0, 0];
    expect(userRecords.acceptedPerSecond).toBe(100);
    // Deviation 10 over 119 whole seconds: 2.001 · 10 / √119.
    expect(high - low).toBeCloseTo((2 * 2.001 * 10) / Math.sqrt(119), 1);
  });

  it('hold the mean response time', () => {
    const { response } = pretend({
      phaseSeconds: [2, 120],
      second: (s) => ({ serviceUs: s % 2 === 0 ? 2000 : 4000 }),
    }).summary.latency;
    const [low = 0, high = 0] = response.confidence?.mean ?? [];
    expect((low + high) / 2).toBeCloseTo(5000, 6);
    // Each second is one value: deviation 1000 over 119 of them.
    expect(high - low).toBeCloseTo((2 * 2.001 * 1000) / Math.sqrt(119), -1);
  });
});

describe('verdict of a run', () => {
  it('rejects a ledger that does not hold', () => {
    const { input } = pretend();
    input.merger.phases[1]?.counters.fill(999, COUNTER_INDEX['userRecords.expired'], 4);
    const { valid, invalidReasons } = buildSummary(input);
    expect(valid).toBe(false);
    expect(invalidReasons).toEqual([
      'The ledger of phase hold does not hold: 1,000 offered is not 1,000 accepted + 0 failed + 999 expired + 0 dropped.',
    ]);
  });

  it('rejects parts that do not add up to the response', () => {
    const { input } = pretend();
    const service = input.merger.phases[1]?.latency.service;
    if (service !== undefined) service.sumUs *= 1.1;
    const { valid, invalidReasons } = buildSummary(input);
    expect(valid).toBe(false);
    expect(invalidReasons.join()).toContain('parts of the response time of phase hold');
  });

  it('counts the retry among the parts', () => {
    const { input, summary } = pretend({ second: () => ({ retryUs: 40_000 }) });
    expect(summary.valid).toBe(true);
    expect(summary.latency.retry.mean).toBe(40_000);
    expect(summary.latency.response.mean).toBe(45_000);
    const retry = input.merger.phases[1]?.latency.retry;
    if (retry !== undefined) retry.sumUs = 0;
    expect(buildSummary(input).invalidReasons.join()).toContain(
      'mean response 45.0ms, sum of the parts 5.00ms',
    );
  });

  it('stays valid when records failed, and says how many', () => {
    const { summary } = pretend({ second: () => ({ offered: 100, accepted: 90 }) });
    expect(summary.valid).toBe(true);
    expect(summary.warnings.join()).toContain(
      '10.0 % of the records offered (100) failed or expired',
    );
  });

  it('is invalid when more than a few percent were dropped, unless it was stopped', () => {
    const second = () => ({ offered: 100, accepted: 90, dropped: 6 });
    const { summary } = pretend({ second });
    expect(summary).toMatchObject({ valid: false, verdict: 'invalid' });
    expect(summary.invalidReasons).toEqual([
      '6.00 % of the records offered (60) were dropped, by a full buffer or at the end of the drain: the response times are without those that would have waited longest.',
    ]);
    const sentence = '10.0 % of the records offered (100) failed or expired or were dropped (60).';
    expect(summary.warnings.join()).toContain(sentence);
    const stopped = pretend({ second, input: { status: 'interrupted', stoppedUs: 12e6 } });
    expect(stopped.summary.valid).toBe(true);
    expect(stopped.summary.warnings.join()).toContain(sentence);
  });

  it('is valid when few were dropped, and says how many', () => {
    const { summary } = pretend({ second: () => ({ offered: 100, accepted: 98, dropped: 2 }) });
    expect(summary.valid).toBe(true);
    expect(summary.warnings.join()).toContain('2.00 % of the records offered (20)');
  });

  it('is invalid when the target accepted nothing, and names the error', () => {
    const { summary } = pretend({ second: () => ({ offered: 100, accepted: 0 }) });
    expect(summary.valid).toBe(false);
    expect(summary.invalidReasons.join()).toContain('None of 1,000 records was accepted');
  });

  it('stays valid after one hiccup of the machine, and says so', () => {
    const { summary } = pretend({
      phaseSeconds: [1, 5],
      second: (s) => (s === 3 ? { latenessUs: 500_000 } : {}),
    });
    expect(summary.valid).toBe(true);
    expect(summary.generator.saturated).toBe(false);
    expect(summary.warnings.join()).toContain('generated late: p99 500ms');
  });

  it('rejects a run whose generator was late for long', () => {
    const { summary } = pretend({
      second: (s) => ({
        latenessUs: s < 6 ? 100 : 50_000 * (s - 5),
        self: { cpuUs: 990_000, cpuWaitUs: 30_000 },
      }),
    });
    expect(summary.valid).toBe(false);
    expect(summary.generator.saturated).toBe(true);
    expect(summary.invalidReasons).toHaveLength(1);
    expect(summary.invalidReasons[0]).toContain('60.0 % of the measured seconds');
    expect(summary.warnings.join()).toContain('Worker 0 was busy 99.0 %');
    expect(summary.warnings.join()).toContain('waited 3.00 % of the time for a core');
  });

  it('does not blame the generator of a share that began too late', () => {
    const second = () => ({ latenessUs: 5e6, offered: 50, self: { cpuUs: 990_000 } });
    const own = { warnings: ['The clock lost 20ms.'], isSuspect: false, isLateStart: true };
    const blamed = pretend({ second }).summary;
    expect(blamed.invalidReasons.join()).toMatch(/bottleneck.*never made/);
    const { summary } = pretend({
      second,
      input: { invalidReasons: ['It began late.'], circumstances: own },
    });
    expect(summary.invalidReasons).toEqual(['It began late.']);
    expect(summary.generator.saturated).toBe(false);
    expect(summary.warnings.at(-1)).toBe('The clock lost 20ms.');
    expect(summary.warnings.join()).not.toContain('Lower the rate, raise load.workers');
  });

  it('is suspect where the caller knows of a strain', () => {
    const circumstances = { warnings: [], isSuspect: true, isLateStart: false };
    const { summary } = pretend({ input: { circumstances } });
    expect(summary).toMatchObject({ valid: true, verdict: 'suspect' });
  });

  it('does not blame the generator for lateness that back-pressure explains', () => {
    const { summary } = pretend({
      second: () => ({ latenessUs: 300_000, self: { backPressureUs: 800_000 } }),
    });
    expect(summary.valid).toBe(true);
    expect(summary.warnings.join()).toContain('Full buffers held generation back for 80.0 %');
  });

  it('rejects a schedule that was not generated, unless the run was stopped', () => {
    const second = () => ({ offered: 90 });
    const { summary } = pretend({ second });
    expect(summary.invalidReasons[0]).toContain('never made 100 of 1,000 scheduled records');
    const stopped = pretend({ second, input: { status: 'interrupted', stoppedUs: 12e6 } });
    expect(stopped.summary.valid).toBe(true);
  });

  it('does not excuse an unfinished schedule by full buffers', () => {
    const { summary } = pretend({
      second: () => ({ offered: 90, self: { backPressureUs: 800_000 } }),
    });
    expect(summary.invalidReasons[0]).toContain('never made 100 of 1,000 scheduled records');
  });

  it('judges by a fifth of the seconds late', () => {
    const lateFor = (seconds: number) =>
      pretend({
        phaseSeconds: [2, 20],
        second: (s) => (s >= 2 && s < 2 + seconds ? { latenessUs: 200_000 } : {}),
      }).summary;
    expect(lateFor(5).invalidReasons.join()).toContain('25.0 % of the measured seconds');
    expect(lateFor(3).valid).toBe(true);
  });

  it('does not say that the target held nothing back where full buffers did', () => {
    const late = (backPressureUs: number) =>
      pretend({
        second: (s) => (s < 6 ? {} : { latenessUs: 500_000, self: { backPressureUs } }),
      }).summary.invalidReasons.join();
    expect(late(0)).toContain('the target did not hold it back');
    expect(late(0)).toContain('60.0 % of the measured seconds');
    expect(late(100_000)).toContain('60.0 % of the measured seconds');
    expect(late(100_000)).not.toContain('hold it back');
  });

  it('does not take a busy, delayed loop for a late one', () => {
    const self = { cpuUs: 1e6, eventLoopDelayP99Us: 30_000, gcUs: 50_000, cpuWaitUs: 90_000 };
    const { summary } = pretend({ second: () => ({ self }) });
    expect(summary).toMatchObject({ valid: true, verdict: 'suspect' });
    expect(summary.warnings.map((warning) => warning.split(' ').slice(0, 3).join(' '))).toEqual([
      'The event loop',
      'Garbage collection took',
    ]);
  });

  it('suspects a machine whose cores others had', () => {
    const self = { cpuWaitUs: 150_000, stealShare: 0.05 };
    const { summary } = pretend({ workers: 2, second: () => ({ self }) });
    expect(summary).toMatchObject({ valid: true, verdict: 'suspect' });
    expect(summary.generator).toMatchObject({ cpuWaitShare: 0.15, stealShare: 0.05 });
    expect(summary.warnings).toEqual([
      'Load threads waited 15.0 % of the time for a core that other threads or programs had. Close other programs, use fewer load.workers than cores, or put the target on another machine.',
      "The hypervisor gave 5.00 % of this machine's CPU time to other machines. Use a machine with dedicated cores, or measure again at a quieter time.",
    ]);
  });

  it('keeps the reasons of the coordinator, and does not check the books of a dead worker', () => {
    const { summary } = pretend({
      second: () => ({ offered: 50 }),
      input: { status: 'failed', invalidReasons: ['worker 1 died: out of memory'] },
    });
    expect(summary).toMatchObject({
      valid: false,
      invalidReasons: ['worker 1 died: out of memory'],
    });
  });

  it('has no generator to blame in virtual time', () => {
    const { summary } = pretend({
      second: () => ({ latenessUs: 200_000 }),
      input: { isVirtual: true },
    });
    expect(summary.valid).toBe(true);
  });

  it('says when nothing was measured, and when the sample is too small', () => {
    const nothing = pretend({ second: () => ({ offered: 0, accepted: 0 }) });
    expect(nothing.summary.warnings.join()).toContain('No record was offered');
    const few = pretend({ phaseSeconds: [1, 2] });
    expect(few.summary.warnings).toEqual([
      '200 accepted records do not support a p99: 800 more are needed. Measure longer, or raise the rate.',
    ]);
  });
});

/** Paths of all numbers, `null` included, but not in lists. */
function leaves(value: unknown, path: string): string[] {
  if (typeof value === 'number' || value === null) return [path];
  if (typeof value !== 'object' || Array.isArray(value)) return [];
  return Object.entries(value as Record<string, unknown>).flatMap(([name, part]) =>
    leaves(part, path === '' ? name : `${path}.${name}`),
  );
}

import { describe, expect, it } from 'vitest';
import { RandomSequence } from '../../src/core/random.ts';
import type { MeasuredRun, Prediction } from '../../src/plan/compared-run.ts';
import { evenRanges } from '../../src/plan/heat.ts';
import { comparePrediction } from '../../src/plan/prediction.ts';
import type { Plan } from '../../src/scenario/plan.ts';
import { planOf } from '../virtual/harness.ts';

/** A run of 10,000 plain records a second for three measured seconds in four shards, as formulas would have it. */
function runOf(change: Partial<MeasuredRun> = {}): MeasuredRun {
  return {
    status: 'completed',
    phases: [
      { measured: false, durationMs: 3000, userRecords: { offered: 3000 } },
      { measured: true, durationMs: 3000, userRecords: { offered: 6000 } },
    ],
    userRecords: { offered: 6000, accepted: 6000, acceptedPerSecond: 2000 },
    kinesisRecords: {
      sent: 6000,
      userRecordsPerRecord: 1,
      bytesPerRecord: 208,
      closedBy: { time: 6000, flush: 0 },
    },
    attempts: { records: 6000, wrongShard: 0, unknown: 0, internalFailure: 0 },
    rates: { throttle: 0, retryAmplification: 1 },
    latency: { lateness: { p99: 90 } },
    shards: [0, 1, 2, 3].map((i) => ({ id: `shardId-00000000000${i}`, utilisation: 0.5 })),
    ...change,
  };
}

function predict(run: MeasuredRun, plan: Plan = planOf(PLAIN)): Prediction {
  const prediction = comparePrediction({ plan, producers: 2, ranges: evenRanges(4), run });
  if (prediction === null) throw new Error('nothing compared');
  return prediction;
}

const PLAIN = 'producer.aggregation.enabled=false';

describe('comparePrediction', () => {
  it('agrees with a run that did what formulas say', () => {
    const { userRecordsPerRecord, throttle, shards, mismatches } = predict(runOf());
    expect(mismatches).toEqual([]);
    expect(userRecordsPerRecord).toEqual({ predicted: 1, measured: 1, agrees: true });
    expect(throttle.predicted).toBeLessThan(0.001);
    for (const { predicted } of shards) expect(predicted).toBeCloseTo(0.5, 1);
  });

  it('flags each figure that differs, with what may have caused it', () => {
    const { mismatches } = predict(
      runOf({
        kinesisRecords: { ...runOf().kinesisRecords, userRecordsPerRecord: 3 },
        rates: { throttle: 0.2, retryAmplification: 1.3 },
        shards: [0, 1, 2, 3].map((i) => ({
          id: `shardId-00000000000${i}`,
          utilisation: i === 0 ? 0.9 : 0.4,
        })),
      }),
      planOf(PLAIN, 'target.simulator.faults=[{kind: throttle, rate: 20%}]'),
    );
    const texts = mismatches.map(({ text }) => text).join('\n');
    expect(mismatches).toHaveLength(3);
    expect(texts).toContain('held 3.0');
    expect(texts).toContain('20.0 % were');
    expect(texts).toContain('shardId-000000000000');
    for (const { causes } of mismatches) expect(causes.join()).toContain('faults');
    expect(mismatches[1]?.causes.join()).toContain('1.30 attempts');
  });

  it('flags none of ten thousand shards for chance, and the one that is too hot', () => {
    const shards = 10_000;
    const offered = 100_000;
    const random = new RandomSequence(5, 0);
    const counts = new Float64Array(shards);
    for (let i = 0; i < offered; i++) {
      const shard = Math.floor(random.unit() * shards);
      counts[shard] = (counts[shard] as number) + 1;
    }
    // Ten records a shard are expected, and a second takes a thousand.
    const runWith = (hot: number) =>
      runOf({
        phases: [
          { measured: false, durationMs: 3000, userRecords: { offered: 3000 } },
          { measured: true, durationMs: 1000, userRecords: { offered } },
        ],
        userRecords: { offered, accepted: offered, acceptedPerSecond: offered },
        kinesisRecords: { ...runOf().kinesisRecords, sent: offered },
        shards: [...counts].map((count, i) => ({
          id: `shardId-${String(i).padStart(12, '0')}`,
          utilisation: (i === 77 ? hot : count) / 1000,
        })),
      });
    const manyKeys = 'records.partitionKey={kind: uniform, cardinality: 10000000}';
    const plan = planOf(PLAIN, manyKeys);
    const compare = (run: MeasuredRun) =>
      comparePrediction({ plan, producers: 2, ranges: evenRanges(shards), run })
        ?.shards.filter(({ agrees }) => !agrees)
        .map(({ id }) => id);
    expect(compare(runWith(10))).toEqual([]);
    expect(compare(runWith(70))).toEqual(['shardId-000000000077']);
  });

  it('compares heat over the time of the phases, however long the rest took', () => {
    const slow = runOf({
      userRecords: { offered: 6000, accepted: 6000, acceptedPerSecond: 1000 },
      shards: runOf().shards.map((shard) => ({ ...shard, utilisation: 0.25 })),
    });
    expect(predict(slow).shards.every(({ agrees }) => agrees)).toBe(true);
  });

  it('cuts a varying rate into stretches, so that a burst is seen to exceed the limit', () => {
    const burst = 'load.phases.hold.rate={burst: {base: 115/s, times: 50, on: 500ms, off: 1s}}';
    const { throttle } = predict(runOf(), planOf(PLAIN, burst));
    expect(throttle.predicted).toBeGreaterThan(0.2);
    expect(throttle.agrees).toBe(false);
  });

  it('predicts bursts from nothing by the rate while they are on', () => {
    const recordsOf = (rate: string) =>
      predict(runOf(), planOf(`load.phases.hold.rate=${rate}`)).userRecordsPerRecord.predicted;
    // 6,000 records in 3 s, all of them in the one second in which the bursts are on.
    const bursts = recordsOf('{burst: {base: 0/s, peak: 6000/s, on: 500ms, off: 1s}}');
    expect(bursts / recordsOf('2000/s')).toBeGreaterThan(2);
    expect(bursts / recordsOf('2000/s')).toBeLessThan(3);
  });

  it('says nothing of a run that sent nothing', () => {
    const run = runOf({ kinesisRecords: { ...runOf().kinesisRecords, sent: 0 } });
    const plan = planOf(PLAIN);
    expect(comparePrediction({ plan, producers: 2, ranges: evenRanges(4), run })).toBeNull();
  });
});

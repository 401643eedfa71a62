import { describe, expect, it } from 'vitest';
import { isUndecided, judgeThresholds, type Threshold } from '../../src/results/thresholds.ts';
import { pretend } from './builders.ts';

const { summary } = pretend();

const threshold = (metric: string, operator: Threshold['operator'], limit: number, more = {}) => ({
  expression: `${metric} ${operator} ${limit}`,
  metric,
  operator,
  limit,
  phase: null,
  shard: null,
  ...more,
});

const judge = (...thresholds: Threshold[]) => judgeThresholds(summary, thresholds);

describe('judgeThresholds', () => {
  it.each([
    ['<', 5000, false],
    ['<', 5001, true],
    ['<=', 5000, true],
    ['>', 5000, false],
    ['>', 4999, true],
    ['>=', 5000, true],
    ['==', 5000, true],
    ['==', 4999, false],
    ['!=', 5000, false],
  ] as const)('p99 of 5000 us is judged by %s %d: %s', (operator, limit, held) => {
    expect(judge(threshold('latency.response.p99', operator, limit))).toEqual([
      { expression: `latency.response.p99 ${operator} ${limit}`, actual: 5000, held, note: '' },
    ]);
  });

  describe('on a percentile that its sample does not support', () => {
    /** All records of the time took 5 ms. */
    const few = (offered: number, ...thresholds: Threshold[]) =>
      judgeThresholds(
        pretend({ phaseSeconds: [1], second: () => ({ offered }) }).summary,
        thresholds,
      ).map((outcome) => ({
        held: outcome.held,
        note: outcome.note,
        isUndecided: isUndecided(outcome),
      }));
    const undecided = (note: string) => ({ held: false, note, isUndecided: true });
    const decided = (held: boolean, note: string) => ({ held, note, isUndecided: false });

    it('does not hold, and says how many samples are missing', () => {
      expect(
        few(
          2,
          threshold('latency.response.p99', '<', 6000),
          threshold('latency.response.p99_9', '<', 6000),
          threshold('latency.response.p99', '==', 5000),
          threshold('latency.response.mean', '<', 6000),
        ),
      ).toEqual([
        undecided(
          'not enough data: p99 of 2 samples, 998 more are needed, or 297 if all samples hold it',
        ),
        undecided(
          'not enough data: p99.9 of 2 samples, 9,998 more are needed, or 2,993 if all samples hold it',
        ),
        undecided('not enough data: p99 of 2 samples, 998 more are needed'),
        decided(true, ''),
      ]);
    });

    it('holds when all of so many samples hold it that it is no chance: 0.99^299 is 4.95 %', () => {
      const p99 = threshold('latency.response.p99', '<', 6000);
      expect(few(298, p99)[0]?.held).toBe(false);
      expect(few(299, p99)).toEqual([decided(true, 'all 299 samples hold it')]);
      expect(few(999, p99)).toEqual([decided(true, 'all 999 samples hold it')]);
      expect(few(1000, p99)).toEqual([decided(true, '')]);
    });

    it('breaks when a lower percentile, which the sample supports, is beyond the limit', () => {
      // p90 of 200 samples rests on 20 values, p99 on two.
      const { summary } = pretend({ phaseSeconds: [1], second: () => ({ offered: 200 }) });
      const response = { ...summary.latency.response, min: 1000, p50: 3000, p90: 4500, p99: 9000 };
      const slow = { ...summary, latency: { ...summary.latency, response } };
      const judged = (limit: number) =>
        judgeThresholds(slow, [threshold('latency.response.p99', '<', limit)])[0];
      expect(judged(4500)).toMatchObject({
        held: false,
        note: 'p95 of 200 samples is 5.00ms already',
      });
      expect(judged(8000)?.note).toContain('not enough data');
    });

    it('breaks when no sample holds it', () => {
      expect(few(2, threshold('latency.response.p99', '<', 4000))).toEqual([
        decided(false, 'none of 2 samples holds it'),
      ]);
      expect(few(2, threshold('latency.response.p99', '>', 4000))).toEqual([
        decided(true, 'all 2 samples hold it'),
      ]);
    });
  });

  it('looks into one phase, and into one shard by its id or number', () => {
    const [phase, shard, byNumber] = judge(
      threshold('userRecords.offered', '==', 200, { phase: 'warm-up' }),
      threshold('shards.bytes', '==', 150_000, { shard: 'shardId-000000000000' }),
      threshold('shards.throttled', '==', 0, { shard: '1', phase: 'hold' }),
    );
    expect([phase?.actual, shard?.actual, byNumber?.actual]).toEqual([200, 150_000, 0]);
    expect([phase?.held, shard?.held, byNumber?.held]).toEqual([true, true, true]);
  });

  it.each([
    'latency.response.p99',
    'latency.response.count',
    'userRecords.failed',
    'kinesisRecords.bytesPerRecord',
    'requests.failed',
    'attempts.throttled',
    'rates.throttle',
    'rates.requestFailure',
    'cost.perHourUsd',
  ])('fails %s without samples, however the limit reads', (metric) => {
    const nothing = pretend({ second: () => ({ offered: 0, accepted: 0 }) }).summary;
    for (const operator of ['<', '==', '>='] as const) {
      expect(judgeThresholds(nothing, [threshold(metric, operator, 0)])).toEqual([
        { expression: `${metric} ${operator} 0`, actual: null, held: false, note: 'no data' },
      ]);
    }
  });

  it('fails for a phase, a shard or a path that is not there', () => {
    const notes = judge(
      threshold('userRecords.offered', '>', 0, { phase: 'peak' }),
      threshold('shards.bytes', '>', 0, { shard: '7' }),
      threshold('userRecords.constructor', '>', 0),
    ).map(({ held, note }) => [held, note]);
    expect(notes).toEqual([
      [false, 'no data: there is no phase peak'],
      [false, 'no data: there is no shard 7'],
      [false, 'no data'],
    ]);
  });

  it('is part of the summary', () => {
    const { thresholds } = pretend({
      input: { thresholds: [threshold('rates.throttle', '<', 0.01)] },
    }).summary;
    expect(thresholds).toMatchObject([{ actual: 10 / 220, held: false }]);
  });
});

import { describe, expect, it } from 'vitest';
import { RandomSequence } from '../../src/core/random.ts';
import { withoutNoise } from '../../src/plan/noise.ts';
import { forecastOf, packingOf } from './support.ts';

const SHARDS = 290;

/** Shares of 290 shards that 16,384 records fell into, 57 each; `hot` of them into the first beyond its part. */
function sharesWith(hot: number): Float64Array {
  const counts = new Float64Array(SHARDS);
  const random = new RandomSequence(7, 0);
  const total = 1 << 14;
  for (let i = 0; i < total; i++) {
    const shard = i < hot * total ? 0 : Math.floor(random.unit() * SHARDS);
    counts[shard] = (counts[shard] as number) + 1;
  }
  return counts.map((count) => count / total);
}

describe('withoutNoise', () => {
  const { sample } = packingOf();
  it('takes chance out of even shares, and adds up to one', () => {
    const raw = sharesWith(0);
    const { records } = withoutNoise({ records: raw, bytes: raw }, sample);
    expect(Math.max(...raw) * SHARDS).toBeGreaterThan(1.3);
    expect(Math.max(...records) * SHARDS).toBeLessThan(1.08);
    expect(records.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
  });

  it('keeps of a shard what is beyond three standard errors, by hand', () => {
    // 10,000 records in 100 shards: one has 140, one 60, the others 100, which chance may do to all together.
    const raw = new Float64Array(100).fill(0.01);
    raw[0] = 0.014;
    raw[1] = 0.006;
    const few = { ...sample, count: 10_000, payloadVariance: 0 };
    const { records } = withoutNoise({ records: raw, bytes: raw }, few);
    // Beyond 3 × √(0.014 / 10,000) = 0.00355 are 0.00045, beyond 3 × √(0.01 / 10,000) = 0.003 are 0.001.
    const sum = 1 + 0.00045 - 0.001;
    expect(records[0]).toBeCloseTo(0.01045 / sum, 5);
    expect(records[1]).toBeCloseTo(0.009 / sum, 5);
    expect(records[2]).toBeCloseTo(0.01 / sum, 5);
  });

  it('leaves a hot shard nearly as hot as it is', () => {
    const raw = sharesWith(0.1);
    const { records } = withoutNoise({ records: raw, bytes: raw }, sample);
    expect(records[0]).toBeCloseTo(0.1 + 0.9 / SHARDS, 2);
  });
});

describe('the hottest keys', () => {
  it('are none where chance alone makes some come more often', () => {
    expect(forecastOf([]).hottestKeys).toEqual([]);
    const skewed = 'records.partitionKey={kind: zipf, cardinality: 10000, exponent: 1.1}';
    expect(forecastOf([skewed]).hottestKeys).toHaveLength(5);
  });
});

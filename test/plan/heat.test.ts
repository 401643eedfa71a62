import { describe, expect, it } from 'vitest';
import { evenRanges, forecast, shardRanges, sharesOf } from '../../src/plan/heat.ts';
import { planOf, runPlan } from '../virtual/harness.ts';
import { PLAIN, packingOf } from './support.ts';

/** One of four equal shards at a rate of user records into it. */
function shardAt(perSecond: number, ...set: string[]) {
  const packing = packingOf(...set);
  const quarter = Float64Array.of(0.25, 0.25, 0.25, 0.25);
  const shares = { records: quarter, bytes: quarter };
  const [shard] = forecast(packing, evenRanges(4), shares, 4 * perSecond);
  if (shard === undefined) throw new Error('no shard');
  return shard;
}

describe('the chance that a second brings more than the limit', () => {
  it('is that of a Poisson count for plain records', () => {
    // (1000 − 950) / √950 = 1.622: 5.24 %; at the limit itself a half.
    expect(shardAt(950, PLAIN).throttleChance).toBeCloseTo(0.0524, 3);
    expect(shardAt(1000, PLAIN).throttleChance).toBeCloseTo(0.5, 6);
  });

  it('counts how payloads spread, where bytes bind', () => {
    // Sizes of 101 B or 20,101 B alike: mean 10,101 and σ 10,000; keys have some 8 bytes more.
    const sizes =
      'records.payload={kind: random, size: {kind: empirical, sizes: [{bytes: 101B, weight: 1}, {bytes: 20101B, weight: 1}]}}';
    const { boundBy, throttleChance } = shardAt(90, PLAIN, sizes);
    expect(boundBy).toBe('bytes');
    // 90 × 10,109 = 909,810 B; σ = √90 × √(10,109² + 10,000²) = 134,900: 1,048,576 is 1.029 σ above, 15.2 %.
    expect(throttleChance).toBeGreaterThan(0.138);
    expect(throttleChance).toBeLessThan(0.166);
  });

  it('is that of the user records for aggregates, which close like clockwork', async () => {
    const { throttleChance, utilisation, excessShare } = shardAt(17_000 / 4);
    expect(utilisation).toBeGreaterThan(0.8);
    expect(throttleChance).toBeLessThan(0.005);
    expect(excessShare).toBeLessThan(1e-6);
    const { count } = await runPlan(planOf('load.phases.hold.rate=17000/s'));
    expect(count('attempts.throttled')).toBe(0);
  });
});

describe('the share that is throttled', () => {
  it('is none close below the limit, since a shard lends a second', () => {
    expect(shardAt(950, PLAIN).excessShare).toBeLessThan(1e-9);
  });

  it('is what comes above the limit, in the long run', () => {
    expect(shardAt(1250, PLAIN).excessShare).toBeCloseTo(0.2, 6);
    // At the limit: σ² / 2B of a thousand a second, B one record less than a second's worth.
    expect(shardAt(1000, PLAIN).excessShare).toBeCloseTo(1 / (2 * 999), 8);
  });
});

describe('sharesOf', () => {
  it('finds each of many shards by its first hash keys', () => {
    const { sample } = packingOf();
    const starts = [0, 10, 20, 30, 40, 50, 60];
    const hash = Uint32Array.from([0, 10, 19, 20, 35, 40, 59, 60, 61, 2 ** 32 - 1]);
    const of = { ...sample, hash, count: 10, payloadBytes: new Float64Array(10).fill(1) };
    const { records } = sharesOf(of, shardRanges([0, 1, 2, 3, 4, 5, 6], starts));
    expect([...records].map((share) => Math.round(share * 10))).toEqual([1, 2, 1, 1, 1, 1, 3]);
  });

  it('puts a hash key that is a shard’s first into it, and the one below into that before', () => {
    const { sample } = packingOf();
    const hash = Uint32Array.of(0, 999_999, 1_000_000, 2 ** 32 - 1);
    const of = { ...sample, hash, count: 4, payloadBytes: Float64Array.of(1, 1, 1, 1) };
    const { records } = sharesOf(of, shardRanges([0, 1], [0, 1_000_000]));
    expect([...records]).toEqual([0.5, 0.5]);
  });
});

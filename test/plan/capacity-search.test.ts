import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Probe, searchCapacity } from '../../src/plan/capacity-search.ts';

/** A target that holds up to `limit`. */
function target(limit: number, change: (probe: Probe, count: number) => Probe = (probe) => probe) {
  let count = 0;
  return (perSecond: number, windowSeconds: number): Promise<Probe> => {
    const probe: Probe = {
      perSecond,
      windowSeconds,
      failed: perSecond <= limit ? [] : ['throttled'],
      isGeneratorBound: false,
      generatorReasons: [],
      acceptedPerSecond: Math.min(limit, perSecond),
      responseP99Us: perSecond <= limit ? 100 : 1000,
      throttle: 0,
      hottestShard: null,
      isInterrupted: false,
    };
    return Promise.resolve(change(probe, count++));
  };
}
const options = { fromPerSecond: 1000, windowSeconds: 10, precision: 0.03, sweep: null };

describe('searchCapacity', () => {
  it('brackets any limit to 3 % and confirms just below it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 5, max: 5e6, noNaN: true }), async (limit) => {
        const search = await searchCapacity({ ...options, measure: target(limit) });
        expect(search.status).toBe('confirmed');
        expect(search.perSecond).toBeLessThanOrEqual(limit);
        expect(search.perSecond).toBeGreaterThan(limit * 0.9);
        expect((search.failed?.perSecond ?? 0) / (search.passed ?? 1)).toBeLessThan(1.04);
        expect(search.kneePerSecond).toBe(search.failed?.perSecond);
      }),
    );
  });

  it('keeps what it found when it is interrupted, and when the generator is the limit', async () => {
    const interrupted = await searchCapacity({
      ...options,
      measure: target(5000, (probe, count) => ({ ...probe, isInterrupted: count === 3 })),
    });
    expect(interrupted).toMatchObject({ status: 'interrupted', perSecond: null, passed: 2250 });
    const bound = await searchCapacity({
      ...options,
      measure: target(1e9, (probe) => ({ ...probe, isGeneratorBound: probe.perSecond > 3000 })),
    });
    expect(bound).toMatchObject({ status: 'generator-bound', passed: 2250, failed: null });
  });
});

describe('the way up and down', () => {
  const ups: number[][] = [];
  const sweep = (rates: readonly number[]) => {
    ups.push([...rates]);
    return Promise.resolve(
      rates.map((perSecond) => ({
        perSecond,
        acceptedPerSecond: perSecond,
        responseP99Us: 100,
        throttle: 0,
      })),
    );
  };

  it('goes around the rate that was confirmed, and is left out when the search did not end', async () => {
    const search = await searchCapacity({ ...options, sweep, measure: target(5000) });
    expect(ups[0]?.[0]).toBeCloseTo((search.perSecond ?? 0) * 0.8, 6);
    expect(search.hysteresis?.worseAt).toEqual([]);
    const stopped = target(5000, (probe, count) => ({ ...probe, isInterrupted: count === 3 }));
    expect((await searchCapacity({ ...options, sweep, measure: stopped })).hysteresis).toBeNull();
    expect(ups).toHaveLength(1);
  });
});

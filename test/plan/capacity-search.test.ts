import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Probe, SearchEnded, searchCapacity } from '../../src/plan/capacity-search.ts';

/** A target that holds up to `limit`. */
function target(limit: number, change: (probe: Probe, count: number) => Probe = (probe) => probe) {
  let count = 0;
  return (perSecond: number, windowSeconds: number): Promise<Probe> => {
    const probe: Probe = {
      perSecond,
      windowSeconds,
      failed: perSecond <= limit ? [] : ['throttled'],
      undecided: null,
      isByTrendOnly: false,
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
const options = {
  fromPerSecond: 1000,
  leastPerSecond: 0.1,
  mostPerSecond: 1e7,
  windowSeconds: 10,
  precision: 0.03,
  sweep: null,
};

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

describe('the order of a search', () => {
  async function probesOf(limit: number, change: Partial<typeof options> = {}) {
    const search = await searchCapacity({ ...options, ...change, measure: target(limit) });
    return {
      ...search,
      rates: search.probes.map(({ perSecond }) => Math.round(perSecond * 10) / 10),
      windows: search.probes.map(({ windowSeconds }) => Math.round(windowSeconds * 10) / 10),
    };
  }

  it('goes up by half, halves on the logarithm in windows a third longer, and confirms 3 % below', async () => {
    const { rates, windows, perSecond } = await probesOf(2000, { precision: 0.2 });
    // √(1500 · 2250) holds, √(1837.1 · 2250) does not.
    const confirmed = 1837.1 * 0.97;
    expect(rates.slice(0, 5)).toEqual([1000, 1500, 2250, 1837.1, 2033.1]);
    expect(rates.slice(5)).toEqual(Array<number>(3).fill(Math.round(confirmed * 10) / 10));
    expect(perSecond).toBeCloseTo(confirmed, 0);
    expect(windows).toEqual([10, 10, 10, 10, 13.3, 17.7, 17.7, 17.7]);
  });

  it('goes down by half as well, and windows never grow beyond four times', async () => {
    const { rates, windows } = await probesOf(300, { precision: 0.001 });
    expect(rates.slice(0, 4)).toEqual([1000, 666.7, 444.4, 296.3]);
    expect(Math.max(...windows)).toBe(40);
  });

  it('steps 5 % down, five times at most, where a rate does not hold three times', async () => {
    const failing = target(2000, (probe, count) => ({
      ...probe,
      failed: count > 4 && (count - 5) % 3 === 2 ? ['by chance'] : probe.failed,
    }));
    const search = await searchCapacity({ ...options, precision: 0.2, measure: failing });
    const tried = search.probes.slice(5).map(({ perSecond }) => perSecond);
    expect(search).toMatchObject({ status: 'not confirmed', perSecond: null });
    expect(tried).toHaveLength(15);
    for (let step = 1; step < 5; step++) {
      expect((tried[3 * step] ?? 0) / (tried[3 * step - 3] ?? 1)).toBeCloseTo(0.95, 6);
    }
  });

  it('finds the knee where the p99 is more than twice that of the least load', async () => {
    const p99s = new Map([
      [1000, 100],
      [1500, 200],
      [2250, 201],
    ]);
    const measure = target(2000, (probe) => ({
      ...probe,
      responseP99Us: p99s.get(probe.perSecond) ?? 150,
    }));
    expect((await searchCapacity({ ...options, measure })).kneePerSecond).toBe(2250);
  });

  it('ends for any target within bounds, with its capacity between what passed and what failed', async () => {
    const rates = fc.double({ min: 0.01, max: 1e8, noNaN: true });
    await fc.assert(
      fc.asyncProperty(rates, rates, async (limit, from) => {
        const { passed, failed, probes, status, perSecond } = await searchCapacity({
          ...options,
          fromPerSecond: from,
          measure: target(limit),
        });
        expect(probes.length).toBeLessThan(46 + 5 + 15);
        expect(passed ?? 0).toBeLessThanOrEqual(limit);
        expect(failed?.perSecond ?? Number.POSITIVE_INFINITY).toBeGreaterThan(limit);
        for (const probe of probes) {
          expect(probe.perSecond).toBeGreaterThanOrEqual(0.1);
          expect(probe.perSecond).toBeLessThanOrEqual(1e7);
        }
        const ending = limit >= 1e7 ? 'at least' : limit < 0.1 ? 'no rate' : 'confirmed';
        expect(status).toBe(ending);
        expect(perSecond === null).toBe(ending === 'no rate');
      }),
    );
  });

  it('ends with a lower bound where nothing fails, and without a rate where all does', async () => {
    const sweep = () => Promise.reject(new Error('there is nothing to go around'));
    const all = await searchCapacity({ ...options, sweep, measure: target(1e9) });
    expect(all).toMatchObject({ status: 'at least', perSecond: 1e7, passed: 1e7, failed: null });
    expect(all.probes.filter(({ perSecond }) => perSecond === 1e7)).toHaveLength(4);
    const none = await searchCapacity({ ...options, sweep, measure: target(0) });
    expect(none).toMatchObject({ status: 'no rate', perSecond: null, passed: null });
    expect(none.failed?.perSecond).toBe(0.1);
  });

  it('asks again, over twice the time, where nothing but a trend speaks against a rate', async () => {
    const windows: [number, number][] = [];
    const search = await searchCapacity({
      ...options,
      measure: target(5000, (probe, count) => {
        windows.push([probe.perSecond, probe.windowSeconds]);
        const isTrend = count === 2 || probe.perSecond > 5000;
        return isTrend ? { ...probe, failed: ['backlog'], isByTrendOnly: true } : probe;
      }),
    });
    expect(windows.slice(0, 5)).toEqual([
      [1000, 10],
      [1500, 10],
      [2250, 10],
      [2250, 20],
      [3375, 10],
    ]);
    expect(search).toMatchObject({ status: 'confirmed', failed: { failed: ['backlog'] } });
    expect(search.passed).toBeGreaterThan(4800);
    // What was overturned is no part of the curve.
    expect(search.probes.filter(({ perSecond }) => perSecond === 2250)).toHaveLength(1);
  });

  it('goes up from where samples are too few, and ends where there is never data', async () => {
    const few = (limit: number, enough: number) =>
      target(limit, (probe) =>
        probe.perSecond > enough
          ? probe
          : { ...probe, failed: ['not enough data'], undecided: 'not enough data' },
      );
    const slow = { ...options, fromPerSecond: 10 };
    const found = await searchCapacity({ ...slow, measure: few(5000, 30) });
    expect(found.status).toBe('confirmed');
    expect(found.passed).toBeGreaterThan(4800);
    expect(found.failed?.perSecond).toBeGreaterThan(5000);
    // It fails as soon as there is enough to tell.
    const none = await searchCapacity({ ...slow, measure: few(20, 30) });
    expect(none).toMatchObject({ status: 'no rate', passed: null, failed: { undecided: null } });
    expect(none.probes).toHaveLength(5);
    const never = target(5000, (probe) => ({ ...probe, failed: ['x'], undecided: 'no data' }));
    const ended = await searchCapacity({ ...options, measure: never });
    expect(ended).toMatchObject({ status: 'no rate', failed: { perSecond: 1000 } });
    expect(ended.probes).toHaveLength(1);
  });

  it('keeps what was found when the caller ends it, and lets errors through', async () => {
    const ending = (error: Error) => {
      const measure = target(5000);
      let count = 0;
      return (perSecond: number, windowSeconds: number) =>
        ++count > 3 ? Promise.reject(error) : measure(perSecond, windowSeconds);
    };
    const broken = ending(new SearchEnded('broken off'));
    const search = await searchCapacity({ ...options, measure: broken });
    expect(search).toMatchObject({ status: 'broken off', passed: 2250, perSecond: null });
    await expect(
      searchCapacity({ ...options, measure: ending(new Error('a bug')) }),
    ).rejects.toThrow('a bug');
  });
});

const step = (perSecond: number) => ({
  perSecond,
  acceptedPerSecond: perSecond,
  responseP99Us: 100,
  throttle: 0,
});

describe('the way up and down', () => {
  const ups: number[][] = [];
  const sweep = (rates: readonly number[]) => {
    ups.push([...rates]);
    const steps = rates.map((perSecond) => step(perSecond));
    return Promise.resolve({ steps, isInterrupted: false });
  };

  it('goes around the rate that was confirmed, and is left out when the search did not end', async () => {
    const search = await searchCapacity({ ...options, sweep, measure: target(5000) });
    expect(ups[0]?.[0]).toBeCloseTo((search.perSecond ?? 0) * 0.8, 6);
    expect(search.hysteresis?.worseAt).toEqual([]);
    const stopped = target(5000, (probe, count) => ({ ...probe, isInterrupted: count === 3 }));
    expect((await searchCapacity({ ...options, sweep, measure: stopped })).hysteresis).toBeNull();
    expect(ups).toHaveLength(1);
  });

  it('says that it was interrupted there, and keeps the rate that was confirmed', async () => {
    const cut = (rates: readonly number[]) =>
      Promise.resolve({ steps: rates.slice(0, 2).map(step), isInterrupted: true });
    const search = await searchCapacity({ ...options, sweep: cut, measure: target(5000) });
    expect(search.status).toBe('interrupted');
    expect(search.perSecond).toBeGreaterThan(4500);
    expect(search.hysteresis?.steps.map(({ down }) => down)).toEqual([null, null]);
  });

  it('never goes above the highest rate that may be tried', async () => {
    await searchCapacity({ ...options, mostPerSecond: 5500, sweep, measure: target(5000) });
    expect(Math.max(...(ups.at(-1) ?? []))).toBe(5500);
  });
});

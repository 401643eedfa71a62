import { describe, expect, it } from 'vitest';
import { judgeSteadyState, mser5, VALUES_MIN } from '../../src/statistics/steady-state.ts';
import { noise } from './noise.ts';

const batches = (means: readonly number[]) => means.flatMap((mean) => Array(5).fill(mean));

describe('mser5', () => {
  it('cuts where the rest has the least variance for its length', () => {
    // By hand: d = 0 gives 48/16 = 3, d = 1 gives 0/9, d = 2 gives 0/4; the first of the least wins.
    expect(mser5(batches([10, 2, 2, 2]))).toMatchObject({ cut: 1, limit: 2 });
    // d = 0: mean 5, squares 10, /16 = 0.625; d = 1: mean 14/3, squares 8.667/9 = 0.963; d = 2: 8/4 = 2.
    expect(mser5(batches([6, 4, 3, 7]))).toMatchObject({ cut: 0 });
  });

  it('means batches of five and leaves an incomplete one out', () => {
    expect([...mser5([1, 2, 3, 4, 5, 10, 10, 10, 10, 10, 99]).batchMeans]).toEqual([3, 10]);
  });

  it('never cuts more than half', () => {
    expect(mser5(batches([9, 8, 7, 6, 5, 4, 3, 2]))).toMatchObject({ cut: 4, limit: 4 });
  });
});

describe('judgeSteadyState', () => {
  it('finds a transient of 30 s', () => {
    let found = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const series = noise(seed, 300, 3).map((e, i) => 100 + e + (i < 30 ? 60 : 0));
      const state = judgeSteadyState(series);
      expect(state?.hasSettled).toBe(true);
      const { transientValues = 0 } = state ?? {};
      expect(transientValues).toBeGreaterThanOrEqual(25);
      if (transientValues <= 40) found++;
    }
    // MSER-5 cuts a few batches too many now and then, never too few.
    expect(found).toBeGreaterThanOrEqual(80);
  });

  it('says of a series that drifts that it never settled', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const series = noise(seed, 120, 3).map((e, i) => (100 + e) * (1 + (0.3 * i) / 120));
      expect(judgeSteadyState(series)?.hasSettled).toBe(false);
    }
  });

  it('takes noise for a transient or a drift in few of many runs', () => {
    let wrong = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const state = judgeSteadyState(noise(seed, 60, 5).map((e) => 100 + e));
      if (state?.hasSettled !== true || state.transientValues > 0) wrong++;
    }
    expect(wrong / 400).toBeLessThan(0.02);
  });

  it('does not mind a change that is significant but tiny', () => {
    const series = noise(7, 300, 0.1).map((e, i) => 100 + e + (i < 50 ? 1 : 0));
    expect(judgeSteadyState(series)).toEqual({ hasSettled: true, transientValues: 0 });
  });

  it('takes a series without any variation as settled', () => {
    expect(judgeSteadyState(Array(100).fill(7))).toEqual({ hasSettled: true, transientValues: 0 });
    expect(judgeSteadyState(Array(100).fill(0))).toEqual({ hasSettled: true, transientValues: 0 });
  });

  it('does not judge a short series', () => {
    expect(judgeSteadyState(Array(VALUES_MIN - 1).fill(1))).toBeNull();
  });
});

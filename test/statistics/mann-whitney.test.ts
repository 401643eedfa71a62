import { describe, expect, it } from 'vitest';
import {
  cliffsDelta,
  mannWhitneyIndex,
  mannWhitneyTail,
  tieSizes,
} from '../../src/statistics/mann-whitney.ts';
import { normalCdf, normalQuantile } from '../../src/statistics/normal.ts';

describe('Mann and Whitney’s U', () => {
  it('counts the orders of two samples', () => {
    // m = n = 2: U is 0, 1, 2 (twice), 3, 4 in six orders.
    expect([0, 1, 2, 3, 4].map((u) => 6 * mannWhitneyTail(2, 2, u))).toEqual([1, 2, 4, 5, 6]);
    expect(mannWhitneyTail(4, 4, 0)).toBeCloseTo(1 / 70, 12);
  });

  // Critical values of the standard table (Mann and Whitney 1947, extended by Milton 1964), two-sided 5 %.
  it.each([
    [4, 4, 0],
    [5, 5, 2],
    [5, 6, 3],
    [6, 6, 5],
    [7, 10, 14],
    [8, 8, 13],
    [10, 10, 23],
    [15, 15, 64],
    [20, 20, 127],
  ])('agrees with the published table for %i and %i values', (m, n, critical) => {
    expect(mannWhitneyIndex(m, n, 0.05)).toBe(critical + 1);
    expect(mannWhitneyIndex(n, m, 0.05)).toBe(critical + 1);
  });

  it('has no interval for three and three', () => {
    expect(mannWhitneyIndex(3, 3, 0.05)).toBe(0);
  });

  it('goes over to the normal approximation without a step, and ties narrow it', () => {
    expect(mannWhitneyTail(21, 20, 133)).toBeCloseTo(mannWhitneyTail(20, 20, 127), 1);
    const plain = mannWhitneyTail(30, 30, 300);
    expect(mannWhitneyTail(30, 30, 300, [20, 20])).toBeLessThan(plain);
    expect(mannWhitneyTail(30, 30, 300, [60])).toBe(1);
  });

  it('finds groups of equal values', () => {
    expect(tieSizes([3, 1, 3, 2, 2, 3])).toEqual([2, 3]);
    expect(tieSizes([1, 2])).toEqual([]);
  });

  it('tells the tendency of one sample to be above another', () => {
    // Permeability constants of Hollander and Wolfe (1973), table 4.1: U = 35 of 50.
    const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    const early = [1.15, 0.88, 0.9, 0.74, 1.21];
    expect(cliffsDelta(early, term)).toBeCloseTo((2 * 35) / 50 - 1, 12);
    expect(cliffsDelta([1, 2], [3, 4])).toBe(1);
    expect(cliffsDelta([1, 2], [1, 2])).toBe(0);
  });
});

describe('the normal distribution', () => {
  it('has the quantiles of every table', () => {
    expect(normalCdf(1.959964)).toBeCloseTo(0.975, 6);
    expect(normalCdf(-1)).toBeCloseTo(0.158655, 6);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959964, 5);
    expect(normalQuantile(0.005)).toBeCloseTo(-2.575829, 5);
  });
});

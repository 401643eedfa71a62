import { describe, expect, it } from 'vitest';
import { signedRankIndex, signedRankTail } from '../../src/statistics/signed-rank.ts';

describe('signed-rank distribution', () => {
  it('counts the subsets of the ranks', () => {
    // n = 3: sums 0, 1, 2, 3 (twice), 4, 5, 6 of eight subsets.
    expect([0, 1, 2, 3, 4, 5, 6].map((v) => 8 * signedRankTail(3, v))).toEqual([
      1, 2, 3, 5, 6, 7, 8,
    ]);
    expect(signedRankTail(6, -1)).toBe(0);
    expect(signedRankTail(6, 21)).toBe(1);
  });

  // Critical values of the standard table (Wilcoxon and Wilcox 1964), two-sided 5 % and 1 %: the largest V still rejected.
  it.each([
    [6, 0.05, 0],
    [7, 0.05, 2],
    [8, 0.05, 3],
    [9, 0.05, 5],
    [10, 0.05, 8],
    [12, 0.05, 13],
    [15, 0.05, 25],
    [20, 0.05, 52],
    [25, 0.05, 89],
    [8, 0.01, 0],
    [10, 0.01, 3],
    [15, 0.01, 15],
    [20, 0.01, 37],
  ])('agrees with the published table for n = %i at %f', (n, alpha, critical) => {
    expect(signedRankIndex(n, alpha)).toBe(critical + 1);
  });

  it.each([
    [6, 1],
    [7, 3],
    [8, 4],
    [10, 9],
    [12, 14],
  ])('bounds the interval of %i blocks by Walsh average %i', (n, k) => {
    expect(signedRankIndex(n, 0.05)).toBe(k);
  });

  it.each([
    [6, 0],
    [7, 1],
    [8, 2],
    [10, 5],
    [12, 10],
  ])('bounds the interval of %i blocks at a third of 5 %% by Walsh average %i', (n, k) => {
    expect(signedRankIndex(n, 0.05 / 3)).toBe(k);
  });

  it('has no interval for five differences, and 96.9 % over the whole range of six', () => {
    expect(signedRankIndex(5, 0.05)).toBe(0);
    expect(1 - 2 * signedRankTail(6, 0)).toBeCloseTo(0.96875, 12);
  });

  it('goes over to the normal approximation without a step', () => {
    const exact = signedRankTail(200, 8500);
    const approximate = signedRankTail(201, 8500 + 100);
    expect(Math.abs(exact - approximate)).toBeLessThan(0.01);
    expect(signedRankIndex(201, 0.05)).toBeGreaterThan(signedRankIndex(200, 0.05));
    expect(signedRankIndex(201, 0.05)).toBeLessThan(signedRankIndex(200, 0.05) + 150);
  });
});

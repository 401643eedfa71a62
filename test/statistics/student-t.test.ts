import { describe, expect, it } from 'vitest';
import {
  momentsOf,
  pooledTTest,
  studentQuantile,
  studentTwoSided,
} from '../../src/statistics/student-t.ts';

describe('student t', () => {
  it.each([
    // The table that every textbook prints: 5 %, 1 % and 0.1 %, two-sided.
    [12.706, 1, 0.05],
    [63.657, 1, 0.01],
    [4.303, 2, 0.05],
    [3.182, 3, 0.05],
    [2.228, 10, 0.05],
    [3.169, 10, 0.01],
    [4.587, 10, 0.001],
    [2.042, 30, 0.05],
    [3.646, 30, 0.001],
    [1.984, 100, 0.05],
  ])('P(|T| > %f) with %i degrees is %f', (t, degrees, p) => {
    expect(studentTwoSided(t, degrees)).toBeCloseTo(p, 4);
    expect(studentTwoSided(-t, degrees)).toBeCloseTo(p, 4);
    expect(studentQuantile(p, degrees)).toBeCloseTo(t, 2);
  });

  it('ends in the normal distribution, without a step', () => {
    expect(studentTwoSided(1.96, 100_000)).toBeCloseTo(0.05, 4);
    expect(studentTwoSided(2.5, 2000)).toBeCloseTo(studentTwoSided(2.5, 2001), 3);
    expect(studentTwoSided(0, 7)).toBe(1);
    expect(studentTwoSided(Number.POSITIVE_INFINITY, 7)).toBe(0);
  });

  it('compares two means with one variance', () => {
    // Means 2 and 5, pooled variance 1, error √(2/3): t = 3.674 with 4 degrees.
    const p = pooledTTest(momentsOf([1, 2, 3]), momentsOf([4, 5, 6]));
    expect(p).toBeCloseTo(studentTwoSided(3 / Math.sqrt(2 / 3), 4), 12);
    expect(p).toBeCloseTo(0.0213, 4);
  });

  it('knows what it cannot know', () => {
    expect(pooledTTest(momentsOf([1]), momentsOf([2]))).toBe(1);
    expect(pooledTTest(momentsOf([]), momentsOf([2, 3]))).toBe(1);
    expect(pooledTTest(momentsOf([2, 2]), momentsOf([2, 2]))).toBe(1);
    expect(pooledTTest(momentsOf([2, 2]), momentsOf([3, 3]))).toBe(0);
  });
});

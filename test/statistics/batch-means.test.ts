import { describe, expect, it } from 'vitest';
import { autocorrelationTime, estimateMean } from '../../src/statistics/batch-means.ts';
import { noise } from './noise.ts';

describe('autocorrelationTime', () => {
  it('is near 1 for independent values', () => {
    expect(autocorrelationTime(noise(1, 4096, 1))).toBeLessThan(1.5);
  });

  it('finds what theory says of a process that remembers: (1 + φ)/(1 − φ)', () => {
    const taus = [1, 2, 3, 4, 5].map((seed) => autocorrelationTime(noise(seed, 8192, 1, 0.8)));
    const mean = taus.reduce((sum, tau) => sum + tau, 0) / taus.length;
    expect(mean).toBeGreaterThan(7.5);
    expect(mean).toBeLessThan(13);
  });

  it('is the length of the blocks in a series of repeated values', () => {
    const series = noise(3, 512, 1).flatMap((value) => Array<number>(8).fill(value));
    expect(autocorrelationTime(series)).toBeGreaterThan(6.5);
    expect(autocorrelationTime(series)).toBeLessThan(15);
  });

  it('is 1 without variation and for values that alternate', () => {
    expect(autocorrelationTime(Array(100).fill(3))).toBe(1);
    expect(autocorrelationTime(Array.from({ length: 100 }, (_, i) => i % 2))).toBe(1);
  });
});

describe('estimateMean', () => {
  it('knows the interval of independent values: 2.01 standard errors for 49 degrees of freedom', () => {
    // Alternating 1 and 3: mean 2, sample variance 100/99, no positive correlation.
    const estimate = estimateMean(Array.from({ length: 100 }, (_, i) => 1 + 2 * (i % 2)));
    expect(estimate?.mean).toBe(2);
    expect(estimate?.effectiveCount).toBe(100);
    expect(estimate?.halfWidth).toBeCloseTo(2.00958 * Math.sqrt(100 / 99 / 100), 4);
  });

  it('says nothing of fewer than two values', () => {
    expect(estimateMean([])).toBeNull();
    expect(estimateMean([5])).toBeNull();
  });

  it.each([
    { memory: 0, count: 20 },
    { memory: 0, count: 60 },
    { memory: 0, count: 300 },
    { memory: 0.5, count: 20 },
    { memory: 0.5, count: 60 },
    { memory: 0.5, count: 300 },
    { memory: 0.8, count: 20 },
    { memory: 0.8, count: 60 },
    { memory: 0.8, count: 300 },
    { memory: 0.9, count: 20 },
    { memory: 0.9, count: 30 },
    { memory: 0.9, count: 60 },
    { memory: 0.9, count: 300 },
  ])('holds the true mean in 94 of 100 series or more: memory $memory, $count values', (row) => {
    const { memory, count } = row;
    const trials = count === 300 ? 400 : 1000;
    let held = 0;
    for (let seed = 0; seed < trials; seed++) {
      const estimate = estimateMean(noise(seed, count, 1, memory));
      if (estimate !== null && Math.abs(estimate.mean) <= estimate.halfWidth) held++;
    }
    expect(held / trials).toBeGreaterThanOrEqual(0.94);
    expect(held / trials).toBeLessThan(0.985);
  });
});

import { describe, expect, it } from 'vitest';
import { PoissonBuckets } from '../../src/schedule/poisson.ts';
import { phase, scheduleOf, walkWhole } from './support.ts';

/** Kolmogorov's statistic times √n: above 1.95 with a probability of 0.1 %. */
function kolmogorov(sample: number[], cumulative: (x: number) => number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  let distance = 0;
  sorted.forEach((x, i) => {
    const expected = cumulative(x);
    const n = sorted.length;
    distance = Math.max(distance, Math.abs(expected - i / n), Math.abs(expected - (i + 1) / n));
  });
  return distance * Math.sqrt(sorted.length);
}

describe('Poisson arrivals', () => {
  it('draws counts that a chi-square test accepts, for small and large means', () => {
    for (const total of [0.3, 5, 64]) {
      const buckets = new PoissonBuckets(total);
      const draws = 40_000;
      const seen = new Float64Array(buckets.recordsMax + 1);
      for (let b = 0; b < draws; b++) seen[buckets.draw(7, b)]! += 1;
      let probability = Math.exp(-total);
      let statistic = 0;
      let cells = 0;
      for (let n = 0; n < seen.length; n++) {
        const expected = draws * probability;
        if (expected >= 10) {
          statistic += (seen[n]! - expected) ** 2 / expected;
          cells++;
        }
        probability *= total / (n + 1);
      }
      // Mean cells, standard deviation √(2 cells): four of them are exceeded by chance less than once in 10,000.
      expect(statistic).toBeLessThan(cells + 4 * Math.sqrt(2 * cells));
      expect(cells).toBeGreaterThan(1);
    }
  });

  it('has exponential gaps around a constant rate', () => {
    const arrivals = walkWhole(
      scheduleOf([phase({ kind: 'constant', perSecond: 1000 }, 50)], 'poisson'),
    );
    const gaps = arrivals.slice(1).map(({ dueUs }, i) => dueUs - arrivals[i]!.dueUs);
    expect(kolmogorov(gaps, (us) => 1 - Math.exp(-us / 1000))).toBeLessThan(1.95);
    // Neighbouring gaps are independent: also across the borders of buckets.
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    let covariance = 0;
    let variance = 0;
    for (let i = 1; i < gaps.length; i++) {
      covariance += (gaps[i]! - mean) * (gaps[i - 1]! - mean);
      variance += (gaps[i]! - mean) ** 2;
    }
    expect(Math.abs(covariance / variance)).toBeLessThan(4 / Math.sqrt(gaps.length));
  });

  it('has the variance of a Poisson process over windows longer than a bucket', () => {
    const arrivals = walkWhole(
      scheduleOf([phase({ kind: 'constant', perSecond: 1000 }, 100)], 'poisson'),
    );
    const counts = new Float64Array(400);
    for (const { dueUs } of arrivals) counts[Math.floor(dueUs / 250_000)]! += 1;
    const mean = arrivals.length / counts.length;
    const dispersion = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / mean;
    expect(Math.abs(dispersion - 399)).toBeLessThan(4 * Math.sqrt(2 * 399));
  });

  it('follows the shape of the rate', () => {
    const rate = { kind: 'ramp', fromPerSecond: 0, toPerSecond: 4000 } as const;
    const schedule = scheduleOf([phase(rate, 10)], 'poisson', 5);
    const arrivals = walkWhole(schedule);
    expect(schedule.meanRecords).toBe(20_000);
    expect(Math.abs(arrivals.length - 20_000)).toBeLessThan(4 * Math.sqrt(20_000));
    expect(
      kolmogorov(
        arrivals.map(({ dueUs }) => dueUs),
        (us) => (us / 1e7) ** 2,
      ),
    ).toBeLessThan(1.95);
  });

  it('differs by seed only', () => {
    const phases = [phase({ kind: 'constant', perSecond: 500 }, 1)];
    const first = walkWhole(scheduleOf(phases, 'poisson', 1));
    expect(walkWhole(scheduleOf(phases, 'poisson', 1))).toEqual(first);
    expect(walkWhole(scheduleOf(phases, 'poisson', 2))).not.toEqual(first);
  });
});

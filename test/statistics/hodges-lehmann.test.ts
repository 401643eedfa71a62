import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairedShift, unpairedShift, walshAverages } from '../../src/statistics/hodges-lehmann.ts';

/** Hamilton depression scale of nine patients before and after, Hollander and Wolfe (1973), table 3.1. */
const BEFORE = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
const AFTER = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
/** Permeability constants of the human chorioamnion, Hollander and Wolfe (1973), table 4.1. */
const TERM = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
const EARLY = [1.15, 0.88, 0.9, 0.74, 1.21];

describe('paired shift', () => {
  it('gives the textbook’s answer for the depression data', () => {
    const differences = AFTER.map((after, i) => after - (BEFORE[i] ?? 0));
    const { estimate, interval, confidence, p } = pairedShift(differences, 0.05);
    expect(estimate).toBeCloseTo(-0.46, 10);
    expect(interval?.[0]).toBeCloseTo(-0.786, 10);
    expect(interval?.[1]).toBeCloseTo(-0.01, 10);
    expect(confidence).toBeCloseTo(0.961, 3);
    expect(p).toBeCloseTo(0.0390625, 10);
  });

  it('has no interval for too few pairs', () => {
    expect(pairedShift([1, 2, 3, 4, 5], 0.05)).toEqual({
      estimate: 3,
      interval: null,
      confidence: 0,
      p: 0.0625,
    });
  });

  it('finds no shift where there is none', () => {
    expect(pairedShift([0, 0, 0, 0, 0, 0], 0.05)).toMatchObject({ interval: [0, 0], p: 1 });
  });

  it('averages every two, each with itself too', () => {
    expect(walshAverages([1, 3, 8])).toEqual([1, 2, 4.5, 3, 5.5, 8]);
  });
});

describe('unpaired shift', () => {
  it('gives the textbook’s answer for the permeability data', () => {
    const { estimate, interval, p } = unpairedShift(EARLY, TERM, 0.05);
    expect(estimate).toBeCloseTo(0.305, 10);
    expect(interval?.[0]).toBeCloseTo(-0.15, 10);
    expect(interval?.[1]).toBeCloseTo(0.76, 10);
    expect(p).toBeCloseTo(0.2544, 4);
  });
});

const samples = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 6, maxLength: 14 });
const levels = fc.constantFrom(0.05, 0.05 / 2, 0.05 / 3, 0.1);

describe('interval and p-value', () => {
  it('agree: the interval leaves out zero exactly when p is within the level', () => {
    fc.assert(
      fc.property(samples, levels, (differences, alpha) => {
        const { interval, p, estimate } = pairedShift(differences, alpha);
        if (interval === null) return;
        const [low, high] = interval;
        expect(low > 0 || high < 0).toBe(p <= alpha);
        expect(estimate >= low && estimate <= high).toBe(true);
      }),
    );
    fc.assert(
      fc.property(samples, samples, levels, (first, second, alpha) => {
        const { interval, p } = unpairedShift(first, second, alpha);
        if (interval === null) return;
        expect(interval[0] > 0 || interval[1] < 0).toBe(p <= alpha);
      }),
    );
  });

  it('turn round with the order of the samples', () => {
    fc.assert(
      fc.property(samples, samples, (first, second) => {
        const there = unpairedShift(first, second, 0.05);
        const back = unpairedShift(second, first, 0.05);
        expect(back.estimate).toBe(0 - there.estimate);
        expect(back.p).toBeCloseTo(there.p, 12);
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import type { StopRule } from '../../src/results/precision.ts';
import { isPreciseEnough, relativeHalfWidth } from '../../src/results/precision.ts';
import { pretend } from './builders.ts';

/** Seconds of 100 records whose service takes 2 or 4 ms, one after the other. */
const uneven = (seconds: number, stopWhen: StopRule | null = null) =>
  pretend({
    phaseSeconds: [2, seconds],
    second: (s) => ({ serviceUs: s % 2 === 0 ? 2000 : 4000 }),
    input: { stopWhen },
  });

const totalsOf = (seconds: number) => {
  const totals = uneven(seconds).input.merger.phases[1];
  if (totals === undefined) throw new Error('no phase');
  return totals;
};

describe('relativeHalfWidth', () => {
  it('narrows with the square root of the time', () => {
    const short = relativeHalfWidth(totalsOf(50), 'response.mean') ?? 0;
    const long = relativeHalfWidth(totalsOf(200), 'response.mean') ?? 0;
    expect(short / long).toBeCloseTo(2, 0);
    // Deviation 1 ms of a mean of 5 ms, each second one value.
    expect(long).toBeCloseTo((1.96 * 1000) / Math.sqrt(199) / 5000, 2);
  });

  it('is unknown while there is too little', () => {
    expect(relativeHalfWidth(totalsOf(5), 'response.mean')).toBeNull();
    expect(relativeHalfWidth(totalsOf(5), 'acceptedPerSecond')).toBeNull();
    // 50 independent values do not hold a p99.
    expect(relativeHalfWidth(totalsOf(50), 'response.p99')).toBeNull();
  });

  it('is nothing where nothing varies', () => {
    expect(relativeHalfWidth(totalsOf(50), 'acceptedPerSecond')).toBe(0);
  });
});

describe('isPreciseEnough', () => {
  const rule = (halfWidth: number, minDurationUs: number): StopRule => ({
    metric: 'response.mean',
    halfWidth,
    minDurationUs,
  });

  it('waits for the least duration and for the precision', () => {
    const totals = totalsOf(100);
    const window = { startUs: 2e6, nowUs: 102e6 };
    expect(isPreciseEnough(rule(0.05, 60e6), totals, window)).toBe(true);
    expect(isPreciseEnough(rule(0.05, 101e6), totals, window)).toBe(false);
    expect(isPreciseEnough(rule(0.01, 60e6), totals, window)).toBe(false);
  });
});

describe('the summary of a run with a stop rule', () => {
  const metric = 'response.mean';

  it('says how precise the metric became', () => {
    const wanted = { metric, halfWidth: 0.05, minDurationUs: 10e6 } as const;
    const { precision, warnings } = uneven(100, wanted).summary;
    expect(precision).toMatchObject({ metric, wanted: 0.05, reached: true });
    expect(warnings).toEqual([]);
  });

  it('says when the precision was not reached by the end', () => {
    const wanted = { metric, halfWidth: 0.001, minDurationUs: 10e6 } as const;
    const { precision, warnings } = uneven(100, wanted).summary;
    expect(precision).toMatchObject({ wanted: 0.001, reached: false });
    expect(warnings.join()).toContain('Precision not reached: response.mean is known to ±');
  });

  it('says nothing without a rule', () => {
    expect(uneven(20).summary).not.toHaveProperty('precision');
  });
});

import { describe, expect, it } from 'vitest';
import { ratesOf } from '../../src/plan/sample.ts';
import { planOf } from '../virtual/harness.ts';

/** The phase lasts three seconds. */
const peakOf = (rate: string) => ratesOf(planOf(`load.phases.hold.rate=${rate}`)).peakPerSecond;

describe('the peak of a load', () => {
  it.each([
    ['2000/s', 2000],
    ['{from: 1000/s, to: 400/s}', 1000],
    ['{burst: {base: 100/s, times: 8, on: 1s, off: 1s}}', 800],
    ['{burst: {base: 0/s, peak: 6000/s, on: 500ms, off: 1s}}', 6000],
    ['{sine: {mean: 1000/s, amplitude: 400/s, period: 2s}}', 1400],
    // The top of the sine is at a quarter of its period, and at three seconds of a minute it has gone 18°.
    ['{sine: {mean: 1000/s, amplitude: 400/s, period: 60s}}', 1000 + 400 * Math.sin(Math.PI / 10)],
    // Ten seconds become three, and steps with them: 1000, 1100, 1200.
    ['{steps: {from: 1000/s, to: 9000/s, step: 100/s, every: 4s}}', 1200],
    ['{steps: {from: 1000/s, to: 1150/s, step: 100/s, every: 1s}}', 1150],
  ])('of %s is what the phase reaches: %d', (rate, peak) => {
    expect(peakOf(rate)).toBeCloseTo(peak, 6);
  });
});

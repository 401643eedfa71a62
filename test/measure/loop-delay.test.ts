import { describe, expect, it } from 'vitest';
import { loopDelayP99Us } from '../../src/measure/loop-delay.ts';

const RESOLUTION_US = 1000;

/** What a timer of 1 ms sees of a second in which the loop was blocked for these times. */
function delayOf(blocksUs: readonly number[]): number {
  const freeUs = 1_000_000 - blocksUs.reduce((sum, us) => sum + us, 0);
  const free = Array<number>(Math.floor(freeUs / 1000)).fill(RESOLUTION_US);
  const samples = [...blocksUs.map((us) => us + RESOLUTION_US / 2), ...free].sort((a, b) => b - a);
  const meanUs = samples.reduce((sum, us) => sum + us, 0) / samples.length;
  const longestUs = (rank: number) => samples[rank - 1] ?? Number.NaN;
  return loopDelayP99Us({ count: samples.length, meanUs, longestUs }, RESOLUTION_US);
}

describe('loopDelayP99Us', () => {
  it('sees five blocks of 20 ms, which are half a percent of the samples', () => {
    // Five times (20 − x) ms of waiting longer than x make a hundredth of a second: x = 18 ms.
    expect(delayOf([20_000, 20_000, 20_000, 20_000, 20_000])).toBeCloseTo(18_000, -2);
  });

  it('knows that one block of a second’s hundredth keeps no moment in a hundred waiting', () => {
    expect(delayOf([10_000])).toBeCloseTo(0, -2);
    expect(delayOf([25_000])).toBeCloseTo(15_000, -2);
  });

  it('weighs blocks of different lengths', () => {
    // (40 − x) + 2 (30 − x) = 10, in ms.
    expect(delayOf([40_000, 30_000, 30_000])).toBeCloseTo(30_000, -2);
    expect(delayOf([100_000])).toBeCloseTo(90_000, -2);
  });

  it('is nothing for a loop that is free, or that was not looked at', () => {
    expect(delayOf([])).toBe(0);
    const none = { count: 0, meanUs: 0, longestUs: () => Number.NaN };
    expect(loopDelayP99Us(none, RESOLUTION_US)).toBe(0);
  });
});

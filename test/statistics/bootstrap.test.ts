import { describe, expect, it } from 'vitest';
import { RandomSequence } from '../../src/core/random.ts';
import {
  bootstrapPercentiles,
  bootstrapShifts,
  type Histogram,
} from '../../src/statistics/bootstrap.ts';

const OPTIONS = { ranks: [0.5, 0.99, 1], alpha: 0.05, draws: 500, seed: 3 };

function histogram(entries: readonly (readonly [number, number])[]): Histogram {
  return { values: entries.map(([value]) => value), counts: entries.map(([, count]) => count) };
}

/** One value a run with spread `sd` between runs. */
function noisyRuns(count: number, middle: number, sd: number, random: RandomSequence): Histogram[] {
  return Array.from({ length: count }, () => {
    const at = middle + sd * random.normal();
    return histogram([
      [at - 1, 50],
      [at, 900],
      [at + 1, 50],
    ]);
  });
}

describe('bootstrap of merged histograms', () => {
  it('reads percentiles from the merged counts, not from an average', () => {
    const runs = [
      histogram([
        [10, 99],
        [1000, 1],
      ]),
      histogram([
        [10, 1],
        [20, 899],
      ]),
    ];
    const values = bootstrapPercentiles(runs, OPTIONS).map(({ value }) => value);
    expect(values).toEqual([20, 20, 1000]);
  });

  it('has no width for one run, and the width of the runs for two', () => {
    const one = histogram([[7, 3]]);
    expect(bootstrapPercentiles([one], OPTIONS)[0]).toEqual({ value: 7, low: 7, high: 7 });
    const two = [one, histogram([[9, 4]])];
    expect(bootstrapPercentiles(two, OPTIONS)[0]).toEqual({ value: 9, low: 7, high: 9 });
  });

  it('is the same for the same seed', () => {
    const runs = noisyRuns(6, 100, 5, new RandomSequence(1));
    expect(bootstrapPercentiles(runs, OPTIONS)).toEqual(bootstrapPercentiles(runs, OPTIONS));
  });

  it('lets what moves whole blocks cancel where blocks are known', () => {
    const random = new RandomSequence(5);
    const drift = Array.from({ length: 8 }, () => 20 * random.normal());
    const at = (value: number) => histogram([[value, 100]]);
    const first = drift.map((d) => at(100 + d));
    const second = drift.map((d) => at(110 + d));
    const [paired] = bootstrapShifts(first, second, true, OPTIONS);
    const [unpaired] = bootstrapShifts(first, second, false, OPTIONS);
    expect(paired).toEqual({ value: 10, low: 10, high: 10 });
    expect((unpaired?.high ?? 0) - (unpaired?.low ?? 0)).toBeGreaterThan(10);
  });

  it('covers the true median in most samples of runs', () => {
    const random = new RandomSequence(11);
    const trials = 300;
    let covered = 0;
    for (let i = 0; i < trials; i++) {
      const runs = noisyRuns(12, 100, 4, random);
      const [median] = bootstrapPercentiles(runs, { ...OPTIONS, ranks: [0.5], draws: 300 });
      if (median !== undefined && median.low <= 100 && median.high >= 100) covered++;
    }
    expect(covered / trials).toBeGreaterThan(0.85);
  });
});

/**
 * How sure a percentile of several runs is. In: each run's histogram. Out: percentiles of the merged histogram with a
 * band. What is drawn again is the run, never the request: requests of one run resemble each other, so the spread
 * between runs is what counts (a hierarchical bootstrap with the run as its top level). Merging is addition of counts;
 * percentiles are never averaged.
 */
import { RandomSequence } from '../core/random.ts';

/** A run's values, ascending, and how often each occurred. */
export interface Histogram {
  readonly values: ArrayLike<number>;
  readonly counts: ArrayLike<number>;
}

export interface BootstrapOptions {
  /** Ranks in (0, 1], ascending. */
  readonly ranks: readonly number[];
  /** Chance of a band that misses, such as 0.05. */
  readonly alpha: number;
  readonly draws: number;
  readonly seed: number;
}

/** A value with the band that holds it. */
export interface Banded {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Percentiles of the runs' merged histogram, one a rank. @param runs at least one with a value */
export function bootstrapPercentiles(
  runs: readonly Histogram[],
  options: BootstrapOptions,
): Banded[] {
  const grid = gridOf(runs);
  const random = new RandomSequence(options.seed);
  const once = readRanks(grid, ones(runs.length), options.ranks);
  const drawn = drawings(options, () =>
    readRanks(grid, resample(runs.length, random), options.ranks),
  );
  return banded(once, drawn, options.alpha);
}

/**
 * How percentiles shift from one set of runs to another, second less first, one a rank.
 * @param isPaired run i of both belongs to the same block, so that a block is drawn as a whole
 */
export function bootstrapShifts(
  first: readonly Histogram[],
  second: readonly Histogram[],
  isPaired: boolean,
  options: BootstrapOptions,
): Banded[] {
  const from = gridOf(first);
  const to = gridOf(second);
  const random = new RandomSequence(options.seed);
  const shift = (ofFirst: Float64Array, ofSecond: Float64Array) => {
    const before = readRanks(from, ofFirst, options.ranks);
    return readRanks(to, ofSecond, options.ranks).map((value, i) => value - (before[i] as number));
  };
  const once = shift(ones(first.length), ones(second.length));
  const drawn = drawings(options, () => {
    const ofFirst = resample(first.length, random);
    return shift(ofFirst, isPaired ? ofFirst : resample(second.length, random));
  });
  return banded(once, drawn, options.alpha);
}

/** All runs over the same values, counts summed up from the lowest: a rank is then found by bisection. */
interface Grid {
  readonly values: Float64Array;
  /** One a run, as long as `values`. */
  readonly below: readonly Float64Array[];
}

function gridOf(runs: readonly Histogram[]): Grid {
  const all = new Set<number>();
  for (const { values } of runs)
    for (let i = 0; i < values.length; i++) all.add(values[i] as number);
  const values = Float64Array.from(all).sort();
  const below = runs.map((run) => {
    const sums = new Float64Array(values.length);
    let sum = 0;
    let at = 0;
    for (let i = 0; i < values.length; i++) {
      if (at < run.values.length && run.values[at] === values[i]) sum += run.counts[at++] as number;
      sums[i] = sum;
    }
    return sums;
  });
  return { values, below };
}

function ones(length: number): Float64Array {
  return new Float64Array(length).fill(1);
}

/** How often each run is drawn. */
function resample(length: number, random: RandomSequence): Float64Array {
  const times = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const run = Math.floor(random.unit() * length);
    times[run] = (times[run] as number) + 1;
  }
  return times;
}

function readRanks(
  { values, below }: Grid,
  times: Float64Array,
  ranks: readonly number[],
): number[] {
  const upTo = (index: number) => {
    let sum = 0;
    for (let run = 0; run < below.length; run++) {
      sum += (times[run] as number) * ((below[run] as Float64Array)[index] as number);
    }
    return sum;
  };
  const total = values.length === 0 ? 0 : upTo(values.length - 1);
  return ranks.map((rank) => {
    const wanted = Math.max(1, Math.ceil(rank * total - 1e-9));
    let low = 0;
    let high = Math.max(0, values.length - 1);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo(middle) >= wanted) high = middle;
      else low = middle + 1;
    }
    return values[low] ?? 0;
  });
}

function drawings(
  { draws, ranks }: BootstrapOptions,
  draw: () => readonly number[],
): Float64Array[] {
  const columns = ranks.map(() => new Float64Array(draws));
  for (let i = 0; i < draws; i++) {
    const values = draw();
    for (let rank = 0; rank < ranks.length; rank++) {
      (columns[rank] as Float64Array)[i] = values[rank] as number;
    }
  }
  return columns;
}

/** The middle 1 − alpha of the draws. */
function banded(once: readonly number[], drawn: readonly Float64Array[], alpha: number): Banded[] {
  return once.map((value, i) => {
    const sorted = (drawn[i] as Float64Array).sort();
    const at = (share: number) =>
      sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))] ??
      value;
    return { value, low: at(alpha / 2), high: at(1 - alpha / 2) };
  });
}

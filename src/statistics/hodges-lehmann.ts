/**
 * How far one sample lies from another, with an interval that needs no normal distribution: Hodges and Lehmann's
 * estimates, the median of Walsh averages for pairs and of all differences otherwise. The interval and the p-value come
 * from the same exact distribution, so the interval leaves out zero exactly when p ≤ alpha.
 */
import { mannWhitneyIndex, mannWhitneyTail, tieSizes } from './mann-whitney.ts';
import { ascending, median } from './order-statistics.ts';
import { signedRankIndex, signedRankTail } from './signed-rank.ts';

/** A shift from the first sample to the second, in the unit of the values. */
export interface Shift {
  readonly estimate: number;
  /** Bounds at a confidence of at least 1 − alpha; null: the samples are too small for it. */
  readonly interval: readonly [low: number, high: number] | null;
  /** Confidence that the interval has, which is a little more than asked for; 0 without one. */
  readonly confidence: number;
  /** Two-sided, for "no shift"; ties count against a difference. */
  readonly p: number;
}

/** The mean of every two values, each with itself too: n(n+1)/2 of them. */
export function walshAverages(values: readonly number[]): number[] {
  const averages: number[] = [];
  for (let i = 0; i < values.length; i++) {
    for (let j = i; j < values.length; j++) {
      averages.push(((values[i] as number) + (values[j] as number)) / 2);
    }
  }
  return averages;
}

/**
 * The shift within pairs (Wilcoxon's signed-rank test turned into an interval).
 * @param differences second less first, one a pair, at least one
 * @param alpha chance of an interval that misses, such as 0.05
 */
export function pairedShift(differences: readonly number[], alpha: number): Shift {
  const n = differences.length;
  const averages = ascending(walshAverages(differences));
  const k = signedRankIndex(n, alpha);
  return shiftOf(averages, k, (rank) => signedRankTail(n, rank));
}

/**
 * The shift between samples that are not paired (Mann and Whitney's test turned into an interval).
 * @param first at least one value
 * @param second at least one value
 */
export function unpairedShift(
  first: readonly number[],
  second: readonly number[],
  alpha: number,
): Shift {
  const differences = ascending(second.flatMap((b) => first.map((a) => b - a)));
  const ties = tieSizes([...first, ...second]);
  const k = mannWhitneyIndex(first.length, second.length, alpha, ties);
  return shiftOf(differences, k, (u) => mannWhitneyTail(first.length, second.length, u, ties));
}

/** @param tail chance of at most that many of the sorted values on one side of zero */
function shiftOf(sorted: readonly number[], k: number, tail: (count: number) => number): Shift {
  const notAbove = sorted.filter((value) => value <= 0).length;
  const notBelow = sorted.filter((value) => value >= 0).length;
  const p = Math.min(1, 2 * tail(Math.min(notAbove, notBelow)));
  const low = sorted[k - 1];
  const high = sorted[sorted.length - k];
  const estimate = median(sorted);
  if (low === undefined || high === undefined || low > high) {
    return { estimate, interval: null, confidence: 0, p };
  }
  return { estimate, interval: [low, high], confidence: 1 - 2 * tail(k - 1), p };
}

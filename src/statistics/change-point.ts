/**
 * Where a series changed its level. In: one value a night. Out: the nights on which another level began. The E-divisive
 * statistic (Matteson and James 2014) says where, Student's t says whether (as Hunter does, Fleming et al. 2023: few values
 * suffice, and the same series always gives the same answer). Two passes: windows that slide by half find weak points
 * generously; then the weakest are taken away until all that is left is significant, and large enough to matter.
 */
import { type Moments, momentsOf, pooledTTest } from './student-t.ts';

/** What counts as a change. */
export interface ChangePointOptions {
  /** Largest p of a point, such as 0.001. */
  readonly pMax: number;
  /** Smallest change of the mean, as a share of it; 0: any. */
  readonly magnitudeMin: number;
  /** Values looked at together in the first pass. */
  readonly windowLength: number;
}

export const CHANGE_POINT_DEFAULTS: ChangePointOptions = {
  pMax: 0.001,
  magnitudeMin: 0.03,
  windowLength: 50,
};

/** Where a new level begins, and what the neighbouring levels are. */
export interface ChangePoint {
  /** Of the first value at the new level. */
  readonly index: number;
  /** For "the segments before and after have the same mean". */
  readonly p: number;
  /** Means of the segments before and after. */
  readonly before: number;
  readonly after: number;
  /** max(|after/before − 1|, |before/after − 1|). */
  readonly magnitude: number;
}

/** How much easier it is to become a weak point than to stay one. */
const WEAK_FACTOR = 10;

/** The change points of a series in time order, ascending. */
export function changePoints(
  values: readonly number[],
  options: ChangePointOptions = CHANGE_POINT_DEFAULTS,
): ChangePoint[] {
  const weak = weakPoints(values, options.windowLength, Math.min(0.5, options.pMax * WEAK_FACTOR));
  return merged(values, weak, options);
}

/** Points found window by window; each window begins half a window, or at the last point found, after the one before. */
function weakPoints(values: readonly number[], windowLength: number, pMax: number): number[] {
  const found = new Set<number>();
  const step = Math.max(1, windowLength >> 1);
  for (let start = 0; start < values.length; ) {
    const end = Math.min(start + windowLength, values.length);
    const inside = divide(values.slice(start, end), pMax).map((index) => index + start);
    for (const index of inside) found.add(index);
    if (end === values.length) break;
    start = Math.max(start + step, ...inside);
  }
  return [...found].sort((a, b) => a - b);
}

/** Splits a window at its best point as long as that is significant. */
function divide(window: readonly number[], pMax: number): number[] {
  const distances = summedDistances(window);
  const points: number[] = [];
  // Each pass adds a point, so there are at most as many as values.
  for (let pass = 0; pass < window.length; pass++) {
    const best = bestSplit(distances, [0, ...points, window.length]);
    if (best === null) break;
    const { from, at, to } = best;
    if (pooledTTest(momentsOf(window, from, at), momentsOf(window, at, to)) >= pMax) break;
    points.push(at);
    points.sort((a, b) => a - b);
  }
  return points;
}

interface Split {
  readonly from: number;
  readonly at: number;
  readonly to: number;
  readonly q: number;
}

function bestSplit(distances: SummedDistances, borders: readonly number[]): Split | null {
  let best: Split | null = null;
  for (let i = 1; i < borders.length; i++) {
    const split = splitSegment(distances, borders[i - 1] as number, borders[i] as number);
    if (split !== null && (best === null || split.q > best.q)) best = split;
  }
  return best;
}

/** The split of [from, to) with the largest q over all ends k of the right side: what follows k may be a third level. */
function splitSegment(distances: SummedDistances, from: number, to: number): Split | null {
  let at = -1;
  let q = 0;
  for (let split = from + 1; split < to; split++) {
    for (let end = split + 1; end <= to; end++) {
      const value = divergence(distances, from, split, end);
      if (value > q) {
        q = value;
        at = split;
      }
    }
  }
  return at < 0 ? null : { from, at, to, q };
}

/**
 * mn/(m+n) · (2/(mn)·Σ|x−y| − 2/(m(m−1))·Σ|x−x'| − 2/(n(n−1))·Σ|y−y'|) of x = [from, split) and y = [split, end), each
 * pair once. Divided by nothing else, so that splits of one window can be held against each other.
 */
export function divergence(
  distances: SummedDistances,
  from: number,
  split: number,
  end: number,
): number {
  const m = split - from;
  const n = end - split;
  const between = rectangle(distances, from, split, split, end);
  // A square of the table holds each pair twice.
  const left = m > 1 ? rectangle(distances, from, split, from, split) / (m * (m - 1)) : 0;
  const right = n > 1 ? rectangle(distances, split, end, split, end) / (n * (n - 1)) : 0;
  return ((m * n) / (m + n)) * ((2 * between) / (m * n) - left - right);
}

/** Row i, column j: the sum of |x_a − x_b| over a < i, b < j, so that any rectangle of pairs is four reads. */
export interface SummedDistances {
  readonly sums: Float64Array;
  readonly width: number;
}

export function summedDistances(values: readonly number[]): SummedDistances {
  const width = values.length + 1;
  const sums = new Float64Array(width * width);
  for (let i = 1; i < width; i++) {
    let row = 0;
    for (let j = 1; j < width; j++) {
      row += Math.abs((values[i - 1] as number) - (values[j - 1] as number));
      sums[i * width + j] = (sums[(i - 1) * width + j] as number) + row;
    }
  }
  return { sums, width };
}

function rectangle(
  { sums, width }: SummedDistances,
  top: number,
  bottom: number,
  left: number,
  right: number,
): number {
  return (
    (sums[bottom * width + right] as number) -
    (sums[top * width + right] as number) -
    (sums[bottom * width + left] as number) +
    (sums[top * width + left] as number)
  );
}

/** Takes the weakest point away, and judges its neighbours anew, until every one holds. */
function merged(
  values: readonly number[],
  weak: readonly number[],
  { pMax, magnitudeMin }: ChangePointOptions,
): ChangePoint[] {
  const borders = [...weak];
  let points = judged(values, borders);
  while (points.length > 0) {
    const doubtful = points.filter(({ p }) => p >= pMax);
    const [first, ...rest] = doubtful.length > 0 ? doubtful : points;
    if (first === undefined) break;
    const weakest =
      doubtful.length > 0
        ? rest.reduce((worst, point) => (point.p > worst.p ? point : worst), first)
        : rest.reduce((least, point) => (point.magnitude < least.magnitude ? point : least), first);
    if (doubtful.length === 0 && weakest.magnitude >= magnitudeMin) break;
    borders.splice(borders.indexOf(weakest.index), 1);
    points = judged(values, borders);
  }
  return points;
}

function judged(values: readonly number[], borders: readonly number[]): ChangePoint[] {
  return borders.map((index, i) => {
    const before = momentsOf(values, borders[i - 1] ?? 0, index);
    const after = momentsOf(values, index, borders[i + 1] ?? values.length);
    return {
      index,
      p: pooledTTest(before, after),
      before: before.mean,
      after: after.mean,
      magnitude: magnitudeOf(before, after),
    };
  });
}

function magnitudeOf({ mean: before }: Moments, { mean: after }: Moments): number {
  if (before === after) return 0;
  if (before === 0 || after === 0) return Number.POSITIVE_INFINITY;
  return Math.max(Math.abs(after / before - 1), Math.abs(before / after - 1));
}

/**
 * Whether a series has a transient at its start, and whether it settled at all. In: one value a second, say. Out: how many
 * of them to leave out. MSER-5 (White 1997; Spratt 1998; found best of its kind by Hoad, Robinson and Davies 2008) finds
 * the cut; two tests keep noise from being called a transient.
 */

/** Values in one batch of MSER-5. */
const BATCH_VALUES = 5;
/** Shorter series are not judged: in 30 values, noise alone would look unsettled in one of thirty runs (simulated). */
export const VALUES_MIN = 40;
/** A difference counts when it is above this many standard errors, because the cut was chosen to make it large … */
const ERRORS_MIN = 5;
/** … and above this share of the mean, because a long series makes any difference significant. */
const SHARE_MIN = 0.02;

/** What was found. */
export interface SteadyState {
  /** False: the series was still changing when it ended, so no single mean describes it. */
  readonly hasSettled: boolean;
  /** Values at the start that belong to the transient; 0: there is none. Meaningless when it has not settled. */
  readonly transientValues: number;
}

/** The cut of MSER-5. */
export interface MserCut {
  /** Batches to leave out. */
  readonly cut: number;
  /** The most that may be left out: half of them. */
  readonly limit: number;
  /** Means of the batches. */
  readonly batchMeans: Float64Array;
}

/**
 * MSER-5: the cut d that minimises Σ(Z_j − mean_d)² / (k − d)² over the batch means Z after it, d = 0 … ⌊k/2⌋.
 * @param series at least one batch; what does not fill a last batch is left out
 */
export function mser5(series: ArrayLike<number>): MserCut {
  const batchMeans = meansOfBatches(series, BATCH_VALUES);
  const count = batchMeans.length;
  const limit = Math.floor(count / 2);
  let cut = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let d = 0; d <= limit; d++) {
    const { squares } = spread(batchMeans.subarray(d));
    const statistic = squares / (count - d) ** 2;
    if (statistic < least) {
      least = statistic;
      cut = d;
    }
  }
  return { cut, limit, batchMeans };
}

/** Judges a series; null when it is shorter than {@link VALUES_MIN}. */
export function judgeSteadyState(series: ArrayLike<number>): SteadyState | null {
  if (series.length < VALUES_MIN) return null;
  const { cut, limit, batchMeans } = mser5(series);
  const rest = batchMeans.subarray(cut);
  if (hasTrend(rest)) return { hasSettled: false, transientValues: 0 };
  if (!differs(batchMeans.subarray(0, cut), rest)) return { hasSettled: true, transientValues: 0 };
  return { hasSettled: cut < limit, transientValues: cut * BATCH_VALUES };
}

/** Means of consecutive batches of `size` values; an incomplete last one is left out. */
export function meansOfBatches(series: ArrayLike<number>, size: number): Float64Array {
  const means = new Float64Array(Math.floor(series.length / size));
  for (let batch = 0; batch < means.length; batch++) {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += series[batch * size + i] ?? 0;
    means[batch] = sum / size;
  }
  return means;
}

/** The variance of a population, from a sample of it; 0 below two values. */
export function sampleVariance(values: ArrayLike<number>): number {
  return values.length < 2 ? 0 : spread(values).squares / (values.length - 1);
}

/** Mean and sum of squared deviations. */
export function spread(series: ArrayLike<number>): {
  readonly mean: number;
  readonly squares: number;
} {
  const values = Float64Array.from(series);
  let sum = 0;
  for (const value of values) sum += value;
  const mean = values.length === 0 ? 0 : sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, squares };
}

/** Whether the line of least squares through the values rises or falls by more than noise would make it. */
function hasTrend(values: Float64Array): boolean {
  const count = values.length;
  const { mean } = spread(values);
  const middle = (count - 1) / 2;
  let products = 0;
  let squares = 0;
  for (const [i, value] of values.entries()) {
    products += (i - middle) * (value - mean);
    squares += (i - middle) ** 2;
  }
  const slope = products / squares;
  let residual = 0;
  for (const [i, value] of values.entries()) residual += (value - mean - slope * (i - middle)) ** 2;
  const error = Math.sqrt(residual / (count - 2) / squares);
  return isReal(slope * count, error * count, mean);
}

/** Whether the means of two parts differ by more than noise would make them. */
function differs(first: Float64Array, rest: Float64Array): boolean {
  if (first.length === 0) return false;
  const { mean, squares } = spread(rest);
  const variance = squares / (rest.length - 1);
  const error = Math.sqrt(variance * (1 / first.length + 1 / rest.length));
  return isReal(spread(first).mean - mean, error, mean);
}

function isReal(difference: number, error: number, mean: number): boolean {
  const size = Math.abs(difference);
  return size > ERRORS_MIN * error && size > SHARE_MIN * Math.abs(mean);
}

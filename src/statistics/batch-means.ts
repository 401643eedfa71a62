/**
 * How much a mean of values in time order is worth. Neighbours resemble each other, so n of them say as much as n/τ
 * independent ones. Batch means with doubling batches: the variance of means of b values is σ²/b if they are independent,
 * and τ times that if they are not.
 */

import { meansOfBatches, sampleVariance, spread } from './steady-state.ts';
import { studentQuantile } from './student-t.ts';

/** Batches that a variance of their means needs to be trusted; longer batches than that are not looked at. */
const BATCHES_MIN = 8;
/** Two-sided: what a 95 % interval leaves out. */
const ALPHA = 0.05;
/**
 * Degrees of freedom for each independent value. Half of what known independence would give, because τ is an estimate from
 * the same short series: with this, and from 20 values on, intervals hold the mean in 94 of 100 simulated series or more
 * (test/statistics/batch-means.test.ts).
 */
const DEGREES_SHARE = 0.5;

/**
 * τ: how many neighbours say as much as one independent value; at least 1. The largest b·V_b/V_1 over b = 1, 2, 4 …, and
 * what the correlation of neighbours alone would make it, (1 + r)/(1 − r), because a short series has few long batches.
 * @param series in time order
 */
export function autocorrelationTime(series: ArrayLike<number>): number {
  const values = Float64Array.from(series);
  const single = sampleVariance(values);
  if (single === 0) return 1;
  const r = neighbourCorrelation(values);
  let tau = Math.max(1, (1 + r) / (1 - r));
  for (let size = 2; series.length / size >= BATCHES_MIN; size *= 2) {
    const batched = sampleVariance(meansOfBatches(series, size));
    tau = Math.max(tau, (size * batched) / single);
  }
  return tau;
}

/** How far a series in time order is from independent values, and what follows for its error bars. */
export interface Dependence {
  /** Number of independent values that the series is worth. */
  readonly effectiveCount: number;
  /** How much the variance of a mean is larger than of as many independent values: τ, and what s² misses by it. */
  readonly inflation: number;
  /** Half the width of a 95 % interval in standard errors: Student's t. */
  readonly quantile: number;
}

/**
 * Judges a series of at least two values. The sample variance of a series that remembers is too small, by
 * (n − τ)/(n − 1) in the mean, because its own mean follows it.
 */
export function dependenceOf(series: ArrayLike<number>): Dependence {
  const count = series.length;
  const tau = Math.min(autocorrelationTime(series), count / 2);
  const effectiveCount = count / tau;
  return {
    effectiveCount,
    inflation: (tau * (count - 1)) / (count - tau),
    quantile: studentQuantile(ALPHA, Math.max(1, Math.floor(DEGREES_SHARE * (effectiveCount - 1)))),
  };
}

/** A mean with its error bar. */
export interface MeanEstimate {
  readonly mean: number;
  /** Half the width of the 95 % interval. */
  readonly halfWidth: number;
  /** Number of independent values that the series is worth. */
  readonly effectiveCount: number;
}

/** The mean of a series in time order, with its 95 % interval; null below two values. */
export function estimateMean(series: ArrayLike<number>): MeanEstimate | null {
  if (series.length < 2) return null;
  const values = Float64Array.from(series);
  const { effectiveCount, inflation, quantile } = dependenceOf(values);
  const { mean } = spread(values);
  const halfWidth = quantile * Math.sqrt((sampleVariance(values) * inflation) / values.length);
  return { mean, halfWidth, effectiveCount };
}

/**
 * Standard errors, √((1 − r²)/n), that are added to the correlation of neighbours: a short series that happens to look
 * independent is what makes an interval miss, and too low a correlation costs more than too high a one.
 */
const CORRELATION_ERRORS = 0.25;

/**
 * Correlation of values with the next, 0 … 0.95, with its bias of about −(1 + 4r)/n (Kendall 1954) taken back, and a
 * little on the safe side.
 */
function neighbourCorrelation(values: Float64Array): number {
  const { mean, squares } = spread(values);
  let products = 0;
  for (let i = 1; i < values.length; i++) {
    products += ((values[i] as number) - mean) * ((values[i - 1] as number) - mean);
  }
  const raw = products / squares;
  const unbiased = raw + (1 + 4 * raw) / values.length;
  const error = Math.sqrt(Math.max(0, 1 - unbiased ** 2) / values.length);
  return Math.min(0.95, Math.max(0, unbiased + CORRELATION_ERRORS * error));
}

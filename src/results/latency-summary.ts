import type { LatencyTotals } from '../measure/latency-totals.ts';
import { responseMeansUs, type SecondPoint } from '../measure/second-series.ts';
import { dependenceOf } from '../statistics/batch-means.ts';
import { sampleVariance } from '../statistics/steady-state.ts';
import { SECONDS_MIN } from './steadiness.ts';
import type { LatencyConfidence, LatencySummary } from './summary.ts';

/** Percentiles of a summary by name, 0 … 100, ascending. */
const PERCENTILES = {
  p50: 50,
  p75: 75,
  p90: 90,
  p95: 95,
  p99: 99,
  p99_9: 99.9,
  p99_99: 99.99,
} as const;
type PercentileName = keyof typeof PERCENTILES;
const NAMES = Object.keys(PERCENTILES) as PercentileName[];

/** A percentile rests on the values beyond it; fewer than these are luck. */
const VALUES_BEYOND_MIN = 10;
const CONFIDENCE_LEVEL = 0.95;

/** `p99_9` → 99.9; null: not a percentile of a summary. */
export function percentileOf(name: string): number | null {
  return Object.hasOwn(PERCENTILES, name) ? PERCENTILES[name as PercentileName] : null;
}

/**
 * How many more values a percentile needs before ten lie beyond it; 0 when it has them.
 * @param percentile above 0, below 100
 */
export function samplesNeeded(percentile: number, count: number): number {
  // 100 - 99.9 is not exactly 0.1: parts in a million are whole numbers.
  const beyondPerMillion = Math.round((100 - percentile) * 10_000);
  return Math.max(0, Math.ceil((VALUES_BEYOND_MIN * 1_000_000) / beyondPerMillion) - count);
}

/** The highest percentile below another that has ten values beyond it; null: there is none. */
export function supportedBelow(
  percentile: number,
  latency: LatencySummary,
): { readonly name: string; readonly us: number } | null {
  const name = NAMES.findLast(
    (lower) =>
      PERCENTILES[lower] < percentile && samplesNeeded(PERCENTILES[lower], latency.count) === 0,
  );
  const us = name === undefined ? null : latency[name];
  return name === undefined || us === null ? null : { name: name.replace('_', '.'), us };
}

/**
 * A histogram in figures. A percentile is the highest value of its slot, but never above the exact maximum.
 * @param points the seconds that the values came in, for error bars; null: none
 */
export function latencySummary(
  totals: LatencyTotals,
  points: readonly SecondPoint[] | null = null,
): LatencySummary {
  const { count } = totals;
  const isEmpty = count === 0;
  const values = totals.valuesAtPercentiles(NAMES.map((name) => PERCENTILES[name]));
  const percentiles = Object.fromEntries(
    NAMES.map((name, i) => [name, isEmpty ? null : Math.min(values[i] ?? 0, totals.maxUs)]),
  ) as { [name in PercentileName]: number | null };
  const confidence = points === null ? null : confidenceOf(totals, points);
  return {
    unit: 'us',
    count,
    min: isEmpty ? null : totals.minUs,
    mean: totals.meanUs,
    stddev: totals.stddevUs,
    ...percentiles,
    max: isEmpty ? null : totals.maxUs,
    ...(confidence === null ? {} : { confidence }),
  };
}

/**
 * Confidence intervals of percentiles from order statistics: ranks n·p ± t·√(n·p·(1−p)), where n is the effective count,
 * and of the mean. Values within a second resemble each other (one stall delays them all), and so do neighbouring
 * seconds, so the count is divided by how much more the means of seconds vary than means of as many independent values
 * would, and by the seconds' own autocorrelation time.
 */
function confidenceOf(
  totals: LatencyTotals,
  points: readonly SecondPoint[],
): LatencyConfidence | null {
  const { count, meanUs, stddevUs } = totals;
  const means = responseMeansUs(points);
  if (meanUs === null || stddevUs === null || means.length < SECONDS_MIN) return null;
  const perPoint = count / means.length;
  const excess = (perPoint * sampleVariance(means)) / stddevUs ** 2;
  const seconds = dependenceOf(means);
  const inflation = stddevUs === 0 ? 1 : Math.max(1, excess * seconds.inflation);
  const effectiveCount = Math.floor(count / inflation);
  const intervals: Record<string, readonly [number, number]> = {};
  for (const name of NAMES) {
    const percentile = PERCENTILES[name];
    if (samplesNeeded(percentile, effectiveCount) > 0) continue;
    const p = percentile / 100;
    const half = seconds.quantile * Math.sqrt(effectiveCount * p * (1 - p));
    const low = Math.max(1, Math.floor(effectiveCount * p - half) * inflation);
    const high = Math.min(count, Math.ceil(effectiveCount * p + half) * inflation);
    const [from = 0, to = 0] = totals.valuesAtRanks([low, high]);
    intervals[name] = [Math.min(from, totals.maxUs), Math.min(to, totals.maxUs)];
  }
  const half = (seconds.quantile * stddevUs) / Math.sqrt(effectiveCount);
  const mean = [Math.max(0, meanUs - half), meanUs + half] as const;
  return { level: CONFIDENCE_LEVEL, effectiveCount, intervals, mean };
}

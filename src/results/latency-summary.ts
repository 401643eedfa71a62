import type { LatencyTotals } from '../measure/latency-totals.ts';
import type { SecondMeans } from '../measure/run-totals.ts';
import type { LatencyConfidence, LatencySummary } from './summary.ts';

/** Percentiles of a summary by name, 0 … 100, ascending. */
export const PERCENTILES = {
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
/** Seconds with values that an estimate of their spread needs. */
const SECONDS_MIN = 10;
const CONFIDENCE_LEVEL = 0.95;
/** Normal quantile of the level, two-sided. */
const Z = 1.959964;

/**
 * How many more values a percentile needs before ten lie beyond it; 0 when it has them.
 * @param percentile above 0, below 100
 */
export function samplesNeeded(percentile: number, count: number): number {
  // 100 - 99.9 is not exactly 0.1: parts in a million are whole numbers.
  const beyondPerMillion = Math.round((100 - percentile) * 10_000);
  return Math.max(0, Math.ceil((VALUES_BEYOND_MIN * 1_000_000) / beyondPerMillion) - count);
}

/**
 * A histogram in figures. A percentile is the highest value of its slot, but never above the exact maximum.
 * @param secondMeans spread of the per-second means, for error bars; null: none
 */
export function latencySummary(
  totals: LatencyTotals,
  secondMeans: SecondMeans | null = null,
): LatencySummary {
  const { count } = totals;
  const isEmpty = count === 0;
  const values = totals.valuesAtPercentiles(NAMES.map((name) => PERCENTILES[name]));
  const percentiles = Object.fromEntries(
    NAMES.map((name, i) => [name, isEmpty ? null : Math.min(values[i] ?? 0, totals.maxUs)]),
  ) as { [name in PercentileName]: number | null };
  const confidence = secondMeans === null ? null : confidenceOf(totals, secondMeans);
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
 * Confidence intervals of percentiles from order statistics: ranks n·p ± z·√(n·p·(1−p)), where n is the effective count.
 * Values within a second resemble each other (one stall delays them all), so the count is divided by how much more the
 * means of seconds vary than means of as many independent values would (batch means with a batch a second).
 */
function confidenceOf(totals: LatencyTotals, secondMeans: SecondMeans): LatencyConfidence | null {
  const spread = secondMeans.variance;
  const deviation = totals.stddevUs;
  if (spread === null || deviation === null || secondMeans.count < SECONDS_MIN) return null;
  const { count } = totals;
  const perSecond = count / secondMeans.count;
  const inflation = deviation === 0 ? 1 : Math.max(1, (perSecond * spread) / deviation ** 2);
  const effectiveCount = Math.floor(count / inflation);
  const intervals: Record<string, readonly [number, number]> = {};
  for (const name of NAMES) {
    const percentile = PERCENTILES[name];
    if (samplesNeeded(percentile, effectiveCount) > 0) continue;
    const p = percentile / 100;
    const half = Z * Math.sqrt(effectiveCount * p * (1 - p));
    const low = Math.max(1, Math.floor(effectiveCount * p - half) * inflation);
    const high = Math.min(count, Math.ceil(effectiveCount * p + half) * inflation);
    const [from = 0, to = 0] = totals.valuesAtRanks([low, high]);
    intervals[name] = [Math.min(from, totals.maxUs), Math.min(to, totals.maxUs)];
  }
  if (Object.keys(intervals).length === 0) return null;
  return { level: CONFIDENCE_LEVEL, effectiveCount, intervals };
}

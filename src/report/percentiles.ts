/**
 * Which percentiles a sample supports. A percentile p of n values rests on the n·(1−p) values beyond it; with fewer than
 * ten of them it is the luck of a few records, so it is not printed as a fact.
 */

import { formatDurationUs } from '../core/units.ts';
import { samplesNeeded } from '../results/latency-summary.ts';
import type { LatencySummary } from '../results/summary.ts';

/** The percentiles of a summary, in order, 0 … 100. */
export const PERCENTILES = [
  { key: 'p50', label: 'p50', percentile: 50 },
  { key: 'p90', label: 'p90', percentile: 90 },
  { key: 'p95', label: 'p95', percentile: 95 },
  { key: 'p99', label: 'p99', percentile: 99 },
  { key: 'p99_9', label: 'p99.9', percentile: 99.9 },
] as const;

/** A percentile with the judgement whether its sample supports it. */
export interface PercentileCell {
  readonly label: string;
  /** Microseconds; null: no sample. */
  readonly valueUs: number | null;
  /** How many more values the percentile needs; 0: supported. */
  readonly missing: number;
}

/** The percentiles of one measured time, each with its judgement. */
export function percentileCells(latency: LatencySummary): readonly PercentileCell[] {
  return PERCENTILES.map(({ key, label, percentile }) => ({
    label,
    valueUs: latency[key],
    missing: samplesNeeded(percentile, latency.count),
  }));
}

/** The confidence interval of a percentile in words, as a list of none or one: `95 % interval 2.7s to 3.1s`. */
export function intervalOf(latency: LatencySummary, key: string): readonly string[] {
  const { confidence } = latency;
  const interval = confidence?.intervals[key];
  if (confidence === undefined || interval === undefined) return [];
  const [from, to] = interval.map(formatDurationUs);
  return [`${Math.round(confidence.level * 100)} % interval ${from} to ${to}`];
}

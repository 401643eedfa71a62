/**
 * Which percentiles a sample supports. A percentile p of n values rests on the n·(1−p) values beyond it; with fewer than
 * ten of them it is the luck of a few records, so it is not printed as a fact.
 */

import type { LatencySummary } from '../results/summary.ts';

/** Values beyond a percentile that make it worth printing. */
const VALUES_BEYOND_MIN = 10;

/** The percentiles of a summary, in order, with their rank in (0, 1). */
export const PERCENTILES = [
  { key: 'p50', label: 'p50', rank: 0.5 },
  { key: 'p90', label: 'p90', rank: 0.9 },
  { key: 'p95', label: 'p95', rank: 0.95 },
  { key: 'p99', label: 'p99', rank: 0.99 },
  { key: 'p99_9', label: 'p99.9', rank: 0.999 },
] as const;

/** A percentile with the judgement whether its sample supports it. */
export interface PercentileCell {
  readonly label: string;
  /** Microseconds; null: no sample. */
  readonly valueUs: number | null;
  /** How many more values the percentile needs; 0: supported. */
  readonly missing: number;
}

/** Values that are missing before the percentile of the rank rests on ten values beyond it. */
export function missingSamples(count: number, rank: number): number {
  // 1 − 0.999 is not exactly 0.001: rounding to parts in a million keeps 10 / 0.001 = 10,000.
  const beyondPerMillion = Math.round((1 - rank) * 1_000_000);
  return Math.max(0, Math.ceil((VALUES_BEYOND_MIN * 1_000_000) / beyondPerMillion) - count);
}

/** The percentiles of one measured time, each with its judgement. */
export function percentileCells(latency: LatencySummary): readonly PercentileCell[] {
  return PERCENTILES.map(({ key, label, rank }) => ({
    label,
    valueUs: latency[key],
    missing: missingSamples(latency.count, rank),
  }));
}

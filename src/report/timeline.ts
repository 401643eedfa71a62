/** What a report is made of besides the summary and the timeline's rows. */

import { samplesNeeded } from '../results/latency-summary.ts';

/** Something that happened once, a line of events.jsonl. */
export interface ReportEvent {
  /** Since the start of the load. */
  readonly atMs: number;
  readonly kind: string;
  readonly message: string;
}

/** Points of a percentile curve: `rank` in [0, 1), values in microseconds, both ascending. */
export interface PercentileCurve {
  readonly name: string;
  readonly points: readonly { readonly rank: number; readonly valueUs: number }[];
}

/** Points for each factor of ten of rarity: a smooth curve on a logarithmic axis. */
const POINTS_PER_DECADE = 20;

/**
 * The ranks in [0, 1) that a sample's curve has points at: evenly spaced on the axis 1/(1−p), up to the last one that
 * the sample supports.
 * @param count values in the sample
 */
export function curveRanks(count: number): readonly number[] {
  const ranks: number[] = [];
  for (let i = 0; i <= 7 * POINTS_PER_DECADE; i++) {
    const rank = 1 - 10 ** (-i / POINTS_PER_DECADE);
    if (rank > 0 && samplesNeeded(rank * 100, count) > 0) break;
    ranks.push(rank);
  }
  return ranks;
}

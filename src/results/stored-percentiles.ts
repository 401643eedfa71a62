import { LATENCY_METRICS, type LatencyMetric } from '../measure/frame.ts';
import { readTotal } from './stored-histogram.ts';

/** Values of one time at any rank, as stored in latency.hlog for the whole measured part of a run. */
export interface StoredPercentiles {
  readonly metric: LatencyMetric;
  readonly count: number;
  /** @param rank in [0, 1) @returns microseconds */
  readonly valueAt: (rank: number) => number;
}

/**
 * The whole run's histograms of a result folder; a time without values is left out.
 * @throws SHARDSTORM_RESULTS_UNREADABLE
 */
export function readPercentiles(folder: string): StoredPercentiles[] {
  return LATENCY_METRICS.flatMap((metric) => {
    const histogram = readTotal(folder, metric);
    if (histogram === null) return [];
    const valueAt = (rank: number) => histogram.getValueAtPercentile(rank * 100);
    return [{ metric, count: histogram.totalCount, valueAt }];
  });
}

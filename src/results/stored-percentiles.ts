import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Histogram, HistogramLogReader } from 'hdr-histogram-js';
import { LATENCY_METRICS, type LatencyMetric } from '../measure/frame.ts';
import { RESULT_FILES } from './folder.ts';

/** Values of one time at any rank, as stored in latency.hlog for the whole measured part of a run. */
export interface StoredPercentiles {
  readonly metric: LatencyMetric;
  readonly count: number;
  /** @param rank in [0, 1) @returns microseconds */
  readonly valueAt: (rank: number) => number;
}

/** The whole run's histograms of a result folder; a time without values is left out. */
export function readPercentiles(folder: string): StoredPercentiles[] {
  const log = readFileSync(join(folder, RESULT_FILES.latency), 'utf8');
  const found = new Map<string, Histogram>();
  const reader = new HistogramLogReader(log, 64);
  for (
    let next = reader.nextIntervalHistogram();
    next !== null;
    next = reader.nextIntervalHistogram()
  ) {
    if (next.tag.startsWith('total.')) found.set(next.tag.slice('total.'.length), next);
  }
  return LATENCY_METRICS.flatMap((metric) => {
    const histogram = found.get(metric);
    if (histogram === undefined) return [];
    const valueAt = (rank: number) => histogram.getValueAtPercentile(rank * 100);
    return [{ metric, count: histogram.totalCount, valueAt }];
  });
}

/** One interval of a run, as the live view and the page's charts read it. */

import type { Measures } from '../results/summary.ts';

/** Percentiles of the values that settled in one interval; null: none did. Microseconds. */
export interface IntervalLatency {
  readonly count: number;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly p99_9: number | null;
  readonly max: number | null;
}

/** What one shard got in one interval. */
export interface IntervalShard {
  readonly id: string;
  /** Kinesis records and bytes accepted, and entries throttled. */
  readonly records: number;
  readonly bytes: number;
  readonly throttled: number;
  /** Share of the limit that is nearer, bytes or records, in this interval; 1 is the limit. */
  readonly utilisation: number;
}

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

/** One interval, usually a second: counts are deltas of the interval, not sums since the start. */
export interface TimelineRow {
  /** Start of the interval since the start of the load. */
  readonly atMs: number;
  readonly intervalMs: number;
  readonly phase: string;
  readonly measured: boolean;
  readonly userRecords: {
    readonly offered: number;
    readonly accepted: number;
    readonly failed: number;
    readonly expired: number;
    readonly dropped: number;
    readonly bytesAccepted: number;
  };
  readonly kinesisRecords: {
    readonly sent: number;
    readonly userRecordsPerRecord: number;
    readonly closedBy: Measures['kinesisRecords']['closedBy'];
  };
  readonly requests: {
    readonly sent: number;
    readonly failed: number;
    readonly partial: number;
    readonly recordsPerRequest: number;
  };
  readonly attempts: {
    readonly records: number;
    readonly throttled: number;
    readonly internalFailure: number;
    readonly wrongShard: number;
    readonly requestError: number;
    readonly unknown: number;
  };
  readonly response: IntervalLatency;
  readonly lateness: IntervalLatency;
  readonly shards: readonly IntervalShard[];
  readonly generator: {
    /** CPU-seconds a second: 2 is two cores. */
    readonly cpu: number;
    readonly eventLoopDelayP99Us: number;
    readonly gcMs: number;
    readonly rssBytes: number;
    readonly bufferedBytes: number;
    readonly outstandingRecords: number;
  };
}

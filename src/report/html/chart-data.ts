/** What the page's charts are drawn from: columns of equal length, in the units of the axes. Shared with `page/`. */

/** Values over time; null: none in that interval. */
export type Series = readonly (number | null)[];

export interface ChartData {
  /** Seconds that one point stands for; from 2 on it is the sum or the worst of several intervals. */
  readonly pointSeconds: number;
  /** Start of each point, seconds since the start of the load. */
  readonly atSeconds: readonly number[];
  readonly phases: readonly {
    readonly name: string;
    readonly measured: boolean;
    readonly fromSeconds: number;
    readonly toSeconds: number;
    /** When its transient was over; null: it had none, never settled, or was too short to tell. */
    readonly settledSeconds: number | null;
  }[];
  /** User records a second. */
  readonly load: {
    readonly offered: Series;
    /** For the first time. */
    readonly sent: Series;
    readonly accepted: Series;
    readonly failed: Series;
    readonly expired: Series;
    readonly dropped: Series;
  };
  /** Milliseconds. */
  readonly response: {
    readonly p50: Series;
    readonly p90: Series;
    readonly p99: Series;
    readonly p99_9: Series;
    readonly max: Series;
  };
  /** null: no response was measured. */
  readonly spread: SpreadData | null;
  /** `beyond` is 1/(1−p), the axis of HdrHistogram's plots: 10 is p90, 1,000 is p99.9. */
  readonly curves: readonly {
    readonly name: string;
    readonly points: readonly { readonly beyond: number; readonly ms: number }[];
  }[];
  /** The parts of the mean response time. */
  readonly parts: readonly { readonly name: string; readonly ms: number; readonly share: number }[];
  readonly heat: HeatData;
  readonly batches: {
    readonly userRecordsPerRecord: Series;
    readonly recordsPerRequest: Series;
    /** Kinesis records a second by why they were closed. */
    readonly size: Series;
    readonly time: Series;
    readonly count: Series;
    readonly flush: Series;
  };
  /** Kinesis records a second by what became of the attempt. */
  readonly attempts: {
    readonly accepted: Series;
    readonly throttled: Series;
    readonly internalFailure: Series;
    readonly wrongShard: Series;
    readonly requestError: Series;
    readonly unknown: Series;
  };
  readonly generator: {
    readonly latenessP99Ms: Series;
    readonly eventLoopP99Ms: Series;
    readonly cpuCores: Series;
  };
}

/** How response times were spread over time: counts of user records, bands of response time in rows, time in columns. */
export interface SpreadData {
  readonly cellSeconds: number;
  /** Fastest first; milliseconds. */
  readonly bands: readonly {
    readonly fromMs: number;
    readonly toMs: number;
    readonly counts: readonly number[];
  }[];
}

/** Shards in rows, time in columns; each cell the highest share of the shard's limit in its span. */
export interface HeatData {
  readonly cellSeconds: number;
  readonly columns: number;
  readonly shards: readonly {
    readonly name: string;
    readonly share: Series;
    readonly throttled: Series;
  }[];
  /** Shards that are not drawn, because only the hottest are. */
  readonly hidden: number;
}

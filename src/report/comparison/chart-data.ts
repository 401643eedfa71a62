/** What the comparison's charts are drawn from, in the units of the axes. Shared with `page/`. */
import type { HeatData, Series } from '../html/chart-data.ts';
import type { VerdictWord } from './comparison.ts';

export interface ComparisonData {
  /** Every variant, the baseline first; charts colour them by their place here. */
  readonly variants: readonly string[];
  readonly forest: readonly ForestPanel[];
  readonly pareto: readonly ParetoPoint[];
  readonly load: readonly LoadPanel[];
  readonly percentiles: readonly {
    readonly variant: string;
    /** `beyond` is 1/(1−p). */
    readonly points: readonly Band<'beyond'>[];
  }[];
  readonly shifts: readonly {
    readonly variant: string;
    readonly points: readonly Band<'percentile'>[];
  }[];
  readonly parts: readonly {
    readonly variant: string;
    readonly part: string;
    readonly ms: number;
  }[];
  readonly shards: readonly {
    readonly variant: string;
    readonly shard: string;
    readonly utilisation: number;
    readonly throttled: number;
  }[];
  /** Mean over a variant's runs of each cell of its heat map. */
  readonly heat: readonly ({ readonly variant: string } & HeatData)[];
  readonly batches: readonly {
    readonly variant: string;
    readonly userRecordsPerRecord: number;
    readonly recordsPerRequest: number;
  }[];
  readonly closed: readonly {
    readonly variant: string;
    readonly reason: string;
    readonly share: number;
  }[];
  readonly cost: readonly { readonly variant: string; readonly usd: number }[];
  /** In the order in which they were made. */
  readonly runs: readonly {
    readonly order: number;
    readonly variant: string;
    readonly block: string;
    readonly p99Ms: number | null;
    readonly latenessMs: number | null;
  }[];
}

/** A value with its interval, at a place. Milliseconds. */
export type Band<Place extends string> = { readonly [name in Place]: number } & {
  readonly ms: number;
  readonly low: number;
  readonly high: number;
};

/** One metric: each variant's change with its interval. */
export interface ForestPanel {
  readonly metric: string;
  /** On the scale of the axis: ratios, or differences in `unit`. */
  readonly isRatio: boolean;
  readonly margin: readonly [low: number, high: number];
  readonly better: 'higher' | 'lower';
  readonly rows: readonly {
    readonly variant: string;
    readonly estimate: number;
    readonly low: number | null;
    readonly high: number | null;
    readonly verdict: VerdictWord;
    /** `−31 % [−35 %, −27 %] better` */
    readonly text: string;
  }[];
}

export interface ParetoPoint {
  readonly variant: string;
  readonly usd: number;
  readonly p99Ms: number;
  /** CPU-seconds of a million records. */
  readonly cpuSeconds: number;
  readonly isOnFront: boolean;
}

/** One variant over time: means over its runs, and each run's accepted rate. */
export interface LoadPanel {
  readonly variant: string;
  readonly atSeconds: readonly number[];
  readonly pointSeconds: number;
  readonly offered: Series;
  /** User records a second when they first left. */
  readonly sent: Series;
  readonly accepted: Series;
  /** User records a second that ended failed, expired or dropped. */
  readonly lost: Series;
  /** Attempts a second to write a Kinesis record, retries included; those throttled, and refused for another reason. */
  readonly attempts: Series;
  readonly throttled: Series;
  readonly refused: Series;
  readonly runs: readonly Series[];
}

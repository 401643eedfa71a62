/**
 * The shape of comparison.json, `shardstorm.comparison/1`: what several runs say against each other. Everything that the
 * terminal table and the page say is rendered from it, so they cannot tell different stories. Times in microseconds.
 */

export interface Comparison {
  readonly schema: 'shardstorm.comparison/1';
  readonly title: string;
  readonly createdAt: string;
  /** Name of the variant that the others are held against. */
  readonly baseline: string;
  readonly design: Design;
  /** What differs between the runs beside the settings that are compared; the worst first. */
  readonly differences: readonly Difference[];
  /** Runs that were handed in and not counted. */
  readonly excluded: readonly {
    readonly run: string;
    readonly variant: string;
    readonly reason: string;
  }[];
  readonly metrics: readonly ComparedMetric[];
  readonly variants: readonly ComparedVariant[];
  /** One for each variant but the baseline and each metric that both have. */
  readonly effects: readonly Effect[];
  /** What runs of the same setting differ by; of the primary metrics whose values are above zero. */
  readonly noise: readonly MetricNoise[];
  readonly runs: readonly ComparedRun[];
  /** Of the price lists that the runs' costs rest on; empty where nothing has a price. */
  readonly priceListDates: readonly string[];
  readonly recommendation: Recommendation;
}

export interface Design {
  /** Runs of a block are held against each other, which takes slow drift out. */
  readonly isPaired: boolean;
  /** Whole blocks; without blocks the number of runs of the smallest variant. */
  readonly blocks: number;
  /** Least number for a verdict on that many primary metrics. */
  readonly blocksMin: number;
  /** Too few for any verdict: every figure is an estimate. */
  readonly isEstimateOnly: boolean;
  /** Level of this look: 0.05 for the only one, less where a sweep may look twice. */
  readonly alpha: number;
  readonly looks: 1 | 2;
  /** Invalid runs are counted, because they were asked for by force. */
  readonly isForced: boolean;
}

export interface Difference {
  readonly kind: 'machine' | 'versions' | 'target' | 'load' | 'settings' | 'design';
  readonly what: string;
  /** Each value and where it is from. */
  readonly values: readonly { readonly value: string; readonly where: string }[];
  /** It goes along with the variants, so that its effect cannot be told from theirs. */
  readonly isConfounded: boolean;
}

export interface ComparedMetric {
  /** Path in summary.json. */
  readonly path: string;
  readonly name: string;
  readonly isPrimary: boolean;
  readonly better: 'higher' | 'lower';
  /** Smallest change that matters, as a share. */
  readonly margin: number;
}

export interface MetricNoise {
  /** Path in summary.json. */
  readonly metric: string;
  /** Standard deviation from run to run, as a share. */
  readonly sd: number;
  /** Half of the usual interval's width, on the scale of log ratios; null: there were too few runs for any. */
  readonly halfWidth: number | null;
}

export interface ComparedVariant {
  readonly name: string;
  readonly runs: number;
  /** Settings that are not the same in all variants, as the scenario writes them. */
  readonly settings: Readonly<Record<string, string>>;
  /** Median over the runs by metric path; null: no run has it. */
  readonly medians: Readonly<Record<string, number | null>>;
  readonly thresholds: { readonly held: number; readonly of: number };
  /** No other variant is better in cost, p99 and CPU at once. */
  readonly isOnFront: boolean;
  /** Response time of all runs' records together, with the band over runs. */
  readonly percentiles: readonly BandedPercentile[];
  /** Shift of each percentile from the baseline; empty for the baseline. */
  readonly shifts: readonly BandedPercentile[];
  /** Mean over runs of the parts of the mean response time. */
  readonly parts: Readonly<Record<'lateness' | 'buffering' | 'retry' | 'service', number>>;
  readonly batches: {
    readonly userRecordsPerRecord: number;
    readonly recordsPerRequest: number;
    /** Shares of the Kinesis records by why they were closed. */
    readonly closedBy: Readonly<Record<'size' | 'time' | 'count' | 'flush', number>>;
  };
  /** Mean over runs: the share of its limit that each shard used, and attempts throttled. */
  readonly shards: readonly {
    readonly id: string;
    readonly utilisation: number;
    readonly throttled: number;
  }[];
}

export interface BandedPercentile {
  /** 0 … 100. */
  readonly percentile: number;
  readonly us: number;
  readonly low: number;
  readonly high: number;
}

/** In short: `better` and `worse` are beyond the margin, `equivalent` is within it. */
export type VerdictWord =
  | 'better'
  | 'worse'
  | 'equivalent'
  | 'different'
  | 'inconclusive'
  | 'estimate';

export interface Effect {
  readonly variant: string;
  readonly metric: string;
  /** `ratio`: 1 is no change. `difference`: where a value is zero there is no ratio; 0 is no change. */
  readonly scale: 'ratio' | 'difference';
  readonly estimate: number;
  /** null: too few runs for any. */
  readonly interval: readonly [low: number, high: number] | null;
  /** Confidence of the interval, corrected for the number of primary metrics. */
  readonly confidence: number;
  /** Two-sided; for a primary metric corrected by Holm. */
  readonly p: number;
  /** Blocks, or runs of the smaller sample. */
  readonly n: number;
  readonly method: 'paired' | 'unpaired';
  readonly isDifferent: boolean;
  readonly matters: boolean;
  readonly isEquivalent: boolean;
  readonly verdict: VerdictWord;
  /** About how many blocks more would settle it; null: settled, or more than anybody would run. */
  readonly moreBlocks: number | null;
  /** −1 … 1: how far the variant's values lie above the baseline's. */
  readonly cliffsDelta: number;
}

export interface ComparedRun {
  readonly id: string;
  /** Path of the result folder as given. */
  readonly folder: string;
  readonly variant: string;
  readonly block: number | null;
  readonly startedAt: string;
  /** `suspect`: counted, though the generator or its machine strained. */
  readonly verdict: 'valid' | 'suspect' | 'invalid';
  readonly status: string;
  readonly warnings: number;
  readonly thresholdsHeld: boolean;
  /** Whether its rate and times settled; null: too short to tell. */
  readonly isSteady: boolean | null;
  readonly latenessP99Us: number | null;
  readonly eventLoopDelayP99Us: number;
  readonly cpuSeconds: number;
  readonly gcMs: number;
  /** By metric path. */
  readonly values: Readonly<Record<string, number | null>>;
}

export interface Recommendation {
  /** null: no variant holds every threshold. */
  readonly variant: string | null;
  readonly sentence: string;
}

/** A run beside its prediction: what is looked at, and what comes of it. */
import type { Plan } from '../scenario/plan.ts';
import type { ShardRanges } from './heat.ts';

/** A figure by formula and by measurement. `agrees`: within what chance and the formula's own roughness explain. */
export interface Compared {
  readonly predicted: number;
  readonly measured: number;
  readonly agrees: boolean;
}

/** The part of summary.json with the same name. */
export interface Prediction {
  readonly userRecordsPerRecord: Compared;
  readonly bytesPerRecord: Compared;
  /** Share of the attempts, had every record been sent once and when it was due. */
  readonly throttle: Compared;
  /**
   * Share of its nearer limit that each shard was asked for and that it took in the end, over the time of the measured
   * phases; above 1 it took longer. By shard.
   */
  readonly shards: readonly (Compared & { readonly id: string })[];
  /** What does not agree, one sentence each, with likely causes. */
  readonly mismatches: readonly { readonly text: string; readonly causes: readonly string[] }[];
}

/** The figures of a run that are compared or explain; a part of summary.json. */
export interface MeasuredRun {
  readonly status: string;
  readonly phases: readonly {
    readonly measured: boolean;
    readonly durationMs: number;
    readonly userRecords: { readonly offered: number };
  }[];
  readonly userRecords: {
    readonly offered: number;
    readonly accepted: number;
    readonly acceptedPerSecond: number;
  };
  readonly kinesisRecords: {
    readonly sent: number;
    readonly userRecordsPerRecord: number;
    readonly bytesPerRecord: number;
    readonly closedBy: { readonly time: number; readonly flush: number };
  };
  readonly attempts: {
    readonly records: number;
    readonly wrongShard: number;
    readonly unknown: number;
    readonly internalFailure: number;
  };
  readonly rates: { readonly throttle: number; readonly retryAmplification: number };
  readonly latency: { readonly lateness: { readonly p99: number | null } };
  readonly shards: readonly { readonly id: string; readonly utilisation: number }[];
}

export interface PredictionInput {
  readonly plan: Plan;
  readonly producers: number;
  /** Ranges of the shards at the start. */
  readonly ranges: ShardRanges;
  readonly run: MeasuredRun;
}

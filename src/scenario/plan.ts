/**
 * A scenario with every default resolved and every unit converted: what the rest of the program works from. Plain data,
 * frozen, cloned to the worker threads. Times in microseconds, sizes in bytes, rates a second, percentages as fractions.
 */
export interface Plan {
  readonly version: 1;
  readonly name: string;
  readonly description: string;
  readonly target: TargetPlan;
  readonly load: LoadPlan;
  /** At least one kind; weights are positive, not normalised. */
  readonly records: readonly RecordKindPlan[];
  readonly producer: ProducerPlan;
  /** Whether the run reads the stream back; null: no. */
  readonly verify: VerifyPlan | null;
  readonly thresholds: readonly ThresholdPlan[];
  readonly cost: { readonly maxUsd: number | null };
  readonly tags: Readonly<Record<string, string>>;
  /** Sections of `sweep`, validated but not resolved: each value is a path with its candidates. */
  readonly matrix: Readonly<Record<string, readonly unknown[]>>;
  readonly variants: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly blocks: number;
  readonly primary: readonly string[];
  readonly margin: Readonly<Record<string, number>>;
  /** Folder of the scenario file, for relative paths (payload files, imports). */
  readonly baseDirectory: string;
}

/** What reading back can fail a run for. */
export const VERIFY_FAILURES = ['lost', 'damaged', 'duplicates', 'reordered', 'foreign'] as const;
export type VerifyFailure = (typeof VERIFY_FAILURES)[number];

export interface VerifyPlan {
  /** `during`: beside the load, so that end-to-end latency and consumer lag are measured too. */
  readonly when: 'after' | 'during';
  readonly method: 'polling' | 'fan-out';
  readonly failOn: readonly VerifyFailure[];
}

export interface TargetPlan {
  readonly kind: 'simulator' | 'aws' | 'endpoint' | 'null';
  readonly stream: string;
  readonly region: string | null;
  /** URL, for kind `endpoint`; null otherwise. */
  readonly endpoint: string | null;
  /** Creates the stream if it is missing. */
  readonly create: { readonly shards: number } | null;
  readonly simulator: SimulatorPlan;
}

/** Options of the embedded simulator; `src/simulator` reads the same shape. */
export interface SimulatorPlan {
  readonly mode: 'provisioned' | 'on-demand';
  readonly shards: number;
  readonly latency: LatencyPlan;
  /** How limits count; default bucket. */
  readonly limits?: 'bucket' | 'window' | 'off';
  /** How long CREATING, UPDATING and DELETING last; default 100 ms. */
  readonly transitionUs?: number;
  /** How often an on-demand stream looks at its traffic; default 60 s. */
  readonly scaleEveryUs?: number;
  readonly faults: readonly FaultPlan[];
}

export type LatencyPlan = (
  | { readonly kind: 'zero' }
  | { readonly kind: 'aws-like' }
  | { readonly kind: 'fixed'; readonly us: number }
  | { readonly kind: 'lognormal'; readonly medianUs: number; readonly p99Us: number }
  /** An HdrHistogram log with microseconds, such as latency.hlog of a result; tag null: the service time. */
  | { readonly kind: 'file'; readonly file: string; readonly tag: string | null }
) & {
  /** Added for each 100 KiB of a call. */
  readonly perBodyUs?: number;
  /** Operations with a service time of their own. */
  readonly operations?: Readonly<Record<string, LatencyPlan>>;
};

/** One planned misbehaviour: with `rate` by chance, with `atUs` in a window from the start of the load. */
export interface FaultPlan {
  readonly kind: string;
  readonly rate: number | null;
  readonly atUs: number | null;
  readonly forUs: number | null;
  /** null: every shard. */
  readonly shards: readonly number[] | null;
  /** null: the operations that the kind applies to. */
  readonly operation: string | null;
}

export interface LoadPlan {
  readonly workers: number | 'auto';
  readonly producers: number | 'auto';
  /** Integer, 0 … 2^53-1. */
  readonly seed: number;
  readonly arrival: 'constant' | 'poisson';
  readonly phases: readonly PhasePlan[];
  /** How long to wait, after the schedule, for records that are not settled. */
  readonly drainUs: number;
  /** Ends the last phase early when a metric is known precisely enough; null: never. */
  readonly stopWhen: StopPlan | null;
}

/** `results/precision.ts` reads the same shape. */
export interface StopPlan {
  readonly metric: (typeof PRECISE_METRICS)[number];
  /** Half of the metric's 95 % interval, as a share of its value. */
  readonly halfWidth: number;
  /** How long the phase goes on in any case. */
  readonly minDurationUs: number;
}

/** Metrics that have an error bar within one run. */
export const PRECISE_METRICS = [
  'acceptedPerSecond',
  'response.mean',
  'response.p50',
  'response.p90',
  'response.p95',
  'response.p99',
] as const;

export interface PhasePlan {
  readonly name: string;
  readonly durationUs: number;
  readonly rate: RatePlan;
  readonly measure: boolean;
}

/** Rates in records a second (a scenario's MB/s is divided by the mean payload size when it is resolved). */
export type RatePlan =
  | { readonly kind: 'constant'; readonly perSecond: number }
  | { readonly kind: 'ramp'; readonly fromPerSecond: number; readonly toPerSecond: number }
  | {
      readonly kind: 'steps';
      readonly fromPerSecond: number;
      readonly toPerSecond: number;
      readonly stepPerSecond: number;
      readonly everyUs: number;
    }
  | {
      readonly kind: 'sine';
      readonly meanPerSecond: number;
      readonly amplitudePerSecond: number;
      readonly periodUs: number;
    }
  | {
      readonly kind: 'burst';
      readonly basePerSecond: number;
      readonly times: number;
      readonly onUs: number;
      readonly offUs: number;
    }
  | {
      /** A burst whose peak is given as a rate, so that its base may be 0. */
      readonly kind: 'onOff';
      readonly onPerSecond: number;
      readonly offPerSecond: number;
      readonly onUs: number;
      readonly offUs: number;
    }
  | {
      readonly kind: 'replay';
      readonly file: string;
      readonly timeColumn: string;
      readonly speed: number;
    }
  | { readonly kind: 'closed'; readonly concurrency: number };

export interface RecordKindPlan {
  readonly weight: number;
  readonly partitionKey: PartitionKeyPlan;
  readonly payload: PayloadPlan;
  readonly stamp: boolean;
}

export type PartitionKeyPlan =
  | { readonly kind: 'uniform'; readonly cardinality: number; readonly prefix: string }
  | {
      readonly kind: 'zipf';
      readonly cardinality: number;
      readonly exponent: number;
      readonly prefix: string;
    }
  | {
      /** `share` of the records goes to `keys` hot keys, evenly; the rest evenly over `cardinality` others. */
      readonly kind: 'hot';
      readonly share: number;
      readonly keys: number;
      readonly cardinality: number;
      readonly prefix: string;
    }
  | { readonly kind: 'sequential'; readonly cardinality: number; readonly prefix: string }
  | { readonly kind: 'template'; readonly template: string }
  | { readonly kind: 'column'; readonly column: string };

export type PayloadPlan =
  | { readonly kind: 'random'; readonly size: SizePlan; readonly compressible: number }
  | {
      readonly kind: 'json';
      /** null: as long as the template makes it; else padded to the size by a last member `"_pad"`. */
      readonly size: SizePlan | null;
      readonly template: unknown;
    }
  | {
      readonly kind: 'file';
      readonly file: string;
      readonly format: 'ndjson' | 'json' | 'csv';
    };

export type SizePlan =
  | { readonly kind: 'fixed'; readonly bytes: number }
  | { readonly kind: 'uniform'; readonly minBytes: number; readonly maxBytes: number }
  | {
      readonly kind: 'lognormal';
      readonly medianBytes: number;
      readonly p99Bytes: number;
      readonly maxBytes: number;
    }
  | {
      readonly kind: 'empirical';
      readonly sizes: readonly { readonly bytes: number; readonly weight: number }[];
    };

export interface ProducerPlan {
  readonly profile: 'shardstorm' | 'kpl' | 'a8m' | 'sdk-batch';
  readonly transport: 'direct' | 'sdk';
  readonly protocol: 'cbor' | 'json';
  readonly http: '1.1' | '2';
  readonly aggregation: {
    readonly enabled: boolean;
    readonly maxCount: number;
    readonly maxBytes: number;
  };
  readonly collection: {
    readonly maxCount: number;
    readonly maxBytes: number;
    readonly maxShardBytes: number;
  };
  readonly maxBufferedTimeUs: number;
  readonly recordTtlUs: number;
  /** null: off. `share` says whom the buckets belong to. */
  readonly rateLimit: { readonly fraction: number; readonly share: 'producer' | 'process' } | null;
  readonly maxConnections: number;
  readonly requestTimeoutUs: number;
  readonly failIfThrottled: boolean;
  readonly maxBufferedBytes: number;
  readonly overload: 'wait' | 'drop';
  /** What the records of one aggregate have in common. */
  readonly aggregateBy: 'shard' | 'key';
  /** Partition key of aggregates; null: the profile's. */
  readonly containerKey: 'a' | 'first' | 'random' | null;
  /** Whether records of one partition key are stored in the order in which they came. */
  readonly ordered: boolean;
  /** Attempts of one user record at the most; null: as many as its time to live allows. */
  readonly maxAttempts: number | null;
}

export interface ThresholdPlan {
  /** As written, for messages. */
  readonly expression: string;
  /** Path in summary.json, with `latency.` or `rates.` filled in. */
  readonly metric: string;
  readonly operator: '<' | '<=' | '>' | '>=' | '==' | '!=';
  /** In the metric's own unit: microseconds for latencies, fractions for rates. */
  readonly limit: number;
  readonly abortOnFail: boolean;
  readonly delayUs: number;
  readonly phase: string | null;
  readonly shard: string | null;
}

/** Service times that were measured, as a distribution: the share `cumulative[i]` of them is at most `upToUs[i]`. */
export interface MeasuredTimes {
  /** Microseconds, growing. */
  readonly upToUs: Float64Array;
  /** Growing, the last one is 1. */
  readonly cumulative: Float64Array;
}

type LatencyForm =
  | { readonly kind: 'zero' }
  | { readonly kind: 'aws-like' }
  | { readonly kind: 'fixed'; readonly us: number }
  | { readonly kind: 'lognormal'; readonly medianUs: number; readonly p99Us: number }
  | { readonly kind: 'measured'; readonly times: MeasuredTimes };

/** What any form can have beside it. */
interface LatencyExtras<Latency> {
  /** Added for each 100 KiB of data and keys that a call carries; `aws-like` has a part of its own as well. */
  readonly perBodyUs?: number;
  /** Operations with a service time of their own. */
  readonly operations?: Readonly<Record<string, Latency>>;
}

/** Service time of calls. */
export type LatencyModel = LatencyForm & LatencyExtras<LatencyModel>;

/** The same, of which some may have to be read from a file. Same shape as a scenario's. */
export type LatencyChoice = (
  | LatencyForm
  | {
      readonly kind: 'file';
      readonly file: string;
      /** null: the service time of a whole run, or the one tag that there is. */
      readonly tag: string | null;
    }
) &
  LatencyExtras<LatencyChoice>;

/** One planned misbehaviour: by chance, in a window, or by chance within a window. Same shape as a scenario's. */
export interface FaultRule {
  readonly kind: string;
  /** Chance for each record or call, 0 … 1; null: certain within the window. */
  readonly rate: number | null;
  /** Start of the window, microseconds after the start of the clock; null: always. */
  readonly atUs: number | null;
  /** Length of the window; null: to the end. For a stall by chance, how long each lasts. */
  readonly forUs: number | null;
  /** null: every shard. */
  readonly shards: readonly number[] | null;
  /** null: the operations that the kind applies to. */
  readonly operation: string | null;
}

/**
 * How limits count. `bucket`: tokens that refill steadily, one second's worth at the most. `window`: so much in each
 * second of the clock. Which of them the service uses is not published. `off`: no limit on writes, reads and calls.
 */
export type LimitPolicy = 'bucket' | 'window' | 'off';

export interface CoreOptions {
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
  readonly seed: number;
  readonly latency: LatencyModel;
  readonly faults: readonly FaultRule[];
  readonly limits: LimitPolicy;
  /** Whether the bytes of a call are rounded up to whole KiB for each shard when they are counted (developer guide). */
  readonly roundsUpToKib: boolean;
  /** Bytes of records held for readers; the oldest are dropped past it. */
  readonly storedBytesMax: number;
  /** Whether the audit looks into records: user records, stamps, duplicates. Without it, records need no bytes. */
  readonly readsContents: boolean;
  /** Whether a call that says it was signed more than five minutes from now is refused. */
  readonly checksClock: boolean;
  /** How long CREATING, UPDATING and DELETING last. */
  readonly transitionUs: number;
  /** How often an on-demand stream looks at its traffic and splits hot shards. The service says "within 15 minutes". */
  readonly scaleEveryUs: number;
  /** Shards of all streams together (quota of the large regions). */
  readonly shardQuota: number;
}

export const CORE_DEFAULTS: CoreOptions = {
  region: 'us-east-1',
  account: '000000000000',
  seed: 1,
  latency: { kind: 'zero' },
  faults: [],
  limits: 'bucket',
  roundsUpToKib: true,
  storedBytesMax: 256 * 1024 * 1024,
  readsContents: true,
  checksClock: false,
  transitionUs: 100_000,
  scaleEveryUs: 60_000_000,
  shardQuota: 20_000,
};

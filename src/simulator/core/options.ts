/** Service time of calls. Same shape as a scenario's. */
export type LatencyModel =
  | { readonly kind: 'zero' }
  | { readonly kind: 'aws-like' }
  | { readonly kind: 'fixed'; readonly us: number }
  | { readonly kind: 'lognormal'; readonly medianUs: number; readonly p99Us: number };

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

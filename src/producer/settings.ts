/**
 * What a producer is told, and how the profiles differ. Settings are numbers that a user chooses; behaviours are how the
 * stages act on them. The profiles differ in this table and nowhere else.
 */

/** Resolved settings; the names and defaults are the KPL's where it has them. */
export interface ProducerSettings {
  readonly profile: ProfileName;
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
  /** null: off. */
  readonly rateLimit: { readonly fraction: number } | null;
  /** Requests in flight. */
  readonly maxConnections: number;
  readonly failIfThrottled: boolean;
  /** Payloads and keys held at the most, also as they will lie in the bodies of calls, with {@link RECORD_OVERHEAD_BYTES} a record. */
  readonly maxBufferedBytes: number;
  /** Attempts of one user record at the most; Infinity: as many as its time to live allows, as in the KPL. */
  readonly maxAttempts: number;
  /** What the records of one aggregate have in common: their shard, or even their partition key (not with `ordered`). */
  readonly aggregateBy: 'shard' | 'key';
  /** Partition key of an aggregate; null: the profile's, or `first` when aggregates are by key. */
  readonly containerKey: ContainerKey | null;
  /** Whether records of one partition key are stored in the order in which they came (order.ts). */
  readonly ordered: boolean;
}

/** The KPL's one letter, the key of the aggregate's first record, or another for each aggregate. */
export type ContainerKey = 'a' | 'first' | 'random';

export type ProfileName = 'shardstorm' | 'kpl' | 'a8m' | 'sdk-batch';

/** Counted for each buffered user record besides its payload and key: about what its slot costs. */
export const RECORD_OVERHEAD_BYTES = 64;
/** Counted besides for each that travels alone: about what its Kinesis record costs on the heap. */
export const LONE_OVERHEAD_BYTES = 512;

export interface Behaviour {
  readonly containerKey: ContainerKey;
  /** Which Kinesis records carry an explicit hash key that the caller did not give. */
  readonly sendsHashKey: 'always' | 'containers' | 'never';
  /** Whether an aggregate holds records of one shard only, or of all (and then the keys of the first). */
  readonly aggregatesBy: 'shard' | 'stream';
  /** A refused Kinesis record is sent again as it is, or its user records go back to the aggregator one by one. */
  readonly retries: 'whole' | 'individual';
  /** Whether a table of keys holds every record's key, or only the first's (and the others' are lost). */
  readonly keepsEveryKey: boolean;
  /**
   * An aggregate that landed in another shard is safe there if the shard's range holds its first key (the KPL), or every
   * key: a reader drops an aggregate with a key outside its shard.
   */
  readonly acceptsElsewhere: 'firstKey' | 'everyKey';
  /** Whether records wait for the new shard map once theirs has proved wrong, and open aggregates move to it. */
  readonly followsMap: boolean;
  /** Whether a lone record that landed in another shard is sent again; the service routed it by its own key. */
  readonly resendsLoneRecords: boolean;
  /** Whether errors that no retry can mend fail at once. */
  readonly failsFast: boolean;
  /**
   * Whether records of a call that was refused as invalid are sent again one a call, since one may be the reason. Has no
   * say where nothing fails fast.
   */
  readonly isolatesInvalid: boolean;
  /** Whether the limiter lowers a shard's rate when the service throttles it. */
  readonly adaptsRate: boolean;
  /**
   * Whether a record is expected in a shard though aggregation is off, and while the shard map is being fetched again.
   * One that is not is not aggregated, passes the limiter and a request's limit for each shard, and is welcome anywhere.
   */
  readonly predictsPlain: boolean;
  readonly predictsWhileUpdating: boolean;
  /**
   * How a container is filled.
   * - `exactly`: one that a record does not fit into closes before it.
   * - `kplEstimate`, core/reducer.h: records go in until an estimate of the size reaches the limit; then those with the
   *   latest deadlines are taken out again until the exact size holds, and wait on. So does the collector.
   * - `a8mEstimate`, producer.go: one closes before a record that an estimate takes past 1 MiB, whatever the maximum size
   *   is: that only says which records travel alone. The estimate leaves out framing, so a container can become larger
   *   than the service takes.
   */
  readonly fills: 'exactly' | 'kplEstimate' | 'a8mEstimate';
  /** Whether an aggregate of one record is sent as an aggregate; false: raw. */
  readonly wrapsLoneRecords: boolean;
  /** Calls for one record that may fail as a whole; further ones fail it. Refused records are not counted here. */
  readonly failedCallsMax: number;
  /** Whether a record expires while it waits for a connection. The KPL looks before that, and once the call has ended. */
  readonly expiresUnsent: boolean;
  /** What is flushed leaves the collector this much later than the aggregator. */
  readonly flushGapUs: number;
  /** The limiter looks at its queues this often; 0: exactly when tokens suffice. */
  readonly limiterPollUs: number;
  /** Wait before a retry: 0 for the KPL's "half the buffering time", else the first step of a doubling backoff. */
  readonly backoffFirstUs: number;
  /** Has no say where the first step is 0. */
  readonly backoffMaxUs: number;
  /** Extra time in the collector: a fraction of the buffering time, at most this. */
  readonly collectExtraFraction: number;
  readonly collectExtraMaxUs: number;
}

export const BEHAVIOURS: Readonly<Record<ProfileName, Behaviour>> = {
  shardstorm: {
    containerKey: 'a',
    sendsHashKey: 'containers',
    aggregatesBy: 'shard',
    retries: 'whole',
    keepsEveryKey: true,
    acceptsElsewhere: 'everyKey',
    followsMap: true,
    resendsLoneRecords: false,
    failsFast: true,
    isolatesInvalid: true,
    adaptsRate: true,
    predictsPlain: true,
    predictsWhileUpdating: true,
    fills: 'exactly',
    wrapsLoneRecords: false,
    failedCallsMax: Number.POSITIVE_INFINITY,
    expiresUnsent: true,
    flushGapUs: 0,
    limiterPollUs: 0,
    backoffFirstUs: 50_000,
    backoffMaxUs: 2_000_000,
    collectExtraFraction: 0.2,
    collectExtraMaxUs: 50_000,
  },
  kpl: {
    containerKey: 'a',
    sendsHashKey: 'always',
    aggregatesBy: 'shard',
    retries: 'individual',
    keepsEveryKey: true,
    acceptsElsewhere: 'firstKey',
    followsMap: false,
    resendsLoneRecords: true,
    failsFast: false,
    isolatesInvalid: false,
    adaptsRate: false,
    predictsPlain: false,
    predictsWhileUpdating: false,
    fills: 'kplEstimate',
    wrapsLoneRecords: false,
    failedCallsMax: Number.POSITIVE_INFINITY,
    expiresUnsent: false,
    flushGapUs: 80_000,
    limiterPollUs: 25_000,
    backoffFirstUs: 0,
    backoffMaxUs: 0,
    collectExtraFraction: 0.2,
    collectExtraMaxUs: 50_000,
  },
  /** A call that fails is the AWS SDK's business: three attempts, none for what no retry can mend. */
  a8m: {
    containerKey: 'first',
    sendsHashKey: 'never',
    aggregatesBy: 'stream',
    retries: 'whole',
    keepsEveryKey: false,
    acceptsElsewhere: 'firstKey',
    followsMap: false,
    resendsLoneRecords: false,
    failsFast: true,
    isolatesInvalid: false,
    adaptsRate: false,
    predictsPlain: false,
    predictsWhileUpdating: true,
    fills: 'a8mEstimate',
    wrapsLoneRecords: true,
    failedCallsMax: 3,
    expiresUnsent: true,
    flushGapUs: 0,
    limiterPollUs: 0,
    backoffFirstUs: 100_000,
    backoffMaxUs: 10_000_000,
    collectExtraFraction: 0,
    collectExtraMaxUs: 0,
  },
  'sdk-batch': {
    containerKey: 'first',
    sendsHashKey: 'never',
    aggregatesBy: 'shard',
    retries: 'whole',
    keepsEveryKey: true,
    acceptsElsewhere: 'everyKey',
    followsMap: false,
    resendsLoneRecords: false,
    failsFast: true,
    isolatesInvalid: false,
    adaptsRate: false,
    predictsPlain: false,
    predictsWhileUpdating: true,
    fills: 'exactly',
    wrapsLoneRecords: false,
    failedCallsMax: Number.POSITIVE_INFINITY,
    expiresUnsent: true,
    flushGapUs: 0,
    limiterPollUs: 0,
    backoffFirstUs: 100_000,
    backoffMaxUs: 20_000_000,
    collectExtraFraction: 0,
    collectExtraMaxUs: 0,
  },
};

/**
 * What a worker tells the coordinator, once an interval: everything that happened since its last frame, as deltas, so a
 * dead worker loses at most one interval. Plain data, packed by msgpackr. Merging frames is addition.
 */

/** The measured times of a user record (contract, `latency`), in microseconds. */
export const LATENCY_METRICS = ['response', 'lateness', 'buffering', 'retry', 'service'] as const;
export type LatencyMetric = (typeof LATENCY_METRICS)[number];

/**
 * Counters of a phase, in the order of their place in a `Float64Array`. Names follow summary.json.
 * `kinesisRecords.userRecords` and `kinesisRecords.bytes` are sums over Kinesis records sent for the first time, and
 * `requests.records` and `requests.bytes` sums over requests, from which the summary's means come.
 */
export const COUNTERS = [
  'userRecords.offered',
  'userRecords.accepted',
  'userRecords.failed',
  'userRecords.expired',
  'userRecords.dropped',
  'userRecords.uncertain',
  'userRecords.bytesOffered',
  'userRecords.bytesAccepted',
  'kinesisRecords.sent',
  'kinesisRecords.accepted',
  'kinesisRecords.userRecords',
  'kinesisRecords.bytes',
  'kinesisRecords.closedByCount',
  'kinesisRecords.closedBySize',
  'kinesisRecords.closedByTime',
  'kinesisRecords.closedByFlush',
  'kinesisRecords.bytesAccepted',
  'kinesisRecords.putUnits',
  'kinesisRecords.roundedKib',
  'requests.sent',
  'requests.succeeded',
  'requests.failed',
  'requests.partial',
  'requests.records',
  'requests.bytes',
  'attempts.records',
  'attempts.accepted',
  'attempts.throttled',
  'attempts.internalFailure',
  'attempts.wrongShard',
  'attempts.requestError',
  'attempts.unknown',
] as const;
export type Counter = (typeof COUNTERS)[number];

/** Index of each counter in the array. */
export const COUNTER_INDEX = Object.fromEntries(COUNTERS.map((name, i) => [name, i])) as {
  readonly [name in Counter]: number;
};

/** A histogram's growth: pairs (slot index, added count), flattened, and what fell outside the range. */
export interface HistogramDelta {
  /** Slots as in hdr-slots.ts, ascending. */
  readonly slots: Uint32Array;
  /** Values above one hour, clamped to it and counted here as well. */
  readonly overflow: number;
  /** Sum of the values, for an exact mean. */
  readonly sumUs: number;
  readonly minUs: number;
  readonly maxUs: number;
}

export interface PhaseDelta {
  /** Index of the phase in the plan. */
  readonly phase: number;
  /** One value a counter, order of {@link COUNTERS}. */
  readonly counters: Float64Array;
  /** Only metrics that grew. */
  readonly latency: { readonly [metric in LatencyMetric]?: HistogramDelta };
  /** Service time of each request, one value a call. */
  readonly requestLatency?: HistogramDelta;
  /** Attempts that ended in an error, by code. */
  readonly errorCodes: Readonly<Record<string, number>>;
}

/** What one shard got in the interval, of one phase's records. */
export interface ShardDelta {
  /** Index of the phase in the plan. */
  readonly phase: number;
  readonly shard: number;
  /** Kinesis records and bytes accepted (data and partition key). */
  readonly records: number;
  readonly bytes: number;
  readonly throttled: number;
}

/** The worker watching itself. */
export interface SelfDelta {
  /** CPU time used in the interval, by `cpuScope`. */
  readonly cpuUs: number;
  /**
   * `thread`: of this thread alone, so workers add up. `process`: the platform tells only of the whole process, so every
   * worker reports the same time and one of them counts.
   */
  readonly cpuScope: 'thread' | 'process';
  /** Time in which this thread was ready to run and other threads or programs had the cores; 0 where unknown. */
  readonly cpuWaitUs: number;
  /** Share of the whole machine's CPU time that its hypervisor gave to other machines; 0 where unknown. */
  readonly stealShare: number;
  readonly rssBytes: number;
  readonly eventLoopDelayP99Us: number;
  readonly eventLoopUtilisation: number;
  readonly gcUs: number;
  /** Records generated later than 1 ms after they were due, and user records buffered or in flight at the end. */
  readonly lateRecords: number;
  readonly outstandingRecords: number;
  readonly bufferedBytes: number;
  /** Time in which the generator stood still because the producer's buffers were full: lateness that is the target's. */
  readonly backPressureUs: number;
}

/** What a reader of the stream must know of this worker's records, so that it can tell lost from never accepted. */
export interface DeliveryDelta {
  /** Pairs: producer, and how many of its sequences have been due by now. */
  readonly offered: Float64Array;
  /** Four values for each stretch of sequences: kind (delivery-notes.ts), producer, first sequence, count. */
  readonly notes: Float64Array;
  /** Stretches of this interval past the bound, told of by this number only. */
  readonly dropped: number;
}

/** Something that happened once, for events.jsonl. */
export interface WorkerEvent {
  /** Microseconds since the run's origin. */
  readonly atUs: number;
  readonly kind: string;
  readonly message: string;
}

/** Kind of the event with which each worker of a share tells of its time 0, `atUs` after the planned one. */
export const SHARE_STARTED = 'share-started';

export interface Frame {
  readonly worker: number;
  /** 0, 1, 2 … for each worker: a frame that is repeated is not added twice. */
  readonly sequence: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly phases: readonly PhaseDelta[];
  readonly shards: readonly ShardDelta[];
  readonly self: SelfDelta;
  /** Absent before the first record is due. */
  readonly delivery?: DeliveryDelta;
  readonly events: readonly WorkerEvent[];
  /** The worker's last frame: everything it did is in its frames. */
  readonly isLast: boolean;
}

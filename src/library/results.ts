import { ShardstormError } from '../core/errors.ts';

/** One record to put. */
export interface ProducerRecord {
  /** Bytes, or text that is sent as UTF-8. Not to be changed until the record is settled. */
  readonly data: Uint8Array | string;
  /** 1 … 256 characters. */
  readonly partitionKey: string;
  /** An integer in [0, 2^128-1]; its text is decimal. Instead of the MD5 of the partition key. */
  readonly explicitHashKey?: string | bigint;
  /** Needed only by a producer for several streams. */
  readonly stream?: string;
}

/** Records as columns, so that none of them is an object: record `i` has the key, the payload and the hash key `i`. */
export interface RecordColumns {
  readonly partitionKeys: readonly string[];
  /** Payloads of their own, not to be changed until the batch is settled; or ranges of one buffer. */
  readonly data: readonly (Uint8Array | string)[] | PackedData;
  readonly explicitHashKeys?: readonly (string | bigint | undefined)[];
  /** Of all of them. Needed only by a producer for several streams. */
  readonly stream?: string;
}

/** Payloads that lie in one buffer, as lines of a file do: payload `i` is `bytes[starts[i], ends[i])`. Copied by the call. */
export interface PackedData {
  readonly bytes: Uint8Array;
  readonly starts: ArrayLike<number>;
  readonly ends: ArrayLike<number>;
}

/** One try to store a record, as in the KPL's Attempt. */
export interface Attempt {
  /** From the record's arrival, or the end of the attempt before, to the start of this one. */
  readonly delayMs: number;
  readonly durationMs: number;
  readonly isSuccessful: boolean;
  /** null when it succeeded. */
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

/** Where an accepted record is. */
export interface RecordResult {
  readonly stream: string;
  /** null where the endpoint does not tell. */
  readonly shardId: string | null;
  /** Of the Kinesis record that holds it. */
  readonly sequenceNumber: string;
  /** Its place among the user records of an aggregate, 0, 1 …; null when it travelled alone. */
  readonly subSequenceNumber: number | null;
  /** User records in the same Kinesis record. */
  readonly userRecordsInRecord: number;
  readonly attempts: readonly Attempt[];
}

const HINTS = {
  expired: 'Raise recordTtlMs, give the stream more shards, or put fewer records.',
  failed: 'See errorCode and attempts; what no retry can mend fails at once.',
} as const;

/** A record that was given up: it failed for good, or its time to live was over. */
export class RecordError extends ShardstormError {
  readonly stream: string;
  readonly outcome: 'failed' | 'expired';
  /** Of the last attempt, or why it was given up: `Expired`, `Closed`, `Aborted`, the service's name of the error. */
  readonly errorCode: string;
  readonly attempts: readonly Attempt[];
  /** True when an attempt ended without an answer: the service may hold the record. */
  readonly isUncertain: boolean;
  /** With `returnRecordOnFailure`. */
  readonly record: ProducerRecord | null;

  constructor(details: {
    readonly stream: string;
    readonly outcome: 'failed' | 'expired';
    readonly errorCode: string;
    readonly attempts: readonly Attempt[];
    readonly isUncertain: boolean;
    readonly record: ProducerRecord | null;
    /** null: by the outcome. */
    readonly hint: string | null;
  }) {
    const { stream, outcome, errorCode, attempts } = details;
    const tries = `${attempts.length} attempt${attempts.length === 1 ? '' : 's'}`;
    const last = attempts.at(-1)?.errorCode;
    const because = last == null || last === errorCode ? errorCode : `${errorCode}, last ${last}`;
    super(
      outcome === 'expired' ? 'SHARDSTORM_RECORD_EXPIRED' : 'SHARDSTORM_RECORD_FAILED',
      `a record for stream "${stream}" ${outcome} after ${tries}: ${because}`,
      {
        hint: details.hint ?? HINTS[outcome],
        retryable: outcome === 'expired',
      },
    );
    this.stream = stream;
    this.outcome = outcome;
    this.errorCode = errorCode;
    this.attempts = attempts;
    this.isUncertain = details.isUncertain;
    this.record = details.record;
  }
}

/** Told once for each record: the result, or the error, never both. `token` is what the caller gave with it. */
export type OnSettled = (
  error: RecordError | null,
  result: RecordResult | null,
  token: unknown,
) => void;

/**
 * How the records of one batch ended. A record's place in it counts from the first that was taken, 0, 1, … Nothing is made
 * for a record until it is asked for.
 */
export interface BatchResult {
  /** Records of the batch: those that were taken. */
  readonly count: number;
  readonly accepted: number;
  readonly failed: number;
  /** What the caller gave with it. */
  readonly token: unknown;
  /** Those that were given up, by place. */
  readonly errors: ReadonlyMap<number, RecordError>;
  /** null: it was given up, or the endpoint does not tell. */
  shardId(place: number): string | null;
  /** Of the Kinesis record that holds it; null: it was given up. */
  sequenceNumber(place: number): string | null;
  /** Its place in the aggregate; null: it travelled alone, or was given up. */
  subSequenceNumber(place: number): number | null;
  /** All that is known of one record. */
  outcome(place: number): RecordResult | RecordError | undefined;
  /** The same of each, in the batch's order; made anew each time. */
  readonly outcomes: readonly (RecordResult | RecordError)[];
}

/** What a producer leaves behind. */
export interface CloseReport {
  /** Whether every record that was ever taken was settled before the deadline. */
  readonly isComplete: boolean;
  readonly accepted: number;
  readonly failed: number;
  readonly expired: number;
  /** The records that were given up while closing. */
  readonly undelivered: readonly RecordError[];
}

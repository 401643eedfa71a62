import { PUT_RECORDS_COUNT_MAX } from '../../kinesis/limits.ts';
import type { CallScope } from './call-scope.ts';
import type { ServiceError } from './service-error.ts';
import type { Stream } from './stream.ts';

/** How a record of an answered call ended. */
export const ACCEPTED = 0;
export const THROTTLED = 1;
export const INTERNAL_FAILED = 2;

/**
 * How a call ended: `answered`, each record for itself; `error`, refused as a whole; `cut`, the connection ends without
 * an answer, whether the records were stored or not.
 */
export type CallOutcome = 'answered' | 'error' | 'cut';

const NO_BYTES = new Uint8Array(0);

/**
 * A PutRecords or PutRecord call on its way through the core: filled by the caller, answered by the core, reused after
 * the answer. Arrays are indexed by record, `count` of them are in use.
 */
export class PutCall implements CallScope {
  operation: 'PutRecords' | 'PutRecord' = 'PutRecords';
  streamName = '';
  /** Checked, but not stored. */
  isDryRun = false;
  count = 0;
  /** Holds all keys and data. The core keeps it for readers, so the caller never writes to it again. */
  body: Uint8Array = NO_BYTES;
  readonly keyStart = new Uint32Array(PUT_RECORDS_COUNT_MAX);
  readonly keyEnd = new Uint32Array(PUT_RECORDS_COUNT_MAX);
  readonly dataStart = new Uint32Array(PUT_RECORDS_COUNT_MAX);
  readonly dataEnd = new Uint32Array(PUT_RECORDS_COUNT_MAX);
  /** Decimal, '' for none. */
  readonly explicitHashKey: string[] = [];
  /**
   * Ids of the keys in the core's own table, of {@link keyGeneration}: filled in where a key was looked up. A caller may
   * hand in what it was told of the same key before, in the same generation, and leave the key's bytes out; else -1.
   */
  readonly keyId = new Int32Array(PUT_RECORDS_COUNT_MAX).fill(-1);
  keyGeneration = -1;

  signedAtMs: number | null = null;

  dateShiftMs = 0;
  outcome: CallOutcome = 'answered';
  /** Set when the outcome is `error`. */
  error: ServiceError | null = null;
  /** Set once the stream was found. */
  stream: Stream | null = null;
  /** How the answer is spoilt on its way: ends in the middle, or holds one result too few. */
  spoiled: 'no' | 'truncated' | 'too-few' = 'no';
  refusedCount = 0;
  /** Whether the store holds `body` from now on. */
  isStored = false;
  readonly recordOutcome = new Uint8Array(PUT_RECORDS_COUNT_MAX);
  /** Number of the shard that the record belongs to, stored or refused. */
  readonly shard = new Uint32Array(PUT_RECORDS_COUNT_MAX);
  /** Index of an accepted record in its shard. */
  readonly sequenceIndex = new Float64Array(PUT_RECORDS_COUNT_MAX);
  /** Unix second of the arrival, as in the sequence numbers. */
  arrivedSecond = 0;

  /** Empty, for another request. */
  clear(): void {
    this.streamName = '';
    this.isDryRun = false;
    this.body = NO_BYTES;
    this.stream = null;
    this.error = null;
    this.signedAtMs = null;
    this.keyId.fill(-1, 0, this.count);
    this.count = 0;
  }

  /** Nothing is known of the outcome. */
  begin(): void {
    this.outcome = 'answered';
    this.error = null;
    this.spoiled = 'no';
    this.refusedCount = 0;
    this.dateShiftMs = 0;
    this.isStored = false;
  }

  /** Adds a record whose key and data lie in `body`; returns its index. */
  add(keyStart: number, keyEnd: number, dataStart: number, dataEnd: number, hashKey = ''): number {
    const i = this.count++;
    this.keyStart[i] = keyStart;
    this.keyEnd[i] = keyEnd;
    this.dataStart[i] = dataStart;
    this.dataEnd[i] = dataEnd;
    this.explicitHashKey[i] = hashKey;
    return i;
  }
}

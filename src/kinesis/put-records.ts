/**
 * A PutRecords call between producer/ (which fills the request) and transport/ (which fills the answer). Both live as
 * long as the connection slot that carries them and are reused: nothing here is allocated for each record.
 */
import { PUT_RECORDS_COUNT_MAX } from './limits.ts';

/** One Kinesis record on its way: views into buffers, no copies. */
export interface PutRecordsEntry {
  /** The data blob is `bytes[dataStart, dataEnd)`. */
  readonly bytes: Uint8Array;
  readonly dataStart: number;
  readonly dataEnd: number;
  /** The partition key in UTF-8 is `keyBytes[keyStart, keyEnd)`. */
  readonly keyBytes: Uint8Array;
  readonly keyStart: number;
  readonly keyEnd: number;
  /** Decimal, or '' to send none. */
  readonly explicitHashKey: string;
  /** The whole entry as in a CBOR body (cbor-entry.ts) is `bytes[frameStart, frameEnd)`; both 0 where it is not framed. */
  readonly frameStart: number;
  readonly frameEnd: number;
  /** Id of that partition key in the producer's key table of this generation; -1 when it is not known. */
  readonly keyId: number;
  readonly keyGeneration: number;
}

export interface PutRecordsRequest {
  readonly streamName: string;
  /** The first `entryCount` are the request; the array itself is reused. */
  readonly entries: readonly PutRecordsEntry[];
  readonly entryCount: number;
  readonly answer: PutRecordsAnswer;
}

/**
 * How a call ended.
 * - `answered`: 200 with one result an entry; each entry was accepted or refused.
 * - `failed`: the service answered with an error, or the call certainly never reached it: no entry was stored.
 * - `unknown`: it was sent and no usable answer came: the service may hold the entries.
 */
export type PutRecordsStatus = 'answered' | 'failed' | 'unknown';

/** Filled in by the transport. Arrays are indexed by entry and hold `entryCount` values. */
export class PutRecordsAnswer {
  status: PutRecordsStatus = 'unknown';
  /** Error of the whole call; '' when answered. */
  errorCode = '';
  errorMessage = '';
  /** 0 when no response came. */
  httpStatus = 0;
  /** Entries refused in an answered call. */
  refusedCount = 0;
  /** Number of results in an answered call; the producer defends against a service that returns fewer or more. */
  resultCount = 0;
  /** 0: accepted; otherwise 1 + index into `entryErrorCodes`. */
  readonly entryError = new Uint8Array(PUT_RECORDS_COUNT_MAX);
  /** Distinct error codes of the refused entries, and the first message of each. */
  readonly entryErrorCodes: string[] = [];
  readonly entryErrorMessages: string[] = [];
  /** Shard that took the entry; -1 when refused, and when accepted by a transport that is told no shard. */
  readonly shardNumber = new Int32Array(PUT_RECORDS_COUNT_MAX);
  /** Sequence numbers, '' when refused; filled only when {@link wantsSequenceNumbers}. */
  readonly sequenceNumbers: string[] = [];
  /** Set by the producer: sequence numbers cost a string an entry, so a load run does without. */
  wantsSequenceNumbers = false;
  /** Bytes of the HTTP body. */
  requestBodyBytes = 0;

  /** Ready for another call. */
  reset(): void {
    this.status = 'unknown';
    this.errorCode = '';
    this.errorMessage = '';
    this.httpStatus = 0;
    this.refusedCount = 0;
    this.resultCount = 0;
    // Nearly always they are empty, and setting a length is no small thing.
    if (this.entryErrorCodes.length > 0) this.entryErrorCodes.length = 0;
    if (this.entryErrorMessages.length > 0) this.entryErrorMessages.length = 0;
    if (this.sequenceNumbers.length > 0) this.sequenceNumbers.length = 0;
    this.requestBodyBytes = 0;
  }

  /** The call failed as a whole. */
  fail(status: 'failed' | 'unknown', code: string, message: string, httpStatus = 0): void {
    this.status = status;
    this.errorCode = code;
    this.errorMessage = message;
    this.httpStatus = httpStatus;
  }

  /** Entry `i` was stored in a shard. */
  acceptEntry(i: number, shardNumber: number): void {
    this.entryError[i] = 0;
    this.shardNumber[i] = shardNumber;
  }

  /** Entry `i` was refused. */
  refuseEntry(i: number, code: string, message: string): void {
    let index = this.entryErrorCodes.indexOf(code);
    if (index < 0) {
      index = this.entryErrorCodes.push(code) - 1;
      this.entryErrorMessages.push(message);
    }
    this.entryError[i] = 1 + index;
    this.shardNumber[i] = -1;
    this.refusedCount++;
  }
}

/** How often data lies in memory beside the producer's own, as the body of a call of that protocol: JSON has it in base64. */
export function bodyCopiesOf(protocol: 'cbor' | 'json'): number {
  return protocol === 'cbor' ? 1 : 4 / 3;
}

/** How a PutRecords call reaches an endpoint. Callbacks, not promises, so that virtual time is exact. */
export interface Transport {
  /** How often a call's data lies in memory beside the producer's own while it is under way; default 0. What a producer holds counts with it from the start. */
  readonly bodyCopies?: number;
  /**
   * Sends the request; calls `done` exactly once, never inside `send`, with `request.answer` filled in. The request and
   * its buffers are untouched by the caller until then. Never throws.
   */
  send(request: PutRecordsRequest, done: () => void): void;
  /** Ends idle connections; calls in flight end as `unknown`. Resolves when all sockets are closed. */
  close(): Promise<void>;
}

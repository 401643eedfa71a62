/** Answers of PutRecords and PutRecord, written straight to bytes: five hundred results are not worth an object each. */
import { ByteBuffer } from '../../core/byte-buffer.ts';
import { ACCEPTED, type PutCall } from '../core/put-call.ts';
import { refusalMessage, refusalType } from '../core/put-checks.ts';
import { SEQUENCE_DIGITS } from '../core/sequence.ts';
import type { ShardState } from '../core/shard.ts';
import {
  encodeCbor,
  MAJOR_ARRAY,
  MAJOR_MAP,
  MAJOR_TEXT,
  MAJOR_UNSIGNED,
  writeHead,
} from './cbor.ts';
import { encodeJson } from './json.ts';
import type { Protocol } from './validate.ts';

/** What surrounds the parts of an accepted record. */
interface Frame {
  readonly start: Uint8Array;
  readonly middle: Uint8Array;
  readonly end: Uint8Array;
}

const SHARD_ID_BYTES = 20;
const COMMA = Buffer.from(',');

const JSON_FRAME: Frame = {
  start: Buffer.from('{"SequenceNumber":"'),
  middle: Buffer.from('","ShardId":"'),
  end: Buffer.from('"}'),
};

const CBOR_FRAME: Frame = {
  start: Buffer.concat([
    Buffer.of((MAJOR_MAP << 5) | 2, (MAJOR_TEXT << 5) | 14),
    Buffer.from('SequenceNumber'),
    Buffer.of((MAJOR_TEXT << 5) | 24, SEQUENCE_DIGITS),
  ]),
  middle: Buffer.concat([
    Buffer.of((MAJOR_TEXT << 5) | 7),
    Buffer.from('ShardId'),
    Buffer.of((MAJOR_TEXT << 5) | SHARD_ID_BYTES),
  ]),
  end: Buffer.alloc(0),
};

/** One accepted record with its comma, at the most. */
const RESULT_BYTES = 128;

/** The answer of a call whose outcome is `answered`. */
export function putRecordsAnswer(call: PutCall, protocol: Protocol, account: string): Uint8Array {
  const resultCount = call.count - (call.spoiled === 'too-few' ? 1 : 0);
  const target = new ByteBuffer(64 + call.count * RESULT_BYTES);
  const frame = protocol === 'json' ? JSON_FRAME : CBOR_FRAME;
  const refusals = new Refusals(call, protocol, account);
  if (protocol === 'json') {
    target.appendText(`{"FailedRecordCount":${call.refusedCount},"Records":[`);
  } else {
    cborOpening(target, call, resultCount);
  }
  for (let i = 0; i < resultCount; i++) {
    if (protocol === 'json' && i > 0) target.append(COMMA);
    if (call.recordOutcome[i] === ACCEPTED) accepted(target, call, i, frame);
    else target.append(refusals.of(i));
  }
  closing(target, call, protocol);
  return target.bytes.subarray(0, target.length);
}

/** The answer of a PutRecord call that was accepted. */
export function putRecordAnswer(call: PutCall, protocol: Protocol): Uint8Array {
  const target = new ByteBuffer(RESULT_BYTES);
  accepted(target, call, 0, protocol === 'json' ? JSON_FRAME : CBOR_FRAME);
  return target.bytes.subarray(0, target.length);
}

/** The end of the list, and EncryptionType where the stream has one. */
function closing(target: ByteBuffer, call: PutCall, protocol: Protocol): void {
  if (protocol === 'json') {
    target.appendText(isEncrypted(call) ? '],"EncryptionType":"KMS"}' : ']}');
  } else if (isEncrypted(call)) {
    target.append(encodeCbor('EncryptionType'));
    target.append(encodeCbor('KMS'));
  }
}

function isEncrypted(call: PutCall): boolean {
  return call.stream !== null && call.stream.encryptionKeyId !== null;
}

function cborOpening(target: ByteBuffer, call: PutCall, resultCount: number): void {
  const head = (major: number, argument: number) => {
    target.reserve(9);
    target.length = writeHead(target.bytes, target.length, major, argument);
  };
  head(MAJOR_MAP, isEncrypted(call) ? 3 : 2);
  head(MAJOR_TEXT, 17);
  target.appendText('FailedRecordCount');
  head(MAJOR_UNSIGNED, call.refusedCount);
  head(MAJOR_TEXT, 7);
  target.appendText('Records');
  head(MAJOR_ARRAY, resultCount);
}

function accepted(target: ByteBuffer, call: PutCall, i: number, frame: Frame): void {
  const shard = call.stream?.shards[call.shard[i] as number] as ShardState;
  target.reserve(RESULT_BYTES);
  const { bytes } = target;
  let at = copy(frame.start, bytes, target.length);
  shard.writeSequenceNumber(call.sequenceIndex[i] as number, call.arrivedSecond, bytes, at);
  at = copy(frame.middle, bytes, at + SEQUENCE_DIGITS);
  at = copy(shard.idBytes, bytes, at);
  target.length = copy(frame.end, bytes, at);
}

/** Copies all of a short `source` to `target[at …]`; returns the place after it. */
function copy(source: Uint8Array, target: Uint8Array, at: number): number {
  for (let i = 0; i < source.length; i++) target[at + i] = source[i] as number;
  return at + source.length;
}

/** Results of refused records: the same for all of a shard that were refused alike, so each is encoded once a call. */
class Refusals {
  readonly #call: PutCall;
  readonly #protocol: Protocol;
  readonly #account: string;
  readonly #known = new Map<number, Uint8Array>();

  constructor(call: PutCall, protocol: Protocol, account: string) {
    this.#call = call;
    this.#protocol = protocol;
    this.#account = account;
  }

  of(i: number): Uint8Array {
    const outcome = this.#call.recordOutcome[i] as number;
    const kind = (this.#call.shard[i] as number) * 4 + outcome;
    let result = this.#known.get(kind);
    if (result === undefined) {
      const value = {
        ErrorCode: refusalType(outcome),
        ErrorMessage: refusalMessage(outcome, this.#call, i, this.#account),
      };
      result = this.#protocol === 'json' ? encodeJson(value) : encodeCbor(value);
      this.#known.set(kind, result);
    }
    return result;
  }
}

/** Answers of PutRecords and PutRecord, written straight to bytes: five hundred results are not worth an object each. */
import { ByteBuffer } from '../../core/byte-buffer.ts';
import { ACCEPTED, type PutCall } from '../core/put-call.ts';
import { refusalMessage, refusalType } from '../core/put-checks.ts';
import { SEQUENCE_DIGITS } from '../core/sequence.ts';
import { SHARD_DIGITS, type ShardState } from '../core/shard.ts';
import {
  encodeCbor,
  MAJOR_ARRAY,
  MAJOR_MAP,
  MAJOR_TEXT,
  MAJOR_UNSIGNED,
  writeHead,
} from './cbor.ts';
import { encodeJson } from './json.ts';
import type { Protocol } from './protocol.ts';

/** An accepted record with zeros for its digits. */
interface Template {
  readonly bytes: Uint8Array;
  /** Places of the sequence number, and of the last digits of the shard's id. */
  readonly sequenceAt: number;
  readonly shardAt: number;
}

const SHARD_ID = 'shardId-000000000000';
const COMMA = 0x2c;

const JSON_TEMPLATE = templateOf('{"SequenceNumber":"', '","ShardId":"', '"}');
const CBOR_TEMPLATE = templateOf(
  bytesText((MAJOR_MAP << 5) | 2, (MAJOR_TEXT << 5) | 14) +
    `SequenceNumber${bytesText((MAJOR_TEXT << 5) | 24, SEQUENCE_DIGITS)}`,
  `${bytesText((MAJOR_TEXT << 5) | 7)}ShardId${bytesText((MAJOR_TEXT << 5) | SHARD_ID.length)}`,
  '',
);

function bytesText(...bytes: number[]): string {
  return String.fromCharCode(...bytes);
}

function templateOf(start: string, middle: string, end: string): Template {
  const text = start + '0'.repeat(SEQUENCE_DIGITS) + middle + SHARD_ID + end;
  return {
    bytes: Buffer.from(text, 'latin1'),
    sequenceAt: start.length,
    shardAt: text.length - end.length - SHARD_DIGITS,
  };
}

/** One accepted record with its comma, at the most. */
const RESULT_BYTES = 128;
/** One refused record, as a rule. */
const REFUSAL_BYTES = 192;

/**
 * The answer of a call whose outcome is `answered`.
 * @param take gives the buffer, of so many bytes, that it is written to
 */
export function putRecordsAnswer(
  call: PutCall,
  protocol: Protocol,
  account: string,
  take: (bytes: number) => Uint8Array,
): Uint8Array {
  const resultCount = call.count - (call.spoiled === 'too-few' ? 1 : 0);
  const target = new ByteBuffer(0);
  target.bytes = take(64 + call.count * RESULT_BYTES + call.refusedCount * REFUSAL_BYTES);
  const isJson = protocol === 'json';
  const refusals = new Refusals(call, protocol, account);
  if (isJson) target.appendText(`{"FailedRecordCount":${call.refusedCount},"Records":[`);
  else cborOpening(target, call, resultCount);
  let view = viewOf(target);
  for (let i = 0; i < resultCount; i++) {
    target.reserve(RESULT_BYTES);
    if (isJson && i > 0) target.bytes[target.length++] = COMMA;
    if (call.recordOutcome[i] !== ACCEPTED) {
      target.append(refusals.of(i));
      continue;
    }
    if (view.buffer !== target.bytes.buffer) view = viewOf(target);
    accepted(target, view, call, i, isJson ? JSON_TEMPLATE : CBOR_TEMPLATE);
  }
  closing(target, call, protocol);
  return target.bytes.subarray(0, target.length);
}

/** The answer of a PutRecord call that was accepted. */
export function putRecordAnswer(call: PutCall, protocol: Protocol): Uint8Array {
  const target = new ByteBuffer(RESULT_BYTES);
  accepted(target, viewOf(target), call, 0, protocol === 'json' ? JSON_TEMPLATE : CBOR_TEMPLATE);
  return target.bytes.subarray(0, target.length);
}

function viewOf({ bytes }: ByteBuffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
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

function accepted(
  target: ByteBuffer,
  view: DataView,
  call: PutCall,
  i: number,
  { bytes, sequenceAt, shardAt }: Template,
): void {
  const at = target.length;
  const shard = call.stream?.shards[call.shard[i] as number] as ShardState;
  target.bytes.set(bytes, at);
  const index = call.sequenceIndex[i] as number;
  shard.writeSequenceNumber(index, call.arrivedSecond, view, at + sequenceAt);
  shard.writeIdDigits(view, at + shardAt);
  target.length = at + bytes.length;
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

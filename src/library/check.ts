import { HASH_KEY_MAX } from '../kinesis/hash-key.ts';
import { PARTITION_KEY_CHARACTERS_MAX } from '../kinesis/limits.ts';
import { usage } from './errors.ts';

/*
 * Whether the fields of a record are right. What is wrong is a ShardstormError SHARDSTORM_PRODUCER_USAGE that names the
 * field, its value (never the data or the key) and what is allowed.
 */

const LONE_SURROGATE = /\p{Surrogate}/u;
/** Of a character (a surrogate pair is two characters, and takes four). */
const UTF8_BYTES_MAX = 3;
const DECIMAL = /^(0|[1-9]\d{0,38})$/;

export function checkPartitionKey(given: unknown): string {
  if (typeof given !== 'string') throw usage('partitionKey', typeof given, 'text');
  const characters = given.length;
  if (characters < 1 || characters > PARTITION_KEY_CHARACTERS_MAX) {
    throw usage(
      'partitionKey',
      `${characters} characters long`,
      `1 to ${PARTITION_KEY_CHARACTERS_MAX} characters`,
    );
  }
  if (LONE_SURROGATE.test(given)) {
    throw usage('partitionKey', 'not well-formed', 'text that UTF-8 can hold');
  }
  return given;
}

export function checkHashKey(given: unknown): bigint {
  const isText = typeof given === 'string';
  const isNumber = typeof given === 'bigint' || (isText && DECIMAL.test(given));
  const value = isNumber ? BigInt(given) : -1n;
  if (value >= 0n && value <= HASH_KEY_MAX) return value;
  throw usage('explicitHashKey', JSON.stringify(String(given)), 'an integer from 0 to 2^128-1');
}

export function checkData(given: unknown, partitionKey: string, maxBytes: number): void {
  const isText = typeof given === 'string';
  if (!isText && !(given instanceof Uint8Array)) {
    throw usage('data', typeof given, 'a Uint8Array or text');
  }
  const most = isText ? UTF8_BYTES_MAX * given.length : given.length;
  if (most + UTF8_BYTES_MAX * partitionKey.length <= maxBytes) return;
  checkSize(Buffer.byteLength(given), partitionKey, maxBytes);
}

/** @param dataBytes length of the payload */
export function checkSize(dataBytes: number, partitionKey: string, maxBytes: number): void {
  if (dataBytes + UTF8_BYTES_MAX * partitionKey.length <= maxBytes) return;
  const size = dataBytes + Buffer.byteLength(partitionKey);
  if (size <= maxBytes) return;
  throw usage('data', `${size} bytes with its key`, `up to ${maxBytes} bytes (maxRecordBytes)`);
}

/** Found now, not when it is called. */
export function checkCallback(field: string, given: unknown): void {
  if (typeof given === 'function' || given === null || given === undefined) return;
  throw usage(field, typeof given, 'a function');
}

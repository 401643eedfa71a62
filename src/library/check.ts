import { HASH_KEY_MAX } from '../kinesis/hash-key.ts';
import { PARTITION_KEY_CHARACTERS_MAX } from '../kinesis/limits.ts';
import { usage } from './errors.ts';
import type { ProducerRecord } from './results.ts';

/** A record whose fields are right. */
export interface CheckedRecord {
  readonly record: ProducerRecord;
  readonly data: Uint8Array;
  readonly partitionKey: string;
  readonly hashKey: bigint | null;
}

const LONE_SURROGATE = /\p{Surrogate}/u;
const DECIMAL = /^(0|[1-9]\d{0,38})$/;

/**
 * A record whose fields are right.
 * @param maxBytes of data and partition key
 * @throws ShardstormError SHARDSTORM_PRODUCER_USAGE, which names the field, its value (never the data or the key) and
 *   what is allowed
 */
export function checkRecord(record: ProducerRecord, maxBytes: number): CheckedRecord {
  if (typeof record !== 'object' || record === null) {
    throw usage('record', record === null ? 'null' : typeof record, 'an object');
  }
  const { partitionKey, data, explicitHashKey } = record;
  if (typeof partitionKey !== 'string') throw usage('partitionKey', typeof partitionKey, 'text');
  const characters = partitionKey.length;
  if (characters < 1 || characters > PARTITION_KEY_CHARACTERS_MAX) {
    throw usage(
      'partitionKey',
      `${characters} characters long`,
      `1 to ${PARTITION_KEY_CHARACTERS_MAX} characters`,
    );
  }
  if (LONE_SURROGATE.test(partitionKey)) {
    throw usage('partitionKey', 'not well-formed', 'text that UTF-8 can hold');
  }
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  if (!(bytes instanceof Uint8Array)) throw usage('data', typeof data, 'a Uint8Array or text');
  // No character takes more than three bytes of UTF-8 (a surrogate pair, two characters, takes four).
  if (bytes.length + 3 * characters > maxBytes) checkSize(bytes, partitionKey, maxBytes);
  return { record, data: bytes, partitionKey, hashKey: checkHashKey(explicitHashKey) };
}

function checkSize(bytes: Uint8Array, partitionKey: string, maxBytes: number): void {
  const size = bytes.length + Buffer.byteLength(partitionKey);
  if (size <= maxBytes) return;
  throw usage('data', `${size} bytes with its key`, `up to ${maxBytes} bytes (maxRecordBytes)`);
}

function checkHashKey(given: string | bigint | undefined): bigint | null {
  if (given === undefined) return null;
  const isText = typeof given === 'string';
  const isNumber = typeof given === 'bigint' || (isText && DECIMAL.test(given));
  const value = isNumber ? BigInt(given) : -1n;
  if (value >= 0n && value <= HASH_KEY_MAX) return value;
  throw usage('explicitHashKey', JSON.stringify(String(given)), 'an integer from 0 to 2^128-1');
}

/** Found now, not when it is called. */
export function checkCallback(field: string, given: unknown): void {
  if (given === null || given === undefined || typeof given === 'function') return;
  throw usage(field, typeof given, 'a function');
}

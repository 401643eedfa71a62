import {
  AGGREGATE_MAGIC_BYTES,
  TAG_DATA,
  TAG_EXPLICIT_HASH_KEY,
  TAG_EXPLICIT_HASH_KEY_INDEX,
  TAG_PARTITION_KEY,
  TAG_RECORD,
} from '../kinesis/aggregated-record.ts';
import { type HashKeyWords, hashKeyWords, hashPartitionKey } from '../kinesis/hash-key.ts';
import type { KinesisRecord } from './kinesis-record.ts';
import type { ShardMap } from './shard-map.ts';

/** One user record of a Kinesis record: its slot, and where its parts lie. */
export interface FoundRecord {
  readonly slot: number;
  /** The partition key is `keyBytes[keyStart, keyEnd)`. */
  readonly keyBytes: Uint8Array;
  readonly keyStart: number;
  readonly keyEnd: number;
  /** The explicit hash key that it came with; null when it had none. */
  readonly explicitHash: HashKeyWords | null;
  /** The payload is `record.bytes[dataStart, dataEnd)`. */
  readonly dataStart: number;
  readonly dataEnd: number;
}

/**
 * The user records of a Kinesis record in order, each with its slot. Reads only what {@link Aggregator} wrote, so it
 * needs no defence against foreign bytes; not for the hot path.
 * @param next UserRecords.next
 */
export function splitKinesisRecord(record: KinesisRecord, next: Int32Array): FoundRecord[] {
  if (record.isAggregate) return splitAggregate(record, next);
  const { keyBytes, keyStart, keyEnd, dataStart, dataEnd } = record;
  const explicitHash = record.isExplicit ? record.hash.slice() : null;
  const slot = record.firstSlot;
  return [{ slot, keyBytes, keyStart, keyEnd, explicitHash, dataStart, dataEnd }];
}

/** Whether a reader of the shard finds every user record: their hash keys are in its range, and that is known. */
export function holdsEveryKey(
  shardMap: ShardMap,
  shard: number,
  record: KinesisRecord,
  next: Int32Array,
): boolean {
  const hash = new Uint32Array(4);
  return splitKinesisRecord(record, next).every(({ keyBytes, keyStart, keyEnd, explicitHash }) => {
    if (explicitHash !== null) return shardMap.holds(shard, explicitHash);
    hashPartitionKey(keyBytes.subarray(keyStart, keyEnd), hash);
    return shardMap.holds(shard, hash);
  });
}

function splitAggregate(record: KinesisRecord, next: Int32Array): FoundRecord[] {
  const { bytes } = record;
  const found: FoundRecord[] = [];
  const keys: { readonly keyStart: number; readonly keyEnd: number }[] = [];
  const hashKeys: HashKeyWords[] = [];
  const reader = { at: AGGREGATE_MAGIC_BYTES };
  let slot = record.firstSlot;
  while (found.length < record.count) {
    const tag = bytes[reader.at++];
    const length = readVarint(bytes, reader);
    const from = reader.at;
    const to = from + length;
    if (tag === TAG_PARTITION_KEY) keys.push({ keyStart: from, keyEnd: to });
    else if (tag === TAG_EXPLICIT_HASH_KEY) hashKeys.push(readDecimal(bytes, from, to));
    else if (tag === TAG_RECORD) {
      reader.at++;
      const { keyStart = 0, keyEnd = 0 } = keys[readVarint(bytes, reader)] ?? {};
      let explicitHash: HashKeyWords | null = null;
      if (bytes[reader.at] === TAG_EXPLICIT_HASH_KEY_INDEX) {
        reader.at++;
        explicitHash = hashKeys[readVarint(bytes, reader)] ?? null;
      }
      if (bytes[reader.at++] !== TAG_DATA) throw new Error('an aggregate without data');
      readVarint(bytes, reader);
      const place = { keyBytes: bytes, keyStart, keyEnd, dataStart: reader.at, dataEnd: to };
      found.push({ slot, explicitHash, ...place });
      slot = next[slot] as number;
    }
    reader.at = tag === TAG_RECORD && record.isHollow ? reader.at : to;
  }
  return found;
}

function readDecimal(bytes: Uint8Array, from: number, to: number): HashKeyWords {
  return hashKeyWords(BigInt(String.fromCharCode(...bytes.subarray(from, to))));
}

function readVarint(bytes: Uint8Array, reader: { at: number }): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[reader.at++] as number;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value >>> 0;
  }
}

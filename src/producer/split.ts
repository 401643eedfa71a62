import {
  AGGREGATE_DIGEST_BYTES,
  AGGREGATE_MAGIC_BYTES,
  TAG_DATA,
  TAG_EXPLICIT_HASH_KEY_INDEX,
  TAG_PARTITION_KEY,
  TAG_RECORD,
} from '../kinesis/aggregated-record.ts';
import type { KinesisRecord } from './kinesis-record.ts';

/** One user record of a Kinesis record, as places in its buffer. */
export type UserRecordFound = (
  slot: number,
  keyStart: number,
  keyEnd: number,
  dataStart: number,
  dataEnd: number,
) => void;

/**
 * Walks the user records of a Kinesis record in order, each with its slot. Reads only what {@link Aggregator} wrote, so
 * it needs no defence against foreign bytes; not for the hot path.
 * @param next UserRecords.next
 */
export function splitKinesisRecord(
  record: KinesisRecord,
  next: Int32Array,
  found: UserRecordFound,
): void {
  let slot = record.firstSlot;
  if (!record.isAggregate) {
    found(slot, record.keyStart, record.keyEnd, record.dataStart, record.dataEnd);
    return;
  }
  const bytes = record.bytes;
  const end = record.dataEnd - AGGREGATE_DIGEST_BYTES;
  const keyStarts: number[] = [];
  const keyEnds: number[] = [];
  const reader = { at: AGGREGATE_MAGIC_BYTES };
  while (reader.at < end) {
    const tag = bytes[reader.at++];
    const length = readVarint(bytes, reader);
    const fieldEnd = reader.at + length;
    if (tag === TAG_PARTITION_KEY) {
      keyStarts.push(reader.at);
      keyEnds.push(fieldEnd);
    } else if (tag === TAG_RECORD) {
      reader.at++;
      const keyIndex = readVarint(bytes, reader);
      if (bytes[reader.at] === TAG_EXPLICIT_HASH_KEY_INDEX) {
        reader.at++;
        readVarint(bytes, reader);
      }
      if (bytes[reader.at++] !== TAG_DATA) throw new Error('an aggregate without data');
      readVarint(bytes, reader);
      const following = next[slot] as number;
      found(slot, keyStarts[keyIndex] ?? 0, keyEnds[keyIndex] ?? 0, reader.at, fieldEnd);
      slot = following;
    }
    reader.at = fieldEnd;
  }
}

function readVarint(bytes: Uint8Array, reader: { at: number }): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[reader.at++] as number;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value >>> 0;
  }
}

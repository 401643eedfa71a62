/**
 * The KPL's aggregated record format, facts only (aggregation-format.md in awslabs/amazon-kinesis-producer).
 *
 * ```
 * ┌─────────────┬───────────────────────────────────────────────────────┬──────────────────┐
 * │ F3 89 9A C2 │ AggregatedRecord (protobuf)                           │ MD5 of the       │
 * │ magic, 4    │ 0A key · 12 explicit hash key · 1A record, repeated   │ protobuf, 16     │
 * └─────────────┴───────────────────────────────────────────────────────┴──────────────────┘
 * record: 08 key index · [10 explicit hash key index] · 1A data
 * ```
 * Fields of a message may come in any order; tables are indexed from 0 in their own order.
 */
export const AGGREGATE_MAGIC = Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2);
export const AGGREGATE_MAGIC_BYTES = 4;
export const AGGREGATE_DIGEST_BYTES = 16;
/** Partition key of a container of two or more user records, as the KPL sends it. */
export const AGGREGATE_PARTITION_KEY = 'a';

/** Protobuf tags: AggregatedRecord. */
export const TAG_PARTITION_KEY = 0x0a;
export const TAG_EXPLICIT_HASH_KEY = 0x12;
export const TAG_RECORD = 0x1a;
/** Protobuf tags: Record. */
export const TAG_PARTITION_KEY_INDEX = 0x08;
export const TAG_EXPLICIT_HASH_KEY_INDEX = 0x10;
export const TAG_DATA = 0x1a;

/** Bytes of `value` as a protobuf varint; value is 0 … 2^31-1. */
export function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

/** Writes `value` (0 … 2^31-1) as a varint to `target[at …]`; returns the place after it. */
export function writeVarint(target: Uint8Array, at: number, value: number): number {
  let rest = value;
  let place = at;
  while (rest >= 0x80) {
    target[place++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[place++] = rest;
  return place;
}

/**
 * One entry of a PutRecords body in the service's CBOR, written part by part, so that whoever has its data and key puts
 * each of them in place once. The producer writes lone records so as they come, and the transport copies many at a time.
 *
 * ```
 * A2 | A3   "Data"  bytes   "PartitionKey"  text   [ "ExplicitHashKey"  text ]
 * └ writeEntryHead ┘    └─ writeKeyHead ─┘      └ writeHashKey ────────────┘
 * ```
 */

const MAJOR_BYTES = 0x40;
const MAJOR_TEXT = 0x60;
const MAP_OF_TWO = 0xa2;
const MAP_OF_THREE = 0xa3;
const EXPLICIT_HASH_KEY = Buffer.from('\x6fExplicitHashKey', 'latin1');

/** Bytes of an entry besides its data, its key and its hash key at the most: a map's head, three names and three heads. */
export const CBOR_ENTRY_FRAME_BYTES_MAX = 64;

/** Everything before the data. Like the others it returns the place after it. */
export function writeEntryHead(
  out: Uint8Array,
  at: number,
  explicitHashKey: string,
  dataBytes: number,
): number {
  out[at] = explicitHashKey === '' ? MAP_OF_TWO : MAP_OF_THREE;
  // "Data" with its head.
  out[at + 1] = MAJOR_TEXT + 4;
  out[at + 2] = 0x44;
  out[at + 3] = 0x61;
  out[at + 4] = 0x74;
  out[at + 5] = 0x61;
  return writeCborHead(out, at + 6, MAJOR_BYTES, dataBytes);
}

/** What stands between data and key. */
export function writeKeyHead(out: Uint8Array, at: number, keyBytes: number): number {
  // "PartitionKey" with its head: byte by byte it takes a third of the time of a loop.
  out[at] = MAJOR_TEXT + 12;
  out[at + 1] = 0x50;
  out[at + 2] = 0x61;
  out[at + 3] = 0x72;
  out[at + 4] = 0x74;
  out[at + 5] = 0x69;
  out[at + 6] = 0x74;
  out[at + 7] = 0x69;
  out[at + 8] = 0x6f;
  out[at + 9] = 0x6e;
  out[at + 10] = 0x4b;
  out[at + 11] = 0x65;
  out[at + 12] = 0x79;
  return writeCborHead(out, at + 13, MAJOR_TEXT, keyBytes);
}

/** The last member, of digits; nothing for an entry without. */
export function writeHashKey(out: Uint8Array, at: number, explicitHashKey: string): number {
  if (explicitHashKey === '') return at;
  const nameEnd = writeCborConstant(out, at, EXPLICIT_HASH_KEY);
  return writeCborAscii(out, nameEnd, explicitHashKey);
}

/** Bytes as they are. */
export function writeCborConstant(out: Uint8Array, at: number, constant: Uint8Array): number {
  for (let i = 0; i < constant.length; i++) out[at + i] = constant[i] as number;
  return at + constant.length;
}

/** A text of ASCII characters only: digits, and stream names (`[a-zA-Z0-9_.-]+`). */
export function writeCborAscii(out: Uint8Array, at: number, value: string): number {
  const start = writeCborHead(out, at, MAJOR_TEXT, value.length);
  for (let i = 0; i < value.length; i++) out[start + i] = value.charCodeAt(i);
  return start + value.length;
}

/** The head of an item: major type and count, shortest form; count is 0 … 2^32-1. */
export function writeCborHead(out: Uint8Array, at: number, major: number, count: number): number {
  if (count < 24) {
    out[at] = major | count;
    return at + 1;
  }
  if (count < 0x100) {
    out[at] = major | 24;
    out[at + 1] = count;
    return at + 2;
  }
  if (count < 0x1_0000) {
    out[at] = major | 25;
    out[at + 1] = count >>> 8;
    out[at + 2] = count;
    return at + 3;
  }
  out[at] = major | 26;
  out[at + 1] = count >>> 24;
  out[at + 2] = count >>> 16;
  out[at + 3] = count >>> 8;
  out[at + 4] = count;
  return at + 5;
}

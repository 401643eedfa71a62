// HOT PATH of reading back: no allocation for a user record.
/**
 * The verifier's own reader of aggregates. It shares no code with the writer, so that a mistake there cannot hide here, and
 * follows the rules of the KCL: what has no magic or too few bytes is a record as it is. In: the data of a Kinesis record. Out:
 * the places of its user records, of their keys and explicit hash keys.
 *
 * ```
 * F3 89 9A C2 │ 1: key table · 2: explicit hash key table · 3: record { 1: key · 2: hash key · 3: data }… │ MD5
 * ```
 * Unlike the KCL it tells broken aggregates from records that never were one.
 */
import { createHash } from 'node:crypto';

const MAGIC = [0xf3, 0x89, 0x9a, 0xc2] as const;
const DIGEST_BYTES = 16;

/** What a Kinesis record turned out to be. */
export type RecordForm =
  /** One user record, as it is. */
  | 'lone'
  | 'aggregate'
  /** It begins like an aggregate, and its checksum is wrong: readers take it for one record as it is. */
  | 'wrong-digest'
  /** The checksum holds, but the message cannot be read, or a record names a key that is not there. */
  | 'malformed';

/** No explicit hash key. */
export const NO_HASH_KEY = -1;

/** Growing lists of places in the bytes. */
class Places {
  start = new Uint32Array(256);
  end = new Uint32Array(256);
  count = 0;

  add(start: number, end: number): void {
    if (this.count === this.start.length) {
      this.start = doubled(this.start);
      this.end = doubled(this.end);
    }
    this.start[this.count] = start;
    this.end[this.count++] = end;
  }
}

function doubled<T extends Uint32Array | Int32Array>(old: T): T {
  const wide = new (old.constructor as new (length: number) => T)(old.length * 2);
  wide.set(old);
  return wide;
}

/** Reads one Kinesis record after the other; what it found holds until the next. */
export class Deaggregator {
  /** User records of an aggregate; 1 for anything else. */
  count = 0;
  /** Place of each user record's data, index = subsequence number. */
  readonly data = new Places();
  /** Tables of the aggregate; empty for a lone record, whose key comes with the Kinesis record. */
  readonly keys = new Places();
  readonly hashKeys = new Places();
  /** Index into `keys` by user record. */
  keyIndex = new Int32Array(256);
  /** Index into `hashKeys` by user record, or NO_HASH_KEY. */
  hashKeyIndex = new Int32Array(256);
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #isBroken = false;

  read(bytes: Uint8Array): RecordForm {
    this.#reset(bytes);
    const bodyEnd = bytes.length - DIGEST_BYTES;
    const isMarked = bodyEnd > MAGIC.length && MAGIC.every((byte, i) => bytes[i] === byte);
    if (!isMarked) return this.#asItIs('lone');
    const digest = createHash('md5').update(bytes.subarray(MAGIC.length, bodyEnd)).digest();
    if (digest.some((byte, i) => bytes[bodyEnd + i] !== byte)) return this.#asItIs('wrong-digest');
    this.#message(MAGIC.length, bodyEnd);
    if (this.#isBroken || !this.#hasItsKeys()) return this.#asItIs('malformed');
    this.count = this.data.count;
    return 'aggregate';
  }

  #reset(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#isBroken = false;
    this.data.count = 0;
    this.keys.count = 0;
    this.hashKeys.count = 0;
  }

  #asItIs(form: RecordForm): RecordForm {
    this.keys.count = 0;
    this.hashKeys.count = 0;
    this.data.count = 0;
    this.data.add(0, this.#bytes.length);
    this.count = 1;
    return form;
  }

  /** Every record's key, and hash key if it has one, is in the tables, which may stand behind the records. */
  #hasItsKeys(): boolean {
    for (let i = 0; i < this.data.count; i++) {
      if ((this.keyIndex[i] as number) >= this.keys.count) return false;
      if ((this.hashKeyIndex[i] as number) >= this.hashKeys.count) return false;
    }
    return true;
  }

  #message(start: number, end: number): void {
    this.#at = start;
    while (this.#at < end && !this.#isBroken) {
      const tag = this.#varint(end);
      if ((tag & 7) !== 2) {
        this.#skip(tag, end);
        continue;
      }
      const length = this.#varint(end);
      const from = this.#at;
      const to = from + length;
      if (to > end) this.#isBroken = true;
      else if (tag === 0x0a) this.keys.add(from, to);
      else if (tag === 0x12) this.hashKeys.add(from, to);
      else if (tag === 0x1a) this.#record(from, to);
      this.#at = to;
    }
  }

  #record(start: number, end: number): void {
    let key = -1;
    let hashKey = NO_HASH_KEY;
    let dataStart = -1;
    let dataEnd = -1;
    this.#at = start;
    while (this.#at < end && !this.#isBroken) {
      const tag = this.#varint(end);
      if (tag === 0x08) key = this.#varint(end);
      else if (tag === 0x10) hashKey = this.#varint(end);
      else if (tag === 0x1a) {
        const length = this.#varint(end);
        dataStart = this.#at;
        dataEnd = dataStart + length;
        this.#at = dataEnd;
        if (dataEnd > end) this.#isBroken = true;
      } else this.#skip(tag, end);
    }
    // Key and data are required fields.
    if (key < 0 || dataStart < 0) this.#isBroken = true;
    if (this.#isBroken) return;
    const i = this.data.count;
    if (i === this.keyIndex.length) {
      this.keyIndex = doubled(this.keyIndex);
      this.hashKeyIndex = doubled(this.hashKeyIndex);
    }
    this.keyIndex[i] = Math.min(key, 0x7fff_ffff);
    this.hashKeyIndex[i] = Math.min(hashKey, 0x7fff_ffff);
    this.data.add(dataStart, dataEnd);
  }

  /** Passes over a field that is not known. */
  #skip(tag: number, end: number): void {
    const wire = tag & 7;
    if (wire === 0) this.#varint(end);
    else if (wire === 1) this.#at += 8;
    else if (wire === 2) {
      const length = this.#varint(end);
      this.#at += length;
    } else if (wire === 5) this.#at += 4;
    else this.#isBroken = true;
    if (this.#at > end || tag < 8) this.#isBroken = true;
  }

  /** Up to 64 bits; what is too large to be a place or a length only has to be large. */
  #varint(end: number): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10 && this.#at < end; i++) {
      const byte = this.#bytes[this.#at++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    this.#isBroken = true;
    return 0;
  }
}

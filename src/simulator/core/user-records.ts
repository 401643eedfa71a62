/**
 * The audit's own reader of what producers write: aggregates and stamps. It shares no code with the writer of either, so
 * that a mistake there cannot hide here. In: the data of a stored record. Out: one visit for each user record in it.
 */
import { createHash } from 'node:crypto';
import { STAMP_BYTES } from '../../kinesis/stamp.ts';

const MAGIC = [0xf3, 0x89, 0x9a, 0xc2] as const;
const MAGIC_BYTES = 4;
const DIGEST_BYTES = 16;
const WIRE_VARINT = 0;
const WIRE_64_BIT = 1;
const WIRE_BYTES = 2;
const WIRE_32_BIT = 5;
const FIELD_RECORDS = 3;
const FIELD_DATA = 3;

/** Reads protobuf fields; a malformed message sets `isBroken` and ends. */
class FieldReader {
  #bytes: Uint8Array;
  #at: number;
  #end: number;
  isBroken = false;
  field = 0;
  /** Place of a length-delimited value. */
  start = 0;
  end = 0;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  over(start: number, end: number): this {
    this.#at = start;
    this.#end = end;
    this.isBroken = false;
    return this;
  }

  /** Moves to the next length-delimited field; false at the end. */
  next(): boolean {
    while (this.#at < this.#end) {
      const tag = this.#varint();
      const wire = tag & 7;
      this.field = tag >>> 3;
      if (wire === WIRE_BYTES) {
        const length = this.#varint();
        this.start = this.#at;
        this.end = this.#at + length;
        this.#at = this.end;
        if (this.#at > this.#end || this.field === 0) this.isBroken = true;
        return !this.isBroken;
      }
      if (wire === WIRE_VARINT) this.#varint();
      else if (wire === WIRE_64_BIT) this.#at += 8;
      else if (wire === WIRE_32_BIT) this.#at += 4;
      else this.isBroken = true;
      if (this.#at > this.#end) this.isBroken = true;
      if (this.isBroken) return false;
    }
    return false;
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.#at >= this.#end) break;
      const byte = this.#bytes[this.#at++] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    this.isBroken = true;
    return 0;
  }
}

function isAggregate(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < MAGIC_BYTES + DIGEST_BYTES) return false;
  for (let i = 0; i < MAGIC_BYTES; i++) if (bytes[start + i] !== MAGIC[i]) return false;
  const bodyEnd = end - DIGEST_BYTES;
  const digest = createHash('md5')
    .update(bytes.subarray(start + MAGIC_BYTES, bodyEnd))
    .digest();
  for (let i = 0; i < DIGEST_BYTES; i++) if (bytes[bodyEnd + i] !== digest[i]) return false;
  return true;
}

/**
 * Calls `visit` with the place of each user record's data: one for each record of an aggregate, one for anything else.
 * @returns how many
 */
export function visitUserRecords(
  bytes: Uint8Array,
  start: number,
  end: number,
  visit: (bytes: Uint8Array, start: number, end: number) => void,
): number {
  if (bytes[start] !== MAGIC[0] || !isAggregate(bytes, start, end)) {
    visit(bytes, start, end);
    return 1;
  }
  const outer = new FieldReader(bytes, start + MAGIC_BYTES, end - DIGEST_BYTES);
  const inner = new FieldReader(bytes, 0, 0);
  let count = 0;
  while (outer.next()) {
    if (outer.field !== FIELD_RECORDS) continue;
    inner.over(outer.start, outer.end);
    while (inner.next()) {
      if (inner.field !== FIELD_DATA) continue;
      visit(bytes, inner.start, inner.end);
      count++;
    }
  }
  return count;
}

const STAMP_MEMBER = Buffer.from('{"_stamp":"', 'latin1');
const STAMP_TEXT_BYTES = 43;

/** A stamp as it was found. One object is reused for all. */
export class StampView {
  runHigh = 0;
  runLow = 0;
  producer = 0;
  sequence = 0;
  readonly #decoded = Buffer.alloc(STAMP_BYTES);

  /** Reads the stamp that a payload begins with, in binary or in JSON; false when there is none. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    const first = bytes[start];
    if (first === 0x53 && end - start >= STAMP_BYTES) return this.#fields(bytes, start);
    const textStart = start + STAMP_MEMBER.length;
    if (first !== 0x7b || end < textStart + STAMP_TEXT_BYTES) return false;
    for (let i = 1; i < STAMP_MEMBER.length; i++) {
      if (bytes[start + i] !== STAMP_MEMBER[i]) return false;
    }
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + textStart, STAMP_TEXT_BYTES);
    if (this.#decoded.write(text.toString('latin1'), 'base64url') !== STAMP_BYTES) return false;
    return this.#fields(this.#decoded, 0);
  }

  #fields(bytes: Uint8Array, at: number): boolean {
    if (word(bytes, at) !== 0x5353_7631) return false;
    this.runHigh = word(bytes, at + 4);
    this.runLow = word(bytes, at + 8);
    this.producer = word(bytes, at + 12) >>> 16;
    this.sequence = word(bytes, at + 16) * 0x1_0000_0000 + word(bytes, at + 20);
    return true;
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

/**
 * CBOR as the AWS JSON 1.1 protocol uses it (RFC 8949; blobs are byte strings, times whole milliseconds): the parts that
 * clients send, definite or indefinite, with tags passed over.
 */
import { ByteBuffer } from '../../core/byte-buffer.ts';
import { type Output, Timestamp } from '../operations/operation.ts';

export const MAJOR_UNSIGNED = 0;
const MAJOR_NEGATIVE = 1;
export const MAJOR_BYTES = 2;
export const MAJOR_TEXT = 3;
export const MAJOR_ARRAY = 4;
export const MAJOR_MAP = 5;
const MAJOR_TAG = 6;
const MAJOR_SIMPLE = 7;
/** Argument of an indefinite length. */
export const INDEFINITE = -1;
const BREAK = 0xff;
const DEPTH_MAX = 32;
const TWO_32 = 0x1_0000_0000;

/** The bytes are not CBOR that this reader knows. */
export class CborError extends Error {
  override readonly name = 'CborError';
}

/** A cursor over CBOR. `head` reads one head; `major` and `argument` then describe it. */
export class CborCursor {
  readonly bytes: Uint8Array;
  at: number;
  major = 0;
  argument = 0;
  #info = 0;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** Reads a head and returns its major type; tags before it are passed over. */
  head(): number {
    do {
      if (this.at >= this.bytes.length) throw new CborError('ends early');
      const byte = this.bytes[this.at++] as number;
      this.major = byte >> 5;
      this.#info = byte & 31;
      this.argument = this.#readArgument();
    } while (this.major === MAJOR_TAG);
    return this.major;
  }

  /** Whether the next byte ends an indefinite item; consumed when it does. */
  atBreak(): boolean {
    if (this.bytes[this.at] !== BREAK) return false;
    this.at++;
    return true;
  }

  /** Any value. */
  value(depth = 0): unknown {
    if (depth > DEPTH_MAX) throw new CborError('nested too deep');
    switch (this.head()) {
      case MAJOR_UNSIGNED:
        return this.argument;
      case MAJOR_NEGATIVE:
        return -1 - this.argument;
      case MAJOR_BYTES:
        return this.#string(MAJOR_BYTES);
      case MAJOR_TEXT:
        return Buffer.from(this.#string(MAJOR_TEXT)).toString('utf8');
      case MAJOR_ARRAY:
        return this.#array(depth);
      case MAJOR_MAP:
        return this.#map(depth);
      default:
        return this.#simple();
    }
  }

  #readArgument(): number {
    const info = this.#info;
    if (info < 24) return info;
    if (info === 31) return INDEFINITE;
    if (info > 27) throw new CborError('has a reserved length');
    const size = 1 << (info - 24);
    if (this.at + size > this.bytes.length) throw new CborError('ends early');
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + (this.bytes[this.at++] as number);
    return value;
  }

  #string(major: number): Uint8Array {
    if (this.argument !== INDEFINITE) {
      const end = this.at + this.argument;
      if (end > this.bytes.length) throw new CborError('ends early');
      const part = this.bytes.subarray(this.at, end);
      this.at = end;
      return part;
    }
    const whole = new ByteBuffer();
    while (!this.atBreak()) {
      if (this.head() !== major || this.argument === INDEFINITE)
        throw new CborError('mixes strings');
      whole.append(this.#string(major));
    }
    return whole.bytes.subarray(0, whole.length);
  }

  #array(depth: number): unknown[] {
    const items: unknown[] = [];
    const count = this.argument;
    for (let i = 0; count === INDEFINITE ? !this.atBreak() : i < count; i++) {
      items.push(this.value(depth + 1));
    }
    return items;
  }

  #map(depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    const count = this.argument;
    for (let i = 0; count === INDEFINITE ? !this.atBreak() : i < count; i++) {
      const key = String(this.value(depth + 1));
      Object.defineProperty(map, key, {
        value: this.value(depth + 1),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
    return map;
  }

  #simple(): unknown {
    if (this.#info === 20) return false;
    if (this.#info === 21) return true;
    if (this.#info === 22 || this.#info === 23) return null;
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
    if (this.#info === 26) return view.getFloat32(this.at - 4);
    if (this.#info === 27) return view.getFloat64(this.at - 8);
    throw new CborError('holds an unknown simple value');
  }
}

/** The one value that `bytes` hold. @throws CborError */
export function decodeCbor(bytes: Uint8Array): unknown {
  const cursor = new CborCursor(bytes);
  const value = cursor.value();
  if (cursor.at !== bytes.length) throw new CborError('goes on after its end');
  return value;
}

/** Writes a head to `target[at …]`; returns the place after it. `argument` is 0 … 2^53. */
export function writeHead(target: Uint8Array, at: number, major: number, argument: number): number {
  const type = major << 5;
  let place = at;
  let size = 0;
  if (argument < 24) target[place++] = type | argument;
  else if (argument < 0x100) size = 1;
  else if (argument < 0x1_0000) size = 2;
  else size = argument < TWO_32 ? 4 : 8;
  if (size === 0) return place;
  target[place++] = type | (24 + Math.log2(size));
  for (let i = size - 1; i >= 0; i--) target[place++] = Math.floor(argument / 256 ** i) % 256;
  return place;
}

/** An answer in CBOR. */
export function encodeCbor(value: Output): Uint8Array {
  const target = new ByteBuffer(1024);
  encodeValue(target, value);
  return target.bytes.subarray(0, target.length);
}

function head(target: ByteBuffer, major: number, argument: number): void {
  target.reserve(9);
  target.length = writeHead(target.bytes, target.length, major, argument);
}

function encodeValue(target: ByteBuffer, value: Output): void {
  if (value instanceof Timestamp) {
    encodeNumber(target, value.epochMs);
  } else if (value instanceof Uint8Array) {
    head(target, MAJOR_BYTES, value.length);
    target.append(value);
  } else if (typeof value === 'string') {
    encodeText(target, value);
  } else if (typeof value === 'number') {
    encodeNumber(target, value);
  } else if (typeof value === 'boolean') {
    head(target, MAJOR_SIMPLE, value ? 21 : 20);
  } else if (value === null || value === undefined) {
    head(target, MAJOR_SIMPLE, 22);
  } else if (isList(value)) {
    head(target, MAJOR_ARRAY, value.length);
    for (const item of value) encodeValue(target, item);
  } else {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    head(target, MAJOR_MAP, members.length);
    for (const [name, member] of members) {
      encodeText(target, name);
      encodeValue(target, member);
    }
  }
}

function isList(value: Output): value is readonly Output[] {
  return Array.isArray(value);
}

function encodeText(target: ByteBuffer, text: string): void {
  head(target, MAJOR_TEXT, Buffer.byteLength(text));
  target.appendText(text);
}

function encodeNumber(target: ByteBuffer, value: number): void {
  if (Number.isSafeInteger(value)) {
    if (value >= 0) head(target, MAJOR_UNSIGNED, value);
    else head(target, MAJOR_NEGATIVE, -1 - value);
    return;
  }
  target.reserve(9);
  target.bytes[target.length] = (MAJOR_SIMPLE << 5) | 27;
  new DataView(target.bytes.buffer).setFloat64(target.length + 1, value);
  target.length += 9;
}

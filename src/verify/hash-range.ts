import { createHash } from 'node:crypto';
import { FingerprintSlots } from './slots.ts';

/** Keys whose hash is remembered; others are hashed each time. */
const KEYS_MAX = 1 << 20;

/** Both ends of a shard's range, inclusive, as two big-endian texts of 16 bytes. */
export interface HashRange {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
}

/** @param start @param end inclusive, 0 … 2^128-1 */
export function hashRange(start: bigint, end: bigint): HashRange {
  return { start: sixteenBytes(start), end: sixteenBytes(end) };
}

function sixteenBytes(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(32, '0'), 'hex'));
}

/** Whether keys belong to a shard, with the hashes of keys remembered. */
export class HashRanges {
  readonly #slots = new FingerprintSlots(KEYS_MAX);
  #hashes = new Uint8Array(16 * 1024);

  /**
   * Whether a partition key's hash lies in the range.
   * @param high @param low the key's fingerprint
   */
  holdsKey(
    { start, end }: HashRange,
    bytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    high: number,
    low: number,
  ): boolean {
    const before = this.#slots.size;
    const slot = this.#slots.slotOf(high, low);
    if (slot < 0) return holds(start, end, md5(bytes, keyStart, keyEnd), 0);
    if (slot === before) {
      if (slot * 16 === this.#hashes.length) this.#widen();
      this.#hashes.set(md5(bytes, keyStart, keyEnd), slot * 16);
    }
    return holds(start, end, this.#hashes, slot * 16);
  }

  /** Whether an explicit hash key, decimal text in ASCII, lies in the range; false when it is none. */
  holdsHashKey({ start, end }: HashRange, bytes: Uint8Array, from: number, to: number): boolean {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
    if (!/^\d{1,39}$/.test(text)) return false;
    const value = BigInt(text);
    return value < 1n << 128n && holds(start, end, sixteenBytes(value), 0);
  }

  #widen(): void {
    const wide = new Uint8Array(this.#hashes.length * 2);
    wide.set(this.#hashes);
    this.#hashes = wide;
  }
}

function md5(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return createHash('md5').update(bytes.subarray(start, end)).digest();
}

function holds(start: Uint8Array, end: Uint8Array, hash: Uint8Array, at: number): boolean {
  return compare(start, hash, at) <= 0 && compare(end, hash, at) >= 0;
}

function compare(a: Uint8Array, b: Uint8Array, at: number): number {
  for (let i = 0; i < 16; i++) {
    const difference = (a[i] as number) - (b[at + i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

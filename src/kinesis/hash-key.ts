/**
 * Hash keys: unsigned 128-bit integers, the MD5 of a partition key's UTF-8 bytes read big-endian (API, PutRecord).
 * Held as four 32-bit words, most significant first, so that the hot path needs no BigInt; as BigInt at the edges.
 */
import { createHash } from 'node:crypto';

export const HASH_KEY_MAX = (1n << 128n) - 1n;

/** Four words of a hash key at `words[at …at+3]`. */
export type HashKeyWords = Uint32Array;

/** Writes the hash key of a partition key's bytes to `words[at …]`. */
export function hashPartitionKey(keyBytes: Uint8Array, words: HashKeyWords, at = 0): void {
  const digest = createHash('md5').update(keyBytes).digest();
  for (let i = 0; i < 4; i++) words[at + i] = digest.readUInt32BE(i * 4);
}

/** The words of a decimal hash key; null when it is not an integer in [0, 2^128-1] without leading zeros. */
export function parseHashKey(decimal: string): HashKeyWords | null {
  if (!/^(0|[1-9]\d{0,38})$/.test(decimal)) return null;
  const value = BigInt(decimal);
  return value > HASH_KEY_MAX ? null : hashKeyWords(value);
}

/** Words of a BigInt hash key. */
export function hashKeyWords(value: bigint): HashKeyWords {
  const words = new Uint32Array(4);
  for (let i = 0; i < 4; i++) words[i] = Number((value >> BigInt(96 - 32 * i)) & 0xffff_ffffn);
  return words;
}

/** The hash key at `words[at …]` as a BigInt. */
export function hashKeyValue(words: HashKeyWords, at = 0): bigint {
  let value = 0n;
  for (let i = 0; i < 4; i++) value = (value << 32n) | BigInt(words[at + i] as number);
  return value;
}

/** Below, equal or above zero as a is below, equal to or above b. */
export function compareHashKeys(
  a: HashKeyWords,
  aAt: number,
  b: HashKeyWords,
  bAt: number,
): number {
  for (let i = 0; i < 4; i++) {
    const difference = (a[aAt + i] as number) - (b[bAt + i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

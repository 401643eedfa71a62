import { copyBytes } from '../core/byte-buffer.ts';
import type { KeyTable } from '../kinesis/key-table.ts';

/** Digits of the largest rank, and a margin. */
const RANK_DIGITS_MAX = 20;

/**
 * Ids of the keys `prefix` + rank, so that a key is written and hashed once and then found by its rank. Follows the key
 * table: when that is emptied (a new generation), so is the cache. Bounded by twice the table's capacity.
 */
export class RankCache {
  readonly #keys: KeyTable;
  #generation: number;
  /** Id + 1 of the key in each slot; 0 is empty. */
  readonly #ids: Uint32Array;
  /** Rank in each slot; null where the rank is the slot. */
  readonly #ranks: Uint32Array | null;
  readonly #shift: number;
  readonly #text: Uint8Array;
  readonly #prefixBytes: number;

  /** @param cardinality ranks are below it, at most 2^32 */
  constructor(keys: KeyTable, prefix: string, cardinality: number) {
    this.#keys = keys;
    this.#generation = keys.generation;
    const bits = Math.ceil(Math.log2(Math.max(2, Math.min(cardinality, 2 * keys.capacity))));
    const slots = 2 ** bits;
    this.#ids = new Uint32Array(slots);
    this.#ranks = cardinality <= slots ? null : new Uint32Array(slots);
    this.#shift = 32 - bits;
    const prefixBytes = Buffer.from(prefix, 'utf8');
    this.#prefixBytes = prefixBytes.length;
    this.#text = new Uint8Array(prefixBytes.length + RANK_DIGITS_MAX);
    this.#text.set(prefixBytes);
  }

  /** The id of the key of a rank in the table's current generation; adds the key if it is not there. */
  idOf(rank: number): number {
    if (this.#generation !== this.#keys.generation) {
      this.#ids.fill(0);
      this.#generation = this.#keys.generation;
    }
    const slot = this.#ranks === null ? rank : this.#slotOf(rank, this.#ranks);
    const known = this.#ids[slot] as number;
    if (known !== 0) return known - 1;
    const id = this.#add(rank);
    this.#ids[slot] = id + 1;
    if (this.#ranks !== null) this.#ranks[slot] = rank;
    return id;
  }

  /** Linear probing from a Fibonacci hash; at most half of the slots are taken, so an empty one is found. */
  #slotOf(rank: number, ranks: Uint32Array): number {
    const mask = ranks.length - 1;
    let slot = Math.imul(rank, 0x9e37_79b1) >>> this.#shift;
    while (this.#ids[slot] !== 0 && ranks[slot] !== rank) slot = (slot + 1) & mask;
    return slot;
  }

  #add(rank: number): number {
    let at = this.#text.length;
    let rest = rank;
    do {
      this.#text[--at] = 48 + (rest % 10);
      rest = Math.floor(rest / 10);
    } while (rest > 0);
    copyBytes(this.#text, at, this.#text.length, this.#text, this.#prefixBytes);
    const end = this.#prefixBytes + this.#text.length - at;
    return this.#keys.addUnhashed(this.#text, 0, end);
  }
}

/** Ids of keys by their bytes: for keys that have no number. Follows the key table as {@link RankCache} does. */
export class KeyInterner {
  readonly #keys: KeyTable;
  #generation: number;
  /** Id + 1 of the key in each slot; 0 is empty. */
  readonly #ids: Uint32Array;

  constructor(keys: KeyTable) {
    this.#keys = keys;
    this.#generation = keys.generation;
    this.#ids = new Uint32Array(2 ** Math.ceil(Math.log2(2 * keys.capacity)));
  }

  /** The id of the key `bytes[from, to)` in the table's current generation; adds the key if it is not there. */
  idOf(bytes: Uint8Array, from: number, to: number): number {
    if (this.#generation !== this.#keys.generation) {
      this.#ids.fill(0);
      this.#generation = this.#keys.generation;
    }
    const mask = this.#ids.length - 1;
    let slot = hashOf(bytes, from, to) & mask;
    for (;;) {
      const known = this.#ids[slot] as number;
      if (known === 0) break;
      if (this.#isKey(known - 1, bytes, from, to)) return known - 1;
      slot = (slot + 1) & mask;
    }
    const id = this.#keys.addUnhashed(bytes, from, to);
    this.#ids[slot] = id + 1;
    return id;
  }

  #isKey(id: number, bytes: Uint8Array, from: number, to: number): boolean {
    const length = to - from;
    if (this.#keys.lengthOf(id) !== length) return false;
    const text = this.#keys.bytesOf(id);
    const start = this.#keys.startOf(id);
    for (let i = 0; i < length; i++) if (text[start + i] !== bytes[from + i]) return false;
    return true;
  }
}

/** FNV-1a, with a last mix because the lower bits choose the slot. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c_9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x0100_0193);
  return hash ^ (hash >>> 15);
}

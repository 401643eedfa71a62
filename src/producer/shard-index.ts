/**
 * Open shards by hash key. In: their ranges, once. Out: the shard of a hash key, in a time that does not grow with the
 * number of shards: a table by the key's upper bits names the few shards among which it lies.
 */
import { compareHashKeys, hashKeyWords } from '../kinesis/hash-key.ts';
import type { Shard } from '../kinesis/shard.ts';

/** Places of the table for each shard, at least: then most places of equal shards hold one or two. */
const PLACES_PER_SHARD = 2;
const PLACE_BITS_MAX = 18;

export class ShardIndex {
  /** Shard numbers in the order of their ranges. */
  readonly numbers: Int32Array;
  /** Their last hash keys, four words each. */
  readonly #ends: Uint32Array;
  /** For each value of the upper bits, and one past the last: the first shard that does not end before it. */
  readonly #first: Uint32Array;
  readonly #shift: number;

  /** @param shards open ones, in any order, not overlapping */
  constructor(shards: readonly Shard[]) {
    const open = [...shards].sort((a, b) => (a.endingHashKey < b.endingHashKey ? -1 : 1));
    this.numbers = Int32Array.from(open, ({ number }) => number);
    this.#ends = new Uint32Array(open.length * 4);
    for (const [i, { endingHashKey }] of open.entries()) {
      this.#ends.set(hashKeyWords(endingHashKey), i * 4);
    }
    const wanted = Math.ceil(Math.log2(Math.max(1, open.length) * PLACES_PER_SHARD));
    const bits = Math.min(PLACE_BITS_MAX, wanted);
    this.#shift = 32 - bits;
    this.#first = new Uint32Array(2 ** bits + 1);
    let shard = 0;
    for (let place = 0; place < this.#first.length; place++) {
      while (shard < open.length && this.#placeOfEnd(shard) < place) shard++;
      this.#first[place] = shard;
    }
  }

  /** Number of the shard whose range ends first at or behind the hash key; -1 when there is none. */
  shardOf(hash: Uint32Array, at: number): number {
    const place = (hash[at] as number) >>> this.#shift;
    let low = this.#first[place] as number;
    let high = this.#first[place + 1] as number;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareHashKeys(this.#ends, middle * 4, hash, at) < 0) low = middle + 1;
      else high = middle;
    }
    return low < this.numbers.length ? (this.numbers[low] as number) : -1;
  }

  #placeOfEnd(shard: number): number {
    return (this.#ends[shard * 4] as number) >>> this.#shift;
  }
}

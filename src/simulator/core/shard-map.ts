import {
  compareHashKeys,
  HASH_KEY_MAX,
  type HashKeyWords,
  hashKeyWords,
} from '../../kinesis/hash-key.ts';
import { ENTRY_WORDS } from '../../kinesis/key-table.ts';
import type { KeyCache } from './key-cache.ts';
import type { CoreOptions } from './options.ts';
import type { RecordStore } from './record-store.ts';
import { SequenceWriter } from './sequence.ts';
import { type ShardPlace, ShardState } from './shard.ts';

const ROUTE_UNKNOWN = -1;

/** Which shard a hash key belongs to. The open shards always cover every hash key, without overlap. */
export class ShardMap {
  /** All shards that ever were, by number. */
  readonly shards: ShardState[] = [];
  readonly #options: CoreOptions;
  readonly #store: RecordStore;
  /** Sixteen for each second in which shards were created. */
  readonly #sequenceWriters = new Map<number, SequenceWriter>();
  /** Open shards by starting hash key, and those keys in words. */
  #open: ShardState[] = [];
  #openStart: HashKeyWords = new Uint32Array(0);
  /** Shard number of each key id, for the generation of the key cache that it was made with. */
  #routes = new Int32Array(0);
  #routesGeneration = -1;

  constructor(shardCount: number, createdMs: number, options: CoreOptions, store: RecordStore) {
    this.#options = options;
    this.#store = store;
    for (let i = 0; i < shardCount; i++) {
      this.#append(evenStart(i, shardCount), evenStart(i + 1, shardCount) - 1n, [], createdMs);
    }
    this.#remap();
  }

  /** Takes over shards that once were, in the order of their numbers; for a map without any. */
  restore(
    shards: readonly {
      readonly place: ShardPlace;
      readonly createdMs: number;
      readonly closedMs: number | null;
    }[],
  ): void {
    for (const { place, createdMs, closedMs } of shards) {
      this.#add(place, createdMs).closedMs = closedMs;
    }
    this.#remap();
  }

  get open(): readonly ShardState[] {
    return this.#open;
  }

  /** The open shard that a hash key belongs to. */
  shardAt(words: HashKeyWords, at: number): ShardState {
    let low = 0;
    let high = this.#open.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (compareHashKeys(this.#openStart, middle * 4, words, at) <= 0) low = middle;
      else high = middle - 1;
    }
    return this.#open[low] as ShardState;
  }

  /** Number of the open shard that key `id` of the cache belongs to. */
  routeKey(id: number, keys: KeyCache): number {
    const { table } = keys;
    if (this.#routesGeneration !== table.generation || id >= this.#routes.length) {
      const isSame = this.#routesGeneration === table.generation;
      this.#routesGeneration = table.generation;
      const routes = new Int32Array(table.entries.length / ENTRY_WORDS).fill(ROUTE_UNKNOWN);
      if (isSame) routes.set(this.#routes);
      this.#routes = routes;
    }
    const known = this.#routes[id] as number;
    if (known !== ROUTE_UNKNOWN) return known;
    const shard = this.shardAt(table.entries, id * ENTRY_WORDS).place.number;
    this.#routes[id] = shard;
    return shard;
  }

  /** Closes a shard and opens two in its place, the second beginning at `newStartingHashKey`. */
  split(parent: ShardState, newStartingHashKey: bigint, nowMs: number): void {
    this.#split(parent, newStartingHashKey, nowMs);
    this.#remap();
  }

  /** Closes two adjacent shards and opens one in their place. */
  merge(parent: ShardState, adjacent: ShardState, nowMs: number): void {
    this.#merge(parent, adjacent, nowMs);
    this.#remap();
  }

  /**
   * Makes `count` shards of equal ranges: splits at the new borders first, then merges what lies between two of them.
   * As in the service, that makes shards which live only for the change.
   */
  rescale(count: number, nowMs: number): void {
    const parts = this.#splitAtBorders(count, nowMs);
    let at = 0;
    for (let i = 0; i < count; i++) {
      const end = evenStart(i + 1, count) - 1n;
      let merged = parts[at++] as ShardState;
      while (merged.place.endingHashKey < end) {
        merged = this.#merge(merged, parts[at++] as ShardState, nowMs);
      }
    }
    this.#remap();
  }

  /** The open shard whose range begins where this one's ends; undefined for the last. */
  neighbourAbove(shard: ShardState): ShardState | undefined {
    return this.#open[this.#open.indexOf(shard) + 1];
  }

  /** Whether both are open and one's range follows the other's. */
  areMergeable(a: ShardState, b: ShardState): boolean {
    const areAdjacent =
      a.place.endingHashKey + 1n === b.place.startingHashKey ||
      b.place.endingHashKey + 1n === a.place.startingHashKey;
    return areAdjacent && a.isOpen && b.isOpen;
  }

  /** Shards that came of this one. */
  children(shard: ShardState): ShardState[] {
    const { number } = shard.place;
    return this.shards.filter(
      ({ place }) => place.parentNumber === number || place.adjacentParentNumber === number,
    );
  }

  /** Splits the open shards at the borders of `count` equal ranges; returns the parts in order. */
  #splitAtBorders(count: number, nowMs: number): ShardState[] {
    const parts: ShardState[] = [];
    let i = 1;
    for (const shard of this.#open) {
      let part = shard;
      while (i < count && evenStart(i, count) <= part.place.endingHashKey) {
        const border = evenStart(i++, count);
        if (border === part.place.startingHashKey) continue;
        const [below, above] = this.#split(part, border, nowMs);
        parts.push(below);
        part = above;
      }
      parts.push(part);
    }
    return parts;
  }

  #split(parent: ShardState, border: bigint, nowMs: number): readonly [ShardState, ShardState] {
    const { number, startingHashKey, endingHashKey } = parent.place;
    close(parent, nowMs);
    return [
      this.#append(startingHashKey, border - 1n, [number], nowMs),
      this.#append(border, endingHashKey, [number], nowMs),
    ];
  }

  #merge(parent: ShardState, adjacent: ShardState, nowMs: number): ShardState {
    const [low, high] =
      parent.place.startingHashKey < adjacent.place.startingHashKey
        ? [parent.place, adjacent.place]
        : [adjacent.place, parent.place];
    close(parent, nowMs);
    close(adjacent, nowMs);
    const parents = [parent.place.number, adjacent.place.number];
    return this.#append(low.startingHashKey, high.endingHashKey, parents, nowMs);
  }

  #append(start: bigint, end: bigint, parents: readonly number[], nowMs: number): ShardState {
    const place: ShardPlace = {
      number: this.shards.length,
      startingHashKey: start,
      endingHashKey: end,
      parentNumber: parents[0] ?? null,
      adjacentParentNumber: parents[1] ?? null,
    };
    return this.#add(place, nowMs);
  }

  #add(place: ShardPlace, createdMs: number): ShardState {
    const writer = this.#sequenceWriter(Math.floor(createdMs / 1000), place.number);
    const shard = new ShardState(place, createdMs, this.#options, this.#store, writer);
    this.shards.push(shard);
    return shard;
  }

  #sequenceWriter(createdSecond: number, shard: number): SequenceWriter {
    const key = createdSecond * 16 + (shard & 15);
    let writer = this.#sequenceWriters.get(key);
    if (writer === undefined) {
      writer = new SequenceWriter(createdSecond, shard);
      this.#sequenceWriters.set(key, writer);
    }
    return writer;
  }

  #remap(): void {
    this.#open = this.shards
      .filter((shard) => shard.isOpen)
      .sort((a, b) => (a.place.startingHashKey < b.place.startingHashKey ? -1 : 1));
    this.#openStart = new Uint32Array(this.#open.length * 4);
    for (const [i, shard] of this.#open.entries()) {
      this.#openStart.set(hashKeyWords(shard.place.startingHashKey), i * 4);
    }
    this.#routesGeneration = -1;
  }
}

/** First hash key of part `i` of `count` equal ones. The service rounds the width down; the last part is wider. */
function evenStart(i: number, count: number): bigint {
  const width = (HASH_KEY_MAX + 1n) / BigInt(count);
  return i === count ? HASH_KEY_MAX + 1n : width * BigInt(i);
}

/** Ends the shard; its subscribers learn of it. */
function close(shard: ShardState, nowMs: number): void {
  shard.closedMs = nowMs;
  shard.log.wake();
}

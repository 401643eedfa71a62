import {
  compareHashKeys,
  HASH_KEY_MAX,
  type HashKeyWords,
  hashKeyWords,
} from '../../kinesis/hash-key.ts';
import { RECORD_BYTES_DEFAULT_MAX } from '../../kinesis/limits.ts';
import type { KeyCache } from './key-cache.ts';
import type { CoreOptions } from './options.ts';
import { type ShardPlace, ShardState } from './shard.ts';

export type StreamStatus = 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';
export type StreamMode = 'PROVISIONED' | 'ON_DEMAND';

const ROUTE_UNKNOWN = -1;

/** A stream: its state, its shards, and the map from hash keys to open shards. */
export class Stream {
  readonly name: string;
  readonly createdMs: number;
  readonly shards: ShardState[] = [];
  status: StreamStatus = 'CREATING';
  mode: StreamMode;
  retentionHours = 24;
  /** Data and partition key of one record. */
  recordBytesMax = RECORD_BYTES_DEFAULT_MAX;
  tags = new Map<string, string>();
  readonly #options: CoreOptions;
  /** Open shards by starting hash key, and those keys in words. */
  #open: ShardState[] = [];
  #openStart: HashKeyWords = new Uint32Array(0);
  /** Shard number of each key id, for the generation of the key cache that it was made with. */
  #routes = new Int32Array(0);
  #routesGeneration = -1;

  constructor(
    name: string,
    mode: StreamMode,
    shardCount: number,
    createdMs: number,
    options: CoreOptions,
  ) {
    this.name = name;
    this.mode = mode;
    this.createdMs = createdMs;
    this.#options = options;
    const width = (HASH_KEY_MAX + 1n) / BigInt(shardCount);
    for (let i = 0; i < shardCount; i++) {
      const isLast = i === shardCount - 1;
      const startingHashKey = width * BigInt(i);
      const endingHashKey = isLast ? HASH_KEY_MAX : startingHashKey + width - 1n;
      this.#append(startingHashKey, endingHashKey, null, null, createdMs);
    }
    this.#remap();
  }

  get openShards(): readonly ShardState[] {
    return this.#open;
  }

  shard(number: number): ShardState | undefined {
    return this.shards[number];
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
      const routes = new Int32Array(table.start.length).fill(ROUTE_UNKNOWN);
      if (isSame) routes.set(this.#routes);
      this.#routes = routes;
    }
    const known = this.#routes[id] as number;
    if (known !== ROUTE_UNKNOWN) return known;
    const shard = this.shardAt(table.hash, id * 4).place.number;
    this.#routes[id] = shard;
    return shard;
  }

  /** Closes a shard and opens two in its place, the second beginning at `newStartingHashKey`. */
  split(parent: ShardState, newStartingHashKey: bigint, nowMs: number): void {
    const { number, startingHashKey, endingHashKey } = parent.place;
    parent.closedMs = nowMs;
    this.#append(startingHashKey, newStartingHashKey - 1n, number, null, nowMs);
    this.#append(newStartingHashKey, endingHashKey, number, null, nowMs);
    this.#remap();
  }

  /** Closes two adjacent shards and opens one in their place. */
  merge(parent: ShardState, adjacent: ShardState, nowMs: number): void {
    const [low, high] =
      parent.place.startingHashKey < adjacent.place.startingHashKey
        ? [parent.place, adjacent.place]
        : [adjacent.place, parent.place];
    parent.closedMs = nowMs;
    adjacent.closedMs = nowMs;
    const parents = [parent.place.number, adjacent.place.number] as const;
    this.#append(low.startingHashKey, high.endingHashKey, parents[0], parents[1], nowMs);
    this.#remap();
  }

  /** The open shard whose range begins where this one's ends; undefined for the last. */
  neighbourAbove(shard: ShardState): ShardState | undefined {
    return this.#open[this.#open.indexOf(shard) + 1];
  }

  /** Shards that came of this one. */
  children(shard: ShardState): ShardState[] {
    const { number } = shard.place;
    return this.shards.filter(
      ({ place }) => place.parentNumber === number || place.adjacentParentNumber === number,
    );
  }

  #append(
    startingHashKey: bigint,
    endingHashKey: bigint,
    parentNumber: number | null,
    adjacentParentNumber: number | null,
    nowMs: number,
  ): void {
    const number = this.shards.length;
    const place: ShardPlace = {
      number,
      startingHashKey,
      endingHashKey,
      parentNumber,
      adjacentParentNumber,
    };
    this.shards.push(new ShardState(place, nowMs, this.#options));
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

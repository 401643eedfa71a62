import type { Clock, Timer } from '../core/clock.ts';
import { compareHashKeys, hashKeyWords } from '../kinesis/hash-key.ts';
import { ENTRY_WORDS, type KeyTable } from '../kinesis/key-table.ts';
import type { ListOpenShards } from '../kinesis/listing.ts';
import type { Shard } from '../kinesis/shard.ts';
import { ShardIndex } from './shard-index.ts';

/**
 * The KPL's refresh backoff after a failed listing (core/shard_map.cc): 1 s, times 1.5, at most 30 s. The same bounds listings
 * that find nothing new: answers that name other shards than the listing does would have it made without end.
 */
const BACKOFF_FIRST_US = 1_000_000;
const BACKOFF_FACTOR = 1.5;
const BACKOFF_MAX_US = 30_000_000;
/** Ranges of closed shards are remembered this long after the map last changed (core/shard_map.h). */
const CLOSED_SHARD_LIFE_US = 60_000_000;

interface HashRange {
  readonly start: Uint32Array;
  readonly end: Uint32Array;
}

export interface ShardMapOptions {
  readonly streamName: string;
  readonly listOpenShards: ListOpenShards;
  readonly keys: KeyTable;
  readonly clock: Clock;
  /** Called after each refresh, with the number of open shards, and after each failed one with the reason. */
  readonly onUpdate: (openShards: number) => void;
  readonly onError: (code: string, message: string) => void;
}

/**
 * Which shard a key goes to. In: ListShards answers. Out: the predicted shard of a key, from its hash key.
 * Refreshed only when told that a prediction was wrong, as in the KPL, never periodically.
 */
export class ShardMap {
  readonly #options: ShardMapOptions;
  #state: 'empty' | 'updating' | 'ready' = 'empty';
  #updatedUs = Number.NEGATIVE_INFINITY;
  #backoffUs = BACKOFF_FIRST_US;
  /** No wrong prediction leads to a listing before: the last one found nothing new. */
  #settledUntilUs = Number.NEGATIVE_INFINITY;
  #index = new ShardIndex([]);
  /** Every range known, open or closed, by shard number. */
  readonly #ranges = new Map<number, HashRange>();
  #open = new Set<number>();
  #isClosed = false;
  /** Until the next listing, after a failed one. */
  #retryTimer: Timer | null = null;

  constructor(options: ShardMapOptions) {
    this.#options = options;
  }

  get isReady(): boolean {
    return this.#index.numbers.length > 0;
  }

  get openShards(): readonly number[] {
    return [...this.#index.numbers];
  }

  /** Upper 32 bits of the first hash key of each of {@link openShards}. */
  get openShardStarts(): readonly number[] {
    return this.openShards.map((number) => this.#ranges.get(number)?.start[0] ?? 0);
  }

  /** Begins the first listing. */
  start(): void {
    if (this.#state === 'empty') this.#refresh();
  }

  close(): void {
    this.#isClosed = true;
    this.#retryTimer?.cancel();
  }

  /** Shard number for a key of the table; -1 while no map is there. */
  predict(keyId: number): number {
    return this.#index.shardOf(this.#options.keys.entries, keyId * ENTRY_WORDS);
  }

  /** Number of the open shard whose range holds the hash key; -1 when there is none. */
  shardOf(hash: Uint32Array, at: number): number {
    return this.#index.shardOf(hash, at);
  }

  /** Whether the range of a shard, open or remembered, is known and holds the hash key. */
  holds(shard: number, hash: Uint32Array, at = 0): boolean {
    this.#forgetClosed(this.#options.clock.nowUs());
    const range = this.#ranges.get(shard);
    if (range === undefined) return false;
    return (
      compareHashKeys(range.start, 0, hash, at) <= 0 && compareHashKeys(hash, at, range.end, 0) <= 0
    );
  }

  isOpen(shard: number): boolean {
    return this.#open.has(shard);
  }

  /** Whether a listing is under way or waits to be tried again. */
  get isUpdating(): boolean {
    return this.#state === 'updating';
  }

  /**
   * A prediction was wrong. Refreshes, unless the map is newer than the request that showed it, or is being refreshed,
   * or no longer has the predicted shard open, or a listing has just found nothing new: so a storm of wrong answers leads to
   * one listing.
   */
  invalidate(requestStartUs: number, predictedShard: number): void {
    if (this.#state !== 'ready' || requestStartUs <= this.#updatedUs) return;
    if (predictedShard >= 0 && !this.#open.has(predictedShard)) return;
    if (this.#options.clock.nowUs() < this.#settledUntilUs) return;
    this.#refresh();
  }

  #refresh(): void {
    this.#state = 'updating';
    const { listOpenShards, streamName } = this.#options;
    listOpenShards(streamName, (shards, code, message) => {
      if (this.#isClosed) return;
      if (shards === null || shards.length === 0) this.#fail(code, message);
      else this.#update(shards);
    });
  }

  #fail(code: string, message: string): void {
    const { clock, onError } = this.#options;
    onError(code, message === '' ? 'the stream has no open shards' : message);
    this.#retryTimer = clock.setTimer(clock.nowUs() + this.#nextBackoffUs(), () => this.#refresh());
  }

  #nextBackoffUs(): number {
    const backoffUs = this.#backoffUs;
    this.#backoffUs = Math.min(backoffUs * BACKOFF_FACTOR, BACKOFF_MAX_US);
    return backoffUs;
  }

  #update(shards: readonly Shard[]): void {
    const nowUs = this.#options.clock.nowUs();
    this.#forgetClosed(nowUs);
    this.#index = new ShardIndex(shards);
    for (const { number, startingHashKey, endingHashKey } of shards) {
      const range = { start: hashKeyWords(startingHashKey), end: hashKeyWords(endingHashKey) };
      this.#ranges.set(number, range);
    }
    const before = this.#open;
    this.#open = new Set(this.#index.numbers);
    const isNew =
      before.size !== this.#open.size || shards.some(({ number }) => !before.has(number));
    if (isNew) this.#backoffUs = BACKOFF_FIRST_US;
    this.#settledUntilUs = isNew ? nowUs : nowUs + this.#nextBackoffUs();
    this.#state = 'ready';
    this.#updatedUs = nowUs;
    this.#options.onUpdate(shards.length);
  }

  #forgetClosed(nowUs: number): void {
    if (nowUs - this.#updatedUs <= CLOSED_SHARD_LIFE_US || this.#ranges.size === this.#open.size) {
      return;
    }
    for (const shard of this.#ranges.keys()) if (!this.#open.has(shard)) this.#ranges.delete(shard);
  }
}

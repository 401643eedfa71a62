import { ShardBuckets } from '../producer/buckets.ts';
import { whole } from './fields.ts';

/**
 * The limits of several producers of one process, so that a shard gets no more from all of them than from one. The streams
 * are one region's and account's.
 */
export class SharedLimits {
  readonly #fraction: number;
  readonly #part: number;
  readonly #streams = new Map<string, ShardBuckets>();

  /**
   * @param percent of a shard's limits, for all these producers together
   * @param threads that divide it, each with an object like this one: rate and burst are parted evenly
   */
  constructor(percent: number, threads = 1) {
    this.#fraction = whole('rateLimitPercent', percent, 100) / 100;
    this.#part = 1 / whole('threads', threads, 1);
  }

  /** The buckets of a stream's shards. */
  of(stream: string): ShardBuckets {
    let buckets = this.#streams.get(stream);
    if (buckets === undefined) {
      buckets = new ShardBuckets(this.#fraction, this.#part);
      this.#streams.set(stream, buckets);
    }
    return buckets;
  }
}

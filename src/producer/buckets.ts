/**
 * What each shard may be given: a bucket of records and one of bytes, filled at a share of the service's limits, and
 * slowed down when the service throttles. One producer's, or shared by all producers of a thread.
 */
import { SHARD_WRITE_BYTES_PER_SECOND, SHARD_WRITE_RECORDS_PER_SECOND } from '../kinesis/limits.ts';

/** Burst of the KPL's buckets (core/limiter.h, since 1.0.6); the rate is multiplied by the limit, the burst is not. */
const RECORDS_BURST = 1000;
const BYTES_BURST = 10 * 1024 * 1024;
/** How a throttled shard's rate falls and rises again (additive increase, multiplicative decrease). */
const RATE_DECREASE = 0.7;
const RATE_MIN = 0.02;
const RATE_INCREASE_PER_SECOND = 0.1;
/** Refusals of one moment are one signal: no second decrease within this time. */
const DECREASE_GAP_US = 250_000;
/** After a decrease the burst is this much of a second, so that a full bucket cannot undo it. */
const ADAPTED_BURST_SECONDS = 0.25;
/** An adapted bucket still holds one ordinary record of the largest default size. */
const ADAPTED_BYTES_BURST_MIN = 1024 * 1024;

/** The buckets of one shard. */
class Bucket {
  records = RECORDS_BURST;
  bytes = BYTES_BURST;
  filledUs = Number.NEGATIVE_INFINITY;
  /** Share of the configured rate that is in force, RATE_MIN … 1. */
  share = 1;
  decreasedUs = Number.NEGATIVE_INFINITY;
}

export class ShardBuckets {
  /** Records a microsecond that one shard is given while it is not throttled. */
  readonly recordsPerUs: number;
  readonly #bytesPerUs: number;
  readonly #shards: (Bucket | undefined)[] = [];

  /** @param fraction of a shard's limits, above 0; 1.5 is the KPL's default */
  constructor(fraction: number) {
    this.recordsPerUs = (SHARD_WRITE_RECORDS_PER_SECOND * fraction) / 1_000_000;
    this.#bytesPerUs = (SHARD_WRITE_BYTES_PER_SECOND * fraction) / 1_000_000;
  }

  /**
   * Takes tokens for one record; more bytes than a full bucket holds are lent, once it is full.
   * @returns 0 when it took them, else the time to wait, microseconds
   */
  take(shard: number, bytes: number, nowUs: number): number {
    const bucket = this.#bucket(shard);
    this.#fill(bucket, nowUs);
    const bytesNeeded = Math.min(bytes, this.#bytesMax(bucket));
    if (bucket.records >= 1 && bucket.bytes >= bytesNeeded) {
      bucket.records -= 1;
      bucket.bytes -= bytes;
      return 0;
    }
    const recordsUs = (1 - bucket.records) / (this.recordsPerUs * bucket.share);
    const bytesUs = (bytesNeeded - bucket.bytes) / (this.#bytesPerUs * bucket.share);
    return Math.max(recordsUs, bytesUs, 1);
  }

  /** The service throttled a record of this shard: less for it, slowly more again. */
  slowDown(shard: number, nowUs: number): void {
    const bucket = this.#bucket(shard);
    this.#fill(bucket, nowUs);
    if (nowUs - bucket.decreasedUs < DECREASE_GAP_US) return;
    bucket.share = Math.max(RATE_MIN, bucket.share * RATE_DECREASE);
    bucket.decreasedUs = nowUs;
  }

  /** Records a microsecond that a shard is given now. */
  rate(shard: number): number {
    return this.recordsPerUs * (this.#shards[shard]?.share ?? 1);
  }

  #bucket(shard: number): Bucket {
    const known = this.#shards[shard];
    if (known !== undefined) return known;
    while (this.#shards.length < shard) this.#shards.push(undefined);
    const bucket = new Bucket();
    this.#shards[shard] = bucket;
    return bucket;
  }

  #fill(bucket: Bucket, nowUs: number): void {
    const elapsedUs = nowUs - bucket.filledUs;
    bucket.filledUs = nowUs;
    if (elapsedUs === Number.POSITIVE_INFINITY) return;
    if (bucket.share < 1) {
      const risen = bucket.share + (RATE_INCREASE_PER_SECOND * elapsedUs) / 1_000_000;
      bucket.share = Math.min(1, risen);
    }
    const records = bucket.records + this.recordsPerUs * bucket.share * elapsedUs;
    const bytes = bucket.bytes + this.#bytesPerUs * bucket.share * elapsedUs;
    bucket.records = Math.min(this.#recordsMax(bucket), records);
    bucket.bytes = Math.min(this.#bytesMax(bucket), bytes);
  }

  #recordsMax({ share }: Bucket): number {
    if (share === 1) return RECORDS_BURST;
    const adapted = this.recordsPerUs * share * ADAPTED_BURST_SECONDS * 1_000_000;
    return Math.max(1, Math.min(RECORDS_BURST, adapted));
  }

  #bytesMax({ share }: Bucket): number {
    if (share === 1) return BYTES_BURST;
    const adapted = this.#bytesPerUs * share * ADAPTED_BURST_SECONDS * 1_000_000;
    return Math.min(BYTES_BURST, Math.max(ADAPTED_BYTES_BURST_MIN, adapted));
  }
}

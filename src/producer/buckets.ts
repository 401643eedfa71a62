/**
 * What each shard may be given: a bucket of records and one of bytes, filled at a share of the service's limits, and
 * slowed down when the service throttles. One producer's, or shared by all producers of a thread;
 * threads divide a limit among them, rate and burst.
 */
import { IntMap } from '../core/int-map.ts';
import { SHARD_WRITE_BYTES_PER_SECOND, SHARD_WRITE_RECORDS_PER_SECOND } from '../kinesis/limits.ts';

/** Burst of the KPL's buckets (core/limiter.h, since 1.0.6); the rate is multiplied by the limit, the burst is not. */
const RECORDS_BURST = 1000;
const BYTES_BURST = 10 * 1024 * 1024;
/** How a throttled shard's rate falls. */
const RATE_DECREASE = 0.7;
/** A small share falls deeper when the fall before, up to a second ago, was not enough: it is far from what is its due. */
const SMALL_RATE = 0.02;
const SMALL_DECREASE_AGAIN = 0.5;
const AGAIN_WITHIN_US = 1_000_000;
/** A thousand producers of one shard can each be given their part of it. */
const RATE_MIN = 0.001;
/**
 * How it rises again: by so much of the limit a second, and by no more than a part of itself, lest what hundreds of small
 * producers add together is a multiple of the limit. The part is small since a producer of two records a second hears of
 * a refusal rarely; once it heard of none for a while the crowd is gone, and it hurries: from RATE_MIN to all in 18 s.
 */
const RATE_INCREASE_PER_SECOND = 0.1;
const GROWTH_PER_SECOND = 0.25;
const QUIET_US = 5_000_000;
const QUIET_GROWTH_PER_SECOND = 1;
/** Refusals of one moment are one signal: no second decrease within this time. */
const DECREASE_GAP_US = 250_000;
/** After a decrease the burst is this much of a second, so that a full bucket cannot undo it. */
const ADAPTED_BURST_SECONDS = 0.25;
/** A rate that rises makes a wait shorter than it looks: it is looked at again by then. */
const ADAPTED_WAIT_US_MAX = 1_000_000;

/**
 * The buckets of one shard, numbers side by side in one array: records, bytes, time of the last fill. Full ones need no
 * place: of hundreds of producers with a thousand shards each, nearly all are full, and each look at them would be a miss
 * of the cache.
 */
const RECORDS = 0;
const BYTES = 1;
const FILLED_US = 2;
const FIELDS = 3;
const SHARDS_FIRST = 8;
/** More than the tokens of a bucket can be off by, so that one that is looked upon as full would have been filled up. */
const ROUNDING_US = 1;
/** With fewer places it is not worth looking for full ones. */
const SWEEP_MIN = 32;

export class ShardBuckets {
  /** Records a microsecond that one shard is given while it is not throttled. */
  readonly #recordsPerUs: number;
  readonly #bytesPerUs: number;
  /** What full buckets hold. */
  readonly #recordsBurst: number;
  readonly #bytesBurst: number;
  /** Place of a shard's buckets, unless they are full. */
  readonly #places = new IntMap();
  readonly #freePlaces: number[] = [];
  /** {@link FIELDS} numbers a place. */
  #shards = new Float64Array(0);
  /** So many places are in use when it is looked for full ones next. */
  #sweepAt = SWEEP_MIN;
  /** By then all buckets are full, as far as they have no share. */
  #fullUs = Number.NEGATIVE_INFINITY;
  /** Share of the configured rate that is in force, RATE_MIN … 1, by shard number; 1 past the end. */
  #shares = new Float64Array(0);
  /** Time of the last decrease, as far as the shares go. */
  #decreasedUs = new Float64Array(0);

  /**
   * @param fraction of a shard's limits, above 0; 1.5 is the KPL's default
   * @param part of the rate and of the burst that these buckets have, in (0, 1]: what one thread is due of a limit that
   *   several divide, so that all their parts together are that one limit
   */
  constructor(fraction: number, part = 1) {
    this.#recordsPerUs = (SHARD_WRITE_RECORDS_PER_SECOND * fraction * part) / 1_000_000;
    this.#bytesPerUs = (SHARD_WRITE_BYTES_PER_SECOND * fraction * part) / 1_000_000;
    // A bucket that never holds one record would never let one pass.
    this.#recordsBurst = Math.max(1, RECORDS_BURST * part);
    this.#bytesBurst = BYTES_BURST * part;
  }

  /**
   * Takes tokens for one record; more bytes than a full bucket holds are lent, once it is full.
   * @returns 0 when it took them, else the time to wait before it is worth asking again, microseconds
   */
  take(shard: number, bytes: number, nowUs: number): number {
    const at = this.#filled(shard, nowUs);
    const buckets = this.#shards;
    const share = this.#shareOf(shard);
    const bytesNeeded = Math.min(bytes, this.#bytesMax(share));
    const records = buckets[at + RECORDS] as number;
    const held = buckets[at + BYTES] as number;
    if (records >= 1 && held >= bytesNeeded) {
      buckets[at + RECORDS] = records - 1;
      buckets[at + BYTES] = held - bytes;
      const recordsUs = (this.#recordsBurst + 1 - records) / this.#recordsPerUs;
      const bytesUs = (this.#bytesBurst + bytes - held) / this.#bytesPerUs;
      const fullUs = nowUs + Math.max(recordsUs, bytesUs) + ROUNDING_US;
      if (fullUs > this.#fullUs) this.#fullUs = fullUs;
      return 0;
    }
    const recordsUs = (1 - records) / (this.#recordsPerUs * share);
    const bytesUs = (bytesNeeded - held) / (this.#bytesPerUs * share);
    const waitUs = Math.max(recordsUs, bytesUs, 1);
    return share < 1 ? Math.min(waitUs, ADAPTED_WAIT_US_MAX) : waitUs;
  }

  /** The service throttled a record of this shard: less for it, slowly more again. */
  slowDown(shard: number, nowUs: number): void {
    this.#filled(shard, nowUs);
    if (shard >= this.#shares.length) this.#widenShares(shard);
    const sinceUs = nowUs - (this.#decreasedUs[shard] as number);
    if (sinceUs < DECREASE_GAP_US) return;
    const share = this.#shareOf(shard);
    const isAgain = sinceUs < AGAIN_WITHIN_US && share < SMALL_RATE;
    const decrease = isAgain ? SMALL_DECREASE_AGAIN : RATE_DECREASE;
    this.#shares[shard] = Math.max(RATE_MIN, share * decrease);
    this.#decreasedUs[shard] = nowUs;
  }

  /** Records a microsecond that a shard is given now. */
  rate(shard: number): number {
    return this.#recordsPerUs * this.#shareOf(shard);
  }

  #shareOf(shard: number): number {
    return shard < this.#shares.length ? (this.#shares[shard] as number) : 1;
  }

  /** Fills a shard's buckets up to now; returns where they begin. */
  #filled(shard: number, nowUs: number): number {
    let place = this.#places.get(shard);
    if (place < 0) place = this.#takePlace(shard, nowUs);
    const at = place * FIELDS;
    const buckets = this.#shards;
    const elapsedUs = nowUs - (buckets[at + FILLED_US] as number);
    buckets[at + FILLED_US] = nowUs;
    if (elapsedUs === Number.POSITIVE_INFINITY) return at;
    let share = this.#shareOf(shard);
    if (share < 1) {
      share = grown(share, elapsedUs, nowUs - (this.#decreasedUs[shard] as number));
      this.#shares[shard] = share;
    }
    const records = (buckets[at + RECORDS] as number) + this.#recordsPerUs * share * elapsedUs;
    const bytes = (buckets[at + BYTES] as number) + this.#bytesPerUs * share * elapsedUs;
    buckets[at + RECORDS] = Math.min(this.#recordsMax(share), records);
    buckets[at + BYTES] = Math.min(this.#bytesMax(share), bytes);
    return at;
  }

  #recordsMax(share: number): number {
    if (share === 1) return this.#recordsBurst;
    const adapted = this.#recordsPerUs * share * ADAPTED_BURST_SECONDS * 1_000_000;
    return Math.max(1, Math.min(this.#recordsBurst, adapted));
  }

  #bytesMax(share: number): number {
    if (share === 1) return this.#bytesBurst;
    const adapted = this.#bytesPerUs * share * ADAPTED_BURST_SECONDS * 1_000_000;
    return Math.min(this.#bytesBurst, adapted);
  }

  /** A place of full buckets that were never filled. */
  #takePlace(shard: number, nowUs: number): number {
    if (nowUs >= this.#fullUs && this.#shares.length === 0) this.#forgetAll();
    else if (this.#places.size >= this.#sweepAt) this.#sweep(nowUs);
    const place = this.#freePlaces.pop() ?? this.#places.size;
    if (place * FIELDS >= this.#shards.length) this.#widen();
    this.#places.set(shard, place);
    const at = place * FIELDS;
    this.#shards[at + RECORDS] = this.#recordsBurst;
    this.#shards[at + BYTES] = this.#bytesBurst;
    this.#shards[at + FILLED_US] = Number.NEGATIVE_INFINITY;
    return place;
  }

  /** All buckets are full: so it is again and again where each of many producers has a record now and then. */
  #forgetAll(): void {
    if (this.#freePlaces.length > 0) this.#freePlaces.length = 0;
    this.#places.clear();
  }

  /** Takes the places of buckets that are full by now. As many are in use next time, so each is looked at rarely. */
  #sweep(nowUs: number): void {
    const buckets = this.#shards;
    for (const shard of this.#places.keys()) {
      if (this.#shareOf(shard) < 1) continue;
      const place = this.#places.get(shard);
      const at = place * FIELDS;
      const elapsedUs = nowUs - (buckets[at + FILLED_US] as number);
      const records = (buckets[at + RECORDS] as number) + this.#recordsPerUs * elapsedUs;
      const bytes = (buckets[at + BYTES] as number) + this.#bytesPerUs * elapsedUs;
      if (records < this.#recordsBurst || bytes < this.#bytesBurst) continue;
      this.#places.delete(shard);
      this.#freePlaces.push(place);
    }
    this.#sweepAt = Math.max(SWEEP_MIN, this.#places.size * 2);
  }

  #widen(): void {
    const wider = new Float64Array(Math.max(SHARDS_FIRST * FIELDS, this.#shards.length * 2));
    wider.set(this.#shards);
    this.#shards = wider;
  }

  /** Most producers are never throttled, and have no shares at all. */
  #widenShares(shard: number): void {
    const length = Math.max(shard + 1, this.#shares.length * 2);
    const shares = new Float64Array(length).fill(1);
    shares.set(this.#shares);
    this.#shares = shares;
    const decreasedUs = new Float64Array(length).fill(Number.NEGATIVE_INFINITY);
    decreasedUs.set(this.#decreasedUs);
    this.#decreasedUs = decreasedUs;
  }
}

/**
 * What becomes of a share in a while without refusals.
 * @param sinceUs time since the last decrease, at the end of the while
 */
function grown(share: number, elapsedUs: number, sinceUs: number): number {
  const added = share + (RATE_INCREASE_PER_SECOND * elapsedUs) / 1_000_000;
  const quietUs = Math.min(elapsedUs, Math.max(0, sinceUs - QUIET_US));
  const growth = GROWTH_PER_SECOND * (elapsedUs - quietUs) + QUIET_GROWTH_PER_SECOND * quietUs;
  return Math.min(1, added, share * Math.exp(growth / 1_000_000));
}

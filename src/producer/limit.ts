/**
 * Holds Kinesis records back so that no shard gets more than its share. In: closed Kinesis records. Out: the same, in
 * deadline order for each shard, no faster than the shard's buckets of records and bytes; records whose time to live
 * ends while they wait, by another callback. It shapes load, it does not end throttling: other producers write too.
 */
import { DeadlineHeap } from '../core/deadline-heap.ts';
import { SHARD_WRITE_BYTES_PER_SECOND, SHARD_WRITE_RECORDS_PER_SECOND } from '../kinesis/limits.ts';
import type { KinesisRecord } from './kinesis-record.ts';
import { RecordHeap } from './record-heap.ts';
import type { Behaviour } from './settings.ts';

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

/**
 * Records of a queue leave together in steps of up to this much, so that they share requests: one by one they would each
 * be overdue and each be a request. It costs no throughput, since tokens gather meanwhile, and a lone record nothing.
 */
const TOGETHER_US = 10_000;

/** The buckets and the queue of one shard. */
class ShardLimit {
  records = RECORDS_BURST;
  bytes = BYTES_BURST;
  filledUs = Number.NEGATIVE_INFINITY;
  /** Share of the configured rate that is in force, RATE_MIN … 1. */
  share = 1;
  decreasedUs = Number.NEGATIVE_INFINITY;
  /** Earliest expiration among the waiting; may be too early, never too late. */
  expirationUs = Number.POSITIVE_INFINITY;
  readonly waiting = new RecordHeap();
}

export class Limiter {
  readonly #fraction: number;
  readonly #behaviour: Behaviour;
  readonly #onPassed: (record: KinesisRecord) => void;
  readonly #onExpired: (record: KinesisRecord) => void;
  readonly #shards: (ShardLimit | undefined)[] = [];
  readonly #wakeups = new DeadlineHeap();

  /** @param fraction of a shard's limits, above 0; 1.5 is the KPL's default */
  constructor(
    fraction: number,
    behaviour: Behaviour,
    onPassed: (record: KinesisRecord) => void,
    onExpired: (record: KinesisRecord) => void,
  ) {
    this.#fraction = fraction;
    this.#behaviour = behaviour;
    this.#onPassed = onPassed;
    this.#onExpired = onExpired;
  }

  /** When a waiting record may pass or expire; Infinity when none waits. */
  get nextUs(): number {
    return this.#wakeups.nextUs;
  }

  /** Takes a record; passes it on at once when its shard is unknown or has tokens and no queue. */
  put(record: KinesisRecord, nowUs: number): void {
    const shard = record.predictedShard;
    if (shard < 0 || !(record.isAggregate || this.#behaviour.limitsPlain)) {
      this.#onPassed(record);
      return;
    }
    const limit = this.#shards[shard] ?? this.#limitFor(shard);
    limit.waiting.push(record);
    if (record.expirationUs < limit.expirationUs) limit.expirationUs = record.expirationUs;
    this.#drain(shard, limit, nowUs);
  }

  /** Passes on what tokens allow by now. */
  advance(nowUs: number): void {
    for (let shard = this.#wakeups.takeDue(nowUs); shard >= 0; ) {
      this.#drain(shard, this.#shards[shard] as ShardLimit, nowUs);
      shard = this.#wakeups.takeDue(nowUs);
    }
  }

  /** The service throttled a record of this shard. */
  throttled(shard: number, nowUs: number): void {
    if (shard < 0 || !this.#behaviour.adaptsRate) return;
    const limit = this.#shards[shard] ?? this.#limitFor(shard);
    this.#fill(limit, nowUs);
    if (nowUs - limit.decreasedUs < DECREASE_GAP_US) return;
    limit.share = Math.max(RATE_MIN, limit.share * RATE_DECREASE);
    limit.decreasedUs = nowUs;
  }

  /** Takes out everything that waits, in no order. */
  takeAll(take: (record: KinesisRecord) => void): void {
    this.#shards.forEach((limit, shard) => {
      limit?.waiting.takeWhere(() => true, take);
      this.#wakeups.clear(shard);
    });
  }

  #limitFor(shard: number): ShardLimit {
    while (this.#shards.length < shard) this.#shards.push(undefined);
    const limit = new ShardLimit();
    this.#shards[shard] = limit;
    return limit;
  }

  #drain(shard: number, limit: ShardLimit, nowUs: number): void {
    this.#fill(limit, nowUs);
    if (limit.expirationUs <= nowUs) this.#expire(limit, nowUs);
    for (let record = limit.waiting.first; record !== undefined; record = limit.waiting.first) {
      const bytes = record.dataEnd - record.dataStart;
      if (limit.records < 1 || limit.bytes < Math.min(bytes, BYTES_BURST)) {
        this.#sleep(shard, limit, bytes, nowUs);
        return;
      }
      limit.records -= 1;
      limit.bytes -= bytes;
      this.#onPassed(limit.waiting.pop());
    }
    limit.expirationUs = Number.POSITIVE_INFINITY;
    this.#wakeups.clear(shard);
  }

  /** Wakes when tokens suffice for the first record, or at the profile's poll, or when a record expires. */
  #sleep(shard: number, limit: ShardLimit, bytes: number, nowUs: number): void {
    const rate = (this.#fraction * limit.share) / 1_000_000;
    const recordsUs = (1 - limit.records) / (SHARD_WRITE_RECORDS_PER_SECOND * rate);
    const bytesUs =
      (Math.min(bytes, BYTES_BURST) - limit.bytes) / (SHARD_WRITE_BYTES_PER_SECOND * rate);
    const poll = this.#behaviour.limiterPollUs;
    const queueUs = limit.waiting.size / (SHARD_WRITE_RECORDS_PER_SECOND * rate);
    const wait = Math.max(recordsUs, bytesUs, Math.min(queueUs, TOGETHER_US), 1);
    const wakeUs = nowUs + (poll > 0 ? Math.ceil(wait / poll) * poll : wait);
    this.#wakeups.set(shard, Math.min(wakeUs, Math.max(limit.expirationUs, nowUs + 1)));
  }

  #expire(limit: ShardLimit, nowUs: number): void {
    let earliestUs = Number.POSITIVE_INFINITY;
    limit.waiting.takeWhere((record) => {
      if (record.expirationUs <= nowUs) return true;
      earliestUs = Math.min(earliestUs, record.expirationUs);
      return false;
    }, this.#onExpired);
    limit.expirationUs = earliestUs;
  }

  #fill(limit: ShardLimit, nowUs: number): void {
    const elapsedUs = nowUs - limit.filledUs;
    limit.filledUs = nowUs;
    if (elapsedUs === Number.POSITIVE_INFINITY) return;
    const adapted = limit.share < 1;
    if (adapted) {
      limit.share = Math.min(1, limit.share + (RATE_INCREASE_PER_SECOND * elapsedUs) / 1_000_000);
    }
    const rate = this.#fraction * limit.share;
    const gained = (rate * elapsedUs) / 1_000_000;
    const burst = adapted ? rate * ADAPTED_BURST_SECONDS : Number.POSITIVE_INFINITY;
    const recordsMax = Math.max(1, Math.min(RECORDS_BURST, SHARD_WRITE_RECORDS_PER_SECOND * burst));
    const bytesMax = Math.min(
      BYTES_BURST,
      Math.max(BYTES_BURST_MIN, SHARD_WRITE_BYTES_PER_SECOND * burst),
    );
    limit.records = Math.min(recordsMax, limit.records + SHARD_WRITE_RECORDS_PER_SECOND * gained);
    limit.bytes = Math.min(bytesMax, limit.bytes + SHARD_WRITE_BYTES_PER_SECOND * gained);
  }
}

/** An adapted bucket still holds one ordinary record of the largest default size. */
const BYTES_BURST_MIN = 1024 * 1024;

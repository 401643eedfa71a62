/**
 * Holds Kinesis records back so that no shard gets more than its share. In: closed Kinesis records. Out: the same, in
 * deadline order for each shard, no faster than the shard's buckets of records and bytes; records whose time to live
 * ends while they wait, by another callback. It shapes load, it does not end throttling: other producers write too.
 */
import { DeadlineHeap } from '../core/deadline-heap.ts';
import type { ShardBuckets } from './buckets.ts';
import type { KinesisRecord } from './kinesis-record.ts';
import type { Stage } from './stage.ts';
import { WaitingRecords } from './waiting-records.ts';

/**
 * Records of a queue leave together in steps of up to this much, so that they share requests: one by one they would each
 * be overdue and each be a request. It costs no throughput, since tokens gather meanwhile, and a lone record nothing.
 */
const TOGETHER_US = 10_000;

export class Limiter implements Stage {
  readonly #buckets: ShardBuckets;
  readonly #pollUs: number;
  readonly #onPassed: (record: KinesisRecord) => void;
  readonly #onExpired: (record: KinesisRecord) => void;
  readonly #onWaits: (record: KinesisRecord) => void;
  /** The queue of each shard, made when a record has to wait for the first time. */
  readonly #shards: (WaitingRecords | undefined)[] = [];
  readonly #wakeups = new DeadlineHeap();

  /**
   * @param pollUs it looks at a queue this often; 0: when tokens suffice
   * @param onExpired may put records back
   * @param onWaits told of each record that is held back
   */
  constructor(
    buckets: ShardBuckets,
    pollUs: number,
    onPassed: (record: KinesisRecord) => void,
    onExpired: (record: KinesisRecord) => void,
    onWaits: (record: KinesisRecord) => void = () => {},
  ) {
    this.#buckets = buckets;
    this.#pollUs = pollUs;
    this.#onPassed = onPassed;
    this.#onExpired = onExpired;
    this.#onWaits = onWaits;
  }

  /** When a waiting record may pass or expire; Infinity when none waits. */
  get nextUs(): number {
    return this.#wakeups.nextUs;
  }

  /** Takes a record; passes it on at once when its shard is unknown, or has tokens and no queue. */
  put(record: KinesisRecord, nowUs: number): void {
    const shard = record.predictedShard;
    if (shard < 0) {
      this.#onPassed(record);
      return;
    }
    const queue = this.#queueThatWaits(shard);
    if (queue === null) {
      this.#pass(record, shard, nowUs);
      return;
    }
    this.#onWaits(record);
    queue.push(record);
    const wakeUs = this.#wakeups.get(shard);
    // A queue that waits is drained when it wakes, not by each newcomer: its records leave together.
    if (wakeUs <= nowUs || wakeUs === Number.POSITIVE_INFINITY) this.#drain(shard, queue, nowUs);
    else if (queue.expirationUs < wakeUs) {
      this.#wakeups.set(shard, Math.max(queue.expirationUs, nowUs));
    }
  }

  /** Passes on what tokens allow by now. */
  advance(nowUs: number): void {
    for (let shard = this.#wakeups.takeDue(nowUs); shard >= 0; ) {
      this.#drain(shard, this.#shards[shard] as WaitingRecords, nowUs);
      shard = this.#wakeups.takeDue(nowUs);
    }
  }

  /** The service throttled a record of this shard. */
  throttled(shard: number, nowUs: number): void {
    if (shard >= 0) this.#buckets.slowDown(shard, nowUs);
  }

  /** Takes out the waiting records that `isTaken` says yes to, in no order. */
  takeWhere(
    isTaken: (record: KinesisRecord) => boolean,
    take: (record: KinesisRecord) => void,
  ): void {
    this.#shards.forEach((queue, shard) => {
      if (queue === undefined) return;
      queue.takeWhere(isTaken, take);
      if (queue.size === 0) this.#wakeups.clear(shard);
    });
  }

  /** Null where none waits, which is the way of nearly every record. */
  #queueThatWaits(shard: number): WaitingRecords | null {
    const queue = shard < this.#shards.length ? this.#shards[shard] : undefined;
    return queue === undefined || queue.size === 0 ? null : queue;
  }

  /** A record that no other waits before. */
  #pass(record: KinesisRecord, shard: number, nowUs: number): void {
    if (record.expirationUs <= nowUs) {
      this.#onExpired(record);
      return;
    }
    const waitUs = this.#buckets.take(shard, record.dataEnd - record.dataStart, nowUs);
    if (waitUs === 0) {
      this.#onPassed(record);
      return;
    }
    const queue = this.#shards[shard] ?? this.#queueFor(shard);
    this.#onWaits(record);
    queue.push(record);
    this.#sleep(shard, queue, waitUs, nowUs);
  }

  #queueFor(shard: number): WaitingRecords {
    while (this.#shards.length < shard) this.#shards.push(undefined);
    const queue = new WaitingRecords();
    this.#shards[shard] = queue;
    return queue;
  }

  #drain(shard: number, queue: WaitingRecords, nowUs: number): void {
    // What one expiration leads to may come back into this queue, and expires later than now.
    for (let over = queue.takeExpired(nowUs); over !== undefined; ) {
      this.#onExpired(over);
      over = queue.takeExpired(nowUs);
    }
    for (let first = queue.first; first !== undefined; first = queue.first) {
      const waitUs = this.#buckets.take(shard, first.dataEnd - first.dataStart, nowUs);
      if (waitUs > 0) {
        this.#sleep(shard, queue, waitUs, nowUs);
        return;
      }
      this.#onPassed(queue.pop());
    }
    this.#wakeups.clear(shard);
  }

  /** Wakes when tokens suffice for the first record, or at the profile's poll, or when a record expires. */
  #sleep(shard: number, queue: WaitingRecords, tokensUs: number, nowUs: number): void {
    const queueUs = queue.size / this.#buckets.rate(shard);
    const waitUs = Math.max(tokensUs, Math.min(queueUs, TOGETHER_US));
    const poll = this.#pollUs;
    const wakeUs = nowUs + (poll > 0 ? Math.ceil(waitUs / poll) * poll : waitUs);
    this.#wakeups.set(shard, Math.min(wakeUs, Math.max(queue.expirationUs, nowUs + 1)));
  }
}

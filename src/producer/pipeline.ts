/**
 * One producer: the way of a record from the generator's block to its settlement. This file is the story; each stage is
 * a file and knows none of the others.
 *
 * ```
 * put ─▶ route ─▶ aggregate ─▶ (order) ─▶ limit ─▶ collect ─▶ send ─▶ settle ─▶ accepted | failed | expired
 *          │ ▲                     ▲        ▲                            │
 *          └─┼────── alone ────────┘        └──── wait (backoff) ◀───────┤  refused records only
 *            └──────────────────── taken apart ◀─────────────────────────┘
 * ```
 * Invariants: every user record that `put` took ends in exactly one of accepted, failed, expired; what is buffered never
 * exceeds `maxBufferedBytes` by more than one record. Owns no thread, socket or clock.
 */

import type { RecordBlock } from '../core/record-block.ts';
import { EXPIRED } from '../kinesis/error-codes.ts';
import { containerKeyOf } from './address.ts';
import { Aggregator } from './aggregate.ts';
import { Alarm } from './alarm.ts';
import { ShardBuckets } from './buckets.ts';
import { Collection, Collector, collectExtraUs } from './collect.ts';
import { Held } from './held.ts';
import { Instant } from './instant.ts';
import type { CloseReason, KinesisRecord, KinesisRecordPool } from './kinesis-record.ts';
import { Limiter } from './limit.ts';
import { Order } from './order.ts';
import { type PipelineOptions, SharedBuffers } from './pipeline-options.ts';
import { Retries } from './retry.ts';
import { Room } from './room.ts';
import { Router } from './route.ts';
import { type Request, Sender } from './send.ts';
import { BEHAVIOURS, type Behaviour, RECORD_OVERHEAD_BYTES } from './settings.ts';
import { Settlement } from './settle.ts';
import type { Stage } from './stage.ts';
import type { UserRecords } from './user-records.ts';

export class Pipeline {
  readonly records: UserRecords;
  readonly #pool: KinesisRecordPool;
  readonly #held = new Held();
  readonly #options: PipelineOptions;
  readonly #behaviour: Behaviour;
  readonly #aggregator: Aggregator;
  readonly #router: Router;
  readonly #order: Order | null;
  readonly #limiter: Limiter | null;
  readonly #collector: Collector;
  readonly #sender: Sender;
  readonly #retries: Retries;
  readonly #settlement: Settlement;
  /** Wherever records wait, in the order in which they pass. */
  readonly #stages: readonly Stage[];
  readonly #alarm: Alarm;
  /** The clock is not read for each record. */
  readonly #now = new Instant();
  readonly #room: Room;
  #isDraining = false;
  /** Whether a record has left the aggregator since this was last set back. */
  #hasClosed = false;
  /** Whether what was flushed is still on its way. */
  #isHurried = false;

  constructor(options: PipelineOptions) {
    const { settings, clock, hasContents = true, buffers = new SharedBuffers() } = options;
    const behaviour = BEHAVIOURS[settings.profile];
    this.#options = options;
    this.#behaviour = behaviour;
    this.records = buffers.userRecords;
    this.#pool = buffers.records;
    this.#room = new Room(this.#held, settings.maxBufferedBytes, options.onRoom);
    const shared = {
      ...options,
      behaviour,
      containerKey: containerKeyOf(settings, behaviour),
      records: this.records,
      held: this.#held,
      pool: buffers.records,
      freeRequests: buffers.requests,
      freeCollections: buffers.collections,
      freeTables: buffers.aggregateKeys,
      hasContents,
      overheadBytes: options.overheadBytes ?? RECORD_OVERHEAD_BYTES,
    };
    this.#aggregator = new Aggregator({
      ...shared,
      limits: settings.aggregation,
      by: settings.aggregateBy,
      onClosed: this.#whenClosed,
      onOverfull: (record) => this.#retries.trim(record),
    });
    this.#router = new Router({
      ...shared,
      aggregator: this.#aggregator,
      onAlone: (record) => this.#whenClosed(record, 'count'),
    });
    this.#order = settings.ordered ? this.#createOrder() : null;
    this.#limiter = this.#createLimiter();
    this.#sender = new Sender({
      ...shared,
      connections: settings.maxConnections,
      onSettled: this.#settle,
      onExpired: this.#expire,
    });
    this.#collector = new Collector(
      settings.collection,
      collectExtraUs(settings, behaviour),
      behaviour.fills === 'kplEstimate',
      () => this.#sender.takeCollection() ?? new Collection(),
      (collection) => this.#sender.send(collection),
      this.#now,
    );
    this.#retries = new Retries({
      ...shared,
      router: this.#router,
      isHurried: () => this.#isHurried || this.#isDraining,
      onAgain: this.#limit,
      onGivenUp: (...settled) => options.observer.givenUp(...settled),
      onGone: (record) => this.#order?.leave(record),
      keepOrder: settings.ordered ? (record) => this.#order?.keep(record, clock.nowUs()) : null,
    });
    this.#settlement = new Settlement({
      ...shared,
      retries: this.#retries,
      onThrottled: (shard, nowUs) => this.#limiter?.throttled(shard, nowUs),
    });
    const limiter = this.#limiter === null ? [] : [this.#limiter];
    this.#stages = [this.#aggregator, this.#retries, ...limiter, this.#collector, this.#sender];
    this.#alarm = new Alarm(clock, (nowUs) => this.advance(nowUs));
  }

  /** User records taken and not settled. */
  get outstanding(): number {
    return this.#held.outstanding;
  }

  /** Calls that have no answer yet. */
  get inFlight(): number {
    return this.#sender.inFlight;
  }

  get bufferedBytes(): number {
    return this.#held.bufferedBytes;
  }

  /**
   * Takes records `from … to-1` of a block, generated at `nowUs`; `tag` of a record is its sequence.
   * @returns how many it took: fewer than `to - from` when the buffer is full
   */
  put(block: RecordBlock, from: number, to: number, nowUs: number): number {
    this.#now.us = nowUs;
    this.#hasClosed = false;
    const taken = this.#router.takeBlock(block, from, to, nowUs, this.#room);
    this.#rearmAfterPut(nowUs);
    return taken;
  }

  /**
   * Takes one record, `bytes[start, start + length)`; its time to live began at `dueUs`. False when the buffer is full.
   */
  putOne(
    keyId: number,
    bytes: Uint8Array,
    start: number,
    length: number,
    dueUs: number,
    nowUs: number,
    tag: number,
  ): boolean {
    if (this.isFull()) return false;
    this.#now.us = nowUs;
    this.#hasClosed = false;
    this.#router.take(keyId, bytes, start, length, dueUs, dueUs, nowUs, tag);
    this.#rearmAfterPut(nowUs);
    return true;
  }

  /** Whether the next record would be refused; then `onRoom` follows. */
  isFull(): boolean {
    return this.#room.isFull();
  }

  /** Closes and sends all that is buffered, as far as the limiter lets it; later records buffer as usual. */
  flush(): void {
    const nowUs = this.#readClock();
    this.#aggregator.flush();
    if (this.#behaviour.flushGapUs === 0) this.#collector.flush();
    else this.#collector.flushAt(nowUs + this.#behaviour.flushGapUs);
    this.#rearm(nowUs);
  }

  /**
   * From a flush until all that it was called for is settled: what comes out of the limiter, a lane or a backoff waits
   * for no company meanwhile. Fresh records that are aggregated do.
   */
  hurry(isHurried: boolean): void {
    this.#isHurried = isHurried;
  }

  /** From now on nothing waits for company: what comes out of the limiter or a backoff is sent at once. */
  drain(): void {
    this.#isDraining = true;
    const nowUs = this.#readClock();
    this.#aggregator.flush();
    this.#collector.flush();
    this.#rearm(nowUs);
  }

  /**
   * Gives up: every user record that is not in flight fails with `code`; calls in flight are waited for by the caller
   * (their refused records fail too).
   */
  abort(code: string): void {
    this.#isDraining = true;
    this.#settlement.isFinal = true;
    const nowUs = this.#readClock();
    const taken = [...this.#takeOut(() => true), ...(this.#order?.giveUp() ?? [])];
    for (const record of taken) this.#retries.giveUpAll(record, 'failed', code, nowUs);
    this.#rearm(nowUs);
  }

  /** Stops timers; nothing may be outstanding. */
  close(): void {
    this.#alarm.cancel();
  }

  #createLimiter(): Limiter | null {
    const { buckets, settings } = this.#options;
    if (settings.rateLimit === null) return null;
    const own = buckets ?? new ShardBuckets(settings.rateLimit.fraction);
    const { limiterPollUs } = this.#behaviour;
    return new Limiter(own, limiterPollUs, this.#collect, this.#expire, this.#moveOut);
  }

  /** A record will wait for long: it takes its bytes with it. */
  readonly #moveOut = (record: KinesisRecord): void => this.#pool.own(record);

  /** A record's time to live is over; what follows from it, room too, is looked at in a turn of its own. */
  readonly #expire = (record: KinesisRecord): void => {
    this.#retries.takeApart(record, this.#now.us);
    this.#alarm.set(this.#now.us, this.#now.us);
  };

  #createOrder(): Order {
    const { settings, shardMap } = this.#options;
    return new Order({
      aggregates: settings.aggregation.enabled,
      shardMap,
      onPassed: this.#limit,
      inFlight: () => this.#sender.inFlight,
      takeOut: () => this.#takeOut(() => true),
      reorder: (taken, nowUs) => this.#retries.reorder(taken, nowUs),
      endOf: (record) => this.#retries.endOf(record),
      onExpired: (record, nowUs) => this.#retries.giveUpAll(record, 'expired', EXPIRED, nowUs),
      onRestored: () => {
        if (this.#isDraining) this.drain();
        else if (this.#isHurried) this.flush();
      },
    });
  }

  // ── aggregate ▶ order ▶ limit ▶ collect ▶ send ───────────────────────────────────────────────────────────────────

  readonly #whenClosed = (record: KinesisRecord, reason: CloseReason): void => {
    this.#hasClosed = true;
    this.#options.observer.closed(record, reason);
    if (this.#order === null) this.#limit(record);
    else this.#order.enter(record);
  };

  readonly #limit = (record: KinesisRecord): void => {
    if (this.#limiter === null) this.#collect(record);
    else this.#limiter.put(record, this.#now.us);
  };

  readonly #collect = (record: KinesisRecord): void => {
    const nowUs = this.#now.us;
    if (record.goesAlone) {
      this.#collector.putAlone(record);
      return;
    }
    this.#collector.put(record);
    // At the end of this turn, so that what comes out together still shares a request.
    if (this.#isDraining) this.#collector.flushAt(nowUs);
    else if (this.#isHurried) this.#collector.flushAt(nowUs + this.#behaviour.flushGapUs);
  };

  // ── settle ───────────────────────────────────────────────────────────────────────────────────────────────────────

  readonly #settle = (request: Request): void => {
    this.#now.us = request.doneUs;
    this.#settlement.settle(request);
    this.#order?.requestEnded(request.doneUs);
    this.#rearm(request.doneUs);
    this.#room.tell();
  };

  // ── the shard map ────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * The listing of shards has ended. With a new map, records that waited for it go on and what is buffered for a shard
   * that was closed moves to its children; after a failed one they wait.
   */
  mapChanged(): void {
    const { shardMap } = this.#options;
    if (shardMap.isUpdating) return;
    const nowUs = this.#readClock();
    this.#retries.mapChanged(nowUs);
    if (this.#behaviour.followsMap) {
      const isStale = ({ predictedShard }: KinesisRecord) =>
        predictedShard >= 0 && !shardMap.isOpen(predictedShard);
      for (const record of this.#takeOut(isStale)) this.#retries.takeApart(record, nowUs);
    }
    this.#order?.restart(nowUs);
    this.#rearm(nowUs);
    this.#room.tell();
  }

  /** Takes out the records that `isTaken` says yes to, wherever they wait, but for lanes. */
  #takeOut(isTaken: (record: KinesisRecord) => boolean): KinesisRecord[] {
    const taken: KinesisRecord[] = [];
    for (const stage of this.#stages) stage.takeWhere(isTaken, (record) => taken.push(record));
    return taken;
  }

  /** Does what has become due: closes by time, lets records pass, ends backoffs. */
  advance(nowUs: number): void {
    this.#now.us = nowUs;
    this.#order?.advance(nowUs);
    this.#aggregator.advance(nowUs);
    this.#retries.advance(nowUs);
    this.#limiter?.advance(nowUs);
    this.#collector.advance(nowUs);
    this.#sender.advance(nowUs);
    this.#rearm(nowUs);
    this.#room.tell();
  }

  /** For what comes from without and brings no time. */
  #readClock(): number {
    this.#now.us = this.#options.clock.nowUs();
    return this.#now.us;
  }

  /** The alarm is not later than any stage's time, and while nothing closes only the aggregator's can be earlier now. */
  #rearmAfterPut(nowUs: number): void {
    if (this.#hasClosed) this.#rearm(nowUs);
    else this.#alarm.set(this.#aggregator.nextUs, nowUs);
  }

  /** Each stage by its own name: asked for at each put, by way of the interface it would be looked up each time. */
  #rearm(nowUs: number): void {
    let nextUs = this.#aggregator.nextUs;
    nextUs = Math.min(nextUs, this.#retries.nextUs, this.#collector.nextUs, this.#sender.nextUs);
    if (this.#limiter !== null) nextUs = Math.min(nextUs, this.#limiter.nextUs);
    if (this.#order !== null) nextUs = Math.min(nextUs, this.#order.nextUs);
    this.#alarm.set(nextUs, nowUs);
  }
}

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

import type { Timer } from '../core/clock.ts';
import type { RecordBlock } from '../core/record-block.ts';
import { Aggregator } from './aggregate.ts';
import { ShardBuckets } from './buckets.ts';
import { Collection, Collector, collectExtraUs } from './collect.ts';
import { type CloseReason, type KinesisRecord, KinesisRecordPool } from './kinesis-record.ts';
import { Limiter } from './limit.ts';
import { Lanes } from './order.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import { Retries } from './retry.ts';
import { Router } from './route.ts';
import { type Request, Sender } from './send.ts';
import {
  BEHAVIOURS,
  type Behaviour,
  type ProducerSettings,
  RECORD_OVERHEAD_BYTES,
} from './settings.ts';
import { decide, emptyDecision } from './settle.ts';
import { holdsEveryKey } from './split.ts';
import { UserRecords } from './user-records.ts';

const BUFFERS_KEPT_BYTES_MAX = 32 * 1024 * 1024;

export class Pipeline {
  readonly records = new UserRecords();
  readonly #options: PipelineOptions;
  readonly #behaviour: Behaviour;
  readonly #pool = new KinesisRecordPool(BUFFERS_KEPT_BYTES_MAX);
  readonly #aggregator: Aggregator;
  readonly #router: Router;
  readonly #lanes: Lanes | null;
  readonly #limiter: Limiter | null;
  readonly #collector: Collector;
  readonly #sender: Sender;
  readonly #retries: Retries;
  readonly #decision = emptyDecision();
  /** Records taken out while order is restored; see {@link Pipeline.#reorder}. */
  #unordered: KinesisRecord[] = [];
  #isFull = false;
  #timer: Timer | null = null;
  #timerUs = Number.POSITIVE_INFINITY;
  /** When the collector is flushed after a flush of the aggregator. */
  #flushUs = Number.POSITIVE_INFINITY;
  /** When order can be restored, unless calls are in flight then. */
  #restoreUs = Number.POSITIVE_INFINITY;
  #isDraining = false;
  /** Code that everything fails with from now on; '' while nothing was given up. */
  #abortCode = '';

  constructor(options: PipelineOptions) {
    const { settings, transport, clock, hasContents = true } = options;
    const behaviour = BEHAVIOURS[settings.profile];
    this.#options = options;
    this.#behaviour = behaviour;
    const shared = {
      ...options,
      behaviour,
      containerKey: settings.containerKey ?? behaviour.containerKey,
      records: this.records,
      pool: this.#pool,
      hasContents,
      overheadBytes: options.overheadBytes ?? RECORD_OVERHEAD_BYTES,
    };
    this.#aggregator = new Aggregator({
      ...shared,
      limits: settings.aggregation,
      onClosed: this.#whenClosed,
    });
    this.#router = new Router({
      ...shared,
      aggregator: this.#aggregator,
      onAlone: (record) => this.#whenClosed(record, 'count'),
    });
    this.#lanes = settings.ordered ? new Lanes(settings.aggregation.enabled, this.#limit) : null;
    this.#limiter = this.#createLimiter(settings.rateLimit);
    this.#sender = new Sender({
      streamName: options.streamName,
      transport,
      clock,
      connections: settings.maxConnections,
      wantsSequenceNumbers: options.wantsSequenceNumbers,
      onSettled: this.#settle,
    });
    this.#collector = new Collector(
      settings.collection,
      collectExtraUs(settings, behaviour),
      behaviour.overfills,
      () => this.#sender.takeCollection() ?? new Collection(),
      (collection) => this.#sender.send(collection),
    );
    this.#retries = new Retries({
      ...shared,
      router: this.#router,
      onAgain: this.#limit,
      onGivenUp: (...settled) => options.observer.givenUp(...settled),
      onGone: (record) => this.#lanes?.leave(record),
      keepOrder: settings.ordered ? this.#keepOrder : null,
    });
  }

  /** User records taken and not settled. */
  get outstanding(): number {
    return this.records.outstanding;
  }

  get bufferedBytes(): number {
    return this.records.bufferedBytes;
  }

  /**
   * Takes records `from … to-1` of a block, generated at `nowUs`; `tag` of a record is its sequence.
   * @returns how many it took: fewer than `to - from` when the buffer is full
   */
  put(block: RecordBlock, from: number, to: number, nowUs: number): number {
    const { payloads, payloadStart, payloadLength, keyId, dueUs, sequence } = block;
    let i = from;
    for (; i < to && !this.isFull(); i++) {
      this.#router.take(
        keyId[i] as number,
        payloads.bytes,
        payloadStart[i] as number,
        payloadLength[i] as number,
        dueUs[i] as number,
        nowUs,
        sequence[i] as number,
      );
    }
    this.#rearm(nowUs);
    return i - from;
  }

  /** Takes one record, whose payload is `payload`; false when the buffer is full. */
  putOne(keyId: number, payload: Uint8Array, dueUs: number, nowUs: number, tag: number): boolean {
    if (this.isFull()) return false;
    this.#router.take(keyId, payload, 0, payload.length, dueUs, nowUs, tag);
    this.#rearm(nowUs);
    return true;
  }

  /** Whether the next record would be refused; then `onRoom` follows. */
  isFull(): boolean {
    if (this.records.bufferedBytes < this.#options.settings.maxBufferedBytes) return false;
    this.#isFull = true;
    return true;
  }

  /** Closes and sends all that is buffered, as far as the limiter lets it; later records buffer as usual. */
  flush(): void {
    const nowUs = this.#options.clock.nowUs();
    this.#aggregator.flush();
    this.#flushUs = nowUs + this.#behaviour.flushGapUs;
    if (this.#behaviour.flushGapUs === 0) this.#flushCollector(nowUs);
    this.#rearm(nowUs);
  }

  /** From now on nothing waits for company: what comes out of the limiter or a backoff is sent at once. */
  drain(): void {
    this.#isDraining = true;
    this.#aggregator.flush();
    this.#collector.flush();
    this.#rearm(this.#options.clock.nowUs());
  }

  /**
   * Gives up: every user record that is not in flight fails with `code`; calls in flight are waited for by the caller
   * (their refused records fail too).
   */
  abort(code: string): void {
    this.#isDraining = true;
    this.#abortCode = code;
    const nowUs = this.#options.clock.nowUs();
    const taken = this.#takeOut(() => true);
    this.#lanes?.pause((record) => taken.push(record));
    if (this.#lanes !== null) taken.push(...this.#lanes.takePaused(), ...this.#unordered.splice(0));
    for (const record of taken) this.#retries.giveUpAll(record, 'failed', code, nowUs);
    this.#rearm(nowUs);
  }

  /** Stops timers; nothing may be outstanding. */
  close(): void {
    this.#timer?.cancel();
  }

  #createLimiter(rateLimit: ProducerSettings['rateLimit']): Limiter | null {
    if (rateLimit === null) return null;
    const { buckets, clock } = this.#options;
    const expire = (record: KinesisRecord) => this.#retries.takeApart(record, clock.nowUs());
    const own = buckets ?? new ShardBuckets(rateLimit.fraction);
    return new Limiter(own, this.#behaviour.limiterPollUs, this.#collect, expire);
  }

  // ── aggregate ▶ order ▶ limit ▶ collect ▶ send ───────────────────────────────────────────────────────────────────

  readonly #whenClosed = (record: KinesisRecord, reason: CloseReason): void => {
    const { settings, observer, clock } = this.#options;
    const dataBytes = record.dataEnd - record.dataStart;
    if (record.isAggregate && dataBytes > settings.aggregation.maxBytes) {
      this.#retries.trim(record);
      return;
    }
    observer.closed(record, reason);
    if (this.#lanes === null) this.#limit(record, clock.nowUs());
    else this.#lanes.enter(record);
  };

  readonly #limit = (record: KinesisRecord, nowUs = this.#options.clock.nowUs()): void => {
    if (this.#limiter === null) this.#collect(record);
    else this.#limiter.put(record, nowUs);
  };

  readonly #collect = (record: KinesisRecord): void => {
    const nowUs = this.#options.clock.nowUs();
    this.#collector.put(record, nowUs);
    // At the end of this turn, so that what comes out together still shares a request.
    if (this.#isDraining) this.#flushUs = nowUs;
  };

  #flushCollector(nowUs: number): void {
    if (this.#flushUs > nowUs) return;
    this.#flushUs = Number.POSITIVE_INFINITY;
    this.#collector.flush();
  }

  // ── settle ───────────────────────────────────────────────────────────────────────────────────────────────────────

  readonly #settle = (request: Request): void => {
    this.#options.observer.requestEnded(request);
    for (let entry = 0; entry < request.entryCount; entry++) this.#settleEntry(request, entry);
    if (this.#lanes?.isPaused) this.#restoreOrder(request.doneUs);
    this.#rearm(request.doneUs);
    this.#tellRoom();
  };

  #settleEntry(request: Request, entry: number): void {
    const { observer, shardMap, settings } = this.#options;
    const { failIfThrottled } = settings;
    const { answer, entryCount, doneUs } = request;
    const decision = this.#decision;
    const record = request.entries[entry] as KinesisRecord;
    decide(record, entry, entryCount, answer, this.#behaviour, failIfThrottled, this, decision);
    record.attempts++;
    const { predictedShard } = record;
    const took = answer.status === 'answered' ? (answer.shardNumber[entry] as number) : -1;
    const expected = predictedShard >= 0 ? predictedShard : shardMap.shardOf(record.hash, 0);
    const shard = took >= 0 ? took : expected;
    observer.attempted(record, decision.outcome, decision.code, shard, decision.message);
    if (decision.invalidatesMap && !record.hasInvalidatedMap) {
      record.hasInvalidatedMap = true;
      shardMap.invalidate(request.sentUs, predictedShard);
    }
    if (decision.action === 'accept') {
      observer.accepted(record, request, entry);
      this.records.releaseChain(record.firstSlot);
      this.#retries.release(record);
      return;
    }
    if (decision.outcome === 'throttled' && this.#behaviour.adaptsRate) {
      this.#limiter?.throttled(predictedShard, doneUs);
    }
    if (this.#abortCode !== '') decision.action = 'fail';
    this.#retries.refused(record, decision, doneUs);
  }

  /** For {@link decide}: whether a shard that was not predicted may keep a record. */
  holdsRecord(shard: number, record: KinesisRecord): boolean {
    const { shardMap } = this.#options;
    if (!shardMap.holds(shard, record.hash)) return false;
    if (this.#behaviour.acceptsElsewhere === 'firstKey' || !record.isAggregate) return true;
    return holdsEveryKey(shardMap, shard, record, this.records.next);
  }

  #tellRoom(): void {
    if (this.#isFull && this.records.bufferedBytes < this.#options.settings.maxBufferedBytes) {
      this.#isFull = false;
      this.#options.onRoom();
    }
  }

  // ── the shard map ────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * The listing of shards has ended. With a new map, records that waited for it go on and what is buffered for a shard
   * that was closed moves to its children; after a failed one they wait.
   */
  mapChanged(): void {
    const { shardMap, clock } = this.#options;
    if (shardMap.isUpdating) return;
    const nowUs = clock.nowUs();
    this.#retries.mapChanged(nowUs);
    if (this.#behaviour.followsMap) {
      const isStale = ({ predictedShard }: KinesisRecord) =>
        predictedShard >= 0 && !shardMap.isOpen(predictedShard);
      for (const record of this.#takeOut(isStale)) this.#retries.takeApart(record, nowUs);
    }
    if (this.#lanes !== null) this.#reorder(nowUs);
    this.#rearm(nowUs);
    this.#tellRoom();
  }

  /** Takes out the records that `isTaken` says yes to, wherever they wait, but for lanes. */
  #takeOut(isTaken: (record: KinesisRecord) => boolean): KinesisRecord[] {
    const taken: KinesisRecord[] = [];
    const take = (record: KinesisRecord) => taken.push(record);
    for (const stage of [
      this.#aggregator,
      this.#limiter,
      this.#retries,
      this.#collector,
      this.#sender,
    ]) {
      stage?.takeWhere(isTaken, take);
    }
    return taken;
  }

  // ── order ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A record cannot go on as it is: no later one may overtake its user records. */
  readonly #keepOrder = (record: KinesisRecord): void => {
    this.#unordered.push(record);
    this.#reorder(this.#options.clock.nowUs());
  };

  /** Lets nothing pass until all calls in flight have ended; then all starts anew in its first order, at a turn of its own. */
  #reorder(nowUs: number): void {
    this.#lanes?.pause((record) => this.#unordered.push(record));
    this.#unordered.push(...this.#takeOut(() => true));
    this.#restoreUs = nowUs;
  }

  #restoreOrder(nowUs: number): void {
    const lanes = this.#lanes;
    this.#restoreUs = Number.POSITIVE_INFINITY;
    if (lanes === null || this.#sender.inFlight > 0 || this.#abortCode !== '') return;
    const expirationUs = Math.min(...this.#unordered.map((record) => record.expirationUs));
    if (this.#unordered.length > 0 && this.#options.shardMap.isUpdating && nowUs < expirationUs) {
      this.#restoreUs = expirationUs;
      return;
    }
    const taken = [
      ...this.#unordered.splice(0),
      ...lanes.takePaused(),
      ...this.#takeOut(() => true),
    ];
    this.#retries.reorder(taken, nowUs);
    lanes.resume();
    if (this.#isDraining) this.drain();
  }

  // ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Does what has become due: closes by time, lets records pass, ends backoffs. */
  advance(nowUs: number): void {
    if (this.#restoreUs <= nowUs) this.#restoreOrder(nowUs);
    this.#aggregator.closeDue(nowUs);
    this.#retries.advance(nowUs);
    this.#limiter?.advance(nowUs);
    this.#flushCollector(nowUs);
    this.#collector.closeDue(nowUs);
    this.#rearm(nowUs);
    this.#tellRoom();
  }

  /** One timer for all stages, at the earliest of their times; moved only when that comes forward. */
  #rearm(nowUs: number): void {
    const nextUs = Math.min(
      this.#aggregator.nextUs,
      this.#retries.nextUs,
      this.#limiter?.nextUs ?? Number.POSITIVE_INFINITY,
      this.#collector.nextUs,
      this.#flushUs,
      this.#restoreUs,
    );
    if (nextUs >= this.#timerUs) return;
    this.#timer?.cancel();
    this.#timerUs = nextUs;
    this.#timer = this.#options.clock.setTimer(Math.max(nextUs, nowUs), this.#onTimer);
  }

  readonly #onTimer = (): void => {
    this.#timer = null;
    this.#timerUs = Number.POSITIVE_INFINITY;
    this.advance(this.#options.clock.nowUs());
  };
}

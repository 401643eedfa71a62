/**
 * One producer: the way of a record from the generator's block to its settlement. This file is the story; each stage is
 * a file and knows none of the others.
 *
 * ```
 * put ─▶ route ─▶ aggregate ─▶ limit ─▶ collect ─▶ send ─▶ settle ─▶ accepted | failed | expired
 *          │          ▲           ▲                           │
 *          └─ alone ──┼───────────┤                           │
 *                     └───────────┴──── wait (backoff) ◀──────┘  refused records only
 * ```
 * Invariants: every user record that `put` took ends in exactly one of accepted, failed, expired; what is buffered never
 * exceeds `maxBufferedBytes` by more than one record. Owns no thread, socket or clock.
 */

import { copyBytes } from '../core/byte-buffer.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { RecordBlock } from '../core/record-block.ts';
import { EXPIRED } from '../kinesis/error-codes.ts';
import { hashPartitionKey } from '../kinesis/hash-key.ts';
import type { KeyTable } from '../kinesis/key-table.ts';
import type { Transport } from '../kinesis/put-records.ts';
import { Aggregator, sendsHashKey } from './aggregate.ts';
import { Collection, Collector } from './collect.ts';
import { type CloseReason, type KinesisRecord, KinesisRecordPool } from './kinesis-record.ts';
import { Limiter } from './limit.ts';
import { RecordHeap } from './record-heap.ts';
import { type Request, Sender } from './send.ts';
import {
  BEHAVIOURS,
  type Behaviour,
  type ProducerSettings,
  RECORD_OVERHEAD_BYTES,
} from './settings.ts';
import { type AttemptOutcome, type Decision, decide } from './settle.ts';
import type { ShardMap } from './shard-map.ts';
import { splitKinesisRecord } from './split.ts';
import { UserRecords } from './user-records.ts';

/** Told of everything that can be measured; called in the middle of the pipeline, so it must not call back into it. */
export interface PipelineObserver {
  /** A Kinesis record was closed for sending. With a `freshCount` of 0 it is a retry. */
  closed(record: KinesisRecord, reason: CloseReason): void;
  /** A call has ended; its records' attempts follow. */
  requestEnded(request: Request): void;
  /** One attempt of one Kinesis record has ended; `shard` took it, or was predicted to. */
  attempted(
    record: KinesisRecord,
    outcome: AttemptOutcome,
    code: string,
    shard: number,
    message: string,
  ): void;
  /** All user records of a Kinesis record were accepted. Their slots are read now and released after. */
  accepted(record: KinesisRecord, request: Request, entry: number): void;
  /** One user record was given up. */
  givenUp(slot: number, outcome: 'failed' | 'expired', code: string, nowUs: number): void;
}

export interface PipelineOptions {
  readonly streamName: string;
  readonly settings: ProducerSettings;
  readonly keys: KeyTable;
  readonly shardMap: ShardMap;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly observer: PipelineObserver;
  /** A number in [0, 1) for the jitter of backoffs; seeded, so that a run can be repeated. */
  readonly random: () => number;
  readonly wantsSequenceNumbers: boolean;
  /** Called when buffered bytes have fallen below the limit after `put` had refused a record. */
  readonly onRoom: () => void;
}

const BUFFERS_KEPT_BYTES_MAX = 32 * 1024 * 1024;

export class Pipeline {
  readonly records = new UserRecords();
  readonly #options: PipelineOptions;
  readonly #behaviour: Behaviour;
  readonly #pool = new KinesisRecordPool(BUFFERS_KEPT_BYTES_MAX);
  readonly #aggregator: Aggregator;
  readonly #limiter: Limiter | null;
  readonly #collector: Collector;
  readonly #sender: Sender;
  /** Refused records until their backoff is over; their deadline is its end. */
  readonly #backoff = new RecordHeap();
  readonly #decision: Decision = {
    action: 'accept',
    outcome: 'accepted',
    code: '',
    message: '',
    invalidatesMap: false,
  };
  /** Records whose shard map has proved wrong, until the new one is here. */
  #awaitingMap: KinesisRecord[] = [];
  #bufferedBytes = 0;
  #isFull = false;
  #timer: Timer | null = null;
  #timerUs = Number.POSITIVE_INFINITY;
  #isFlushing = false;
  #isAborted = false;

  constructor(options: PipelineOptions) {
    const { settings } = options;
    this.#options = options;
    this.#behaviour = BEHAVIOURS[settings.profile];
    const extraUs = settings.aggregation.enabled
      ? Math.min(
          this.#behaviour.collectExtraMaxUs,
          this.#behaviour.collectExtraFraction * settings.maxBufferedTimeUs,
        )
      : 0;
    this.#aggregator = new Aggregator(
      settings.aggregation,
      this.#behaviour,
      options.keys,
      this.#pool,
      this.#whenClosed,
    );
    this.#limiter =
      settings.rateLimit === null
        ? null
        : new Limiter(settings.rateLimit.fraction, this.#behaviour, this.#collect, this.#expire);
    this.#sender = new Sender({
      streamName: options.streamName,
      transport: options.transport,
      clock: options.clock,
      connections: settings.maxConnections,
      wantsSequenceNumbers: options.wantsSequenceNumbers,
      onSettled: this.#settle,
    });
    this.#collector = new Collector(
      settings.collection,
      extraUs,
      () => this.#sender.takeCollection() ?? new Collection(),
      (collection) => this.#sender.send(collection),
    );
  }

  /** User records taken and not settled. */
  get outstanding(): number {
    return this.records.outstanding;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  get inFlight(): number {
    return this.#sender.inFlight;
  }

  /**
   * Takes records `from … to-1` of a block, generated at `nowUs`; `tag` of a record is its sequence.
   * @returns how many it took: fewer than `to - from` when the buffer is full
   */
  put(block: RecordBlock, from: number, to: number, nowUs: number): number {
    const { payloads, payloadStart, payloadLength, keyId, dueUs, sequence } = block;
    for (let i = from; i < to; i++) {
      if (this.#isAtLimit()) {
        this.#rearm(nowUs);
        return i - from;
      }
      this.#take(
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
    return to - from;
  }

  /** Takes one record; false when the buffer is full. */
  putOne(
    keyId: number,
    payload: Uint8Array,
    start: number,
    length: number,
    dueUs: number,
    nowUs: number,
    tag: number,
  ): boolean {
    if (this.#isAtLimit()) return false;
    this.#take(keyId, payload, start, length, dueUs, nowUs, tag);
    this.#rearm(nowUs);
    return true;
  }

  /** Closes and sends all that is buffered, as far as the limiter lets it; later records buffer as usual. */
  flush(): void {
    this.#aggregator.flush();
    this.#collector.flush();
  }

  /** From now on nothing waits for company: what comes out of the limiter or a backoff is sent at once. */
  drain(): void {
    this.#isFlushing = true;
    this.flush();
  }

  /**
   * Gives up: every user record that is not in flight fails with `code`; calls in flight are waited for by the caller
   * (their refused records fail too).
   */
  abort(code: string): void {
    this.#isAborted = true;
    this.#isFlushing = true;
    const nowUs = this.#options.clock.nowUs();
    const giveUp = (record: KinesisRecord) => this.#giveUpAll(record, 'failed', code, nowUs);
    this.#abortWaiting = giveUp;
    this.#aggregator.flush();
    this.#limiter?.takeAll(giveUp);
    this.#backoff.takeWhere(() => true, giveUp);
    for (const record of this.#awaitingMap.splice(0)) giveUp(record);
    this.#collector.takeAll(giveUp);
    this.#sender.takeWaiting(giveUp);
    this.#rearm(nowUs);
  }

  #abortWaiting: ((record: KinesisRecord) => void) | null = null;

  /** Stops timers; nothing may be outstanding. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #isAtLimit(): boolean {
    if (this.#bufferedBytes < this.#options.settings.maxBufferedBytes) return false;
    this.#isFull = true;
    return true;
  }

  // ── route ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #take(
    keyId: number,
    payload: Uint8Array,
    start: number,
    length: number,
    dueUs: number,
    nowUs: number,
    tag: number,
  ): void {
    const records = this.records;
    const slot = records.take();
    records.dueUs[slot] = dueUs;
    records.generatedUs[slot] = nowUs;
    records.tag[slot] = tag;
    records.payloadBytes[slot] = length;
    records.keyId[slot] = keyId;
    records.keyGeneration[slot] = this.#options.keys.generation;
    const deadlineUs = nowUs + this.#options.settings.maxBufferedTimeUs;
    this.#route(slot, keyId, payload, start, length, deadlineUs, nowUs);
  }

  #route(
    slot: number,
    keyId: number,
    payload: Uint8Array,
    start: number,
    length: number,
    deadlineUs: number,
    nowUs: number,
  ): void {
    const { settings, keys, shardMap } = this.#options;
    const records = this.records;
    const expirationUs = (records.generatedUs[slot] as number) + settings.recordTtlUs;
    const dueUs = Math.min(deadlineUs, expirationUs);
    const shard = this.#behaviour.aggregatesBy === 'stream' ? 0 : shardMap.predict(keyId);
    const aggregates =
      settings.aggregation.enabled && shard >= 0 && length <= settings.aggregation.maxBytes;
    const record = aggregates
      ? this.#aggregator.add(shard, keyId, payload, start, length, dueUs)
      : this.#alone(keyId, payload, start, length, dueUs);
    if (record.firstSlot < 0) record.firstSlot = slot;
    else records.next[record.lastSlot] = slot;
    record.lastSlot = slot;
    if (expirationUs < record.expirationUs) record.expirationUs = expirationUs;
    if (records.attempts[slot] === 0) record.freshCount++;
    const bytes = length + (keys.length[keyId] as number) + RECORD_OVERHEAD_BYTES;
    record.bufferedBytes += bytes;
    this.#bufferedBytes += bytes;
    if (aggregates) {
      this.#aggregator.closeIfFull(shard);
    } else {
      record.predictedShard =
        settings.aggregation.enabled && !this.#behaviour.limitsPlain ? -1 : shard;
      this.#options.observer.closed(record, 'count');
      this.#limit(record, nowUs);
    }
  }

  /** A Kinesis record of one user record that is not aggregated. */
  #alone(
    keyId: number,
    payload: Uint8Array,
    start: number,
    length: number,
    deadlineUs: number,
  ): KinesisRecord {
    const { keys } = this.#options;
    const keyLength = keys.length[keyId] as number;
    const record = this.#pool.take(keyLength + length);
    keys.copyTo(keyId, record.bytes, 0);
    copyBytes(payload, start, start + length, record.bytes, keyLength);
    record.keyBytes = record.bytes;
    record.keyStart = 0;
    record.keyEnd = keyLength;
    record.dataStart = keyLength;
    record.dataEnd = keyLength + length;
    record.count = 1;
    record.payloadBytes = length;
    record.deadlineUs = deadlineUs;
    for (let word = 0; word < 4; word++) {
      record.hash[word] = keys.hash[keyId * 4 + word] as number;
    }
    if (sendsHashKey(this.#behaviour, false, keys.isExplicit[keyId] === 1)) {
      record.explicitHashKey = keys.decimalHashKey(keyId);
    }
    return record;
  }

  // ── aggregate ▶ limit ▶ collect ▶ send ───────────────────────────────────────────────────────────────────────────

  readonly #whenClosed = (record: KinesisRecord, reason: CloseReason): void => {
    if (this.#abortWaiting !== null) {
      this.#abortWaiting(record);
      return;
    }
    this.#options.observer.closed(record, reason);
    this.#limit(record, this.#options.clock.nowUs());
  };

  #limit(record: KinesisRecord, nowUs: number): void {
    if (this.#limiter === null) this.#collect(record);
    else this.#limiter.put(record, nowUs);
  }

  readonly #collect = (record: KinesisRecord): void => {
    this.#collector.put(record, this.#options.clock.nowUs());
    if (this.#isFlushing) this.#collector.flush();
  };

  readonly #expire = (record: KinesisRecord): void => {
    this.#giveUpAll(record, 'expired', EXPIRED, this.#options.clock.nowUs());
  };

  // ── settle ───────────────────────────────────────────────────────────────────────────────────────────────────────

  readonly #settle = (request: Request): void => {
    const { observer, shardMap, settings } = this.#options;
    const nowUs = request.doneUs;
    const decision = this.#decision;
    observer.requestEnded(request);
    const { entries, entryCount, answer } = request;
    for (let entry = 0; entry < entryCount; entry++) {
      const record = entries[entry] as KinesisRecord;
      decide(
        record,
        entry,
        entryCount,
        answer,
        this.#behaviour,
        settings.failIfThrottled,
        this,
        decision,
      );
      record.attempts++;
      const took = answer.status === 'answered' ? (answer.shardNumber[entry] as number) : -1;
      const shard = took >= 0 ? took : record.predictedShard;
      observer.attempted(record, decision.outcome, decision.code, shard, decision.message);
      if (decision.invalidatesMap && !record.hasInvalidatedMap) {
        record.hasInvalidatedMap = true;
        shardMap.invalidate(request.sentUs, record.predictedShard);
      }
      if (decision.action === 'accept') this.#accept(record, request, entry);
      else this.#refused(record, decision, nowUs);
    }
    this.#rearm(nowUs);
    this.#tellRoom();
  };

  #accept(record: KinesisRecord, request: Request, entry: number): void {
    this.#options.observer.accepted(record, request, entry);
    const { next } = this.records;
    for (let slot = record.firstSlot; slot >= 0; ) {
      const following = next[slot] as number;
      this.records.release(slot);
      slot = following;
    }
    this.#releaseRecord(record);
  }

  /** An attempt did not succeed: its user records are marked, and fail, expire, wait, or go back to the aggregator. */
  #refused(record: KinesisRecord, decision: Decision, nowUs: number): void {
    this.#markAttempt(record, decision.outcome === 'unknown');
    if (decision.outcome === 'throttled') this.#limiter?.throttled(record.predictedShard, nowUs);
    if (decision.action === 'fail' || this.#isAborted) {
      this.#giveUpAll(record, 'failed', decision.code, nowUs);
      return;
    }
    const mustMove = decision.action === 'retryElsewhere';
    if (mustMove && this.#behaviour.followsMap && this.#options.shardMap.isUpdating) {
      this.#awaitingMap.push(record);
      return;
    }
    if (this.#behaviour.retries === 'individual' || mustMove) {
      this.#reroute(record, nowUs);
      return;
    }
    const waitUs = this.#backoffUs(record.attempts);
    if (nowUs + waitUs >= record.expirationUs) {
      this.#expireSome(record, nowUs, waitUs);
      return;
    }
    record.deadlineUs = nowUs + waitUs;
    this.#backoff.push(record);
  }

  #markAttempt(record: KinesisRecord, isUnknown: boolean): void {
    const { attempts, firstSentUs, hadUnknown, next } = this.records;
    for (let slot = record.firstSlot; slot >= 0; slot = next[slot] as number) {
      if (attempts[slot] === 0) firstSentUs[slot] = record.sentUs;
      if ((attempts[slot] as number) < 0xffff) attempts[slot] = (attempts[slot] as number) + 1;
      if (isUnknown) hadUnknown[slot] = 1;
    }
  }

  /** Full jitter in the upper half of a doubling wait: spreads retries, never to nothing. */
  #backoffUs(attempts: number): number {
    const { backoffFirstUs, backoffMaxUs } = this.#behaviour;
    if (backoffFirstUs === 0) return this.#options.settings.maxBufferedTimeUs / 2;
    const step = Math.min(backoffMaxUs, backoffFirstUs * 2 ** Math.min(attempts - 1, 30));
    return step * (0.5 + 0.5 * this.#options.random());
  }

  /** User records whose time is over expire; the others of the record go on by themselves. */
  #expireSome(record: KinesisRecord, nowUs: number, waitUs: number): void {
    const latestUs = nowUs + waitUs - this.#options.settings.recordTtlUs;
    this.#splitUp(record, nowUs, latestUs);
  }

  /** Every user record back to the aggregator, under the shard map of now, unless its time is over. */
  #reroute(record: KinesisRecord, nowUs: number): void {
    this.#splitUp(record, nowUs, nowUs - this.#options.settings.recordTtlUs);
  }

  #splitUp(record: KinesisRecord, nowUs: number, generatedBeforeUs: number): void {
    const { records } = this;
    const { keys, settings } = this.#options;
    const retryUs = nowUs + settings.maxBufferedTimeUs / 2;
    const bytes = record.bytes;
    this.#bufferedBytes -= record.bufferedBytes;
    splitKinesisRecord(record, records.next, (slot, keyStart, keyEnd, dataStart, dataEnd) => {
      records.next[slot] = -1;
      if ((records.generatedUs[slot] as number) <= generatedBeforeUs) {
        this.#giveUp(slot, 'expired', EXPIRED, nowUs);
        return;
      }
      if (records.keyGeneration[slot] !== keys.generation) {
        keys.makeRoom(1);
        records.keyId[slot] = keys.add(
          record.isAggregate ? bytes : record.keyBytes,
          keyStart,
          keyEnd,
        );
        records.keyGeneration[slot] = keys.generation;
      }
      const keyId = records.keyId[slot] as number;
      this.#route(slot, keyId, bytes, dataStart, dataEnd - dataStart, retryUs, nowUs);
    });
    this.#pool.release(record);
  }

  #giveUpAll(
    record: KinesisRecord,
    outcome: 'failed' | 'expired',
    code: string,
    nowUs: number,
  ): void {
    const { next } = this.records;
    for (let slot = record.firstSlot; slot >= 0; ) {
      const following = next[slot] as number;
      this.#giveUp(slot, outcome, code, nowUs);
      slot = following;
    }
    this.#releaseRecord(record);
  }

  #giveUp(slot: number, outcome: 'failed' | 'expired', code: string, nowUs: number): void {
    this.#options.observer.givenUp(slot, outcome, code, nowUs);
    this.records.release(slot);
  }

  #releaseRecord(record: KinesisRecord): void {
    this.#bufferedBytes -= record.bufferedBytes;
    this.#pool.release(record);
  }

  #tellRoom(): void {
    if (this.#isFull && this.#bufferedBytes < this.#options.settings.maxBufferedBytes) {
      this.#isFull = false;
      this.#options.onRoom();
    }
  }

  // ── the shard map ────────────────────────────────────────────────────────────────────────────────────────────────

  /** A new map is here, or a listing failed: records that waited for it go on, open aggregates of closed shards move. */
  mapChanged(): void {
    const { shardMap, clock } = this.#options;
    const nowUs = clock.nowUs();
    const waited = this.#awaitingMap;
    this.#awaitingMap = [];
    for (const record of waited) this.#reroute(record, nowUs);
    if (this.#behaviour.followsMap && this.#behaviour.aggregatesBy === 'shard') {
      this.#aggregator.takeStale(
        (shard) => !shardMap.isOpen(shard),
        (record) => this.#reroute(record, nowUs),
      );
    }
    this.#rearm(nowUs);
    this.#tellRoom();
  }

  /** For {@link decide}: whether a shard that was not predicted may keep a record. */
  holdsRecord(shard: number, record: KinesisRecord): boolean {
    const { shardMap, keys } = this.#options;
    if (!shardMap.holds(shard, record.hash)) return false;
    if (this.#behaviour.acceptsElsewhere === 'firstKey' || !record.isAggregate) return true;
    let holdsAll = true;
    const { keyGeneration, keyId, next } = this.records;
    const hash = new Uint32Array(4);
    splitKinesisRecord(record, next, (slot, keyStart, keyEnd) => {
      if (keyGeneration[slot] === keys.generation) {
        holdsAll &&= shardMap.holds(shard, keys.hash, (keyId[slot] as number) * 4);
      } else {
        hashPartitionKey(record.bytes.subarray(keyStart, keyEnd), hash);
        holdsAll &&= shardMap.holds(shard, hash);
      }
    });
    return holdsAll;
  }

  // ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Does what has become due: closes by time, lets records pass, ends backoffs. */
  advance(nowUs: number): void {
    this.#aggregator.closeDue(nowUs);
    for (let first = this.#backoff.first; first !== undefined && first.deadlineUs <= nowUs; ) {
      this.#limit(this.#backoff.pop(), nowUs);
      first = this.#backoff.first;
    }
    this.#limiter?.advance(nowUs);
    this.#collector.closeDue(nowUs);
    this.#rearm(nowUs);
    this.#tellRoom();
  }

  /** One timer for all stages, at the earliest of their times; moved only when that comes forward. */
  #rearm(nowUs: number): void {
    const nextUs = Math.min(
      this.#aggregator.nextUs,
      this.#backoff.first?.deadlineUs ?? Number.POSITIVE_INFINITY,
      this.#limiter?.nextUs ?? Number.POSITIVE_INFINITY,
      this.#collector.nextUs,
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

/**
 * One stream of a producer. In: records that were checked. Out: each one's end, told once. Invariants: what waits for
 * room goes first, in order; nothing goes before the first listing of shards has ended, so that no record travels
 * unaggregated and unlimited merely because it was early.
 */
import type { Clock, Timer } from '../core/clock.ts';
import { EXPIRED, RESOURCE_NOT_FOUND } from '../kinesis/error-codes.ts';
import type { KeyTable } from '../kinesis/key-table.ts';
import type { ListOpenShards } from '../kinesis/listing.ts';
import type { Transport } from '../kinesis/put-records.ts';
import type { ShardBuckets } from '../producer/buckets.ts';
import { isFinalCode } from '../producer/decide.ts';
import { Pipeline } from '../producer/pipeline.ts';
import { BEHAVIOURS, type ProducerSettings } from '../producer/settings.ts';
import { ShardMap } from '../producer/shard-map.ts';
import { Callers } from './callers.ts';
import type { CheckedRecord } from './check.ts';
import { Flushes } from './flushes.ts';
import type { KeyNames } from './key-names.ts';
import { StreamLog, type StreamLogOptions } from './log.ts';
import type { StreamMetrics } from './metrics.ts';
import type { OnSettled, RecordError } from './results.ts';
import { type Ticket, Tickets } from './tickets.ts';
import { TICKET_BYTES, WaitingRecords } from './waiting.ts';

export interface StreamOptions extends Pick<StreamLogOptions, 'logger' | 'onSlow' | 'onThrottled'> {
  readonly stream: string;
  readonly settings: ProducerSettings;
  readonly keys: KeyTable;
  readonly names: KeyNames;
  readonly clock: Clock;
  readonly transport: Transport;
  readonly listOpenShards: ListOpenShards;
  readonly buckets: ShardBuckets | null;
  readonly metrics: StreamMetrics;
  readonly maxWaiting: number;
  readonly maxWaitingBytes: number;
  readonly returnsRecord: boolean;
  readonly random: () => number;
  readonly later: (run: () => void) => void;
  readonly onSettled: (error: RecordError | null) => void;
  readonly onShardMap: (openShards: number) => void;
  readonly onShardMapFailed: (errorCode: string) => void;
}

/** How often UserRecordsPending is sampled while there are any, as in the KPL. */
const PENDING_SAMPLE_US = 200_000;

export class ProducerStream {
  readonly #options: StreamOptions;
  readonly #pipeline: Pipeline;
  readonly #shardMap: ShardMap;
  readonly #tickets: Tickets;
  readonly #log: StreamLog;
  readonly #waiting = new WaitingRecords();
  /** When the first that waits expires. */
  #expiryTimer: Timer | null = null;
  /** Whether the first listing has ended. */
  #isReady = false;
  #isDraining = false;
  #puts = 0;
  readonly #flushes = new Flushes();
  /** Who waits for room without a record. */
  #roomSeekers: (() => void)[] = [];
  #pendingTimer: Timer | null = null;
  #abortCode = '';
  /** Why records fail at once, until a listing ends otherwise; '' when they do not. */
  #refusal = '';
  /** Why there is no shard map yet; '' when there is, or it is not known. */
  #listingError = '';

  constructor(options: StreamOptions) {
    const { stream, settings, keys, clock, metrics } = options;
    this.#options = options;
    this.#log = new StreamLog({ ...options, maxBufferedTimeUs: settings.maxBufferedTimeUs });
    this.#shardMap = new ShardMap({
      streamName: stream,
      listOpenShards: options.listOpenShards,
      keys,
      clock,
      onUpdate: (openShards) => this.#listed(openShards),
      onError: (code) => this.#listingFailed(code),
    });
    this.#tickets = new Tickets({
      stream,
      returnsRecord: options.returnsRecord,
      metrics,
      log: this.#log,
      pipeline: () => this.#pipeline,
      onSettled: (ticket, error) => this.#settled(ticket, error),
      callers: new Callers(options.later),
    });
    this.#pipeline = new Pipeline({
      streamName: stream,
      settings,
      keys,
      shardMap: this.#shardMap,
      buckets: options.buckets,
      transport: options.transport,
      clock,
      observer: this.#tickets.observer,
      random: options.random,
      wantsSequenceNumbers: true,
      overheadBytes: TICKET_BYTES,
      onRoom: () => options.later(this.#pump),
    });
    this.#shardMap.start();
  }

  /** Records taken and not settled, those that wait for room included. */
  get outstanding(): number {
    return this.#pipeline.outstanding + this.#waiting.count;
  }

  /** When the oldest of them was put; Infinity when there is none. */
  get oldestPutUs(): number {
    const first = this.#waiting.first?.ticket.putUs ?? Number.POSITIVE_INFINITY;
    return Math.min(first, this.#tickets.oldestPutUs());
  }

  get bufferedBytes(): number {
    return this.#pipeline.bufferedBytes;
  }

  get waitingBytes(): number {
    return this.#waiting.bytes;
  }

  get waitingCount(): number {
    return this.#waiting.count;
  }

  /**
   * Takes a record.
   * @param waits whether it may wait for room
   * @returns false when there is no room
   */
  put(
    checked: CheckedRecord,
    onSettled: OnSettled | null,
    token: unknown,
    waits: boolean,
  ): boolean {
    const { metrics, clock } = this.#options;
    const { record } = checked;
    const nowUs = clock.nowUs();
    const serial = this.#puts + 1;
    const ticket: Ticket = {
      record,
      onSettled,
      token,
      serial,
      putUs: nowUs,
      attempts: null,
      sinceUs: nowUs,
      shard: -1,
    };
    const isRefused = this.#refusal !== '';
    const goesNow = this.#isReady && this.#waiting.count === 0 && this.#take(checked, ticket);
    if (!goesNow && !isRefused && !this.#wait(checked, ticket, waits)) return false;
    this.#puts = serial;
    metrics.setTime(nowUs);
    metrics.add('UserRecordsReceived', -1, 1);
    if (isRefused) this.#tickets.giveUp(ticket, 'failed', this.#refusal, nowUs);
    this.#samplePending();
    return true;
  }

  #wait(checked: CheckedRecord, ticket: Ticket, waits: boolean): boolean {
    const { maxWaiting, maxWaitingBytes, settings } = this.#options;
    const waiting = this.#waiting;
    // Until the first listing has ended nothing goes, so a record that must not wait for room does wait for that.
    const hasRoom = waits || (!this.#isReady && waiting.bytes < settings.maxBufferedBytes);
    if (!hasRoom || waiting.count >= maxWaiting || waiting.bytes >= maxWaitingBytes) return false;
    waiting.push({ checked, ticket });
    this.#watchExpiry();
    return true;
  }

  /** Calls back when every record put until now is settled. */
  flush(done: () => void): void {
    this.#pipeline.hurry(true);
    this.#pipeline.flush();
    const remaining = this.outstanding;
    if (remaining > 0) this.#flushes.add(this.#puts, remaining, done);
    else {
      this.#pipeline.hurry(false);
      this.#options.later(done);
    }
  }

  /** Calls back when a record would be taken at once, or refused for good. */
  whenRoom(done: () => void): void {
    if (this.#hasRoom || this.#refusal !== '' || this.#abortCode !== '') this.#options.later(done);
    else this.#roomSeekers.push(done);
  }

  get #hasRoom(): boolean {
    return this.#isReady && this.#waiting.count === 0 && !this.#pipeline.isFull();
  }

  /** From now on nothing waits for company. */
  drain(): void {
    this.#isDraining = true;
    this.#pipeline.drain();
  }

  /** Gives up what is not in flight. */
  abort(code: string): void {
    this.#abortCode = code;
    this.#failWaiting(code);
    this.#pipeline.abort(code);
    this.#tellRoomSeekers();
  }

  /** Nothing may be outstanding. */
  close(): void {
    this.#abortCode ||= 'Closed';
    this.#tellRoomSeekers();
    this.#shardMap.close();
    this.#pipeline.close();
    this.#pendingTimer?.cancel();
    this.#expiryTimer?.cancel();
    this.#log.close();
  }

  #take(checked: CheckedRecord, ticket: Ticket): boolean {
    const { keys, names, clock } = this.#options;
    const number = this.#tickets.add(ticket);
    keys.makeRoom(2);
    const keyId = names.idOf(checked.partitionKey, checked.hashKey);
    const isTaken = this.#pipeline.putOne(keyId, checked.data, ticket.putUs, clock.nowUs(), number);
    if (!isTaken) this.#tickets.remove(number);
    return isTaken;
  }

  readonly #pump = (): void => {
    if (!this.#isReady) return;
    const flushedTo = this.#flushes.lastSerial;
    let mustFlush = false;
    for (let { first } = this.#waiting; first !== undefined; ) {
      if (!this.#take(first.checked, first.ticket)) break;
      if (first.ticket.serial <= flushedTo) mustFlush = true;
      this.#waiting.shift();
      first = this.#waiting.first;
    }
    if (this.#isDraining) this.#pipeline.drain();
    else if (mustFlush) this.#pipeline.flush();
    if (this.#roomSeekers.length > 0 && this.#hasRoom) this.#tellRoomSeekers();
  };

  #tellRoomSeekers(): void {
    for (const done of this.#roomSeekers.splice(0)) this.#options.later(done);
  }

  #settled(ticket: Ticket, error: RecordError | null): void {
    this.#options.onSettled(error);
    if (this.#flushes.isEmpty) return;
    this.#flushes.settled(ticket.serial, this.#options.later);
    if (this.#flushes.isEmpty) this.#pipeline.hurry(false);
  }

  #listed(openShards: number): void {
    this.#log.shardMap(openShards);
    this.#options.onShardMap(openShards);
    this.#pipeline.mapChanged();
    this.#begin();
  }

  #listingFailed(code: string): void {
    this.#log.shardMapFailed(code);
    this.#options.onShardMapFailed(code);
    this.#pipeline.mapChanged();
    if (this.#isReady) return;
    const isMissing = code === RESOURCE_NOT_FOUND;
    this.#refusal = isMissing ? code : '';
    this.#listingError = code;
    if (isMissing) {
      this.#failWaiting(code);
      this.#tellRoomSeekers();
    } else if (this.#mayGoWithout(code)) this.#begin();
  }

  /**
   * Without a map records go unaggregated and unlimited: the KPL's way whatever the reason, and the only one where no
   * listing will ever succeed. Otherwise they wait for the next.
   */
  #mayGoWithout(code: string): boolean {
    return isFinalCode(code) || !BEHAVIOURS[this.#options.settings.profile].followsMap;
  }

  #failWaiting(code: string): void {
    const nowUs = this.#options.clock.nowUs();
    for (let waited = this.#waiting.shift(); waited !== undefined; ) {
      this.#tickets.giveUp(waited.ticket, 'failed', code, nowUs);
      waited = this.#waiting.shift();
    }
  }

  /** The time to live counts from the put: what waits for room is given up at its end too. */
  #watchExpiry(): void {
    const { clock, settings } = this.#options;
    const { first } = this.#waiting;
    if (first === undefined || this.#expiryTimer !== null) return;
    this.#expiryTimer = clock.setTimer(first.ticket.putUs + settings.recordTtlUs, () => {
      const nowUs = clock.nowUs();
      this.#expiryTimer = null;
      for (let { first: oldest } = this.#waiting; oldest !== undefined; ) {
        if (oldest.ticket.putUs + settings.recordTtlUs > nowUs) break;
        this.#waiting.shift();
        this.#tickets.giveUp(oldest.ticket, 'expired', EXPIRED, nowUs, false, this.#expiryHint);
        oldest = this.#waiting.first;
      }
      this.#watchExpiry();
    });
  }

  /** null: the usual one. */
  get #expiryHint(): string | null {
    if (this.#isReady || this.#listingError === '') return null;
    return `The shards of the stream could not be listed (${this.#listingError}): see to that first.`;
  }

  #begin(): void {
    this.#isReady = true;
    this.#refusal = '';
    if (this.#abortCode === '') this.#pump();
  }

  #samplePending(): void {
    const { clock, metrics } = this.#options;
    this.#pendingTimer ??= clock.setTimer(clock.nowUs() + PENDING_SAMPLE_US, () => {
      this.#pendingTimer = null;
      metrics.setTime(clock.nowUs());
      metrics.add('UserRecordsPending', -1, this.outstanding);
      if (this.outstanding > 0) this.#samplePending();
    });
  }
}

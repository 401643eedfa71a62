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
import { Flushes } from './flushes.ts';
import type { Incoming } from './incoming.ts';
import type { KeyNames } from './key-names.ts';
import { StreamLog, type StreamLogOptions } from './log.ts';
import type { Meters, StreamMetrics } from './metrics.ts';
import { Outcomes } from './outcomes.ts';
import type { RecordError } from './results.ts';
import { Tickets, ticketOf } from './tickets.ts';
import { TICKET_BYTES, type WaitingRecord, WaitingRoom } from './waiting-room.ts';

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
  readonly random: () => number;
  readonly later: (run: () => void) => void;
  readonly onAccepted: (count: number) => void;
  readonly onGivenUp: (error: RecordError) => void;
  readonly onShardMap: (openShards: number) => void;
  readonly onShardMapFailed: (errorCode: string) => void;
}

/** How often UserRecordsPending is sampled while there are any, as in the KPL. */
const PENDING_SAMPLE_US = 200_000;

export class ProducerStream {
  readonly #options: StreamOptions;
  readonly #pipeline: Pipeline;
  readonly #shardMap: ShardMap;
  readonly #tickets = new Tickets();
  readonly #outcomes: Outcomes;
  readonly #log: StreamLog;
  /** Of the stream as a whole. */
  readonly #meters: Meters;
  readonly #waiting: WaitingRoom;
  /** Whether the first listing has ended. */
  #isReady = false;
  #isDraining = false;
  #puts = 0;
  readonly #flushes: Flushes;
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
    this.#meters = metrics.at(-1);
    this.#flushes = new Flushes(options.later, () => this.#pipeline.hurry(false));
    this.#waiting = new WaitingRoom({
      ...options,
      tickets: this.#tickets,
      recordTtlUs: settings.recordTtlUs,
      onExpired: (tag, nowUs) =>
        this.#outcomes.giveUp(tag, 'expired', EXPIRED, nowUs, false, this.#expiryHint),
    });
    this.#outcomes = new Outcomes({
      ...options,
      tickets: this.#tickets,
      flushes: this.#flushes,
      callers: new Callers(options.later),
      log: this.#log,
      records: () => this.#pipeline.records,
    });
    this.#pipeline = new Pipeline({
      streamName: stream,
      settings,
      keys,
      shardMap: this.#shardMap,
      buckets: options.buckets,
      transport: options.transport,
      clock,
      observer: this.#outcomes.observer,
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
    return this.#tickets.oldestPutUs();
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
   * Takes a record, whose fields are right.
   * @param waits whether it may wait for room
   * @returns false when there is no room
   */
  put(incoming: Incoming, waits: boolean): boolean {
    const { putUs, keyId, bytes, start, length } = incoming;
    const isRefused = this.#refusal !== '';
    const goesNow = this.#isReady && this.#waiting.count === 0 && !this.#pipeline.isFull();
    if (!goesNow && !isRefused && !this.#mayWait(waits)) return false;
    const tag = this.#tickets.take(incoming, ++this.#puts);
    this.#options.metrics.setTime(putUs);
    this.#meters.UserRecordsReceived.count(1);
    if (goesNow) this.#pipeline.putOne(keyId, bytes, start, length, putUs, putUs, tag);
    else if (isRefused) this.#outcomes.giveUp(tag, 'failed', this.#refusal, putUs);
    else this.#waiting.push(incoming, tag);
    if (this.#pendingTimer === null) this.#samplePending();
    return true;
  }

  /** Until the first listing has ended nothing goes, so a record that must not wait for room does wait for that. */
  #mayWait(waits: boolean): boolean {
    const { settings } = this.#options;
    const isEarly = !this.#isReady && this.#waiting.bytes < settings.maxBufferedBytes;
    return (waits || isEarly) && !this.#waiting.isFull;
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
    this.#waiting.close();
    this.#log.close();
  }

  /** Puts a record that has waited; false when there is no room yet. */
  #take({ partitionKey, explicitHashKey, data, tag }: WaitingRecord): boolean {
    const { keys, names, clock } = this.#options;
    if (this.#pipeline.isFull()) return false;
    keys.makeRoom(2);
    const keyId = names.idOf(partitionKey, explicitHashKey);
    const putUs = this.#tickets.putUs[ticketOf(tag)] as number;
    return this.#pipeline.putOne(keyId, data, 0, data.length, putUs, clock.nowUs(), tag);
  }

  readonly #pump = (): void => {
    if (!this.#isReady) return;
    const flushedTo = this.#flushes.lastSerial;
    let mustFlush = false;
    for (let { first } = this.#waiting; first !== undefined; ) {
      const serial = this.#tickets.serial[ticketOf(first.tag)] as number;
      if (!this.#take(first)) break;
      if (serial <= flushedTo) mustFlush = true;
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
      this.#outcomes.giveUp(waited.tag, 'failed', code, nowUs);
      waited = this.#waiting.shift();
    }
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
      this.#meters.UserRecordsPending.count(this.outstanding);
      if (this.outstanding > 0) this.#samplePending();
    });
  }
}

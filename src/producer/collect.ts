/**
 * Kinesis records → collections, one PutRecords call each. In: records that may be sent. Out: closed collections, by
 * callback. Invariants: never more than the count or the bytes of one call; no shard gets more than its burst in one.
 */
import { Instant } from './instant.ts';
import type { KinesisRecord } from './kinesis-record.ts';
import type { Behaviour, ProducerSettings } from './settings.ts';
import type { Stage } from './stage.ts';

/** Why a collection was closed; `shard`: one shard has its burst in it. */
export type CollectReason = 'count' | 'size' | 'shard' | 'time' | 'flush';

export class Collection {
  closedBy: CollectReason = 'flush';
  /** The first `count` are the collection; those behind are of earlier ones, so that the array need not grow again. */
  readonly records: KinesisRecord[] = [];
  count = 0;
  /** Data and partition keys. */
  bytes = 0;
  deadlineUs = Number.POSITIVE_INFINITY;
  /** Earliest of its records. */
  expirationUs = Number.POSITIVE_INFINITY;

  add(record: KinesisRecord): void {
    this.records[this.count++] = record;
    this.bytes += record.wireBytes;
    if (record.deadlineUs < this.deadlineUs) this.deadlineUs = record.deadlineUs;
    if (record.expirationUs < this.expirationUs) this.expirationUs = record.expirationUs;
  }

  /** There must be one. */
  removeLast(): KinesisRecord {
    const record = this.records[--this.count] as KinesisRecord;
    this.bytes -= record.wireBytes;
    return record;
  }

  /** Removes and returns the records that `isTaken` says yes to. */
  takeWhere(isTaken: (record: KinesisRecord) => boolean): KinesisRecord[] {
    const all = this.records.slice(0, this.count);
    const taken: KinesisRecord[] = [];
    this.clear();
    for (const record of all) {
      if (isTaken(record)) taken.push(record);
      else this.add(record);
    }
    return taken;
  }

  clear(): void {
    this.count = 0;
    this.bytes = 0;
    this.deadlineUs = Number.POSITIVE_INFINITY;
    this.expirationUs = Number.POSITIVE_INFINITY;
  }
}

export class Collector implements Stage {
  readonly #limits: ProducerSettings['collection'];
  readonly #extraUs: number;
  readonly #overfills: boolean;
  readonly #take: () => Collection;
  readonly #onClosed: (collection: Collection) => void;
  readonly #now: Instant;
  #open: Collection;
  #flushUs = Number.POSITIVE_INFINITY;
  /** Records of the open collection whose bytes are counted by shard. */
  #counted = 0;
  /** Bytes of those by shard number, valid where the mark is the current one. */
  #shardBytes = new Float64Array(0);
  #shardMarks = new Uint32Array(0);
  #mark = 1;

  /**
   * @param extraUs how long a record may wait here beyond its deadline, so that aggregates of one moment meet; never
   *   beyond the end of its time to live
   * @param overfills as {@link Behaviour.fills} of the KPL
   * @param take gives an empty collection, used again after its call
   * @param now of the call in work
   */
  constructor(
    limits: ProducerSettings['collection'],
    extraUs: number,
    overfills: boolean,
    take: () => Collection,
    onClosed: (collection: Collection) => void,
    now = new Instant(),
  ) {
    this.#now = now;
    this.#limits = limits;
    this.#extraUs = extraUs;
    this.#overfills = overfills;
    this.#take = take;
    this.#onClosed = onClosed;
    this.#open = take();
  }

  /** When the open collection must be closed by time, or is to be flushed; Infinity when neither. */
  get nextUs(): number {
    return Math.min(this.#open.deadlineUs, this.#flushUs);
  }

  get openCount(): number {
    return this.#open.count;
  }

  /** @param atUs when it is not the call in work that brings it */
  put(record: KinesisRecord, atUs?: number): void {
    if (atUs !== undefined) this.#now.us = atUs;
    const { maxCount, maxBytes } = this.#limits;
    const bytes = record.wireBytes;
    const isFull = this.#open.count > 0 && this.#open.bytes + bytes > maxBytes;
    if (isFull && !this.#overfills) this.#close('size');
    const open = this.#open;
    const extendedUs = Math.max(record.deadlineUs, this.#now.us + this.#extraUs);
    record.deadlineUs = Math.min(extendedUs, record.expirationUs);
    open.add(record);
    if (open.count >= maxCount) this.#close('count');
    else if (open.bytes >= maxBytes) this.#close('size');
    else if (this.#isShardFull()) this.#close('shard');
  }

  /** Takes a record that shares no call. */
  putAlone(record: KinesisRecord): void {
    const collection = this.#take();
    collection.closedBy = 'count';
    collection.add(record);
    this.#onClosed(collection);
  }

  /** Closes the open collection if its deadline has come, or the time of its flush. */
  advance(nowUs: number): void {
    if (this.#flushUs <= nowUs) this.flush();
    if (this.#open.count > 0 && this.#open.deadlineUs <= nowUs) this.#close('time');
  }

  /** A flush that is not now but then, or earlier where one is set already: so flush upon flush cannot put it off. */
  flushAt(atUs: number): void {
    if (atUs < this.#flushUs) this.#flushUs = atUs;
  }

  flush(): void {
    this.#flushUs = Number.POSITIVE_INFINITY;
    if (this.#open.count > 0) this.#close('flush');
  }

  /** Takes out the records of the open collection that `isTaken` says yes to. */
  takeWhere(
    isTaken: (record: KinesisRecord) => boolean,
    take: (record: KinesisRecord) => void,
  ): void {
    const taken = this.#open.takeWhere(isTaken);
    this.#forgetShards();
    for (const record of taken) take(record);
  }

  #close(reason: CollectReason): void {
    const closed = this.#open;
    closed.closedBy = reason;
    this.#open = this.#take();
    if (this.#overfills) {
      closed.records.length = closed.count;
      closed.records.sort((a, b) => a.deadlineUs - b.deadlineUs);
      while (closed.bytes > this.#limits.maxBytes && closed.count > 1) {
        this.#open.add(closed.removeLast());
      }
      closed.records.length = closed.count;
    }
    this.#forgetShards();
    this.#onClosed(closed);
  }

  /**
   * Whether the shard of the newest record has its burst in the open collection. Most collections are smaller than a
   * burst, and then no shard is looked at.
   */
  #isShardFull(): boolean {
    const open = this.#open;
    const { maxShardBytes } = this.#limits;
    if (open.bytes < maxShardBytes) return false;
    let shardBytes = 0;
    for (; this.#counted < open.count; this.#counted++) {
      const record = open.records[this.#counted] as KinesisRecord;
      shardBytes = this.#addShardBytes(record.predictedShard, record.wireBytes);
    }
    return shardBytes >= maxShardBytes;
  }

  #forgetShards(): void {
    this.#mark++;
    this.#counted = 0;
  }

  #addShardBytes(shard: number, bytes: number): number {
    if (shard < 0) return 0;
    if (shard >= this.#shardBytes.length) this.#widen(shard);
    const before = this.#shardMarks[shard] === this.#mark ? (this.#shardBytes[shard] as number) : 0;
    this.#shardMarks[shard] = this.#mark;
    this.#shardBytes[shard] = before + bytes;
    return before + bytes;
  }

  #widen(shard: number): void {
    const capacity = Math.max(shard + 1, this.#shardBytes.length * 2);
    const bytes = new Float64Array(capacity);
    bytes.set(this.#shardBytes);
    this.#shardBytes = bytes;
    const marks = new Uint32Array(capacity);
    marks.set(this.#shardMarks);
    this.#shardMarks = marks;
  }
}

/** How long a record may wait in the collector beyond its deadline. */
export function collectExtraUs(settings: ProducerSettings, behaviour: Behaviour): number {
  if (!settings.aggregation.enabled) return 0;
  const shareUs = behaviour.collectExtraFraction * settings.maxBufferedTimeUs;
  return Math.min(behaviour.collectExtraMaxUs, shareUs);
}

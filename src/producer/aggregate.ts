/**
 * User records → Kinesis records in the KPL's aggregated format, one open for each shard. In: one user record at a time,
 * its key interned and its shard predicted. Out: closed Kinesis records, by callback: at their count, at their size, at
 * their earliest deadline, or when told. Invariant: an aggregate holds records of one shard. The bytes are
 * aggregate-writer.ts's.
 */
import { DeadlineHeap } from '../core/deadline-heap.ts';
import { hashKeyValue } from '../kinesis/hash-key.ts';
import { sendsHashKey, writeContainerKey } from './address.ts';
import { AggregateWriter, type AggregateWriterOptions } from './aggregate-writer.ts';
import type { CloseReason, KinesisRecord } from './kinesis-record.ts';
import type { ContainerKey, ProducerSettings } from './settings.ts';
import type { Stage } from './stage.ts';

export interface AggregatorOptions extends Omit<AggregateWriterOptions, 'maxBytes'> {
  readonly limits: ProducerSettings['aggregation'];
  readonly containerKey: ContainerKey;
  /** A number in [0, 1), for random container keys. */
  readonly random: () => number;
  readonly onClosed: (record: KinesisRecord, reason: CloseReason) => void;
}

export class Aggregator implements Stage {
  readonly #options: AggregatorOptions;
  readonly #writerOptions: AggregateWriterOptions;
  readonly #overfills: boolean;
  readonly #maxCount: number;
  /** By shard number. */
  readonly #writers: (AggregateWriter | undefined)[] = [];
  readonly #deadlines = new DeadlineHeap();

  constructor(options: AggregatorOptions) {
    this.#options = options;
    this.#writerOptions = { ...options, maxBytes: options.limits.maxBytes };
    this.#overfills = options.behaviour.overfills;
    this.#maxCount = options.limits.maxCount;
  }

  /** When the next aggregate must be closed by time; Infinity when none is open. */
  get nextUs(): number {
    return this.#deadlines.nextUs;
  }

  /**
   * Takes one user record. Closes the open aggregate first if the record does not fit into it, unless the profile
   * overfills.
   * @param shard predicted shard number, 0 … (0 for all when aggregating by stream)
   * @param payload the payload is `payload[start, start + length)`
   * @param mustFit holds the exact size even if the profile overfills
   * @returns the Kinesis record that took it; the caller chains the slot, then calls {@link closeIfFull}
   */
  add(
    shard: number,
    keyId: number,
    payload: Uint8Array,
    start: number,
    length: number,
    deadlineUs: number,
    mustFit: boolean,
  ): KinesisRecord {
    const writer = this.#writers[shard] ?? this.#writerFor(shard);
    const isExact = mustFit || !this.#overfills;
    if (isExact && writer.record !== null && !writer.fits(keyId, length)) {
      this.#close(shard, writer, writer.record, 'size');
    }
    const record = writer.record ?? this.#begin(writer, shard);
    writer.append(record, keyId, payload, start, length);
    record.count++;
    record.payloadBytes += length;
    if (deadlineUs < record.deadlineUs) {
      record.deadlineUs = deadlineUs;
      this.#deadlines.set(shard, deadlineUs);
    }
    return record;
  }

  /** Closes the shard's aggregate if it has reached its count or its size. */
  closeIfFull(shard: number): void {
    const writer = this.#writers[shard];
    const record = writer?.record;
    if (writer === undefined || record == null) return;
    if (record.count >= this.#maxCount) this.#close(shard, writer, record, 'count');
    else if (writer.isFull(record)) this.#close(shard, writer, record, 'size');
  }

  /** Closes the shard's aggregate, if there is one. */
  closeShard(shard: number, reason: CloseReason = 'flush'): void {
    const writer = this.#writers[shard];
    const record = writer?.record;
    if (writer !== undefined && record != null) this.#close(shard, writer, record, reason);
  }

  /** Closes every aggregate whose deadline has come. */
  advance(nowUs: number): void {
    for (let shard = this.#deadlines.takeDue(nowUs); shard >= 0; ) {
      this.closeShard(shard, 'time');
      shard = this.#deadlines.takeDue(nowUs);
    }
  }

  /** Closes every aggregate. */
  flush(): void {
    for (let shard = 0; shard < this.#writers.length; shard++) this.closeShard(shard);
  }

  /** Closes the open aggregates that `isTaken` says yes to and hands them over instead of sending them on. */
  takeWhere(
    isTaken: (record: KinesisRecord) => boolean,
    take: (record: KinesisRecord) => void,
  ): void {
    const taken: KinesisRecord[] = [];
    this.#writers.forEach((writer, shard) => {
      if (writer?.record != null && isTaken(writer.record)) {
        taken.push(this.#seal(shard, writer, writer.record));
      }
    });
    for (const record of taken) take(record);
  }

  #writerFor(shard: number): AggregateWriter {
    while (this.#writers.length < shard) this.#writers.push(undefined);
    const writer = new AggregateWriter(this.#writerOptions);
    this.#writers[shard] = writer;
    return writer;
  }

  #begin(writer: AggregateWriter, shard: number): KinesisRecord {
    const record = writer.begin();
    record.predictedShard = this.#options.behaviour.aggregatesBy === 'stream' ? -1 : shard;
    return record;
  }

  #close(shard: number, writer: AggregateWriter, record: KinesisRecord, reason: CloseReason): void {
    this.#options.onClosed(this.#seal(shard, writer, record), reason);
  }

  /** Its data, its partition key and its hash key; the shard has no open aggregate after. */
  #seal(shard: number, writer: AggregateWriter, record: KinesisRecord): KinesisRecord {
    const { behaviour, containerKey, random } = this.#options;
    this.#deadlines.clear(shard);
    writer.seal(record);
    if (record.isAggregate) writeContainerKey(record, containerKey, random);
    if (sendsHashKey(behaviour, containerKey, record)) {
      record.explicitHashKey = hashKeyValue(record.hash).toString();
    }
    return record;
  }
}

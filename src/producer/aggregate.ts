/**
 * User records → Kinesis records in the KPL's aggregated format, one open for each shard, or for each key. In: one user
 * record at a time, its key interned and its shard predicted. Out: closed Kinesis records, by callback: at their count, at their size, at
 * their earliest deadline, or when told. Invariant: an aggregate holds records of one shard. The bytes are
 * aggregate-writer.ts's.
 */
import { DeadlineHeap } from '../core/deadline-heap.ts';
import { hashKeyValue } from '../kinesis/hash-key.ts';
import type { KeyTable } from '../kinesis/key-table.ts';
import { sendsHashKey, writeContainerKey } from './address.ts';
import { AggregateWriter, type AggregateWriterOptions } from './aggregate-writer.ts';
import type { CloseReason, KinesisRecord } from './kinesis-record.ts';
import type { ContainerKey, ProducerSettings } from './settings.ts';
import type { Stage } from './stage.ts';

export interface AggregatorOptions extends Omit<AggregateWriterOptions, 'maxBytes'> {
  /** Writers that are free, of the same options. A writer is an open aggregate's, so there are no more than those. */
  readonly freeWriters: AggregateWriter[];
  readonly limits: ProducerSettings['aggregation'];
  readonly by: ProducerSettings['aggregateBy'];
  readonly containerKey: ContainerKey;
  /** A number in [0, 1), for random container keys. */
  readonly random: () => number;
  readonly onClosed: (record: KinesisRecord, reason: CloseReason) => void;
  /** An aggregate is larger than it may be: the newest of its records are to be taken out. */
  readonly onOverfull: (record: KinesisRecord) => void;
}

export class Aggregator implements Stage {
  readonly #options: AggregatorOptions;
  readonly #writerOptions: AggregateWriterOptions;
  readonly #keys: KeyTable;
  readonly #byKey: boolean;
  readonly #maxCount: number;
  /** Of the open aggregates, by place: the shard's number, or the key's id in the table's generation. */
  readonly #writers: (AggregateWriter | undefined)[] = [];
  readonly #deadlines = new DeadlineHeap();
  #generation: number;

  constructor(options: AggregatorOptions) {
    this.#options = options;
    this.#writerOptions = { ...options, maxBytes: options.limits.maxBytes };
    this.#keys = options.keys;
    this.#byKey = options.by === 'key';
    this.#generation = options.keys.generation;
    this.#maxCount = options.limits.maxCount;
  }

  /** When the next aggregate must be closed by time; Infinity when none is open. */
  get nextUs(): number {
    return this.#deadlines.nextUs;
  }

  /**
   * Where the records of a key are gathered.
   * @param shard predicted shard number, 0 … (0 for all when aggregating by stream)
   */
  placeOf(shard: number, keyId: number): number {
    if (!this.#byKey) return shard;
    if (this.#generation !== this.#keys.generation) {
      // Ids mean other keys now.
      this.flush();
      this.#generation = this.#keys.generation;
    }
    return keyId;
  }

  /**
   * Takes one user record. Closes the open aggregate first if the record does not fit into it, by the profile's measure.
   * @param place {@link placeOf} its key
   * @param payload the payload is `payload[start, start + length)`
   * @param mustFit holds the exact size even if the profile overfills
   * @returns the Kinesis record that took it; the caller chains the slot, then calls {@link closeIfFull}
   */
  add(
    place: number,
    shard: number,
    keyId: number,
    payload: Uint8Array,
    start: number,
    length: number,
    deadlineUs: number,
    mustFit: boolean,
  ): KinesisRecord {
    let writer = this.#writers[place] ?? this.#writerFor(place);
    for (let open = writer.record; open !== null; open = writer.record) {
      if (writer.fits(open, keyId, length, mustFit)) break;
      // Closing can lead to records coming back, into this place too.
      this.#close(place, writer, open, 'size');
      writer = this.#writers[place] ?? this.#writerFor(place);
    }
    const record = writer.record ?? this.#begin(writer, shard);
    writer.append(record, keyId, payload, start, length);
    record.count++;
    record.payloadBytes += length;
    if (deadlineUs < record.deadlineUs) {
      record.deadlineUs = deadlineUs;
      this.#deadlines.set(place, deadlineUs);
    }
    return record;
  }

  /** Closes the place's aggregate if it has reached its count or its size. */
  closeIfFull(place: number): void {
    const writer = this.#writers[place];
    const record = writer?.record;
    if (writer === undefined || record == null) return;
    if (record.count >= this.#maxCount) this.#close(place, writer, record, 'count');
    else if (writer.isFull(record)) this.#close(place, writer, record, 'size');
  }

  /** Closes the place's aggregate, if there is one. */
  closePlace(place: number, reason: CloseReason = 'flush'): void {
    const writer = this.#writers[place];
    const record = writer?.record;
    if (writer !== undefined && record != null) this.#close(place, writer, record, reason);
  }

  /** Closes every aggregate whose deadline has come. */
  advance(nowUs: number): void {
    for (let place = this.#deadlines.takeDue(nowUs); place >= 0; ) {
      this.closePlace(place, 'time');
      place = this.#deadlines.takeDue(nowUs);
    }
  }

  /** Closes every aggregate. */
  flush(): void {
    for (let place = 0; place < this.#writers.length; place++) this.closePlace(place);
  }

  /** Closes the open aggregates that `isTaken` says yes to and hands them over instead of sending them on. */
  takeWhere(
    isTaken: (record: KinesisRecord) => boolean,
    take: (record: KinesisRecord) => void,
  ): void {
    const taken: KinesisRecord[] = [];
    this.#writers.forEach((writer, place) => {
      if (writer?.record != null && isTaken(writer.record)) {
        taken.push(this.#seal(place, writer, writer.record));
      }
    });
    for (const record of taken) take(record);
  }

  #writerFor(place: number): AggregateWriter {
    while (this.#writers.length < place) this.#writers.push(undefined);
    const writer = this.#options.freeWriters.pop() ?? new AggregateWriter(this.#writerOptions);
    this.#writers[place] = writer;
    return writer;
  }

  #begin(writer: AggregateWriter, shard: number): KinesisRecord {
    const record = writer.begin();
    record.predictedShard = this.#options.behaviour.aggregatesBy === 'stream' ? -1 : shard;
    return record;
  }

  #close(place: number, writer: AggregateWriter, record: KinesisRecord, reason: CloseReason): void {
    const { onClosed, onOverfull } = this.#options;
    this.#seal(place, writer, record);
    if (writer.isOverfull(record)) onOverfull(record);
    else onClosed(record, reason);
  }

  /** Its data, its partition key and its hash key; the place has no open aggregate after. */
  #seal(place: number, writer: AggregateWriter, record: KinesisRecord): KinesisRecord {
    const { behaviour, containerKey, random } = this.#options;
    this.#deadlines.clear(place);
    writer.seal(record);
    this.#writers[place] = undefined;
    this.#options.freeWriters.push(writer);
    if (record.isAggregate) writeContainerKey(record, containerKey, random);
    if (sendsHashKey(behaviour, containerKey, record)) {
      record.explicitHashKey = hashKeyValue(record.hash).toString();
    }
    return record;
  }
}

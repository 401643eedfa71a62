/**
 * User records → Kinesis records in the KPL's aggregated format, one open for each shard, or for each key. In: one user
 * record at a time, its key interned and its shard predicted. Out: closed Kinesis records, by callback: at their count, at their size, at
 * their earliest deadline, or when told. Invariant: an aggregate holds records of one shard. The bytes are
 * aggregate-writer.ts's.
 */
import { DeadlineHeap } from '../core/deadline-heap.ts';
import { IntMap } from '../core/int-map.ts';
import { hashKeyValue } from '../kinesis/hash-key.ts';
import type { KeyTable } from '../kinesis/key-table.ts';
import { sendsHashKey, writeContainerKey } from './address.ts';
import { AggregateKeys, AggregateWriter, type AggregateWriterOptions } from './aggregate-writer.ts';
import { type CloseReason, hashOf, type KinesisRecord } from './kinesis-record.ts';
import type { ContainerKey, ProducerSettings } from './settings.ts';
import type { Stage } from './stage.ts';
import type { UserRecords } from './user-records.ts';

export interface AggregatorOptions extends Omit<AggregateWriterOptions, 'maxBytes'> {
  /** Tables that are free. Each is an open aggregate's while in use, so there are no more than those. */
  readonly freeTables: AggregateKeys[];
  readonly limits: ProducerSettings['aggregation'];
  /** Where the deadlines of user records are. */
  readonly records: UserRecords;
  readonly by: ProducerSettings['aggregateBy'];
  readonly containerKey: ContainerKey;
  /** A number in [0, 1), for random container keys. */
  readonly random: () => number;
  readonly onClosed: (record: KinesisRecord, reason: CloseReason) => void;
  /** An aggregate is larger than it may be: the newest of its records are to be taken out. */
  readonly onOverfull: (record: KinesisRecord) => void;
}

export class Aggregator implements Stage {
  readonly #options: Pick<
    AggregatorOptions,
    'behaviour' | 'containerKey' | 'random' | 'freeTables' | 'onClosed' | 'onOverfull'
  >;
  readonly #writer: AggregateWriter;
  readonly #keys: KeyTable;
  readonly #userRecords: UserRecords;
  readonly #byKey: boolean;
  readonly #maxCount: number;
  /**
   * Slot of the open aggregate of a place: the shard's number, or the key's id in the table's generation. What lies by
   * slot follows the number of open aggregates, not that of shards: there may be hundreds of producers of a thousand each.
   */
  readonly #slots = new IntMap();
  readonly #freeSlots: number[] = [];
  /** By slot; places of free slots mean nothing. */
  readonly #places: number[] = [];
  readonly #records: (KinesisRecord | null)[] = [];
  /** null as long as one record is in it: many of the smallest never hold another. */
  readonly #tables: (AggregateKeys | null)[] = [];
  readonly #deadlines = new DeadlineHeap();
  #generation: number;

  constructor(options: AggregatorOptions) {
    const { behaviour, containerKey, random, freeTables, onClosed, onOverfull } = options;
    // Of one shape for all producers: what comes is put together in several places.
    this.#options = { behaviour, containerKey, random, freeTables, onClosed, onOverfull };
    this.#writer = new AggregateWriter({ ...options, maxBytes: options.limits.maxBytes });
    this.#keys = options.keys;
    this.#userRecords = options.records;
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
   * @param userSlot where its deadline is: a fraction that is handed over would be an object
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
    userSlot: number,
    mustFit: boolean,
  ): KinesisRecord {
    let slot = this.#slots.get(place);
    while (slot >= 0) {
      const open = this.#records[slot] as KinesisRecord;
      const tables = this.#tables[slot] ?? this.#resume(slot, open);
      if (this.#writer.fits(open, tables, keyId, length, mustFit)) {
        this.#writer.append(open, tables, keyId, payload, start, length);
        this.#count(slot, open, length, userSlot);
        return open;
      }
      this.#close(slot, 'size');
      // Closing can lead to records coming back, into this place too.
      slot = this.#slots.get(place);
    }
    return this.#open(place, shard, keyId, payload, start, length, userSlot);
  }

  /** Closes the place's aggregate if it has reached its count or its size. */
  closeIfFull(place: number): void {
    const slot = this.#slots.get(place);
    if (slot < 0) return;
    const record = this.#records[slot] as KinesisRecord;
    if (record.count >= this.#maxCount) this.#close(slot, 'count');
    else if (this.#writer.isFull(record, this.#tables[slot] ?? null)) this.#close(slot, 'size');
  }

  /** Closes the place's aggregate, if there is one. */
  closePlace(place: number, reason: CloseReason = 'flush'): void {
    const slot = this.#slots.get(place);
    if (slot >= 0) this.#close(slot, reason);
  }

  /** Closes every aggregate whose deadline has come. */
  advance(nowUs: number): void {
    for (let slot = this.#deadlines.takeDue(nowUs); slot >= 0; ) {
      this.#close(slot, 'time');
      slot = this.#deadlines.takeDue(nowUs);
    }
  }

  /** Closes every aggregate. */
  flush(): void {
    for (const place of this.#slots.sortedKeys()) this.closePlace(place);
  }

  /** Closes the open aggregates that `isTaken` says yes to and hands them over instead of sending them on. */
  takeWhere(
    isTaken: (record: KinesisRecord) => boolean,
    take: (record: KinesisRecord) => void,
  ): void {
    const taken: KinesisRecord[] = [];
    for (const place of this.#slots.sortedKeys()) {
      const slot = this.#slots.get(place);
      if (isTaken(this.#records[slot] as KinesisRecord)) taken.push(this.#seal(slot));
    }
    for (const record of taken) take(record);
  }

  #open(
    place: number,
    shard: number,
    keyId: number,
    payload: Uint8Array,
    start: number,
    length: number,
    userSlot: number,
  ): KinesisRecord {
    const isExplicit = this.#keys.isExplicit(keyId);
    const tables = isExplicit ? this.#takeTables() : null;
    let record: KinesisRecord;
    if (tables === null) record = this.#writer.begin(keyId, payload, start, length);
    else {
      record = this.#writer.beginEmpty(tables);
      this.#writer.append(record, tables, keyId, payload, start, length);
    }
    record.predictedShard = this.#options.behaviour.aggregatesBy === 'stream' ? -1 : shard;
    const slot = this.#freeSlots.pop() ?? this.#places.length;
    this.#slots.set(place, slot);
    this.#places[slot] = place;
    this.#records[slot] = record;
    this.#tables[slot] = tables;
    this.#count(slot, record, length, userSlot);
    return record;
  }

  #resume(slot: number, record: KinesisRecord): AggregateKeys {
    const tables = this.#takeTables();
    this.#writer.resume(record, tables);
    this.#tables[slot] = tables;
    return tables;
  }

  #count(slot: number, record: KinesisRecord, length: number, userSlot: number): void {
    const deadlineUs = this.#userRecords.deadlineUs[userSlot] as number;
    record.count++;
    record.payloadBytes += length;
    if (deadlineUs >= record.deadlineUs) return;
    record.deadlineUs = deadlineUs;
    this.#deadlines.set(slot, deadlineUs);
  }

  #close(slot: number, reason: CloseReason): void {
    const { onClosed, onOverfull } = this.#options;
    const record = this.#seal(slot);
    if (this.#writer.isOverfull(record)) onOverfull(record);
    else onClosed(record, reason);
  }

  /** Its data, its partition key and its hash key; the place has no open aggregate after. */
  #seal(slot: number): KinesisRecord {
    const { behaviour, containerKey, random, freeTables } = this.#options;
    const record = this.#records[slot] as KinesisRecord;
    const tables = this.#tables[slot] as AggregateKeys | null;
    this.#deadlines.clear(slot);
    this.#slots.delete(this.#places[slot] as number);
    this.#records[slot] = null;
    this.#freeSlots.push(slot);
    if (tables !== null) freeTables.push(tables);
    this.#writer.seal(record);
    // Before it has another key than its first user record's.
    if (sendsHashKey(behaviour, containerKey, record.isAggregate, record.isExplicit)) {
      record.explicitHashKey = hashKeyValue(hashOf(record, this.#keys)).toString();
    }
    if (record.isAggregate) writeContainerKey(record, containerKey, random);
    return record;
  }

  #takeTables(): AggregateKeys {
    return this.#options.freeTables.pop() ?? new AggregateKeys();
  }
}

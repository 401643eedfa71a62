import { DeadlineHeap } from '../core/deadline-heap.ts';
import type { KinesisRecord } from './kinesis-record.ts';

/**
 * Kinesis records that wait for their turn, by deadline, while their time to live runs: whichever comes first is found
 * and taken out in O(log n), however many wait. Its owner bounds it.
 */
export class WaitingRecords {
  /** By slot; undefined where it is free. */
  readonly #records: (KinesisRecord | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  readonly #deadlines = new DeadlineHeap();
  readonly #expirations = new DeadlineHeap();

  get size(): number {
    return this.#records.length - this.#freeSlots.length;
  }

  /** The record with the earliest deadline. */
  get first(): KinesisRecord | undefined {
    return this.size === 0 ? undefined : this.#records[this.#deadlines.nextOwner];
  }

  /** When the first time to live ends; Infinity when none does. */
  get expirationUs(): number {
    return this.#expirations.nextUs;
  }

  /** Its deadline is finite, and it keeps its times while it waits. */
  push(record: KinesisRecord): void {
    const slot = this.#freeSlots.pop() ?? this.#records.length;
    this.#records[slot] = record;
    this.#deadlines.set(slot, record.deadlineUs);
    this.#expirations.set(slot, record.expirationUs);
  }

  /** Takes out {@link first}; there must be one. */
  pop(): KinesisRecord {
    return this.#take(this.#deadlines.nextOwner);
  }

  /** Takes out the record whose time to live ended first, if it has by now. */
  takeExpired(nowUs: number): KinesisRecord | undefined {
    return this.expirationUs <= nowUs ? this.#take(this.#expirations.nextOwner) : undefined;
  }

  /** Takes out every record that `isTaken` says yes to, in no order. */
  takeWhere(
    isTaken: (record: KinesisRecord) => boolean,
    take: (record: KinesisRecord) => void,
  ): void {
    const taken: KinesisRecord[] = [];
    this.#records.forEach((record, slot) => {
      if (record !== undefined && isTaken(record)) taken.push(this.#take(slot));
    });
    for (const record of taken) take(record);
  }

  #take(slot: number): KinesisRecord {
    const record = this.#records[slot] as KinesisRecord;
    this.#records[slot] = undefined;
    this.#freeSlots.push(slot);
    this.#deadlines.clear(slot);
    this.#expirations.clear(slot);
    return record;
  }
}

import { shardId } from '../../kinesis/shard.ts';
import type { CoreOptions } from './options.ts';
import { ReadLimit } from './read-limit.ts';
import type { RecordStore } from './record-store.ts';
import { ENDING_INDEX, type SequenceWriter, sequenceNumber, writeEightDigits } from './sequence.ts';
import { ShardLog } from './shard-log.ts';
import { WriteLimit } from './write-limit.ts';

export interface ShardPlace {
  readonly number: number;
  /** Inclusive at both ends. */
  readonly startingHashKey: bigint;
  readonly endingHashKey: bigint;
  readonly parentNumber: number | null;
  readonly adjacentParentNumber: number | null;
}

/** A shard's counters as data. */
export interface ShardCounts {
  /** Index that its next record gets. */
  readonly next: number;
  readonly writtenBytes: number;
  readonly acceptedRecords: number;
  readonly acceptedBytes: number;
  readonly throttledRecords: number;
  readonly failedRecords: number;
}

/** Digits of a shard's id that {@link ShardState.writeIdDigits} writes; the ones before them are zeros. */
export const SHARD_DIGITS = 8;

/** One shard: its range, its limits, its records, and what the audit counts of it. */
export class ShardState {
  readonly place: ShardPlace;
  /** The place's: here so that writing an answer needs nothing else of the place. */
  readonly #number: number;
  readonly id: string;
  readonly createdMs: number;
  readonly writeLimit: WriteLimit;
  readonly readLimit: ReadLimit;
  readonly iteratorLimit: ReadLimit;
  readonly log: ShardLog;
  readonly #sequenceWriter: SequenceWriter;
  /** null while it takes records. */
  closedMs: number | null = null;

  /** Bytes stored since the shard was made; records are `log.next`. */
  writtenBytes = 0;
  /** Records that were accepted and planted damage did not store; doubled ones count as less than none. */
  unstoredRecords = 0;
  /** Bytes and accepted records at the start of a run. */
  #bytesBefore = 0;
  #recordsBefore = 0;
  /** The audit's, from the start of a run. */
  throttledRecords = 0;
  failedRecords = 0;

  constructor(
    place: ShardPlace,
    createdMs: number,
    options: CoreOptions,
    store: RecordStore,
    sequenceWriter: SequenceWriter,
  ) {
    this.place = place;
    this.#number = place.number;
    this.id = shardId(place.number);
    this.log = new ShardLog(store);
    this.#sequenceWriter = sequenceWriter;
    this.createdMs = createdMs;
    this.writeLimit = new WriteLimit(options.limits, options.roundsUpToKib);
    this.readLimit = new ReadLimit(options.limits);
    this.iteratorLimit = new ReadLimit(options.limits);
  }

  get isOpen(): boolean {
    return this.closedMs === null;
  }

  /** Sequence number of the record `index` that arrived in `arrivedSecond`. The shard itself has the number of -1. */
  sequenceNumber(index: number, arrivedSecond: number): string {
    return this.#sequence(BigInt(index) + 1n, arrivedSecond);
  }

  /** Writes the same in ASCII, {@link SEQUENCE_DIGITS} bytes. */
  writeSequenceNumber(index: number, arrivedSecond: number, target: DataView, at: number): void {
    this.#sequenceWriter.write(this.#number, index + 1, arrivedSecond, target, at);
  }

  /** Writes the last {@link SHARD_DIGITS} digits of the id. */
  writeIdDigits(target: DataView, at: number): void {
    writeEightDigits(this.#number, target, at);
  }

  /** Where the shard begins: one below its first record. */
  startingSequenceNumber(): string {
    return this.#sequence(0n, Math.floor(this.createdMs / 1000));
  }

  /** Where the shard ends; null while it is open. */
  endingSequenceNumber(): string | null {
    if (this.closedMs === null) return null;
    return this.#sequence(ENDING_INDEX, Math.floor(this.closedMs / 1000));
  }

  /** Records and bytes accepted since the start of a run. */
  get acceptedRecords(): number {
    return this.log.next + this.unstoredRecords - this.#recordsBefore;
  }

  get acceptedBytes(): number {
    return this.writtenBytes - this.#bytesBefore;
  }

  clearCounters(): void {
    this.#recordsBefore = this.log.next + this.unstoredRecords;
    this.#bytesBefore = this.writtenBytes;
    this.throttledRecords = 0;
    this.failedRecords = 0;
  }

  /** Goes on with the counters of a shard that once was; its log is at its end already. */
  restore(counts: ShardCounts): void {
    this.writtenBytes = counts.writtenBytes;
    this.#bytesBefore = counts.writtenBytes - counts.acceptedBytes;
    this.#recordsBefore = counts.next - counts.acceptedRecords;
    this.throttledRecords = counts.throttledRecords;
    this.failedRecords = counts.failedRecords;
  }

  #sequence(index: bigint, arrivedSecond: number): string {
    const createdSecond = Math.floor(this.createdMs / 1000);
    return sequenceNumber({ createdSecond, shard: this.place.number, index, arrivedSecond });
  }
}

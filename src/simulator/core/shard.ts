import { shardId } from '../../kinesis/shard.ts';
import type { CoreOptions } from './options.ts';
import { ReadLimit } from './read-limit.ts';
import { ShardLog } from './record-store.ts';
import { ENDING_INDEX, SequenceText, sequenceNumber } from './sequence.ts';
import { WriteLimit } from './write-limit.ts';

export interface ShardPlace {
  readonly number: number;
  /** Inclusive at both ends. */
  readonly startingHashKey: bigint;
  readonly endingHashKey: bigint;
  readonly parentNumber: number | null;
  readonly adjacentParentNumber: number | null;
}

/** One shard: its range, its limits, its records, and what the audit counts of it. */
export class ShardState {
  readonly place: ShardPlace;
  readonly id: string;
  /** The id in ASCII, for answers. */
  readonly idBytes: Uint8Array;
  readonly createdMs: number;
  readonly writeLimit: WriteLimit;
  readonly readLimit: ReadLimit;
  readonly iteratorLimit: ReadLimit;
  readonly log = new ShardLog();
  readonly #sequenceText: SequenceText;
  /** null while it takes records. */
  closedMs: number | null = null;

  /** Bytes stored since the shard was made. */
  writtenBytes = 0;
  /** The audit's, from the start of a run. */
  acceptedRecords = 0;
  acceptedBytes = 0;
  throttledRecords = 0;
  failedRecords = 0;

  constructor(place: ShardPlace, createdMs: number, options: CoreOptions) {
    this.place = place;
    this.id = shardId(place.number);
    this.idBytes = Buffer.from(this.id, 'latin1');
    this.createdMs = createdMs;
    this.writeLimit = new WriteLimit(options.limits, options.roundsUpToKib);
    this.readLimit = new ReadLimit(options.limits);
    this.iteratorLimit = new ReadLimit(options.limits);
    this.#sequenceText = new SequenceText(Math.floor(createdMs / 1000), place.number);
  }

  get isOpen(): boolean {
    return this.closedMs === null;
  }

  /** Sequence number of the record `index` that arrived in `arrivedSecond`. The shard itself has the number of -1. */
  sequenceNumber(index: number, arrivedSecond: number): string {
    return this.#sequence(BigInt(index) + 1n, arrivedSecond);
  }

  /** Writes the same in ASCII, {@link SEQUENCE_DIGITS} bytes. */
  writeSequenceNumber(index: number, arrivedSecond: number, target: Uint8Array, at: number): void {
    this.#sequenceText.write(index + 1, arrivedSecond, target, at);
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

  clearCounters(): void {
    this.acceptedRecords = 0;
    this.acceptedBytes = 0;
    this.throttledRecords = 0;
    this.failedRecords = 0;
  }

  #sequence(index: bigint, arrivedSecond: number): string {
    const createdSecond = Math.floor(this.createdMs / 1000);
    return sequenceNumber({ createdSecond, shard: this.place.number, index, arrivedSecond });
  }
}

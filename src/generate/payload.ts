import type { RecordBlock } from '../core/record-block.ts';

/** Writes the payload of one kind of record. */
export interface PayloadWriter {
  /** Bytes of one payload at the most. */
  readonly bytesMax: number;
  /**
   * Appends record `i`'s payload to `block.payloads` and sets `payloadStart[i]` and `payloadLength[i]`. The record's
   * index, due time, producer, sequence and key are set.
   */
  write(block: RecordBlock, i: number): void;
}

/** Chooses the partition keys of one kind of record. */
export interface KeyChooser {
  /** Sets the ids, in the thread's key table, of the keys of records `from … to-1`. Their index and due time are set. */
  choose(block: RecordBlock, from: number, to: number): void;
}

import type { PutRecordsAnswer } from '../kinesis/put-records.ts';

/**
 * Reads the body of a 200 into an answer without making an object for an accepted entry. A reader
 * belongs to one transport and is used again for each call.
 */
export interface AnswerReader {
  /**
   * Fills the entries and `resultCount`; results past `entryCount` are counted, not stored.
   * @param bytes `bytes[0, length)` is the body; the reader may write to it
   * @returns false when the body is not a whole PutRecords answer; the answer then holds nothing of use
   */
  read(bytes: Uint8Array, length: number, answer: PutRecordsAnswer, entryCount: number): boolean;
}

const UTF8 = new TextDecoder();

/** `bytes[from, to)` as text. */
export function textOf(bytes: Uint8Array, from: number, to: number): string {
  return UTF8.decode(bytes.subarray(from, to));
}

/** Whether `bytes[from, to)` is this ASCII text. */
export function isText(bytes: Uint8Array, from: number, to: number, text: Uint8Array): boolean {
  if (to - from !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text[i]) return false;
  return true;
}

/** Shard ids have twelve digits; more than this many do not fit an integer of 32 bits. */
const SHARD_DIGITS_MAX = 18;
const SHARD_NUMBER_MAX = 0x7fff_ffff;
const DASH = 0x2d;
const ZERO = 0x30;

/**
 * The number in the shard id `bytes[from, to)`: the digits behind the first dash; -1 when there are
 * none.
 */
export function shardNumberAt(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== DASH) at++;
  const digits = to - at - 1;
  if (digits < 1 || digits > SHARD_DIGITS_MAX) return -1;
  let number = 0;
  for (at++; at < to; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number > SHARD_NUMBER_MAX ? -1 : number;
}

/** What is known of the result being read; written to the answer when it is whole. */
export class EntryResult {
  hasSequenceNumber = false;
  sequenceNumber = '';
  shardNumber = -1;
  /** '' when the entry was accepted. */
  errorCode = '';
  errorMessage = '';

  clear(): void {
    this.hasSequenceNumber = false;
    this.sequenceNumber = '';
    this.shardNumber = -1;
    this.errorCode = '';
    this.errorMessage = '';
  }

  /** Stores the result of entry `i`; false when it says neither accepted nor refused. */
  storeTo(answer: PutRecordsAnswer, i: number): boolean {
    if (this.errorCode !== '') {
      answer.refuseEntry(i, this.errorCode, this.errorMessage);
      if (answer.wantsSequenceNumbers) answer.sequenceNumbers[i] = '';
      return true;
    }
    if (!this.hasSequenceNumber) return false;
    answer.acceptEntry(i, this.shardNumber);
    if (answer.wantsSequenceNumbers) answer.sequenceNumbers[i] = this.sequenceNumber;
    return true;
  }
}

export const NAME = {
  records: Buffer.from('Records'),
  shardId: Buffer.from('ShardId'),
  sequenceNumber: Buffer.from('SequenceNumber'),
  errorCode: Buffer.from('ErrorCode'),
  errorMessage: Buffer.from('ErrorMessage'),
} as const;

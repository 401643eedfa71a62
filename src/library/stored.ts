import type { Attempt, RecordResult } from './results.ts';

/** Place of a record that travelled alone. */
export const ALONE = -1;

/** A Kinesis record that was stored: what the results of its user records have in common. */
export class Stored {
  readonly stream: string;
  /** null where the endpoint does not tell. */
  readonly shardId: string | null;
  readonly sequenceNumber: string;
  readonly userRecords: number;
  /** Of the attempt that succeeded. */
  readonly #sentUs: number;
  readonly #doneUs: number;

  constructor(
    stream: string,
    shardId: string | null,
    sequenceNumber: string,
    userRecords: number,
    sentUs: number,
    doneUs: number,
  ) {
    this.stream = stream;
    this.shardId = shardId;
    this.sequenceNumber = sequenceNumber;
    this.userRecords = userRecords;
    this.#sentUs = sentUs;
    this.#doneUs = doneUs;
  }

  /**
   * The result of one of its user records.
   * @param place in the aggregate, or {@link ALONE}
   * @param sinceUs when the record came, or its attempt before ended
   * @param refused the attempts before; null: there was none
   */
  resultOf(place: number, sinceUs: number, refused: readonly Attempt[] | null): RecordResult {
    const attempt: Attempt = {
      delayMs: (this.#sentUs - sinceUs) / 1000,
      durationMs: (this.#doneUs - this.#sentUs) / 1000,
      isSuccessful: true,
      errorCode: null,
      errorMessage: null,
    };
    return {
      stream: this.stream,
      shardId: this.shardId,
      sequenceNumber: this.sequenceNumber,
      subSequenceNumber: place === ALONE ? null : place,
      userRecordsInRecord: this.userRecords,
      attempts: refused === null ? [attempt] : [...refused, attempt],
    };
  }
}

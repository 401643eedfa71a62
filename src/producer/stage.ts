import type { KinesisRecord } from './kinesis-record.ts';

/** Where Kinesis records wait for a time, and can be taken out of. */
export interface Stage {
  /** When it wants to be advanced; Infinity when nothing of it becomes due. */
  readonly nextUs: number;
  /** Does what has become due. */
  advance(nowUs: number): void;
  /** Takes out the records that `isTaken` says yes to. */
  takeWhere(
    isTaken: (record: KinesisRecord) => boolean,
    take: (record: KinesisRecord) => void,
  ): void;
}

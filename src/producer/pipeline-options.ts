import type { Clock } from '../core/clock.ts';
import type { KeyTable } from '../kinesis/key-table.ts';
import type { Transport } from '../kinesis/put-records.ts';
import type { AggregateKeys } from './aggregate-writer.ts';
import type { ShardBuckets } from './buckets.ts';
import type { Collection } from './collect.ts';
import type { AttemptOutcome } from './decide.ts';
import { type CloseReason, type KinesisRecord, KinesisRecordPool } from './kinesis-record.ts';
import type { Request } from './send.ts';
import type { ProducerSettings } from './settings.ts';
import type { ShardMap } from './shard-map.ts';
import { UserRecords } from './user-records.ts';

/** Told of everything that can be measured; called in the middle of the pipeline, so it must not call back into it. */
export interface PipelineObserver {
  /** A Kinesis record was closed for sending. With a `freshCount` of 0 it is a retry. */
  closed(record: KinesisRecord, reason: CloseReason): void;
  /** A call has ended; its records' attempts follow. */
  requestEnded(request: Request): void;
  /** One attempt of one Kinesis record has ended; `shard` took it, or was predicted to. */
  attempted(
    record: KinesisRecord,
    outcome: AttemptOutcome,
    code: string,
    shard: number,
    message: string,
  ): void;
  /** All user records of a Kinesis record were accepted. Their slots are read now and released after. */
  accepted(record: KinesisRecord, request: Request, entry: number): void;
  /**
   * Instead of `attempted` and `accepted` for each record of a call, where every one was accepted in the shard that the answer
   * names, and none elsewhere than predicted. Their slots are read now and released after; their `attempts` are those before.
   */
  acceptedAll?(request: Request): void;
  /** One user record was given up. */
  givenUp(slot: number, outcome: 'failed' | 'expired', code: string, nowUs: number): void;
}

/**
 * Places for records, and what is not in use. Shared, because what was given back last is still in the processor's cache,
 * and because hundreds of producers with a thousand shards each would otherwise keep as many as they ever needed.
 */
export class SharedBuffers {
  readonly userRecords = new UserRecords();
  readonly records = new KinesisRecordPool(BUFFERS_KEPT_BYTES_MAX);
  readonly aggregateKeys: AggregateKeys[] = [];
  readonly requests: Request[] = [];
  readonly collections: Collection[] = [];
}

/** What a dozen calls of records of 50 KB give back at once; less is let go and made again, call after call. */
const BUFFERS_KEPT_BYTES_MAX = 16 * 1024 * 1024;

export interface PipelineOptions {
  readonly streamName: string;
  readonly settings: ProducerSettings;
  readonly keys: KeyTable;
  readonly shardMap: ShardMap;
  /** What each shard may be given, shared by the producers of a thread; null for buckets of its own. */
  readonly buckets?: ShardBuckets | null;
  /** What producers of the same settings and the same thread share; default: a pool of its own. */
  readonly buffers?: SharedBuffers;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly observer: PipelineObserver;
  /** A number in [0, 1) for the jitter of backoffs; seeded, so that a run can be repeated. */
  readonly random: () => number;
  readonly wantsSequenceNumbers: boolean;
  /**
   * Whether payloads are carried; default true. Without them sizes, keys and places are as usual, but payload bytes and
   * digests are not written: for a transport that looks at sizes and keys only.
   */
  readonly hasContents?: boolean;
  /** Counted for each buffered record besides its payload and key; default {@link RECORD_OVERHEAD_BYTES}. */
  readonly overheadBytes?: number;
  /** Called when buffered bytes have fallen below the limit after `put` had refused a record. */
  readonly onRoom: () => void;
}

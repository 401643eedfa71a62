import {
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type KinesisClient,
  type _Record as SdkRecord,
} from '@aws-sdk/client-kinesis';
import type { Clock } from '../core/clock.ts';
import { ShardstormError } from '../core/errors.ts';
import type { ReadPage, ReadPosition, ShardReader, StoredRecord } from '../kinesis/reading.ts';
import { ReadPace } from './read-pace.ts';

/** Refusals in a row after which reading is given up: some minutes. */
const REFUSALS_MAX = 60;

export interface PollOptions {
  readonly client: KinesisClient;
  readonly streamName: string;
  readonly shardId: string;
  readonly position: ReadPosition;
  readonly clock: Clock;
  /** What a call threw, as an operating error. */
  readonly fail: (thrown: unknown) => ShardstormError;
}

/** Polls one shard with GetRecords, within its limits. Iterators that have expired are made anew. */
export function pollShard(options: PollOptions): ShardReader {
  const { client, clock, fail } = options;
  const pace = new ReadPace();
  let iterator: string | undefined;
  let position = options.position;
  let isClosed = false;

  /** One call, or null when the service refused it for now. */
  const call = async (): Promise<GetRecordsCommandOutput | null> => {
    try {
      iterator ??= await shardIterator(options, position);
      return await client.send(
        new GetRecordsCommand({ ShardIterator: iterator, Limit: pace.limit }),
      );
    } catch (thrown) {
      const { name } = thrown as Error;
      const isRefused =
        name === 'ProvisionedThroughputExceededException' || name === 'LimitExceededException';
      if (name === 'ExpiredIteratorException') iterator = undefined;
      else if (!isRefused) throw fail(thrown);
      if (pace.refused(clock.nowUs()) > REFUSALS_MAX) throw starved(options.shardId, thrown);
      return null;
    }
  };

  const next = async (): Promise<ReadPage> => {
    for (;;) {
      await until(clock, pace.nextUs);
      const startedUs = clock.nowUs();
      const answer = isClosed ? null : await call();
      if (isClosed) return { records: [], millisBehindLatest: 0, isEnd: false };
      if (answer === null) continue;
      const { Records = [], MillisBehindLatest = 0, NextShardIterator } = answer;
      const records = Records.map(storedRecord);
      const bytes = records.reduce((sum, { data }) => sum + data.length, 0);
      pace.answered(startedUs, records.length, bytes, MillisBehindLatest === 0);
      iterator = NextShardIterator;
      const last = records.at(-1);
      if (last !== undefined) position = { kind: 'after', sequenceNumber: last.sequenceNumber };
      const isEnd = NextShardIterator === undefined || NextShardIterator === null;
      return { records, millisBehindLatest: MillisBehindLatest, isEnd };
    }
  };

  return {
    next,
    close: () => {
      isClosed = true;
    },
  };
}

/** Waits on the given clock. */
export function until(clock: Clock, atUs: number): Promise<void> {
  if (atUs <= clock.nowUs()) return Promise.resolve();
  return new Promise((resolve) => clock.setTimer(atUs, resolve));
}

export function storedRecord(record: SdkRecord): StoredRecord {
  return {
    sequenceNumber: record.SequenceNumber ?? '',
    arrivalEpochMs: record.ApproximateArrivalTimestamp?.getTime() ?? 0,
    partitionKey: record.PartitionKey ?? '',
    data: record.Data ?? new Uint8Array(0),
  };
}

async function shardIterator(
  { client, streamName, shardId }: PollOptions,
  position: ReadPosition,
): Promise<string | undefined> {
  const shard = { StreamName: streamName, ShardId: shardId };
  const command = new GetShardIteratorCommand({ ...shard, ...iteratorInput(position) });
  return (await client.send(command)).ShardIterator;
}

/** The same words for GetShardIterator and, but for two names, for SubscribeToShard. */
function iteratorInput(
  position: ReadPosition,
): Pick<
  GetShardIteratorCommandInput,
  'ShardIteratorType' | 'StartingSequenceNumber' | 'Timestamp'
> {
  switch (position.kind) {
    case 'start':
      return { ShardIteratorType: 'TRIM_HORIZON' };
    case 'end':
      return { ShardIteratorType: 'LATEST' };
    case 'time':
      return { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(position.epochMs) };
    default:
      return {
        ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
        StartingSequenceNumber: position.sequenceNumber,
      };
  }
}

function starved(shardId: string, cause: unknown): ShardstormError {
  return new ShardstormError(
    'SHARDSTORM_SERVICE_ERROR',
    `${shardId} refused to be read ${REFUSALS_MAX} times in a row`,
    {
      hint: 'Other consumers use up its reads: stop some, or read by enhanced fan-out (--method fan-out).',
      retryable: true,
      cause,
    },
  );
}

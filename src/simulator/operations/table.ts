import { createStream } from './create-stream.ts';
import { deleteStream } from './delete-stream.ts';
import { describeStream } from './describe-stream.ts';
import { describeStreamSummary } from './describe-stream-summary.ts';
import { getRecords } from './get-records.ts';
import { getShardIterator } from './get-shard-iterator.ts';
import { listShards } from './list-shards.ts';
import { listStreams } from './list-streams.ts';
import type { Operation } from './operation.ts';

/** Every operation but PutRecord and PutRecords, which have a path of their own. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  [
    createStream,
    deleteStream,
    describeStream,
    describeStreamSummary,
    getRecords,
    getShardIterator,
    listShards,
    listStreams,
  ].map((operation) => [operation.name, operation]),
);

import { shardNumber } from '../../kinesis/shard.ts';
import { SHARD_ID, STREAM } from './member.ts';
import { namedStream, type Operation, streamArn, Timestamp } from './operation.ts';
import { shardShape } from './shard-shape.ts';
import { sharedShape } from './stream-shape.ts';

const LIMIT_DEFAULT = 100;

export const describeStream: Operation = {
  name: 'DescribeStream',
  callsPerSecond: 10,
  members: {
    ...STREAM,
    Limit: { type: 'integer', min: 1, max: 10_000 },
    ExclusiveStartShardId: SHARD_ID,
  },
  run(simulator, input) {
    const stream = namedStream(simulator, input);
    const after = input.text('ExclusiveStartShardId');
    const from = after === undefined ? 0 : shardNumber(after) + 1;
    const limit = input.integer('Limit') ?? LIMIT_DEFAULT;
    const kept = stream.status === 'CREATING' ? [] : stream.keptShards(simulator.nowMs());
    const shards = kept.filter(({ place }) => place.number >= from);
    const page = shards.slice(0, limit);
    return {
      StreamDescription: {
        StreamName: stream.name,
        StreamARN: streamArn(simulator, stream),
        StreamStatus: stream.status,
        Shards: page.map(shardShape),
        HasMoreShards: page.length < shards.length,
        StreamCreationTimestamp: new Timestamp(stream.createdMs),
        ...sharedShape(stream),
      },
    };
  },
};

import { dryRun } from '../core/put-checks.ts';
import { throughputExceeded } from '../core/service-error.ts';
import { encodeIterator } from './iterator.ts';
import { required, SEQUENCE_NUMBER, SHARD_ID, STREAM } from './member.ts';
import { type Operation, streamNameOf } from './operation.ts';
import { POSITION_TYPES, startIndex } from './start-position.ts';
import { requireReadableShard } from './stream-state.ts';

export const getShardIterator: Operation = {
  name: 'GetShardIterator',
  members: {
    ...STREAM,
    ShardId: required(SHARD_ID),
    ShardIteratorType: required({ type: 'string', values: POSITION_TYPES }),
    StartingSequenceNumber: SEQUENCE_NUMBER,
    Timestamp: { type: 'timestamp' },
    DryRun: { type: 'boolean' },
  },
  run(simulator, input) {
    const streamName = streamNameOf(simulator, input);
    const shardId = input.requiredText('ShardId');
    const { stream, shard } = requireReadableShard(simulator, streamName, shardId);
    const { account } = simulator.options;
    if (!shard.iteratorLimit.admit(simulator.clock.nowUs())) {
      throw throughputExceeded(
        `Rate exceeded for shard ${shard.id} in stream ${streamName} under account ${account}.`,
      );
    }
    stream.expire(shard, simulator.nowMs());
    const index = startIndex(simulator, stream, shard, {
      type: input.requiredText('ShardIteratorType'),
      sequence: input.text('StartingSequenceNumber'),
      timeMs: input.timeMs('Timestamp'),
    });
    if (input.flag('DryRun')) throw dryRun();
    return {
      ShardIterator: encodeIterator({
        streamName,
        streamCreatedMs: stream.createdMs,
        shard: shard.place.number,
        index,
        madeMs: simulator.nowMs(),
      }),
    };
  },
};

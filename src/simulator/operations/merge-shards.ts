import { invalidArgument } from '../core/service-error.ts';
import { required, SHARD_ID, STREAM } from './member.ts';
import { namedStream, type Operation } from './operation.ts';
import { requireActive, requireProvisioned, requireShard, update } from './stream-state.ts';

export const mergeShards: Operation = {
  name: 'MergeShards',
  callsPerSecond: 5,
  members: {
    ShardToMerge: required(SHARD_ID),
    AdjacentShardToMerge: required(SHARD_ID),
    ...STREAM,
  },
  run(simulator, input) {
    const stream = namedStream(simulator, input);
    requireProvisioned(stream, 'MergeShards');
    requireActive(simulator, stream);
    const shard = requireShard(simulator, stream, input.requiredText('ShardToMerge'));
    const other = requireShard(simulator, stream, input.requiredText('AdjacentShardToMerge'));
    if (!stream.map.areMergeable(shard, other)) {
      throw invalidArgument(
        `Shards ${shard.id} and ${other.id} in stream ${stream.name} under account ` +
          `${simulator.options.account} are not an adjacent pair of shards eligible for merging`,
      );
    }
    update(simulator, stream, () => stream.map.merge(shard, other, simulator.nowMs()));
    return null;
  },
};

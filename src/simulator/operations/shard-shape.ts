import { shardId } from '../../kinesis/shard.ts';
import type { ShardState } from '../core/shard.ts';
import type { Output } from './operation.ts';

/** A shard as ListShards and DescribeStream tell of it. */
export function shardShape(shard: ShardState): { readonly [member: string]: Output } {
  const { parentNumber, adjacentParentNumber, startingHashKey, endingHashKey } = shard.place;
  return {
    ShardId: shard.id,
    ParentShardId: parentNumber === null ? undefined : shardId(parentNumber),
    AdjacentParentShardId:
      adjacentParentNumber === null ? undefined : shardId(adjacentParentNumber),
    HashKeyRange: {
      StartingHashKey: startingHashKey.toString(),
      EndingHashKey: endingHashKey.toString(),
    },
    SequenceNumberRange: {
      StartingSequenceNumber: shard.startingSequenceNumber(),
      EndingSequenceNumber: shard.endingSequenceNumber() ?? undefined,
    },
  };
}

import { invalidArgument } from '../core/service-error.ts';
import { HASH_KEY, required, SHARD_ID, STREAM } from './member.ts';
import { namedStream, type Operation } from './operation.ts';
import { requireShardRoom } from './shard-quota.ts';
import { requireActive, requireProvisioned, requireShard, update } from './stream-state.ts';

export const splitShard: Operation = {
  name: 'SplitShard',
  callsPerSecond: 5,
  members: {
    ShardToSplit: required(SHARD_ID),
    NewStartingHashKey: required(HASH_KEY),
    ...STREAM,
  },
  run(simulator, input) {
    const stream = namedStream(simulator, input);
    requireProvisioned(stream, 'SplitShard');
    requireActive(simulator, stream);
    const shard = requireShard(simulator, stream, input.requiredText('ShardToSplit'));
    const { startingHashKey, endingHashKey } = shard.place;
    const key = BigInt(input.requiredText('NewStartingHashKey'));
    const place = `in stream ${stream.name} under account ${simulator.options.account}`;
    if (!shard.isOpen) {
      throw invalidArgument(`Shard ${shard.id} ${place} has already been split or merged.`);
    }
    if (key <= startingHashKey + 1n || key >= endingHashKey) {
      throw invalidArgument(
        `NewStartingHashKey ${key} used in SplitShard() on shard ${shard.id} ${place} is not both ` +
          `greater than one plus the shard's StartingHashKey ${startingHashKey} and less than the ` +
          `shard's EndingHashKey ${endingHashKey}.`,
      );
    }
    requireShardRoom(simulator, 1);
    update(simulator, stream, () => stream.map.split(shard, key, simulator.nowMs()));
    return null;
  },
};

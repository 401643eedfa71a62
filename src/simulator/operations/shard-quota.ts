import { limitExceeded } from '../core/service-error.ts';
import type { Simulator } from '../core/simulator.ts';

/** Open shards of all streams. */
export function openShardCount(simulator: Simulator): number {
  let count = 0;
  for (const stream of simulator.streams.values()) count += stream.openShards.length;
  return count;
}

/** @throws ServiceError LimitExceededException when the account has no room for `added` more shards */
export function requireShardRoom(simulator: Simulator, added: number): void {
  const { account, region, shardQuota } = simulator.options;
  const count = openShardCount(simulator);
  if (count + added <= shardQuota) return;
  throw limitExceeded(
    `This request would exceed the shard limit for the account ${account} in ${region}. ` +
      `Current shard count for the account: ${count}. Limit: ${shardQuota}. ` +
      `Number of additional shards that would have resulted from this request: ${added}. ` +
      'Refer to the AWS Service Limits page ' +
      '(http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) ' +
      'for current limits and how to request higher limits.',
  );
}

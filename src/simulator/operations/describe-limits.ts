import { ON_DEMAND_STREAMS_MAX } from './create-stream.ts';
import type { Operation } from './operation.ts';
import { openShardCount } from './shard-quota.ts';

export const describeLimits: Operation = {
  name: 'DescribeLimits',
  callsPerSecond: 1,
  members: {},
  run(simulator) {
    const streams = [...simulator.streams.values()];
    return {
      ShardLimit: simulator.options.shardQuota,
      OpenShardCount: openShardCount(simulator),
      OnDemandStreamCount: streams.filter(({ mode }) => mode === 'ON_DEMAND').length,
      OnDemandStreamCountLimit: ON_DEMAND_STREAMS_MAX,
      ChannelCount: 0,
      ChannelCountLimit: 0,
    };
  },
};

import { RECORD_BYTES_DEFAULT_MAX } from '../../kinesis/limits.ts';
import { invalidArgument, limitExceeded, resourceInUse } from '../core/service-error.ts';
import type { Simulator } from '../core/simulator.ts';
import { type Distribution, Stream, type StreamMode } from '../core/stream.ts';
import type { Input } from './input.ts';
import { required, STREAM_NAME } from './member.ts';
import type { Operation } from './operation.ts';
import { requireShardRoom } from './shard-quota.ts';

/** Shards of a new on-demand stream. */
const ON_DEMAND_SHARDS = 4;
/** On-demand streams of an account. */
export const ON_DEMAND_STREAMS_MAX = 50;
/** Streams being created at the same time. */
const CREATING_MAX = 5;

export const createStream: Operation = {
  name: 'CreateStream',
  callsPerSecond: 5,
  members: {
    ShardCount: { type: 'integer', min: 1, max: 100_000 },
    StreamName: required(STREAM_NAME),
    StreamModeDetails: {
      type: 'structure',
      members: {
        StreamMode: { type: 'string', isRequired: true, values: ['PROVISIONED', 'ON_DEMAND'] },
      },
    },
    Tags: { type: 'map', lengthMin: 1, lengthMax: 50 },
    WarmThroughputMiBps: { type: 'integer', min: 0 },
    RecordDistributionStrategy: { type: 'string', values: ['USER_PARTITION_KEY', 'AUTO'] },
    MaxRecordSizeInKiB: { type: 'integer', min: 1024, max: 10_240 },
  },
  run(simulator, input) {
    const name = input.requiredText('StreamName');
    const { account } = simulator.options;
    if (simulator.streams.has(name)) {
      throw resourceInUse(`Stream ${name} under account ${account} already exists.`);
    }
    const mode = modeOf(input);
    const isOnDemand = mode === 'ON_DEMAND';
    const warm = isOnDemand ? input.integer('WarmThroughputMiBps') : undefined;
    const count = isOnDemand
      ? Math.max(ON_DEMAND_SHARDS, warm ?? 0)
      : (input.integer('ShardCount') ?? 1);
    checkRoom(simulator, isOnDemand, count);
    const stream = new Stream(
      name,
      mode,
      count,
      simulator.nowMs(),
      simulator.options,
      simulator.store,
    );
    stream.recordBytesMax = recordBytesMax(input);
    stream.warmThroughputMiBps = warm ?? null;
    stream.distribution = distributionOf(input, isOnDemand);
    stream.tags = new Map(input.textMap('Tags'));
    simulator.streams.set(name, stream);
    simulator.later(() => {
      if (stream.status === 'CREATING') stream.status = 'ACTIVE';
    });
    return null;
  },
};

function modeOf(input: Input): StreamMode {
  const asked = input.structure('StreamModeDetails')?.text('StreamMode');
  const isOnDemand = asked === undefined ? !input.has('ShardCount') : asked === 'ON_DEMAND';
  return isOnDemand ? 'ON_DEMAND' : 'PROVISIONED';
}

function recordBytesMax(input: Input): number {
  const kib = input.integer('MaxRecordSizeInKiB');
  return kib === undefined ? RECORD_BYTES_DEFAULT_MAX : kib * 1024;
}

function distributionOf(input: Input, isOnDemand: boolean): Distribution {
  if (input.text('RecordDistributionStrategy') !== 'AUTO') return 'USER_PARTITION_KEY';
  if (isOnDemand) return 'AUTO';
  throw invalidArgument(
    'RecordDistributionStrategy AUTO is only supported for streams with the ON_DEMAND mode.',
  );
}

function checkRoom(simulator: Simulator, isOnDemand: boolean, shardCount: number): void {
  const streams = [...simulator.streams.values()];
  const { account } = simulator.options;
  if (streams.filter(({ status }) => status === 'CREATING').length >= CREATING_MAX) {
    throw limitExceeded(
      `Account ${account} already has ${CREATING_MAX} streams in the CREATING state.`,
    );
  }
  const onDemandCount = streams.filter(({ mode }) => mode === 'ON_DEMAND').length;
  if (isOnDemand && onDemandCount >= ON_DEMAND_STREAMS_MAX) {
    throw limitExceeded(
      `This request would exceed the limit of ${ON_DEMAND_STREAMS_MAX} on-demand streams for the ` +
        `account ${account} in ${simulator.options.region}.`,
    );
  }
  requireShardRoom(simulator, shardCount);
}

import { RECORD_BYTES_DEFAULT_MAX } from '../../kinesis/limits.ts';
import { resourceInUse } from '../core/service-error.ts';
import { Stream } from '../core/stream.ts';
import { required, STREAM_NAME } from './member.ts';
import type { Operation } from './operation.ts';

/** Shards of a new on-demand stream. */
const ON_DEMAND_SHARDS = 4;

export const createStream: Operation = {
  name: 'CreateStream',
  members: {
    StreamName: required(STREAM_NAME),
    ShardCount: { type: 'integer', min: 1, max: 100_000 },
    StreamModeDetails: {
      type: 'structure',
      members: {
        StreamMode: { type: 'string', isRequired: true, values: ['PROVISIONED', 'ON_DEMAND'] },
      },
    },
    Tags: { type: 'map', lengthMin: 1, lengthMax: 50 },
    MaxRecordSizeInKiB: { type: 'integer', min: 1024, max: 10_240 },
  },
  run(simulator, input) {
    const name = input.requiredText('StreamName');
    const { account, transitionUs } = simulator.options;
    if (simulator.streams.has(name)) {
      throw resourceInUse(`Stream ${name} under account ${account} already exists.`);
    }
    const shardCount = input.integer('ShardCount');
    const asked = input.structure('StreamModeDetails')?.text('StreamMode');
    const isOnDemand = asked === 'ON_DEMAND' || (asked === undefined && shardCount === undefined);
    const count = isOnDemand ? ON_DEMAND_SHARDS : (shardCount ?? 1);
    const mode = isOnDemand ? 'ON_DEMAND' : 'PROVISIONED';
    const stream = new Stream(name, mode, count, simulator.nowMs(), simulator.options);
    stream.recordBytesMax =
      (input.integer('MaxRecordSizeInKiB') ?? 0) * 1024 || RECORD_BYTES_DEFAULT_MAX;
    stream.tags = new Map(input.textMap('Tags'));
    simulator.streams.set(name, stream);
    simulator.clock.setTimer(simulator.clock.nowUs() + transitionUs, () => {
      if (stream.status === 'CREATING') stream.status = 'ACTIVE';
    });
    return null;
  },
};

import { validation } from '../core/service-error.ts';
import { STREAM } from './member.ts';
import { namedStream, type Operation, streamArn } from './operation.ts';
import { warmThroughput } from './stream-shape.ts';
import { requireActive, update } from './stream-state.ts';

export const updateStreamWarmThroughput: Operation = {
  name: 'UpdateStreamWarmThroughput',
  callsPerSecond: 5,
  members: { WarmThroughputMiBps: { type: 'integer', min: 0, isRequired: true }, ...STREAM },
  run(simulator, input) {
    const stream = namedStream(simulator, input);
    if (stream.mode !== 'ON_DEMAND') {
      throw validation('Warm throughput is only supported for streams with the ON_DEMAND mode.');
    }
    requireActive(simulator, stream);
    stream.warmThroughputMiBps = input.integer('WarmThroughputMiBps') ?? 0;
    const needed = Math.max(stream.openShards.length, stream.warmThroughputMiBps);
    update(simulator, stream, () => stream.map.rescale(needed, simulator.nowMs()));
    return {
      StreamARN: streamArn(simulator, stream),
      StreamName: stream.name,
      WarmThroughput: warmThroughput(stream),
    };
  },
};

import { invalidArgument } from '../core/service-error.ts';
import { required, STREAM_ARN } from './member.ts';
import { namedStream, type Operation } from './operation.ts';
import { requireActive } from './stream-state.ts';

export const updateStreamRecordDistributionStrategy: Operation = {
  name: 'UpdateStreamRecordDistributionStrategy',
  callsPerSecond: 5,
  members: {
    StreamARN: required(STREAM_ARN),
    RecordDistributionStrategy: {
      type: 'string',
      isRequired: true,
      values: ['USER_PARTITION_KEY', 'AUTO'],
    },
  },
  run(simulator, input) {
    const stream = namedStream(simulator, input);
    requireActive(simulator, stream);
    const isAuto = input.text('RecordDistributionStrategy') === 'AUTO';
    if (isAuto && stream.mode !== 'ON_DEMAND') {
      throw invalidArgument(
        'RecordDistributionStrategy AUTO is only supported for streams with the ON_DEMAND mode.',
      );
    }
    stream.distribution = isAuto ? 'AUTO' : 'USER_PARTITION_KEY';
    return null;
  },
};

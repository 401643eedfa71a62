import { required, STREAM_ARN } from './member.ts';
import { namedStream, type Operation } from './operation.ts';
import { requireActive, update } from './stream-state.ts';

export const updateMaxRecordSize: Operation = {
  name: 'UpdateMaxRecordSize',
  callsPerSecond: 5,
  members: {
    StreamARN: required(STREAM_ARN),
    MaxRecordSizeInKiB: { type: 'integer', min: 1024, max: 10_240, isRequired: true },
  },
  run(simulator, input) {
    const stream = namedStream(simulator, input);
    requireActive(simulator, stream);
    update(simulator, stream, () => {
      stream.recordBytesMax = (input.integer('MaxRecordSizeInKiB') ?? 1024) * 1024;
    });
    return null;
  },
};

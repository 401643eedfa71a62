import { STREAM } from './member.ts';
import { namedStream, type Operation } from './operation.ts';
import { checkRetention, setRetention } from './retention.ts';

export const decreaseStreamRetentionPeriod: Operation = {
  name: 'DecreaseStreamRetentionPeriod',
  callsPerSecond: 5,
  members: { RetentionPeriodHours: { type: 'integer', min: 1, isRequired: true }, ...STREAM },
  run(simulator, input) {
    const stream = namedStream(simulator, input);
    const hours = input.integer('RetentionPeriodHours') ?? 0;
    checkRetention(stream, hours, 'decrease');
    setRetention(simulator, stream, hours);
    return null;
  },
};

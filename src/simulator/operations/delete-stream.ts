import { resourceInUse } from '../core/service-error.ts';
import { STREAM } from './member.ts';
import { namedStream, type Operation } from './operation.ts';

export const deleteStream: Operation = {
  name: 'DeleteStream',
  callsPerSecond: 5,
  members: { ...STREAM, EnforceConsumerDeletion: { type: 'boolean' } },
  run(simulator, input) {
    const stream = namedStream(simulator, input);
    const { options } = simulator;
    if (stream.consumers.size > 0 && !input.flag('EnforceConsumerDeletion')) {
      throw resourceInUse(
        `Stream ${stream.name} under account ${options.account} has registered consumers.`,
      );
    }
    stream.status = 'DELETING';
    for (const consumer of stream.consumers.values()) consumer.close();
    simulator.later(() => {
      stream.isDeleted = true;
      simulator.streams.delete(stream.name);
    });
    return null;
  },
};

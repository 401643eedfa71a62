import { STREAM } from './member.ts';
import { namedStream, type Operation } from './operation.ts';

export const deleteStream: Operation = {
  name: 'DeleteStream',
  members: { ...STREAM, EnforceConsumerDeletion: { type: 'boolean' } },
  run(simulator, input) {
    const stream = namedStream(simulator, input);
    stream.status = 'DELETING';
    const { clock, options } = simulator;
    clock.setTimer(clock.nowUs() + options.transitionUs, () => {
      if (simulator.streams.get(stream.name) === stream) simulator.streams.delete(stream.name);
    });
    return null;
  },
};

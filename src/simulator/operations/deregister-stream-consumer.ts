import { CONSUMER, namedConsumer } from './consumer-shape.ts';
import type { Operation } from './operation.ts';

export const deregisterStreamConsumer: Operation = {
  name: 'DeregisterStreamConsumer',
  callsPerSecond: 5,
  members: CONSUMER,
  run(simulator, input) {
    const { stream, consumer } = namedConsumer(simulator, input);
    consumer.status = 'DELETING';
    consumer.close();
    simulator.later(() => {
      if (stream.consumers.get(consumer.name) === consumer) stream.consumers.delete(consumer.name);
    });
    return null;
  },
};

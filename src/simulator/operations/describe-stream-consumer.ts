import { CONSUMER, consumerShape, namedConsumer } from './consumer-shape.ts';
import { type Operation, streamArn } from './operation.ts';

export const describeStreamConsumer: Operation = {
  name: 'DescribeStreamConsumer',
  callsPerSecond: 20,
  members: CONSUMER,
  run(simulator, input) {
    const { stream, consumer } = namedConsumer(simulator, input);
    return {
      ConsumerDescription: {
        ...consumerShape(consumer),
        StreamARN: streamArn(simulator, stream),
      },
    };
  },
};

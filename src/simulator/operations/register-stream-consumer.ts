import { Consumer } from '../core/consumer.ts';
import { limitExceeded, resourceInUse } from '../core/service-error.ts';
import type { Simulator } from '../core/simulator.ts';
import type { Stream } from '../core/stream.ts';
import { consumerShape } from './consumer-shape.ts';
import { required, STREAM_ARN, STREAM_NAME } from './member.ts';
import { namedStream, type Operation, streamArn } from './operation.ts';

/** Consumers of a stream; an account with On-demand Advantage has more for its on-demand streams. */
const CONSUMERS_MAX = 20;
const CONSUMERS_ADVANTAGE_MAX = 50;
/** Consumers being created at the same time. */
const CREATING_MAX = 5;

export const registerStreamConsumer: Operation = {
  name: 'RegisterStreamConsumer',
  callsPerSecond: 5,
  members: {
    StreamARN: required(STREAM_ARN),
    ConsumerName: required(STREAM_NAME),
    Tags: { type: 'map', lengthMax: 50 },
  },
  run(simulator, input) {
    const stream = namedStream(simulator, input);
    const name = input.requiredText('ConsumerName');
    checkRoom(simulator, stream, name);
    const nowMs = simulator.nowMs();
    const arn = `${streamArn(simulator, stream)}/consumer/${name}:${Math.floor(nowMs / 1000)}`;
    const consumer = new Consumer(name, arn, nowMs);
    consumer.tags = new Map(input.textMap('Tags'));
    stream.consumers.set(name, consumer);
    simulator.later(() => {
      if (consumer.status === 'CREATING') consumer.status = 'ACTIVE';
    });
    return { Consumer: consumerShape(consumer) };
  },
};

function checkRoom(simulator: Simulator, stream: Stream, name: string): void {
  const place = `stream ${stream.name} under account ${simulator.options.account}`;
  if (stream.consumers.has(name)) {
    throw resourceInUse(`Consumer ${name} of ${place} already exists.`);
  }
  const hasAdvantage = simulator.commitmentStartedMs !== null && stream.mode === 'ON_DEMAND';
  const limit = hasAdvantage ? CONSUMERS_ADVANTAGE_MAX : CONSUMERS_MAX;
  const creating = [...stream.consumers.values()].filter(({ status }) => status === 'CREATING');
  if (stream.consumers.size >= limit || creating.length >= CREATING_MAX) {
    throw limitExceeded(`Consumer ${name} would exceed the limit of consumers of ${place}.`);
  }
}

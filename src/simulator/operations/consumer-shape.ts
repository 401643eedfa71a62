import type { Consumer } from '../core/consumer.ts';
import { invalidArgument, resourceNotFound } from '../core/service-error.ts';
import type { Simulator } from '../core/simulator.ts';
import type { Stream } from '../core/stream.ts';
import type { Input } from './input.ts';
import { type Members, STREAM_ARN, STREAM_NAME } from './member.ts';
import { namedStream, type Output, Timestamp } from './operation.ts';

export const CONSUMER_ARN = {
  type: 'string',
  lengthMin: 1,
  lengthMax: 2048,
  pattern:
    '^(arn):aws.*:kinesis:.*:\\d{12}:.*stream\\/[a-zA-Z0-9_.-]+\\/consumer\\/[a-zA-Z0-9_.-]+:[0-9]+',
} as const;

/** Names of a consumer: its ARN, or its stream's ARN and its own name. */
export const CONSUMER: Members = {
  StreamARN: STREAM_ARN,
  ConsumerName: STREAM_NAME,
  ConsumerARN: CONSUMER_ARN,
};

/** A consumer as the service tells of it. */
export function consumerShape(consumer: Consumer): { readonly [member: string]: Output } {
  return {
    ConsumerName: consumer.name,
    ConsumerARN: consumer.arn,
    ConsumerStatus: consumer.status,
    ConsumerCreationTimestamp: new Timestamp(consumer.createdMs),
  };
}

/** @throws ServiceError ResourceNotFoundException or InvalidArgumentException */
export function namedConsumer(
  simulator: Simulator,
  input: Input,
): { readonly stream: Stream; readonly consumer: Consumer } {
  const arn = input.text('ConsumerARN');
  if (arn !== undefined) return consumerOfArn(simulator, arn);
  const name = input.text('ConsumerName');
  if (name === undefined || !input.has('StreamARN')) {
    throw invalidArgument(
      'Either ConsumerARN or both StreamARN and ConsumerName must be provided.',
    );
  }
  const stream = namedStream(simulator, input);
  const consumer = stream.consumers.get(name);
  if (consumer !== undefined) return { stream, consumer };
  throw resourceNotFound(
    `Consumer ${name} of stream ${stream.name} under account ${simulator.options.account} not found.`,
  );
}

/** @throws ServiceError ResourceNotFoundException */
export function consumerOfArn(
  simulator: Simulator,
  arn: string,
): { readonly stream: Stream; readonly consumer: Consumer } {
  for (const stream of simulator.streams.values()) {
    for (const consumer of stream.consumers.values()) {
      if (consumer.arn === arn) return { stream, consumer };
    }
  }
  throw resourceNotFound(`Consumer with ARN ${arn} not found.`);
}

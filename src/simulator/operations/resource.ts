import type { Consumer } from '../core/consumer.ts';
import { invalidArgument, resourceNotFound } from '../core/service-error.ts';
import type { Simulator } from '../core/simulator.ts';
import type { Stream } from '../core/stream.ts';
import type { Input } from './input.ts';
import type { StringMember } from './member.ts';
import { requireHere } from './operation.ts';

/** ARN of a stream or of a consumer. */
export const RESOURCE_ARN: StringMember = {
  type: 'string',
  isRequired: true,
  lengthMin: 1,
  lengthMax: 2048,
  pattern: 'arn:aws.*:kinesis:.*:\\d{12}:.*stream/\\S+',
};

/** A stream, or one of its consumers. */
export interface Resource {
  readonly arn: string;
  readonly stream: Stream;
  readonly consumer: Consumer | null;
}

/** `…:stream/NAME` or `…:stream/NAME/consumer/NAME:SECONDS`. @throws ServiceError ResourceNotFoundException */
export function resourceOf(simulator: Simulator, input: Input): Resource {
  const arn = input.requiredText('ResourceARN');
  const [streamName, kind] = arn.split(':stream/', 2)[1]?.split('/') ?? [];
  if (streamName === undefined) throw invalidArgument(`ResourceARN ${arn} is invalid.`);
  requireHere(simulator, arn);
  const stream = simulator.stream(streamName);
  if (kind === undefined) return { arn, stream, consumer: null };
  for (const consumer of stream.consumers.values()) {
    if (consumer.arn === arn) return { arn, stream, consumer };
  }
  throw resourceNotFound(`Consumer with ARN ${arn} not found.`);
}

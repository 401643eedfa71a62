import { invalidArgument, resourceNotFound } from '../core/service-error.ts';
import type { Simulator } from '../core/simulator.ts';
import type { Stream } from '../core/stream.ts';
import type { Input } from './input.ts';
import type { Members } from './member.ts';

/** A point in time of an answer: seconds with a fraction in JSON, whole milliseconds in CBOR. */
export class Timestamp {
  readonly epochMs: number;

  constructor(epochMs: number) {
    this.epochMs = epochMs;
  }
}

/** A value of an answer. Members that are undefined are left out; bytes are a blob. */
export type Output =
  | string
  | number
  | boolean
  | null
  | undefined
  | Timestamp
  | Uint8Array
  | readonly Output[]
  | { readonly [member: string]: Output };

/** One operation of the API: its input and what it does. `run` answers null for an empty body. */
export interface Operation {
  readonly name: string;
  /** Calls that an account may make in a second (API, each operation); none given: as many as it likes. */
  readonly callsPerSecond?: number;
  /** Set where the rate is counted for each stream. */
  readonly isRateOfStream?: boolean;
  readonly members: Members;
  run(simulator: Simulator, input: Input): { readonly [member: string]: Output } | null;
}

/** The stream that StreamName or StreamARN names, in any state. */
export function namedStream(simulator: Simulator, input: Input): Stream {
  return simulator.stream(streamNameOf(simulator, input));
}

/** The name in StreamName or StreamARN. @throws ServiceError ResourceNotFoundException for an ARN of elsewhere */
export function streamNameOf(simulator: Simulator, input: Input): string {
  const arn = input.text('StreamARN');
  if (arn !== undefined) requireHere(simulator, arn);
  const name = input.text('StreamName') ?? arn?.slice(arn.lastIndexOf('/') + 1);
  if (name !== undefined) return name;
  throw invalidArgument('Either StreamName or StreamARN should be provided.');
}

/** @throws ServiceError ResourceNotFoundException for an ARN of a stream in another region or account */
export function requireHere(simulator: Simulator, arn: string): void {
  const [, , , region, account, ...name] = arn.split(':');
  const { options } = simulator;
  if (region === options.region && account === options.account) return;
  const stream = name.join(':').split('/')[1];
  throw resourceNotFound(`Stream ${stream} under account ${account} not found.`);
}

/** The stream's ARN. */
export function streamArn(simulator: Simulator, stream: Stream): string {
  const { region, account } = simulator.options;
  return `arn:aws:kinesis:${region}:${account}:stream/${stream.name}`;
}

import type { Simulator } from '../core/simulator.ts';
import type { Stream } from '../core/stream.ts';
import type { Input } from './input.ts';
import type { Members } from './member.ts';
import { STREAM } from './member.ts';
import { type Output, streamArn } from './operation.ts';

const METRICS = [
  'IncomingBytes',
  'IncomingRecords',
  'OutgoingBytes',
  'OutgoingRecords',
  'WriteProvisionedThroughputExceeded',
  'ReadProvisionedThroughputExceeded',
  'IteratorAgeMilliseconds',
] as const;

/** Input of both operations on shard-level metrics. */
export const METRIC_MEMBERS: Members = {
  ShardLevelMetrics: {
    type: 'list',
    isRequired: true,
    lengthMin: 1,
    lengthMax: 7,
    of: { type: 'string', values: [...METRICS, 'ALL'] },
  },
  ...STREAM,
};

/** The metrics that the input names, ALL spelt out. */
export function namedMetrics(input: Input): readonly string[] {
  const names = input.texts('ShardLevelMetrics');
  return names.includes('ALL') ? METRICS : names;
}

/** Sets the stream's metrics and tells of the change. */
export function changeMetrics(
  simulator: Simulator,
  stream: Stream,
  desired: ReadonlySet<string>,
): { readonly [member: string]: Output } {
  const current = [...stream.metrics];
  stream.metrics = new Set(desired);
  return {
    StreamName: stream.name,
    CurrentShardLevelMetrics: current,
    DesiredShardLevelMetrics: [...desired],
    StreamARN: streamArn(simulator, stream),
  };
}

import { parseSequenceNumber } from '../core/sequence.ts';
import { invalidArgument } from '../core/service-error.ts';
import type { ShardState } from '../core/shard.ts';
import type { Simulator } from '../core/simulator.ts';
import type { Stream } from '../core/stream.ts';

/** Where reading can begin. */
export const POSITION_TYPES = [
  'AFTER_SEQUENCE_NUMBER',
  'LATEST',
  'AT_TIMESTAMP',
  'AT_SEQUENCE_NUMBER',
  'TRIM_HORIZON',
] as const;

export interface Position {
  readonly type: string;
  readonly sequence: string | undefined;
  readonly timeMs: number | undefined;
}

/** Index of the record to begin with. @throws ServiceError InvalidArgumentException */
export function startIndex(
  simulator: Simulator,
  stream: Stream,
  shard: ShardState,
  position: Position,
): number {
  const { type, sequence, timeMs } = position;
  checkCombination(type, sequence);
  switch (type) {
    case 'TRIM_HORIZON':
      return shard.log.first;
    case 'LATEST':
      return shard.log.next;
    case 'AT_TIMESTAMP':
      return timeIndex(simulator, shard, timeMs);
    default:
      return sequenceIndex(simulator, stream, shard, type, sequence ?? '');
  }
}

function checkCombination(type: string, sequence: string | undefined): void {
  const wantsSequence = type.endsWith('SEQUENCE_NUMBER');
  if (type === 'AT_TIMESTAMP' || wantsSequence === (sequence !== undefined)) return;
  throw invalidArgument(
    'Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber ' +
      'or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. ' +
      `Request specified ${type} and ${wantsSequence ? 'no' : 'also a'} StartingSequenceNumber.`,
  );
}

function timeIndex(simulator: Simulator, shard: ShardState, timeMs: number | undefined): number {
  if (timeMs === undefined) {
    throw invalidArgument(
      'Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. ' +
        'Current request has no timestamp parameter.',
    );
  }
  const nowMs = simulator.nowMs();
  if (timeMs > nowMs) {
    throw invalidArgument(
      'The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. ' +
        `timestampInMillis: ${timeMs}, currentTimestampInMillis: ${nowMs}`,
    );
  }
  return shard.log.indexAtTime(timeMs);
}

function sequenceIndex(
  simulator: Simulator,
  stream: Stream,
  shard: ShardState,
  type: string,
  sequence: string,
): number {
  const parts = parseSequenceNumber(sequence);
  const place = `on shard ${shard.id} in stream ${stream.name} under account ${simulator.options.account}`;
  if (parts === null) {
    throw invalidArgument(
      `StartingSequenceNumber ${sequence} used in GetShardIterator ${place} is invalid.`,
    );
  }
  if (parts.shard !== shard.place.number) {
    throw invalidArgument(
      `Invalid StartingSequenceNumber. It encodes shardId-${String(parts.shard).padStart(12, '0')}, ` +
        `while it was used in a call to a shard with ${shard.id}`,
    );
  }
  if (parts.createdSecond !== Math.floor(shard.createdMs / 1000)) {
    throw invalidArgument(
      `StartingSequenceNumber ${sequence} used in GetShardIterator ${place} is invalid because it ` +
        'did not come from this stream.',
    );
  }
  // Numbers count from one: what they name is the record before.
  const index = Math.min(Number(parts.index), shard.log.next);
  return type === 'AFTER_SEQUENCE_NUMBER' ? index : Math.max(0, index - 1);
}

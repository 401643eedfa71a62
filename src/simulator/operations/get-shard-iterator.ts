import { shardNumber } from '../../kinesis/shard.ts';
import { dryRun } from '../core/put-checks.ts';
import { parseSequenceNumber } from '../core/sequence.ts';
import { invalidArgument, resourceNotFound, throughputExceeded } from '../core/service-error.ts';
import type { ShardState } from '../core/shard.ts';
import type { Simulator } from '../core/simulator.ts';
import type { Stream } from '../core/stream.ts';
import type { Input } from './input.ts';
import { encodeIterator } from './iterator.ts';
import { required, SEQUENCE_NUMBER, SHARD_ID, STREAM } from './member.ts';
import { type Operation, streamNameOf } from './operation.ts';

const TYPES = [
  'AFTER_SEQUENCE_NUMBER',
  'LATEST',
  'AT_TIMESTAMP',
  'AT_SEQUENCE_NUMBER',
  'TRIM_HORIZON',
] as const;

export const getShardIterator: Operation = {
  name: 'GetShardIterator',
  members: {
    ...STREAM,
    ShardId: required(SHARD_ID),
    ShardIteratorType: required({ type: 'string', values: TYPES }),
    StartingSequenceNumber: SEQUENCE_NUMBER,
    Timestamp: { type: 'timestamp' },
    DryRun: { type: 'boolean' },
  },
  run(simulator, input) {
    const streamName = streamNameOf(input);
    const stream = simulator.readyStream(streamName);
    const shardId = input.requiredText('ShardId');
    const shard = stream.shard(shardNumber(shardId));
    const { account } = simulator.options;
    if (shard === undefined || shard.id !== shardId) {
      throw resourceNotFound(
        `Shard ${shardId} in stream ${streamName} under account ${account} does not exist`,
      );
    }
    if (!shard.iteratorLimit.admit(simulator.clock.nowUs())) {
      throw throughputExceeded(
        `Rate exceeded for shard ${shard.id} in stream ${streamName} under account ${account}.`,
      );
    }
    stream.expire(simulator.nowMs());
    const index = startIndex(simulator, stream, shard, input);
    if (input.flag('DryRun')) throw dryRun();
    return {
      ShardIterator: encodeIterator({
        streamName,
        streamCreatedMs: stream.createdMs,
        shard: shard.place.number,
        index,
        madeMs: simulator.nowMs(),
      }),
    };
  },
};

function startIndex(simulator: Simulator, stream: Stream, shard: ShardState, input: Input): number {
  const type = input.requiredText('ShardIteratorType');
  const sequence = input.text('StartingSequenceNumber');
  checkCombination(type, sequence);
  switch (type) {
    case 'TRIM_HORIZON':
      return shard.log.first;
    case 'LATEST':
      return shard.log.next;
    case 'AT_TIMESTAMP':
      return timeIndex(simulator, shard, input.timeMs('Timestamp'));
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

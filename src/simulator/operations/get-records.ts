import {
  GET_RECORDS_BYTES_MAX,
  GET_RECORDS_COUNT_MAX,
  SHARD_ITERATOR_LIFE_US,
} from '../../kinesis/limits.ts';
import { dryRun } from '../core/put-checks.ts';
import { resourceNotFound, ServiceError, throughputExceeded } from '../core/service-error.ts';
import type { ShardState } from '../core/shard.ts';
import type { Simulator } from '../core/simulator.ts';
import type { Stream } from '../core/stream.ts';
import { decodeIterator, encodeIterator, type IteratorParts } from './iterator.ts';
import { STREAM_ARN } from './member.ts';
import { type Operation, type Output, requireHere } from './operation.ts';
import { childShards, recordShape } from './record-shape.ts';

export const getRecords: Operation = {
  name: 'GetRecords',
  members: {
    ShardIterator: { type: 'string', isRequired: true, lengthMin: 1, lengthMax: 512 },
    Limit: { type: 'integer', min: 1, max: GET_RECORDS_COUNT_MAX },
    StreamARN: STREAM_ARN,
    DryRun: { type: 'boolean' },
  },
  run(simulator, input) {
    const iterator = decodeIterator(input.requiredText('ShardIterator'));
    checkAge(simulator, iterator);
    const arn = input.text('StreamARN');
    if (arn !== undefined) requireHere(simulator, arn);
    const { stream, shard } = findShard(simulator, iterator);
    const { account } = simulator.options;
    if (input.flag('DryRun')) throw dryRun();
    stream.expire(shard, simulator.nowMs());
    if (!shard.readLimit.admit(simulator.clock.nowUs())) {
      throw throughputExceeded(
        `Rate exceeded for shard ${shard.id} in stream ${stream.name} under account ${account}.`,
      );
    }
    const limit = input.integer('Limit') ?? GET_RECORDS_COUNT_MAX;
    const page = readPage(stream, shard, iterator.index, limit);
    shard.readLimit.spend(page.bytes);
    const { log } = shard;
    const isEnd = !shard.isOpen && page.next >= log.next;
    const nowMs = simulator.nowMs();
    return {
      Records: page.records,
      NextShardIterator: isEnd
        ? undefined
        : encodeIterator({ ...iterator, index: page.next, madeMs: nowMs }),
      MillisBehindLatest: page.next < log.next ? nowMs - log.body(page.next).arrivedMs : 0,
      ChildShards: isEnd ? childShards(stream, shard) : undefined,
    };
  },
};

function checkAge(simulator: Simulator, { madeMs }: IteratorParts): void {
  const nowMs = simulator.nowMs();
  const lifeMs = SHARD_ITERATOR_LIFE_US / 1000;
  if (nowMs - madeMs <= lifeMs) return;
  throw new ServiceError(
    'ExpiredIteratorException',
    `Iterator expired. The iterator was created at time ${javaDate(madeMs)} while right now it is ` +
      `${javaDate(nowMs)} which is further in the future than the tolerated delay of ${lifeMs} milliseconds.`,
  );
}

/** `Tue Nov 24 12:00:00 UTC 2026` */
function javaDate(epochMs: number): string {
  const [day, date, month, year, time] = new Date(epochMs).toUTCString().split(/,? /);
  return `${day} ${month} ${date} ${time} UTC ${year}`;
}

function findShard(
  simulator: Simulator,
  iterator: IteratorParts,
): { stream: Stream; shard: ShardState } {
  const stream = simulator.streams.get(iterator.streamName);
  const shard = stream?.shard(iterator.shard);
  if (
    stream === undefined ||
    shard === undefined ||
    stream.createdMs !== iterator.streamCreatedMs
  ) {
    throw resourceNotFound(
      `Shard shardId-${String(iterator.shard).padStart(12, '0')} in stream ${iterator.streamName} ` +
        `under account ${simulator.options.account} does not exist`,
    );
  }
  return { stream, shard };
}

function readPage(
  stream: Stream,
  shard: ShardState,
  from: number,
  limit: number,
): { records: Output[]; next: number; bytes: number } {
  const { log } = shard;
  const records: Output[] = [];
  let bytes = 0;
  let index = log.heldFrom(from);
  while (index < log.next && records.length < limit) {
    const body = log.body(index);
    const place = log.place(index);
    const size = body.size(place);
    if (records.length > 0 && bytes + size > GET_RECORDS_BYTES_MAX) break;
    bytes += size;
    records.push(recordShape(stream, shard, index));
    index = log.heldFrom(index + 1);
  }
  return { records, next: index, bytes };
}

import { LIST_SHARDS_COUNT_MAX } from '../../kinesis/limits.ts';
import { shardNumber } from '../../kinesis/shard.ts';
import { invalidArgument, ServiceError } from '../core/service-error.ts';
import type { ShardState } from '../core/shard.ts';
import type { Simulator } from '../core/simulator.ts';
import type { Stream } from '../core/stream.ts';
import type { Input } from './input.ts';
import { NEXT_TOKEN, required, SHARD_ID, STREAM } from './member.ts';
import { type Operation, streamNameOf } from './operation.ts';
import { shardShape } from './shard-shape.ts';

/** A token is good for this long. */
const TOKEN_LIFE_MS = 300_000;

const FILTER_TYPES = [
  'AFTER_SHARD_ID',
  'AT_TRIM_HORIZON',
  'FROM_TRIM_HORIZON',
  'AT_LATEST',
  'AT_TIMESTAMP',
  'FROM_TIMESTAMP',
] as const;

/** What a page token carries: everything that the next page needs. */
interface Token {
  readonly streamName: string;
  readonly after: number;
  readonly type: string;
  readonly timeMs: number;
  readonly madeMs: number;
}

export const listShards: Operation = {
  name: 'ListShards',
  callsPerSecond: 1000,
  isRateOfStream: true,
  members: {
    ...STREAM,
    NextToken: NEXT_TOKEN,
    ExclusiveStartShardId: SHARD_ID,
    MaxResults: { type: 'integer', min: 1, max: 10_000 },
    StreamCreationTimestamp: { type: 'timestamp' },
    ShardFilter: {
      type: 'structure',
      members: {
        Type: required({ type: 'string', values: FILTER_TYPES }),
        ShardId: SHARD_ID,
        Timestamp: { type: 'timestamp' },
      },
    },
  },
  run(simulator, input) {
    const token = readInput(simulator, input);
    const stream = simulator.stream(token.streamName);
    const limit = Math.min(input.integer('MaxResults') ?? Number.MAX_VALUE, LIST_SHARDS_COUNT_MAX);
    const all = selectShards(stream, token, simulator.nowMs()).filter(
      (shard) => shard.place.number > token.after,
    );
    const page = all.slice(0, limit);
    const last = page.at(-1);
    const nextToken =
      last !== undefined && page.length < all.length
        ? encodeToken({ ...token, after: last.place.number, madeMs: simulator.nowMs() })
        : undefined;
    return { Shards: page.map(shardShape), NextToken: nextToken };
  },
};

function readInput(simulator: Simulator, input: Input): Token {
  const nextToken = input.text('NextToken');
  const hasName = input.has('StreamName') || input.has('StreamARN');
  if (nextToken !== undefined) {
    if (hasName) throw invalidArgument('NextToken and StreamName cannot be provided together.');
    return decodeToken(nextToken, simulator.nowMs());
  }
  if (!hasName) throw invalidArgument('Either NextToken or StreamName should be provided.');
  const filter = input.structure('ShardFilter');
  const type = filter?.text('Type') ?? 'FROM_TRIM_HORIZON';
  const after = type === 'AFTER_SHARD_ID' ? filter?.text('ShardId') : undefined;
  const start = input.text('ExclusiveStartShardId') ?? after;
  if (type === 'AFTER_SHARD_ID' && after === undefined) {
    throw invalidArgument('ShardId should be provided for ShardFilter of type AFTER_SHARD_ID.');
  }
  const timeMs = filter?.timeMs('Timestamp');
  if (type.endsWith('TIMESTAMP') && timeMs === undefined) {
    throw invalidArgument(`Timestamp should be provided for ShardFilter of type ${type}.`);
  }
  return {
    streamName: streamNameOf(simulator, input),
    after: start === undefined ? -1 : shardNumber(start),
    type,
    timeMs: timeMs ?? 0,
    madeMs: simulator.nowMs(),
  };
}

/** Shards that the filter lets through, by number: of those whose records may still be read. */
function selectShards(
  stream: Stream,
  { type, timeMs }: Token,
  nowMs: number,
): readonly ShardState[] {
  const isOpenAt = (shard: ShardState, ms: number) =>
    shard.createdMs <= ms && (shard.closedMs === null || shard.closedMs > ms);
  const kept = stream.keptShards(nowMs);
  switch (type) {
    case 'AT_LATEST':
      return stream.openShards.length === kept.length ? kept : kept.filter(({ isOpen }) => isOpen);
    case 'AT_TRIM_HORIZON': {
      const horizonMs = Math.max(stream.createdMs, stream.keptSinceMs(nowMs));
      return kept.filter((shard) => isOpenAt(shard, horizonMs));
    }
    case 'AT_TIMESTAMP':
      return kept.filter((shard) => isOpenAt(shard, timeMs));
    case 'FROM_TIMESTAMP':
      return kept.filter((shard) => shard.closedMs === null || shard.closedMs >= timeMs);
    default:
      return kept;
  }
}

function encodeToken(token: Token): string {
  return Buffer.from(JSON.stringify(token)).toString('base64');
}

function decodeToken(text: string, nowMs: number): Token {
  let token: Token;
  try {
    token = JSON.parse(Buffer.from(text, 'base64').toString('utf8')) as Token;
  } catch {
    throw invalidArgument('NextToken is invalid.');
  }
  if (typeof token.streamName !== 'string' || typeof token.after !== 'number') {
    throw invalidArgument('NextToken is invalid.');
  }
  if (nowMs - token.madeMs > TOKEN_LIFE_MS) {
    throw new ServiceError('ExpiredNextTokenException', 'The NextToken has expired.');
  }
  return token;
}

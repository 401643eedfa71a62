import { type Clock, clockOrigin, realClock } from '../core/clock.ts';
import type { ListOpenShards } from '../kinesis/listing.ts';
import type { Transport } from '../kinesis/put-records.ts';
import { openShardLister, openTransport, type TransportOptions } from '../transport/open.ts';
import type { RecordError } from './results.ts';

/** What a producer tells of beside the ends of records. */
export interface ProducerEvents {
  /** The service throttles a shard, for the first time in 15 s. */
  throttled: [{ readonly stream: string; readonly shardId: string | null }];
  shardMap: [{ readonly stream: string; readonly openShards: number }];
  shardMapFailed: [{ readonly stream: string; readonly errorCode: string }];
  /** PutRecords takes longer than five times the buffering time. */
  slow: [{ readonly stream: string; readonly meanMs: number }];
  /** A record was given up. */
  recordFailed: [RecordError];
}

/** The outside of a producer; another one in tests. */
export interface ProducerEnvironment {
  readonly clock: Clock;
  readonly openTransport: (options: TransportOptions, clock: Clock) => Promise<Transport>;
  readonly openShardLister: (options: TransportOptions, clock: Clock) => ListOpenShards;
  /** A number in [0, 1), for the jitter of backoffs. */
  readonly random: () => number;
}

/** The real one. */
export function realEnvironment(): ProducerEnvironment {
  const clock = realClock(clockOrigin());
  return { clock, openTransport, openShardLister, random: Math.random };
}

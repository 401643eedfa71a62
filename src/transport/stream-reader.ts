/**
 * Reading a stream, always through the AWS SDK. In: where the service is, a stream, a way of reading. Out: its shards, and
 * pages of each: by polling within five calls and 2 MB a second for each shard, or by enhanced fan-out.
 */
import { ListShardsCommand, type ListShardsCommandInput } from '@aws-sdk/client-kinesis';
import type { Clock } from '../core/clock.ts';
import type { ReadableStream } from '../kinesis/reading.ts';
import type { Shard } from '../kinesis/shard.ts';
import { controlError } from './control-error.ts';
import { shardOf } from './control-plane.ts';
import { Consumer } from './fan-out-reader.ts';
import { pollShard } from './polling-reader.ts';
import { kinesisClient } from './sdk-client.ts';
import type { TargetAddress } from './target-address.ts';

/** Calls at the same time at the most; each may hold a page of ten megabytes. */
const CONNECTIONS_MAX = 32;
const MAX_ATTEMPTS = 4;
/** 1,000 shards a page. */
const SHARD_PAGES_MAX = 1_000;

export interface StreamReaderOptions {
  readonly address: TargetAddress;
  readonly streamName: string;
  /** `fan-out` registers a consumer for as long as it reads; it is billed for. */
  readonly method: 'polling' | 'fan-out';
  readonly clock: Clock;
}

/**
 * Opens a stream for reading. Connects at the first call.
 * @throws ShardstormError when a consumer cannot be registered
 */
export async function openStream(options: StreamReaderOptions): Promise<ReadableStream> {
  const { address, streamName, method, clock } = options;
  const client = kinesisClient(address, {
    http: '1.1',
    maxConnections: CONNECTIONS_MAX,
    maxAttempts: MAX_ATTEMPTS,
  });
  const fail = (thrown: unknown) => controlError(thrown, address, streamName);
  const consumer =
    method === 'fan-out' ? await Consumer.register(client, address, streamName, clock) : null;

  const listShards = async (): Promise<readonly Shard[]> => {
    const shards: Shard[] = [];
    let input: ListShardsCommandInput = { StreamName: streamName };
    try {
      for (let page = 0; page < SHARD_PAGES_MAX; page++) {
        const { Shards = [], NextToken } = await client.send(new ListShardsCommand(input));
        for (const shard of Shards) shards.push(shardOf(shard));
        if (NextToken === undefined) break;
        input = { NextToken };
      }
    } catch (thrown) {
      throw fail(thrown);
    }
    return shards;
  };

  return {
    listShards,
    openShard: async (shard, position) =>
      consumer === null
        ? pollShard({ client, streamName, shardId: shard.id, position, clock, fail })
        : consumer.subscribe(shard.id, position),
    close: async () => {
      await consumer?.close();
      client.destroy();
    },
  };
}

import type { Shard } from './shard.ts';

/**
 * Fetches the open shards of a stream, all pages (ListShards with ShardFilter AT_LATEST). Calls back exactly once, never
 * inside the call: with the shards, or with the error's code and message.
 */
export type ListOpenShards = (
  streamName: string,
  done: (shards: readonly Shard[] | null, errorCode: string, errorMessage: string) => void,
) => void;

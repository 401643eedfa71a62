import { shardNumber } from '../../kinesis/shard.ts';
import type { CallScope } from '../core/call-scope.ts';
import type { Input } from '../operations/input.ts';
import { decodeIterator } from '../operations/iterator.ts';

/** What faults need to know of a call that is no put. */
export function scopeOf(operation: string, input: Input, signedAtMs: number | null): CallScope {
  const shard = shardOf(input);
  return { operation, count: shard.length, shard, signedAtMs, dateShiftMs: 0 };
}

/** The shard that a call is about, if it is about one. */
function shardOf(input: Input): number[] {
  const id = input.text('ShardId') ?? input.text('ShardToSplit') ?? input.text('ShardToMerge');
  if (id !== undefined) return [shardNumber(id)];
  const iterator = input.text('ShardIterator');
  if (iterator === undefined) return [];
  try {
    return [decodeIterator(iterator).shard];
  } catch {
    return [];
  }
}

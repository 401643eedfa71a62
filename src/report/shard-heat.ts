/** How hot shards were in one interval, for the live view and the heat map. */

import { SHARD_WRITE_BYTES_PER_SECOND, SHARD_WRITE_RECORDS_PER_SECOND } from '../kinesis/limits.ts';
import type { IntervalShard, TimelineRow } from '../results/timeline.ts';

/** The larger of the shares of the byte and the record limit; 1 is the limit. 0 for an empty interval. */
export function shardShare(bytes: number, records: number, seconds: number): number {
  if (seconds <= 0) return 0;
  const byBytes = bytes / seconds / SHARD_WRITE_BYTES_PER_SECOND;
  return Math.max(byBytes, records / seconds / SHARD_WRITE_RECORDS_PER_SECOND);
}

/**
 * What each shard got in one interval, its phases added up.
 * @param wanted ids to keep; null: all
 */
export function shardSums(
  rows: readonly TimelineRow[],
  wanted: ReadonlySet<string> | null,
): ReadonlyMap<string, IntervalShard> {
  const sums = new Map<string, IntervalShard>();
  for (const row of rows) {
    for (const shard of row.shards) {
      if (wanted?.has(shard.id) === false) continue;
      const sum = sums.get(shard.id);
      sums.set(shard.id, sum === undefined ? shard : addShards(sum, shard));
    }
  }
  return sums;
}

function addShards(a: IntervalShard, b: IntervalShard): IntervalShard {
  return {
    id: a.id,
    records: a.records + b.records,
    bytes: a.bytes + b.bytes,
    throttled: a.throttled + b.throttled,
  };
}

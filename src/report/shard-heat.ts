/** How hot shards were in one interval, for the live view and the heat map. */

import { SHARD_WRITE_BYTES_PER_SECOND, SHARD_WRITE_RECORDS_PER_SECOND } from '../kinesis/limits.ts';
import type { IntervalShard, TimelineRow } from '../results/timeline.ts';

/** The larger of the shares of the byte and the record limit; 1 is the limit. 0 for an empty interval. */
export function shardShare(bytes: number, records: number, seconds: number): number {
  if (seconds <= 0) return 0;
  const byBytes = bytes / seconds / SHARD_WRITE_BYTES_PER_SECOND;
  return Math.max(byBytes, records / seconds / SHARD_WRITE_RECORDS_PER_SECOND);
}

/** What each shard got in one interval, its phases added up. */
export function shardSums(rows: readonly TimelineRow[]): ReadonlyMap<string, IntervalShard> {
  const sums = new Map<string, IntervalShard>();
  for (const shard of rows.flatMap((row) => row.shards)) {
    const sum = sums.get(shard.id);
    if (sum === undefined) sums.set(shard.id, shard);
    else {
      sums.set(shard.id, {
        id: shard.id,
        records: sum.records + shard.records,
        bytes: sum.bytes + shard.bytes,
        throttled: sum.throttled + shard.throttled,
      });
    }
  }
  return sums;
}

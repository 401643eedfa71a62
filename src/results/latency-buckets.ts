import { slotHighestUs } from '../measure/hdr-slots.ts';
import type { LatencyTotals } from '../measure/latency-totals.ts';

/** A measured time as counts below bounds: what monitoring systems keep. */
export interface LatencyBuckets {
  /** How many values are at most each bound, in the bounds' order. */
  readonly counts: readonly number[];
  readonly count: number;
  readonly sumUs: number;
}

/**
 * Counts the values up to each bound. A value counts by the upper end of its histogram slot, so a bound is exact to the
 * histogram's three digits.
 * @param boundsUs ascending, microseconds
 */
export function latencyBuckets(totals: LatencyTotals, boundsUs: readonly number[]): LatencyBuckets {
  const counts = boundsUs.map(() => 0);
  let bound = 0;
  let seen = 0;
  totals.forEachSlot((slot, count) => {
    const highestUs = slotHighestUs(slot);
    for (; bound < counts.length && highestUs > (boundsUs[bound] as number); bound++) {
      counts[bound] = seen;
    }
    seen += count;
  });
  for (; bound < counts.length; bound++) counts[bound] = seen;
  return { counts, count: totals.count, sumUs: totals.sumUs };
}

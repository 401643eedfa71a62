import { build, type Histogram } from 'hdr-histogram-js';
import { HIGHEST_US, SIGNIFICANT_DIGITS, slotLowestUs, slotOf } from './hdr-slots.ts';
import type { LatencyTotals } from './latency-totals.ts';

/** An empty histogram of hdr-histogram-js that holds the same counts: large, so that one is used for many. */
export function emptyHistogram(): Histogram {
  return build({
    bitBucketSize: 64,
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
    autoResize: false,
    useWebAssembly: false,
  });
}

/**
 * The same counts as a histogram of hdr-histogram-js, for its logs and tools; minimum and maximum stay exact.
 * @param histogram is emptied and used
 */
export function toHistogram(totals: LatencyTotals, histogram = emptyHistogram()): Histogram {
  histogram.reset();
  const minSlot = slotOf(totals.minUs);
  const maxSlot = slotOf(totals.maxUs);
  totals.forEachSlot((slot, count) => {
    // Every value of a slot counts alike, but the histogram remembers the extremes it was given.
    let value = slotLowestUs(slot);
    if (slot === minSlot) value = totals.minUs;
    if (slot === maxSlot) value = totals.maxUs;
    histogram.recordValueWithCount(value, count);
  });
  return histogram;
}

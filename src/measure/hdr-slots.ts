/**
 * The slots of an HdrHistogram from 1 µs to 1 h with 3 significant digits: the first 2048 are 1 µs wide, then every 1024
 * slots the width doubles (HdrHistogram, "counts array": sub-bucket count 2048, half of it in each further bucket).
 *
 * ```
 * slot     0 … 2047      2048 … 3071      3072 … 4095       …   slot = 1024·b + (value >> b)
 * value    0 … 2047      2048 … 4095      4096 … 8191       …   b = bits of the value above the lowest 11
 * width    1             2                4                 …   2^b
 * ```
 */

/** Values above are counted in the slot of this one: 1 h in microseconds. It fits 32 bits, so no BigInt is needed. */
export const HIGHEST_US = 3_600_000_000;
export const SIGNIFICANT_DIGITS = 3;
/** Length of a counts array: 23 half buckets of 1024. */
export const SLOT_COUNT = 23 * 1024;

/** The slot of a whole number of microseconds, 0 … {@link HIGHEST_US}. */
export function slotOf(valueUs: number): number {
  const bucket = 21 - Math.clz32(valueUs | 2047);
  return (bucket << 10) + (valueUs >>> bucket);
}

/** The lowest value of a slot. */
export function slotLowestUs(slot: number): number {
  if (slot < 2048) return slot;
  return ((slot & 1023) + 1024) * 2 ** ((slot >> 10) - 1);
}

/** The highest value of a slot, which is what a percentile reports (as HdrHistogram does). */
export function slotHighestUs(slot: number): number {
  return slot < 2048 ? slot : slotLowestUs(slot) + 2 ** ((slot >> 10) - 1) - 1;
}

/** The middle of a slot, for the standard deviation (as HdrHistogram does). */
export function slotMiddleUs(slot: number): number {
  return slot < 2048 ? slot : slotLowestUs(slot) + 2 ** ((slot >> 10) - 2);
}

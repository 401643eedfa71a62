// HOT PATH: one `record` for each user record and metric, no allocation; see docs/performance.md.
import type { HistogramDelta } from './frame.ts';
import { HIGHEST_US, SLOT_COUNT, slotOf } from './hdr-slots.ts';

/**
 * Times of one metric since the last frame, in HdrHistogram's slots. A worker keeps one for each phase and metric; the
 * coordinator adds their deltas to {@link LatencyTotals}.
 */
export class LatencyCounts {
  /** Counts by slot. Below 2^32 each, because an interval is a second. */
  readonly counts = new Uint32Array(SLOT_COUNT);
  /** Number of values since the last delta. */
  count = 0;
  /** Values above one hour: they count in the highest slot and here. */
  overflow = 0;
  /** Sum of the values as given, so means are exact. */
  sumUs = 0;
  minUs = HIGHEST_US;
  maxUs = 0;
  #slotMin = SLOT_COUNT;
  #slotMax = -1;

  /**
   * Counts one value.
   * @param valueUs microseconds, fractions allowed: rounded to the nearest; below 0 (a reading of two clocks) counts as 0
   */
  record(valueUs: number): void {
    this.recordCount(valueUs, 1);
  }

  /** Counts the same value `count` times. */
  recordCount(valueUs: number, count: number): void {
    let whole = 0;
    if (valueUs > 0) {
      this.sumUs += valueUs * count;
      if (valueUs > HIGHEST_US) {
        this.overflow += count;
        whole = HIGHEST_US;
      } else {
        whole = (valueUs + 0.5) >>> 0;
      }
    }
    if (whole < this.minUs) this.minUs = whole;
    if (whole > this.maxUs) this.maxUs = whole;
    const slot = slotOf(whole);
    if (slot < this.#slotMin) this.#slotMin = slot;
    if (slot > this.#slotMax) this.#slotMax = slot;
    this.counts[slot] = (this.counts[slot] as number) + count;
    this.count += count;
  }

  /** Takes what was counted since the last call and starts from nothing; null when nothing was. */
  takeDelta(): HistogramDelta | null {
    if (this.count === 0) return null;
    const { counts } = this;
    let used = 0;
    for (let slot = this.#slotMin; slot <= this.#slotMax; slot++) if (counts[slot] !== 0) used++;
    const slots = new Uint32Array(used * 2);
    let at = 0;
    for (let slot = this.#slotMin; slot <= this.#slotMax; slot++) {
      const count = counts[slot] as number;
      if (count === 0) continue;
      slots[at++] = slot;
      slots[at++] = count;
    }
    const { overflow, sumUs, minUs, maxUs } = this;
    counts.fill(0, this.#slotMin, this.#slotMax + 1);
    this.count = 0;
    this.overflow = 0;
    this.sumUs = 0;
    this.minUs = HIGHEST_US;
    this.maxUs = 0;
    this.#slotMin = SLOT_COUNT;
    this.#slotMax = -1;
    return { slots, overflow, sumUs, minUs, maxUs };
  }
}

// HOT PATH: each user record is counted once for each metric, in blocks, without an allocation; see docs/performance.md.
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
      if (valueUs > HIGHEST_US) this.overflow += count;
      whole = wholeUs(valueUs);
    }
    if (whole < this.minUs) this.minUs = whole;
    if (whole > this.maxUs) this.maxUs = whole;
    const slot = slotOf(whole);
    this.counts[slot] = (this.counts[slot] as number) + count;
    this.count += count;
  }

  /**
   * Counts the times from `startsUs` to `endUs` at the places `at[0 … count-1]`. Times are read here instead of being handed
   * over one by one: a fraction that is an argument is an object, wherever V8 does not inline the call.
   */
  recordUntil(endUs: number, startsUs: Float64Array, at: Int32Array, count: number): void {
    const { counts } = this;
    let { sumUs, minUs, maxUs } = this;
    for (let i = 0; i < count; i++) {
      const valueUs = endUs - (startsUs[at[i] as number] as number);
      let whole = 0;
      if (valueUs > 0) {
        sumUs += valueUs;
        if (valueUs > HIGHEST_US) this.overflow++;
        whole = wholeUs(valueUs);
      }
      if (whole < minUs) minUs = whole;
      if (whole > maxUs) maxUs = whole;
      const slot = slotOf(whole);
      counts[slot] = (counts[slot] as number) + 1;
    }
    this.sumUs = sumUs;
    this.minUs = minUs;
    this.maxUs = maxUs;
    this.count += count;
  }

  /** {@link recordUntil}, with an end at each place. */
  recordBetween(startsUs: Float64Array, endsUs: Float64Array, at: Int32Array, count: number): void {
    const { counts } = this;
    let { sumUs, minUs, maxUs } = this;
    for (let i = 0; i < count; i++) {
      const place = at[i] as number;
      const valueUs = (endsUs[place] as number) - (startsUs[place] as number);
      let whole = 0;
      if (valueUs > 0) {
        sumUs += valueUs;
        if (valueUs > HIGHEST_US) this.overflow++;
        whole = wholeUs(valueUs);
      }
      if (whole < minUs) minUs = whole;
      if (whole > maxUs) maxUs = whole;
      const slot = slotOf(whole);
      counts[slot] = (counts[slot] as number) + 1;
    }
    this.sumUs = sumUs;
    this.minUs = minUs;
    this.maxUs = maxUs;
    this.count += count;
  }

  /** Takes what was counted since the last call and starts from nothing; null when nothing was. */
  takeDelta(): HistogramDelta | null {
    if (this.count === 0) return null;
    const { counts } = this;
    const first = slotOf(this.minUs);
    const last = slotOf(this.maxUs);
    let used = 0;
    for (let slot = first; slot <= last; slot++) if (counts[slot] !== 0) used++;
    const slots = new Uint32Array(used * 2);
    let at = 0;
    for (let slot = first; slot <= last; slot++) {
      const count = counts[slot] as number;
      if (count === 0) continue;
      slots[at++] = slot;
      slots[at++] = count;
    }
    const { overflow, sumUs, minUs, maxUs } = this;
    counts.fill(0, first, last + 1);
    this.count = 0;
    this.overflow = 0;
    this.sumUs = 0;
    this.minUs = HIGHEST_US;
    this.maxUs = 0;
    return { slots, overflow, sumUs, minUs, maxUs };
  }
}

/** A value above 0, rounded, and no higher than the highest. */
function wholeUs(valueUs: number): number {
  return valueUs > HIGHEST_US ? HIGHEST_US : (valueUs + 0.5) >>> 0;
}

import type { HistogramDelta } from './frame.ts';
import { HIGHEST_US, SLOT_COUNT, slotHighestUs, slotMiddleUs } from './hdr-slots.ts';

/**
 * Times of one metric, merged from any number of deltas: merging is addition of counts, so its order does not matter and
 * nothing is lost. Counts are doubles, exact up to 2^53.
 */
export class LatencyTotals {
  /** Counts by slot; allocated by the first value, because most phases and metrics of a plan stay empty for long. */
  #counts = new Float64Array(0);
  count = 0;
  /** Values above one hour, counted in the highest slot too. */
  overflow = 0;
  sumUs = 0;
  /** Meaningless while `count` is 0. */
  minUs = HIGHEST_US;
  maxUs = 0;
  #slotMin = SLOT_COUNT;
  #slotMax = -1;

  /** Adds a worker's interval. */
  addDelta(delta: HistogramDelta): void {
    const { slots } = delta;
    if (slots.length === 0) return;
    for (let i = 0; i < slots.length; i += 2) {
      this.#addToSlot(slots[i] as number, slots[i + 1] as number);
    }
    this.#addMoments(delta);
  }

  /** Adds all of another. */
  add(other: LatencyTotals): void {
    if (other.count === 0) return;
    other.forEachSlot((slot, count) => this.#addToSlot(slot, count));
    this.#addMoments(other);
  }

  /** Calls back for each slot with a count, lowest first. */
  forEachSlot(visit: (slot: number, count: number) => void): void {
    for (let slot = this.#slotMin; slot <= this.#slotMax; slot++) {
      const count = this.#counts[slot] as number;
      if (count > 0) visit(slot, count);
    }
  }

  /** Forgets everything; cheap when few slots were used. */
  clear(): void {
    if (this.#slotMax >= 0) this.#counts.fill(0, this.#slotMin, this.#slotMax + 1);
    this.count = 0;
    this.overflow = 0;
    this.sumUs = 0;
    this.minUs = HIGHEST_US;
    this.maxUs = 0;
    this.#slotMin = SLOT_COUNT;
    this.#slotMax = -1;
  }

  /** Exact, unlike the percentiles; null without values. */
  get meanUs(): number | null {
    return this.count === 0 ? null : this.sumUs / this.count;
  }

  /** Population standard deviation, each value taken as the middle of its slot (as HdrHistogram does). */
  get stddevUs(): number | null {
    const mean = this.meanUs;
    if (mean === null) return null;
    let squares = 0;
    this.forEachSlot((slot, count) => {
      squares += count * (slotMiddleUs(slot) - mean) ** 2;
    });
    return Math.sqrt(squares / this.count);
  }

  /**
   * Values at percentiles, in one pass: HdrHistogram's definition (the highest value of the slot that holds the rank).
   * @param percentiles above 0, up to 100, ascending
   * @returns one value a percentile; all 0 without values
   */
  valuesAtPercentiles(percentiles: readonly number[]): number[] {
    const ranks = percentiles.map((percentile) => this.#rankOf(percentile));
    return this.valuesAtRanks(ranks);
  }

  /** The value at one percentile, above 0, up to 100. */
  valueAtPercentile(percentile: number): number {
    return this.valuesAtPercentiles([percentile])[0] ?? 0;
  }

  /**
   * The highest values of the slots that hold the given ranks.
   * @param ranks 1 … count, ascending; beyond the count the highest value
   */
  valuesAtRanks(ranks: readonly number[]): number[] {
    const values: number[] = [];
    let seen = 0;
    let slot = this.#slotMin;
    for (const rank of ranks) {
      while (slot <= this.#slotMax && seen + (this.#counts[slot] as number) < rank) {
        seen += this.#counts[slot] as number;
        slot++;
      }
      values.push(this.count === 0 ? 0 : slotHighestUs(Math.min(slot, this.#slotMax)));
    }
    return values;
  }

  /** Rounds up, but forgives the last bit of the product, which would skip a whole rank (as HdrHistogram does). */
  #rankOf(percentile: number): number {
    const product = (Math.min(percentile, 100) / 100) * this.count;
    const lastBit = product === 0 ? 0 : 2 ** (Math.floor(Math.log2(product)) - 52);
    return Math.max(1, Math.ceil(product - lastBit));
  }

  #addToSlot(slot: number, count: number): void {
    if (this.#counts.length === 0) this.#counts = new Float64Array(SLOT_COUNT);
    this.#counts[slot] = (this.#counts[slot] as number) + count;
    this.count += count;
    if (slot < this.#slotMin) this.#slotMin = slot;
    if (slot > this.#slotMax) this.#slotMax = slot;
  }

  #addMoments(part: Omit<HistogramDelta, 'slots'>): void {
    this.overflow += part.overflow;
    this.sumUs += part.sumUs;
    if (part.minUs < this.minUs) this.minUs = part.minUs;
    if (part.maxUs > this.maxUs) this.maxUs = part.maxUs;
  }
}

import type { HistogramDelta } from './frame.ts';
import { LatencyCounts } from './latency-counts.ts';
import { LatencyTotals } from './latency-totals.ts';

/** Times of one metric, counted and totalled in one place: for those who do both themselves. */
export class LatencyTally {
  readonly #counts = new LatencyCounts();
  readonly #totals = new LatencyTotals();

  /** @param valueUs below 0 (two clocks that differ) counts as 0 */
  record(valueUs: number): void {
    this.#counts.record(valueUs);
  }

  /** All until now. */
  get totals(): LatencyTotals {
    const delta = this.#counts.takeDelta();
    if (delta !== null) this.#totals.addDelta(delta);
    return this.#totals;
  }

  /** All until now as plain data, for {@link load}. */
  toData(): HistogramDelta {
    const { totals } = this;
    const slots: number[] = [];
    totals.forEachSlot((slot, count) => slots.push(slot, count));
    const { overflow, sumUs, minUs, maxUs } = totals;
    return { slots: Uint32Array.from(slots), overflow, sumUs, minUs, maxUs };
  }

  load(data: HistogramDelta): void {
    this.#totals.addDelta(data);
  }
}

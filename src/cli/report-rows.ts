import { slotHighestUs } from '../measure/hdr-slots.ts';
import type { Interval } from '../measure/interval.ts';
import type { MergedEvent } from '../measure/merge.ts';
import type { ReportEvent } from '../report/timeline.ts';
import { type LatencyHeat, LatencyHeatBuilder } from '../results/latency-heat.ts';
import type { TimelineRow } from '../results/timeline.ts';

/** Two hours of one row a second: more than a page can show. */
const ROWS_MAX = 7200;
/** Figures of shards in all rows together, about 100 bytes each: an hour of a hundred shards. */
const SHARD_CELLS_MAX = 360_000;
const EVENTS_MAX = 500;

/** What the page of a run needs to remember of it: bounded, whatever the run's length. */
export class ReportRows {
  readonly events: ReportEvent[] = [];
  readonly #heat = new LatencyHeatBuilder();
  #rows: TimelineRow[] = [];
  /** Every how-many-th interval is kept. */
  #stride = 1;
  #intervals = 0;
  #cells = 0;

  get rows(): readonly TimelineRow[] {
    return this.#rows;
  }

  get latencyHeat(): LatencyHeat | null {
    return this.#heat.build();
  }

  interval({ startUs, phases }: Interval, rows: readonly TimelineRow[]): void {
    for (const { latency } of phases) {
      latency.response.forEachSlot((slot, count) => {
        this.#heat.add(startUs, slotHighestUs(slot), count);
      });
    }
    if (this.#intervals++ % this.#stride !== 0) return;
    this.#rows.push(...rows);
    for (const { shards } of rows) this.#cells += shards.length;
    if (this.#rows.length <= ROWS_MAX && this.#cells <= SHARD_CELLS_MAX) return;
    // Rates, not sums, are drawn, so every other interval tells the same story.
    const times = [...new Set(this.#rows.map(({ atMs }) => atMs))];
    const kept = new Set(times.filter((_, i) => i % 2 === 0));
    this.#rows = this.#rows.filter(({ atMs }) => kept.has(atMs));
    this.#cells = this.#rows.reduce((sum, { shards }) => sum + shards.length, 0);
    this.#stride *= 2;
  }

  event({ atUs, kind, message }: MergedEvent): void {
    if (this.events.length < EVENTS_MAX) this.events.push({ atMs: atUs / 1000, kind, message });
  }
}

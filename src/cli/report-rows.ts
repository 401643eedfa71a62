import { deflateRawSync, inflateRawSync } from 'node:zlib';
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
/** So many rows, or figures of shards in them, are put away together: a minute of a small stream, some 2 ms of work. */
const PACKED_ROWS = 64;
const PACKED_CELLS = 4096;

/**
 * What the page of a run needs to remember of it: bounded, whatever the run's length. Rows are put away compressed, at
 * a sixth of the 2.5 KB that one is on the heap: an hour of eight shards takes 1.4 MB.
 */
export class ReportRows {
  readonly events: ReportEvent[] = [];
  readonly #heat = new LatencyHeatBuilder();
  readonly #packed: Buffer[] = [];
  /** Not yet put away. */
  #open: TimelineRow[] = [];
  #openCells = 0;
  #count = 0;
  /** Every how-many-th interval is kept. */
  #stride = 1;
  #intervals = 0;
  #cells = 0;

  /** All that are kept, made anew. */
  get rows(): readonly TimelineRow[] {
    return [...this.#packed.flatMap(unpacked), ...this.#open];
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
    for (const row of rows) this.#keep(row);
    if (this.#count > ROWS_MAX || this.#cells > SHARD_CELLS_MAX) this.#halve();
  }

  #keep(row: TimelineRow): void {
    this.#open.push(row);
    this.#count++;
    this.#cells += row.shards.length;
    this.#openCells += row.shards.length;
    if (this.#open.length < PACKED_ROWS && this.#openCells < PACKED_CELLS) return;
    this.#packed.push(deflateRawSync(JSON.stringify(this.#open), { level: 1 }));
    this.#open = [];
    this.#openCells = 0;
  }

  /** Rates, not sums, are drawn, so every other interval tells the same story. */
  #halve(): void {
    const { rows } = this;
    this.#packed.length = 0;
    this.#open = [];
    this.#openCells = 0;
    this.#count = 0;
    this.#cells = 0;
    const times = [...new Set(rows.map(({ atMs }) => atMs))];
    const kept = new Set(times.filter((_, i) => i % 2 === 0));
    for (const row of rows) if (kept.has(row.atMs)) this.#keep(row);
    this.#stride *= 2;
  }

  event({ atUs, kind, message }: MergedEvent): void {
    if (this.events.length < EVENTS_MAX) this.events.push({ atMs: atUs / 1000, kind, message });
  }
}

function unpacked(packed: Buffer): TimelineRow[] {
  return JSON.parse(inflateRawSync(packed).toString()) as TimelineRow[];
}

/**
 * How response times were spread in each span of a run. In: values with counts, interval by interval, as they are measured
 * or as latency.hlog keeps them. Out: a grid of counts, time across, response time upwards in bands of equal ratio.
 * Invariant: bounded, whatever the run's length; both ways give the same grid.
 */

/** More columns than a chart has room for say nothing. */
const COLUMNS_MAX = 120;
/** Bands of a factor of ten: each spans 47 %. */
const BANDS_PER_DECADE = 6;
/** One hour in microseconds, the highest value that is kept apart, is in the last. */
const BANDS = Math.ceil(Math.log10(3_600_000_000) * BANDS_PER_DECADE) + 1;
const CELL_MS = 1000;

/** Counts of user records by when they settled and how long they took. */
export interface LatencyHeat {
  /** Time that a column spans. */
  readonly cellMs: number;
  readonly columns: number;
  /** Only from the lowest to the highest with a value; ascending. */
  readonly bands: readonly {
    readonly fromUs: number;
    readonly toUs: number;
    /** One a column. */
    readonly counts: readonly number[];
  }[];
}

/** Makes the grid; columns get wider as the run gets longer. */
export class LatencyHeatBuilder {
  readonly #counts = new Float64Array(BANDS * COLUMNS_MAX);
  #cellMs = CELL_MS;
  #columns = 0;

  /** @param startUs of the interval, since the start of the load @param count how many took `valueUs` */
  add(startUs: number, valueUs: number, count: number): void {
    // latency.hlog keeps milliseconds.
    const startMs = Math.max(0, Math.round(startUs / 1000));
    while (startMs >= COLUMNS_MAX * this.#cellMs) this.#widen();
    const column = Math.floor(startMs / this.#cellMs);
    this.#columns = Math.max(this.#columns, column + 1);
    const at = bandOf(valueUs) * COLUMNS_MAX + column;
    this.#counts[at] = (this.#counts[at] as number) + count;
  }

  /** null: nothing was added. */
  build(): LatencyHeat | null {
    const rows = Array.from({ length: BANDS }, (_, band) => [
      ...this.#counts.subarray(band * COLUMNS_MAX, band * COLUMNS_MAX + this.#columns),
    ]);
    const used = rows.flatMap((row, band) => (row.some((count) => count > 0) ? [band] : []));
    const [lowest] = used;
    const highest = used.at(-1);
    if (lowest === undefined || highest === undefined) return null;
    return {
      cellMs: this.#cellMs,
      columns: this.#columns,
      bands: rows.slice(lowest, highest + 1).map((counts, i) => ({
        fromUs: lowestOf(lowest + i),
        toUs: lowestOf(lowest + i + 1),
        counts,
      })),
    };
  }

  /** Twice the time a column. */
  #widen(): void {
    this.#cellMs *= 2;
    this.#columns = Math.ceil(this.#columns / 2);
    for (let band = 0; band < BANDS; band++) {
      const row = this.#counts.subarray(band * COLUMNS_MAX, (band + 1) * COLUMNS_MAX);
      for (let i = 0; i < COLUMNS_MAX; i += 2) {
        row[i / 2] = (row[i] as number) + (row[i + 1] as number);
      }
      row.fill(0, COLUMNS_MAX / 2);
    }
  }
}

function bandOf(valueUs: number): number {
  const band = Math.floor(Math.log10(Math.max(1, valueUs)) * BANDS_PER_DECADE);
  return Math.min(BANDS - 1, band);
}

function lowestOf(band: number): number {
  return 10 ** (band / BANDS_PER_DECADE);
}

/** Count, sum, smallest and largest of some values. */
export class Moments {
  count = 0;
  sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;

  add(value: number, times: number): void {
    this.count += times;
    this.sum += value * times;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  clear(): void {
    this.count = 0;
    this.sum = 0;
    this.min = Number.POSITIVE_INFINITY;
    this.max = Number.NEGATIVE_INFINITY;
  }

  merge({ count, sum, min, max }: Moments): void {
    this.count += count;
    this.sum += sum;
    if (min < this.min) this.min = min;
    if (max > this.max) this.max = max;
  }
}

/** Seconds that can be looked back over, the current one included: the KPL's (aws/metrics/accumulator.h). */
export const WINDOW_SECONDS_MAX = 60;
const FIELDS = 5;
const SECOND = 0;
const COUNT = 1;
const SUM = 2;
const MIN = 3;
const MAX = 4;

/**
 * One series of a metric: since the start, since it was last handed to a sink, and by second over the last minute.
 *
 * HOT PATH: values of one second are added up in one place, and carried to the three when the second is over or they are
 * read.
 */
export class Statistic {
  readonly #total = new Moments();
  #recent = new Moments();
  /** What came in `#second`, which the others do not hold yet. */
  readonly #newest = new Moments();
  #second = -1;
  /** {@link FIELDS} numbers a second; a place is of the second that it names. */
  readonly #seconds = new Float64Array(WINDOW_SECONDS_MAX * FIELDS).fill(-1);

  add(value: number, times: number, second: number): void {
    if (second !== this.#second) this.#turnTo(second);
    this.#newest.add(value, times);
  }

  get total(): Moments {
    this.#carry();
    return this.#total;
  }

  /** What came since the last call. */
  takeRecent(): Moments {
    this.#carry();
    const recent = this.#recent;
    this.#recent = new Moments();
    return recent;
  }

  /** The `count` seconds that end with `second`. */
  inSeconds(second: number, count: number): Moments {
    this.#carry();
    const moments = new Moments();
    const seconds = this.#seconds;
    for (let at = 0; at < seconds.length; at += FIELDS) {
      const of = seconds[at + SECOND] as number;
      if (of < 0 || of > second || of <= second - count) continue;
      moments.count += seconds[at + COUNT] as number;
      moments.sum += seconds[at + SUM] as number;
      moments.min = Math.min(moments.min, seconds[at + MIN] as number);
      moments.max = Math.max(moments.max, seconds[at + MAX] as number);
    }
    return moments;
  }

  #turnTo(second: number): void {
    this.#carry();
    this.#second = second;
    const seconds = this.#seconds;
    const at = (second % WINDOW_SECONDS_MAX) * FIELDS;
    if (seconds[at + SECOND] === second) return;
    seconds[at + SECOND] = second;
    seconds[at + COUNT] = 0;
    seconds[at + SUM] = 0;
    seconds[at + MIN] = Number.POSITIVE_INFINITY;
    seconds[at + MAX] = Number.NEGATIVE_INFINITY;
  }

  #carry(): void {
    const newest = this.#newest;
    if (newest.count === 0) return;
    this.#total.merge(newest);
    this.#recent.merge(newest);
    const seconds = this.#seconds;
    const at = (this.#second % WINDOW_SECONDS_MAX) * FIELDS;
    seconds[at + COUNT] = (seconds[at + COUNT] as number) + newest.count;
    seconds[at + SUM] = (seconds[at + SUM] as number) + newest.sum;
    seconds[at + MIN] = Math.min(seconds[at + MIN] as number, newest.min);
    seconds[at + MAX] = Math.max(seconds[at + MAX] as number, newest.max);
    newest.clear();
  }
}

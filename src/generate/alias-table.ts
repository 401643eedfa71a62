/**
 * Draws from a finite distribution in constant time (M. D. Vose, "A linear algorithm for generating random numbers with a
 * given distribution", IEEE TSE 17(9), 1991): each of the n columns holds at most two outcomes, its own and its alias.
 */
export class AliasTable {
  /** Of each column: its alias plus the probability, below 1, of its own outcome. One number, so one cache line a draw. */
  readonly #columns: Float64Array;

  /** @param weights at least one, at most 2^20; not negative, not all zero; not normalised */
  constructor(weights: ArrayLike<number>) {
    const n = weights.length;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += weights[i] as number;
    /** What is left of each outcome, in columns. */
    const rest = Float64Array.from(weights, (weight) => (weight * n) / sum);
    // A column that is never given an alias is its own: what rounding leaves over at the end is full.
    this.#columns = Float64Array.from(weights, (_, i) => i);
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < n; i++) ((rest[i] as number) < 1 ? small : large).push(i);
    for (;;) {
      const low = small.pop();
      const high = large.pop();
      if (low === undefined || high === undefined) return;
      // A column that is its own but for a rounding error would round up to the next alias: it is its own.
      const entry = high + (rest[low] as number);
      this.#columns[low] = Math.floor(entry) === high ? entry : low;
      rest[high] = (rest[high] as number) + (rest[low] as number) - 1;
      ((rest[high] as number) < 1 ? small : large).push(high);
    }
  }

  /**
   * @param unit uniform in [0, 1), 53 bits: the upper ones choose the column, the rest the outcome in it
   * @returns an outcome, 0 … n-1
   */
  draw(unit: number): number {
    const place = unit * this.#columns.length;
    const column = Math.floor(place);
    const entry = this.#columns[column] as number;
    const alias = Math.floor(entry);
    return place - column < entry - alias ? column : alias;
  }
}

/**
 * Draws from a finite distribution in constant time (M. D. Vose, "A linear algorithm for generating random numbers with a
 * given distribution", IEEE TSE 17(9), 1991): each of the n columns holds at most two outcomes.
 */
export class AliasTable {
  /** Probability that a column keeps its own outcome. */
  readonly #keep: Float64Array;
  readonly #alias: Uint32Array;

  /** @param weights at least one; not negative, not all zero; not normalised */
  constructor(weights: ArrayLike<number>) {
    const n = weights.length;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += weights[i] as number;
    this.#keep = Float64Array.from(weights, (weight) => (weight * n) / sum);
    this.#alias = Uint32Array.from(weights, (_, i) => i);
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < n; i++) ((this.#keep[i] as number) < 1 ? small : large).push(i);
    for (let low = small.pop(), high = large.pop(); ; low = small.pop()) {
      if (low === undefined || high === undefined) {
        // What rounding has left over is full.
        if (low !== undefined) this.#keep[low] = 1;
        for (const i of small) this.#keep[i] = 1;
        return;
      }
      this.#alias[low] = high;
      const rest = (this.#keep[high] as number) + (this.#keep[low] as number) - 1;
      this.#keep[high] = rest;
      if (rest < 1) {
        small.push(high);
        high = large.pop();
      }
    }
  }

  /**
   * @param unit uniform in [0, 1), 53 bits: the upper ones choose the column, the rest the outcome in it
   * @returns an outcome, 0 … n-1
   */
  draw(unit: number): number {
    const place = unit * this.#keep.length;
    const column = Math.floor(place);
    return place - column < (this.#keep[column] as number)
      ? column
      : (this.#alias[column] as number);
  }
}

const INDEX_BITS = 14;
const REGISTERS = 1 << INDEX_BITS;
/** Bias correction for this many registers (Flajolet et al., HyperLogLog, 2007). */
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);

/** How many different fingerprints there were, to about 1 % (1.04 / √16,384), in 16 KiB. */
export class HyperLogLog {
  readonly #registers = new Uint8Array(REGISTERS);

  add(high: number, low: number): void {
    const index = high >>> (32 - INDEX_BITS);
    // Leading zeros of the 50 bits that are left, and one.
    const upper = (high << INDEX_BITS) >>> 0;
    const zeros = upper === 0 ? 32 - INDEX_BITS + Math.clz32(low) : Math.clz32(upper);
    const rank = zeros + 1;
    if (rank > (this.#registers[index] as number)) this.#registers[index] = rank;
  }

  get estimate(): number {
    let sum = 0;
    let empty = 0;
    for (const rank of this.#registers) {
      sum += 2 ** -rank;
      if (rank === 0) empty++;
    }
    const raw = (ALPHA * REGISTERS * REGISTERS) / sum;
    // Few values: counting empty registers is more exact.
    if (raw <= 2.5 * REGISTERS && empty > 0) return REGISTERS * Math.log(REGISTERS / empty);
    return raw;
  }
}

/** Slots by fingerprint at the most, unless told otherwise: about 100 MB with what their owners keep. */
const SLOTS_MAX = 1 << 22;

/**
 * Numbers for fingerprints: 0, 1, 2 … in the order in which they first came. Open addressing over typed arrays, so millions
 * cost 16 bytes each and no objects. Bounded: past the bound a new fingerprint gets no number.
 */
export class FingerprintSlots {
  size = 0;
  readonly #slotsMax: number;
  #high = new Uint32Array(1024);
  #low = new Uint32Array(1024);
  /** Number + 1 by place; 0: free. Twice as long as the fingerprints. */
  #places = new Uint32Array(2048);

  constructor(slotsMax = SLOTS_MAX) {
    this.#slotsMax = slotsMax;
  }

  /** The fingerprint's number; -1 when it is new and there is no room for it. */
  slotOf(high: number, low: number): number {
    let place = this.#placeOf(high, low);
    const known = this.#places[place] as number;
    if (known > 0) return known - 1;
    if (this.size === this.#slotsMax) return -1;
    if (this.size === this.#high.length) {
      this.#grow();
      place = this.#placeOf(high, low);
    }
    const slot = this.size++;
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#places[place] = slot + 1;
    return slot;
  }

  toData(): { readonly high: Uint32Array; readonly low: Uint32Array } {
    return { high: this.#high.slice(0, this.size), low: this.#low.slice(0, this.size) };
  }

  /** Gives the same numbers as the slots that the data came from; for an empty one. */
  load({ high, low }: { readonly high: Uint32Array; readonly low: Uint32Array }): void {
    for (let i = 0; i < high.length; i++) this.slotOf(high[i] as number, low[i] as number);
  }

  /** Where the fingerprint is, or the free place where it would be. */
  #placeOf(high: number, low: number): number {
    const mask = this.#places.length - 1;
    let place = (low ^ (high << 7)) & mask;
    for (;;) {
      const slot = (this.#places[place] as number) - 1;
      if (slot < 0 || (this.#low[slot] === low && this.#high[slot] === high)) return place;
      place = (place + 1) & mask;
    }
  }

  #grow(): void {
    const high = new Uint32Array(this.#high.length * 2);
    const low = new Uint32Array(high.length);
    high.set(this.#high);
    low.set(this.#low);
    this.#high = high;
    this.#low = low;
    this.#places = new Uint32Array(high.length * 2);
    for (let slot = 0; slot < this.size; slot++) {
      this.#places[this.#placeOf(high[slot] as number, low[slot] as number)] = slot + 1;
    }
  }
}

/** Places of the table when there is one: two lines of the processor's cache. */
const PLACES_FIRST = 16;
const SHIFT_FIRST = 28;

/**
 * From an integer to a small integer, both 0 … 2^31-2: an open-addressing table, each entry beside its value, so that
 * looking one up is one line of the processor's cache. Memory follows what is in it at once, whatever the integers are.
 */
export class IntMap {
  /** Number of entries. */
  size = 0;
  /** Key + 1 and value by place; a key of 0 is an empty place. */
  #entries = new Int32Array(0);
  #shift = SHIFT_FIRST;

  /** The value of a key; -1 when it has none, and for a key below 0. */
  get(key: number): number {
    if (this.size === 0 || key < 0) return -1;
    const entries = this.#entries;
    const mask = entries.length - 2;
    for (let at = this.#homeOf(key); ; at = (at + 2) & mask) {
      const found = entries[at] as number;
      if (found === key + 1) return entries[at + 1] as number;
      if (found === 0) return -1;
    }
  }

  set(key: number, value: number): void {
    // A quarter stays empty, so that ways are short and end.
    if ((this.size + 1) * 8 > this.#entries.length * 3) this.#grow();
    const entries = this.#entries;
    const mask = entries.length - 2;
    let at = this.#homeOf(key);
    for (; entries[at] !== 0; at = (at + 2) & mask) {
      if (entries[at] !== key + 1) continue;
      entries[at + 1] = value;
      return;
    }
    entries[at] = key + 1;
    entries[at + 1] = value;
    this.size++;
  }

  delete(key: number): void {
    if (this.size === 0) return;
    const entries = this.#entries;
    const mask = entries.length - 2;
    let at = this.#homeOf(key);
    while (entries[at] !== key + 1) {
      if (entries[at] === 0) return;
      at = (at + 2) & mask;
    }
    // Those behind it move up if their way leads past the gap, so that no gap cuts it.
    let gap = at;
    for (at = (at + 2) & mask; entries[at] !== 0; at = (at + 2) & mask) {
      const home = this.#homeOf((entries[at] as number) - 1);
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      entries[gap] = entries[at] as number;
      entries[gap + 1] = entries[at + 1] as number;
      gap = at;
    }
    entries[gap] = 0;
    this.size--;
  }

  /** Forgets all, and the room for more than a few. */
  clear(): void {
    if (this.size === 0) return;
    this.size = 0;
    if (this.#entries.length === PLACES_FIRST * 2) {
      this.#entries.fill(0);
      return;
    }
    this.#entries = new Int32Array(PLACES_FIRST * 2);
    this.#shift = SHIFT_FIRST;
  }

  /** The keys, ascending. */
  sortedKeys(): number[] {
    return this.keys().sort((a, b) => a - b);
  }

  /** The keys in no order, as they are now. */
  keys(): number[] {
    const keys: number[] = [];
    for (let at = 0; at < this.#entries.length; at += 2) {
      if (this.#entries[at] !== 0) keys.push((this.#entries[at] as number) - 1);
    }
    return keys;
  }

  #homeOf(key: number): number {
    return (Math.imul(key, 0x9e3779b1) >>> this.#shift) << 1;
  }

  #grow(): void {
    const before = this.#entries;
    this.#entries = new Int32Array(Math.max(PLACES_FIRST * 2, before.length * 2));
    if (before.length > 0) this.#shift--;
    this.size = 0;
    for (let at = 0; at < before.length; at += 2) {
      if (before[at] !== 0) this.set((before[at] as number) - 1, before[at + 1] as number);
    }
  }
}

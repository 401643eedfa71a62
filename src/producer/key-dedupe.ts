/**
 * Which keys an open aggregate already has in its tables: a small open-addressing map from integer to table index, emptied
 * in one step by moving to the next mark. Grows to the number of distinct keys that one aggregate can hold.
 */
export class KeyDedupe {
  #keys = new Float64Array(16);
  #indexes = new Int32Array(16);
  /** A place is taken when its mark is the current one. */
  #marks = new Uint32Array(16);
  #mark = 1;
  #count = 0;
  #shift = 28;

  clear(): void {
    this.#count = 0;
    if (++this.#mark === 0xffff_ffff) {
      this.#marks.fill(0);
      this.#mark = 1;
    }
  }

  /** The index of a key; -1 when it is not there. */
  find(key: number): number {
    const mask = this.#keys.length - 1;
    for (let place = Math.imul(key, 0x9e3779b1) >>> this.#shift; ; place = (place + 1) & mask) {
      if (this.#marks[place] !== this.#mark) return -1;
      if (this.#keys[place] === key) return this.#indexes[place] as number;
    }
  }

  /** Adds a key that is not there. */
  add(key: number, index: number): void {
    if (this.#count * 2 >= this.#keys.length) this.#grow();
    const mask = this.#keys.length - 1;
    let place = Math.imul(key, 0x9e3779b1) >>> this.#shift;
    while (this.#marks[place] === this.#mark) place = (place + 1) & mask;
    this.#keys[place] = key;
    this.#indexes[place] = index;
    this.#marks[place] = this.#mark;
    this.#count++;
  }

  #grow(): void {
    const keys = this.#keys;
    const indexes = this.#indexes;
    const marks = this.#marks;
    const mark = this.#mark;
    this.#keys = new Float64Array(keys.length * 2);
    this.#indexes = new Int32Array(keys.length * 2);
    this.#marks = new Uint32Array(keys.length * 2);
    this.#mark = 1;
    this.#count = 0;
    this.#shift--;
    for (let i = 0; i < keys.length; i++) {
      if (marks[i] === mark) this.add(keys[i] as number, indexes[i] as number);
    }
  }
}

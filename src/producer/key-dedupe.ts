/** Places of the table when there is one. */
const PLACES_FIRST = 16;
const SHIFT_FIRST = 28;

/**
 * Which keys an open aggregate already has in its tables: a small open-addressing map from integer to table index, emptied
 * in one step by moving to the next mark. Grows to the number of distinct keys that one aggregate can hold. One key needs
 * no table: thousands of small aggregates are open at once that never have another.
 */
export class KeyDedupe {
  /** The first key and its index. */
  #soleKey = -1;
  #soleIndex = -1;
  /** The table, all keys in it, from the second on. */
  #keys = new Float64Array(0);
  #indexes = new Int32Array(0);
  /** A place is taken when its mark is the current one. */
  #marks = new Uint32Array(0);
  #mark = 1;
  #count = 0;
  #shift = SHIFT_FIRST;

  clear(): void {
    if (this.#count > 1 && ++this.#mark === 0xffff_ffff) {
      this.#marks.fill(0);
      this.#mark = 1;
    }
    this.#count = 0;
  }

  /** The index of a key; -1 when it is not there. */
  find(key: number): number {
    if (this.#count < 2) return this.#count === 1 && key === this.#soleKey ? this.#soleIndex : -1;
    const mask = this.#keys.length - 1;
    for (let place = Math.imul(key, 0x9e3779b1) >>> this.#shift; ; place = (place + 1) & mask) {
      if (this.#marks[place] !== this.#mark) return -1;
      if (this.#keys[place] === key) return this.#indexes[place] as number;
    }
  }

  /** Adds a key that is not there. */
  add(key: number, index: number): void {
    if (this.#count < 2) this.#addEarly(key, index);
    else {
      if (this.#count * 2 >= this.#keys.length) this.#grow();
      this.#enter(key, index);
    }
    this.#count++;
  }

  /** The first key, and the second, which moves both into the table. */
  #addEarly(key: number, index: number): void {
    if (this.#count === 0) {
      this.#soleKey = key;
      this.#soleIndex = index;
      return;
    }
    if (this.#keys.length === 0) this.#create();
    this.#enter(this.#soleKey, this.#soleIndex);
    this.#enter(key, index);
  }

  #enter(key: number, index: number): void {
    const mask = this.#keys.length - 1;
    let place = Math.imul(key, 0x9e3779b1) >>> this.#shift;
    while (this.#marks[place] === this.#mark) place = (place + 1) & mask;
    this.#keys[place] = key;
    this.#indexes[place] = index;
    this.#marks[place] = this.#mark;
  }

  #create(): void {
    this.#keys = new Float64Array(PLACES_FIRST);
    this.#indexes = new Int32Array(PLACES_FIRST);
    this.#marks = new Uint32Array(PLACES_FIRST);
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
    this.#shift--;
    for (let i = 0; i < keys.length; i++) {
      if (marks[i] === mark) this.#enter(keys[i] as number, indexes[i] as number);
    }
  }
}

/**
 * Which of many owners (small integers: shards) is due first. Each owner has at most one deadline. Entries that were
 * moved or cleared stay in the heap and are passed over when they surface, so every change costs O(log n) and none
 * needs a search; the heap is rebuilt when stale entries are the majority, which bounds it.
 */
export class DeadlineHeap {
  /** deadline[owner]; Infinity when it has none. */
  #deadlineUs = new Float64Array(64).fill(Number.POSITIVE_INFINITY);
  #atUs = new Float64Array(64);
  #owner = new Int32Array(64);
  #length = 0;
  #live = 0;

  /** The earliest deadline; Infinity when there is none. */
  get nextUs(): number {
    this.#dropStale();
    return this.#length === 0 ? Number.POSITIVE_INFINITY : (this.#atUs[0] as number);
  }

  /** The owner of the earliest deadline, if that is at or before `nowUs`, else -1. Its deadline is cleared. */
  takeDue(nowUs: number): number {
    this.#dropStale();
    if (this.#length === 0 || (this.#atUs[0] as number) > nowUs) return -1;
    const owner = this.#owner[0] as number;
    this.clear(owner);
    return owner;
  }

  /** Deadline of an owner; Infinity when it has none. */
  get(owner: number): number {
    return owner < this.#deadlineUs.length
      ? (this.#deadlineUs[owner] as number)
      : Number.POSITIVE_INFINITY;
  }

  set(owner: number, atUs: number): void {
    if (owner >= this.#deadlineUs.length) this.#widen(owner);
    const current = this.#deadlineUs[owner] as number;
    if (current === atUs) return;
    if (current === Number.POSITIVE_INFINITY) this.#live++;
    this.#deadlineUs[owner] = atUs;
    if (this.#length > 64 && this.#length > 2 * this.#live) this.#rebuild();
    else this.#push(atUs, owner);
  }

  clear(owner: number): void {
    if (this.get(owner) === Number.POSITIVE_INFINITY) return;
    this.#deadlineUs[owner] = Number.POSITIVE_INFINITY;
    this.#live--;
  }

  #dropStale(): void {
    while (this.#length > 0) {
      const owner = this.#owner[0] as number;
      if (this.#deadlineUs[owner] === this.#atUs[0]) return;
      this.#popTop();
    }
  }

  #push(atUs: number, owner: number): void {
    if (this.#length === this.#atUs.length) {
      const wider = new Float64Array(this.#length * 2);
      wider.set(this.#atUs);
      this.#atUs = wider;
      const owners = new Int32Array(this.#length * 2);
      owners.set(this.#owner);
      this.#owner = owners;
    }
    const at = this.#atUs;
    const owners = this.#owner;
    let place = this.#length++;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if ((at[parent] as number) <= atUs) break;
      at[place] = at[parent] as number;
      owners[place] = owners[parent] as number;
      place = parent;
    }
    at[place] = atUs;
    owners[place] = owner;
  }

  #popTop(): void {
    const length = --this.#length;
    if (length === 0) return;
    const at = this.#atUs;
    const owners = this.#owner;
    const lastAt = at[length] as number;
    const lastOwner = owners[length] as number;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= length) break;
      if (child + 1 < length && (at[child + 1] as number) < (at[child] as number)) child++;
      if ((at[child] as number) >= lastAt) break;
      at[place] = at[child] as number;
      owners[place] = owners[child] as number;
      place = child;
    }
    at[place] = lastAt;
    owners[place] = lastOwner;
  }

  #rebuild(): void {
    this.#length = 0;
    const deadlines = this.#deadlineUs;
    for (let owner = 0; owner < deadlines.length; owner++) {
      const atUs = deadlines[owner] as number;
      if (atUs !== Number.POSITIVE_INFINITY) this.#push(atUs, owner);
    }
  }

  #widen(owner: number): void {
    const old = this.#deadlineUs;
    const wider = new Float64Array(Math.max(owner + 1, old.length * 2));
    wider.fill(Number.POSITIVE_INFINITY);
    wider.set(old);
    this.#deadlineUs = wider;
  }
}

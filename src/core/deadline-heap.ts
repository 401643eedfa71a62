/**
 * Which of many owners (small integers: shards, slots) is due first. Each owner has at most one deadline. A binary heap
 * that knows where each owner stands, so that looking costs nothing, and setting or clearing O(log n) without a search.
 */
export class DeadlineHeap {
  /** Heap by deadline, as parallel arrays. */
  #atUs = new Float64Array(16);
  #owner = new Int32Array(16);
  /** Place of each owner in the heap plus one; 0 when it has no deadline. */
  #place = new Int32Array(16);
  #length = 0;

  /** The earliest deadline; Infinity when there is none. */
  get nextUs(): number {
    return this.#length === 0 ? Number.POSITIVE_INFINITY : (this.#atUs[0] as number);
  }

  /** The owner of the earliest deadline; -1 when there is none. */
  get nextOwner(): number {
    return this.#length === 0 ? -1 : (this.#owner[0] as number);
  }

  /** The owner of the earliest deadline, if that is at or before `nowUs`, else -1. Its deadline is cleared. */
  takeDue(nowUs: number): number {
    if (this.#length === 0 || (this.#atUs[0] as number) > nowUs) return -1;
    const owner = this.#owner[0] as number;
    this.clear(owner);
    return owner;
  }

  /** Deadline of an owner; Infinity when it has none. */
  get(owner: number): number {
    const place = this.#placeOf(owner);
    return place < 0 ? Number.POSITIVE_INFINITY : (this.#atUs[place] as number);
  }

  /** Sets or moves an owner's deadline; Infinity clears it. */
  set(owner: number, atUs: number): void {
    if (atUs === Number.POSITIVE_INFINITY) {
      this.clear(owner);
      return;
    }
    if (owner >= this.#place.length) this.#widenOwners(owner);
    let place = this.#placeOf(owner);
    if (place < 0) {
      if (this.#length === this.#atUs.length) this.#widenHeap();
      place = this.#length++;
      this.#rise(place, atUs, owner);
    } else if (atUs <= (this.#atUs[place] as number)) this.#rise(place, atUs, owner);
    else this.#sink(place, atUs, owner);
  }

  clear(owner: number): void {
    const place = this.#placeOf(owner);
    if (place < 0) return;
    this.#place[owner] = 0;
    const last = --this.#length;
    if (place === last) return;
    const atUs = this.#atUs[last] as number;
    const moved = this.#owner[last] as number;
    const parent = (place - 1) >> 1;
    if (place > 0 && atUs < (this.#atUs[parent] as number)) this.#rise(place, atUs, moved);
    else this.#sink(place, atUs, moved);
  }

  #placeOf(owner: number): number {
    return owner < this.#place.length ? (this.#place[owner] as number) - 1 : -1;
  }

  /** Puts an owner at `from` or above. */
  #rise(from: number, atUs: number, owner: number): void {
    const at = this.#atUs;
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if ((at[parent] as number) <= atUs) break;
      this.#move(parent, place);
      place = parent;
    }
    this.#put(place, atUs, owner);
  }

  /** Puts an owner at `from` or below. */
  #sink(from: number, atUs: number, owner: number): void {
    const at = this.#atUs;
    const length = this.#length;
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= length) break;
      if (child + 1 < length && (at[child + 1] as number) < (at[child] as number)) child++;
      if ((at[child] as number) >= atUs) break;
      this.#move(child, place);
      place = child;
    }
    this.#put(place, atUs, owner);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#atUs[from] as number, this.#owner[from] as number);
  }

  #put(place: number, atUs: number, owner: number): void {
    this.#atUs[place] = atUs;
    this.#owner[place] = owner;
    this.#place[owner] = place + 1;
  }

  #widenHeap(): void {
    const atUs = new Float64Array(this.#length * 2);
    atUs.set(this.#atUs);
    this.#atUs = atUs;
    const owner = new Int32Array(this.#length * 2);
    owner.set(this.#owner);
    this.#owner = owner;
  }

  #widenOwners(owner: number): void {
    const place = new Int32Array(Math.max(owner + 1, this.#place.length * 2));
    place.set(this.#place);
    this.#place = place;
  }
}

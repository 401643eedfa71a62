import { PUT_RECORDS_COUNT_MAX } from '../../kinesis/limits.ts';
import type { RecordStore, StoredBody } from './record-store.ts';

const RING_INITIAL = 16;
/** An entry is the body's number times this, plus the place in the body: exact up to 2^43 bodies. */
const PLACES = 512;
if (PUT_RECORDS_COUNT_MAX > PLACES) throw new RangeError('a body has more places than an entry');

/**
 * One shard's records in order: a ring of entries that grows by doubling. Numbers only, so that neither the collector nor
 * a bound that drops a body has to walk through the logs: what was dropped is forgotten when somebody looks.
 */
export class ShardLog {
  readonly #store: RecordStore;
  /** Index that the next record gets. */
  next = 0;
  #first = 0;
  #entries = new Float64Array(0);
  #watchers: readonly (() => void)[] = [];

  constructor(store: RecordStore) {
    this.#store = store;
  }

  /** Index of the oldest record held. */
  get first(): number {
    const { oldest } = this.#store;
    while (this.#first < this.next && this.#bodyNumber(this.#first) < oldest) this.#first++;
    return this.#first;
  }

  get isWatched(): boolean {
    return this.#watchers.length > 0;
  }

  /** Appends record `place` of the body that the store takes next; returns its index. */
  append(place: number): number {
    const length = this.#entries.length;
    if (this.next - this.#first === length && this.next - this.first === length) this.#grow();
    this.#entries[this.next & (this.#entries.length - 1)] = this.#store.next * PLACES + place;
    return this.next++;
  }

  /** Gives the next record its index and holds nothing of it; for a log that never held any. */
  passBy(): number {
    this.#first++;
    return this.next++;
  }

  /** Goes on with `index`; what is held before it is forgotten. */
  moveTo(index: number): void {
    if (index === this.next) return;
    this.#first = index;
    this.next = index;
  }

  body(index: number): StoredBody {
    return this.#store.body(this.#bodyNumber(index));
  }

  place(index: number): number {
    return (this.#entries[index & (this.#entries.length - 1)] as number) % PLACES;
  }

  /** Calls `wake` after records were appended. */
  addWatcher(wake: () => void): void {
    this.#watchers = [...this.#watchers, wake];
  }

  removeWatcher(wake: () => void): void {
    this.#watchers = this.#watchers.filter((other) => other !== wake);
  }

  /** Tells the watchers. */
  wake(): void {
    for (const wake of this.#watchers) wake();
  }

  /** Forgets records at the head that arrived before `epochMs`. */
  expireBefore(epochMs: number): void {
    while (this.first < this.next && this.body(this.#first).arrivedMs < epochMs) this.#first++;
  }

  /** Index of the first record that arrived at or after `epochMs`; `next` when there is none. */
  indexAtTime(epochMs: number): number {
    let low = this.first;
    let high = this.next;
    while (low < high) {
      const middle = low + Math.floor((high - low) / 2);
      if (this.body(middle).arrivedMs < epochMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #bodyNumber(index: number): number {
    const entry = this.#entries[index & (this.#entries.length - 1)] as number;
    return Math.floor(entry / PLACES);
  }

  #grow(): void {
    const entries = new Float64Array(Math.max(RING_INITIAL, this.#entries.length * 2));
    for (let index = this.#first; index < this.next; index++) {
      entries[index & (entries.length - 1)] = this.#entries[
        index & (this.#entries.length - 1)
      ] as number;
    }
    this.#entries = entries;
  }
}

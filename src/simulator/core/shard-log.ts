import { PUT_RECORDS_COUNT_MAX } from '../../kinesis/limits.ts';
import type { RecordStore, StoredBody } from './record-store.ts';

const RING_INITIAL = 16;
/**
 * An entry is the body's number times this, plus the place in the body: exact up to 2^43 bodies. A call's records may all
 * be doubled (core/damage.ts).
 */
const PLACES = 1024;
/** Entry of a record that was lost on disk. */
const LOST = -1;
/** Lost records that are kept account of at once: 8 MiB of entries. */
const LOST_MAX = 1024 * 1024;
if (PUT_RECORDS_COUNT_MAX * 2 > PLACES)
  throw new RangeError('a body has more places than an entry');

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

  /** What lies where the next record goes: reading it brings the place near. */
  get entryAhead(): number {
    const entries = this.#entries;
    return entries.length === 0 ? 0 : (entries[this.next & (entries.length - 1)] as number);
  }

  /** Appends record `place` of the body that the store takes next; returns its index. */
  append(place: number): number {
    return this.#push(this.#store.next * PLACES + place);
  }

  /** Gives the next record its index and holds nothing of it; for a log that never held any. */
  passBy(): number {
    this.#first++;
    return this.next++;
  }

  /**
   * Goes on with `index`: the records before it are lost. What is held before them stays readable, unless more than
   * {@link LOST_MAX} are.
   * @returns how many of them stood between records
   */
  skipTo(index: number): number {
    const lost = index - this.next;
    if (lost <= 0) return 0;
    const isAtStart = this.first === this.next;
    if (isAtStart || lost > LOST_MAX) {
      this.#first = index;
      this.next = index;
      return isAtStart ? 0 : lost;
    }
    while (this.next < index) this.#push(LOST);
    return lost;
  }

  /** The first index from `index` on whose record is held; `next` when there is none. */
  heldFrom(index: number): number {
    let at = Math.max(index, this.first);
    while (at < this.next && !this.isHeld(at)) at++;
    return at;
  }

  /** Whether the record, `first` … `next - 1`, was not lost. */
  isHeld(index: number): boolean {
    return this.#entry(index) !== LOST;
  }

  /** Only of a record that {@link isHeld}. */
  body(index: number): StoredBody {
    return this.#store.body(this.#bodyNumber(index));
  }

  place(index: number): number {
    return this.#entry(index) % PLACES;
  }

  /** Calls `wake` after records were appended. */
  addWatcher(wake: () => void): void {
    this.#watchers = [...this.#watchers, wake];
    this.#store.watchers++;
  }

  removeWatcher(wake: () => void): void {
    const others = this.#watchers.filter((other) => other !== wake);
    this.#store.watchers -= this.#watchers.length - others.length;
    this.#watchers = others;
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
      const held = this.heldFrom(middle);
      if (held < high && this.body(held).arrivedMs < epochMs) low = held + 1;
      else high = middle;
    }
    return low;
  }

  #bodyNumber(index: number): number {
    return Math.floor(this.#entry(index) / PLACES);
  }

  #entry(index: number): number {
    return this.#entries[index & (this.#entries.length - 1)] as number;
  }

  #push(entry: number): number {
    const length = this.#entries.length;
    if (this.next - this.#first === length && this.next - this.first === length) this.#grow();
    this.#entries[this.next & (this.#entries.length - 1)] = entry;
    return this.next++;
  }

  #grow(): void {
    const entries = new Float64Array(Math.max(RING_INITIAL, this.#entries.length * 2));
    for (let index = this.#first; index < this.next; index++) {
      entries[index & (entries.length - 1)] = this.#entry(index);
    }
    this.#entries = entries;
  }
}

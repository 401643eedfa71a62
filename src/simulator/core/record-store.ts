/**
 * Records held for readers. In: the buffer of a call with the places of its accepted records. Out: records by shard and
 * index. A buffer is never copied; it is dropped whole, the oldest first, when more than the bound is held, so memory
 * does not grow with the run.
 */

/** Numbers kept for each record of a body: key start, key end, data start, data end. */
export const SPAN_WORDS = 4;

/** What one call stored. */
export class StoredBody {
  /** Empty once dropped. */
  bytes: Uint8Array;
  spans: Uint32Array;
  readonly arrivedMs: number;
  readonly heldBytes: number;
  readonly recordCount: number;
  isDropped = false;
  /** Logs that hold records of this body, each once. */
  readonly logs: ShardLog[] = [];

  constructor(bytes: Uint8Array, spans: Uint32Array, arrivedMs: number) {
    this.bytes = bytes;
    this.spans = spans;
    this.arrivedMs = arrivedMs;
    this.heldBytes = bytes.byteLength + spans.byteLength;
    this.recordCount = spans.length / SPAN_WORDS;
  }

  key(record: number): Uint8Array {
    return this.bytes.subarray(
      this.spans[record * SPAN_WORDS],
      this.spans[record * SPAN_WORDS + 1],
    );
  }

  data(record: number): Uint8Array {
    const at = record * SPAN_WORDS + 2;
    return this.bytes.subarray(this.spans[at], this.spans[at + 1]);
  }

  /** Bytes of data and key. */
  size(record: number): number {
    const at = record * SPAN_WORDS;
    const span = this.spans;
    const keyBytes = (span[at + 1] as number) - (span[at] as number);
    return keyBytes + (span[at + 3] as number) - (span[at + 2] as number);
  }
}

const NO_BYTES = new Uint8Array(0);
const NO_SPANS = new Uint32Array(0);

/** All bodies, oldest first, bounded by their bytes. */
export class RecordStore {
  readonly #bytesMax: number;
  readonly #bodies: StoredBody[] = [];
  #head = 0;
  heldBytes = 0;
  droppedRecords = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Call it after the body's records were appended to their logs. */
  add(body: StoredBody): void {
    this.#bodies.push(body);
    this.heldBytes += body.heldBytes;
    for (const log of body.logs) log.wake();
    while (this.heldBytes > this.#bytesMax && this.#head < this.#bodies.length) this.#dropOldest();
  }

  #dropOldest(): void {
    const body = this.#bodies[this.#head++] as StoredBody;
    this.heldBytes -= body.heldBytes;
    this.droppedRecords += body.recordCount;
    body.isDropped = true;
    body.bytes = NO_BYTES;
    body.spans = NO_SPANS;
    for (const log of body.logs) log.trim();
    body.logs.length = 0;
    if (this.#head >= 1024 && this.#head * 2 >= this.#bodies.length) {
      this.#bodies.splice(0, this.#head);
      this.#head = 0;
    }
  }
}

const RING_INITIAL = 64;

/** One shard's records in order: a ring of (body, place in body) that grows by doubling. */
export class ShardLog {
  /** Index of the oldest record held, and the index that the next one gets. */
  first = 0;
  next = 0;
  #bodies: (StoredBody | undefined)[] = [];
  #places = new Uint32Array(0);
  #lastBody: StoredBody | null = null;
  #watchers: (() => void)[] = [];

  /** Appends record `place` of `body` and returns its index. */
  append(body: StoredBody, place: number): number {
    if (this.next - this.first === this.#places.length) this.#grow();
    const slot = this.next & (this.#places.length - 1);
    this.#bodies[slot] = body;
    this.#places[slot] = place;
    if (this.#lastBody !== body) {
      this.#lastBody = body;
      body.logs.push(this);
    }
    return this.next++;
  }

  /** Gives the next record its index and holds nothing of it; for a log that never held any. */
  passBy(): number {
    this.first++;
    return this.next++;
  }

  body(index: number): StoredBody {
    return this.#bodies[index & (this.#places.length - 1)] as StoredBody;
  }

  place(index: number): number {
    return this.#places[index & (this.#places.length - 1)] as number;
  }

  /** Calls `wake` after records were appended. */
  addWatcher(wake: () => void): void {
    this.#watchers.push(wake);
  }

  removeWatcher(wake: () => void): void {
    this.#watchers = this.#watchers.filter((other) => other !== wake);
  }

  /** Tells the watchers. */
  wake(): void {
    for (const wake of this.#watchers) wake();
  }

  /** Forgets records at the head whose body is gone. */
  trim(): void {
    while (this.first < this.next && this.body(this.first).isDropped) this.#forgetFirst();
  }

  /** Forgets records at the head that arrived before `epochMs`; returns how many. */
  expireBefore(epochMs: number): number {
    const before = this.first;
    while (this.first < this.next && this.body(this.first).arrivedMs < epochMs) this.#forgetFirst();
    return this.first - before;
  }

  #forgetFirst(): void {
    this.#bodies[this.first & (this.#places.length - 1)] = undefined;
    this.first++;
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

  #grow(): void {
    const capacity = Math.max(RING_INITIAL, this.#places.length * 2);
    const bodies: (StoredBody | undefined)[] = new Array(capacity);
    const places = new Uint32Array(capacity);
    for (let index = this.first; index < this.next; index++) {
      const slot = index & (capacity - 1);
      bodies[slot] = this.body(index);
      places[slot] = this.place(index);
    }
    this.#bodies = bodies;
    this.#places = places;
  }
}

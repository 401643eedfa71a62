/**
 * User records that the producers of a thread have taken and not settled: parallel arrays, a record is a slot. Slots of
 * one Kinesis record are chained through `next`. Bounded by the pipelines' buffered bytes; the arrays grow to the largest
 * number that was outstanding at once and stay.
 */
export class UserRecords {
  /** Intended start, microseconds of the run's clock. */
  dueUs: Float64Array;
  /** When the record was generated or put: where buffering and the time to live begin. */
  generatedUs: Float64Array;
  /** Start of the first attempt; meaningful once `attempts` > 0. */
  firstSentUs: Float64Array;
  /** The caller's own number for the record. */
  tag: Float64Array;
  /** When it should leave the buffers. */
  deadlineUs: Float64Array;
  /** Number of the record among all that came: what an ordered producer keeps to. */
  order: Float64Array;
  payloadBytes: Uint32Array;
  keyId: Uint32Array;
  keyGeneration: Uint32Array;
  /** Attempts that have ended. */
  attempts: Uint16Array;
  /** 1 once an attempt ended without an answer: the service may hold the record. */
  hadUnknown: Uint8Array;
  /** Next slot of the same Kinesis record, or of the free list; -1 at the end. */
  next: Int32Array;
  #free = -1;

  constructor(initialCapacity = 256) {
    this.dueUs = new Float64Array(initialCapacity);
    this.generatedUs = new Float64Array(initialCapacity);
    this.firstSentUs = new Float64Array(initialCapacity);
    this.tag = new Float64Array(initialCapacity);
    this.deadlineUs = new Float64Array(initialCapacity);
    this.order = new Float64Array(initialCapacity);
    this.payloadBytes = new Uint32Array(initialCapacity);
    this.keyId = new Uint32Array(initialCapacity);
    this.keyGeneration = new Uint32Array(initialCapacity);
    this.attempts = new Uint16Array(initialCapacity);
    this.hadUnknown = new Uint8Array(initialCapacity);
    this.next = new Int32Array(initialCapacity);
    this.#chainFree(0);
  }

  /** A slot with no attempts; the caller fills in the rest. */
  take(): number {
    if (this.#free < 0) this.#grow();
    const slot = this.#free;
    this.#free = this.next[slot] as number;
    this.next[slot] = -1;
    this.attempts[slot] = 0;
    this.hadUnknown[slot] = 0;
    return slot;
  }

  /** Gives back one slot. */
  release(slot: number): void {
    this.next[slot] = this.#free;
    this.#free = slot;
  }

  /**
   * Gives back a slot and all that are chained to it.
   * @returns how many
   */
  releaseChain(firstSlot: number): number {
    let count = 0;
    for (let slot = firstSlot; slot >= 0; ) {
      const following = this.next[slot] as number;
      this.release(slot);
      slot = following;
      count++;
    }
    return count;
  }

  #chainFree(from: number): void {
    const capacity = this.next.length;
    for (let slot = capacity - 1; slot >= from; slot--) {
      this.next[slot] = this.#free;
      this.#free = slot;
    }
  }

  #grow(): void {
    const from = this.next.length;
    const wide = <T extends Float64Array | Uint32Array | Uint16Array | Uint8Array | Int32Array>(
      wider: T,
      old: T,
    ): T => {
      wider.set(old);
      return wider;
    };
    const capacity = from * 2;
    this.dueUs = wide(new Float64Array(capacity), this.dueUs);
    this.generatedUs = wide(new Float64Array(capacity), this.generatedUs);
    this.firstSentUs = wide(new Float64Array(capacity), this.firstSentUs);
    this.tag = wide(new Float64Array(capacity), this.tag);
    this.deadlineUs = wide(new Float64Array(capacity), this.deadlineUs);
    this.order = wide(new Float64Array(capacity), this.order);
    this.payloadBytes = wide(new Uint32Array(capacity), this.payloadBytes);
    this.keyId = wide(new Uint32Array(capacity), this.keyId);
    this.keyGeneration = wide(new Uint32Array(capacity), this.keyGeneration);
    this.attempts = wide(new Uint16Array(capacity), this.attempts);
    this.hadUnknown = wide(new Uint8Array(capacity), this.hadUnknown);
    this.next = wide(new Int32Array(capacity), this.next);
    this.#chainFree(from);
  }
}

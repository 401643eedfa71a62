/**
 * Records held for readers. In: the buffer of a call with the places of its accepted records. Out: bodies by number, in
 * the order in which they came. A buffer is never copied; it is dropped whole, the oldest first, when more than the
 * bound is held or its stream no longer keeps it, so memory does not grow with the run.
 */

/** Numbers kept for each record of a body: key start, key end, data start, data end. */
export const SPAN_WORDS = 4;

/** Whose records a body holds: how long they are kept. */
export interface BodyOwner {
  /** Unix milliseconds before which records are gone; Infinity when all of them are. */
  keptSinceMs(nowMs: number): number;
}

/** What one call stored. */
export class StoredBody {
  readonly owner: BodyOwner;
  readonly bytes: Uint8Array;
  readonly spans: Uint32Array;
  readonly arrivedMs: number;
  readonly heldBytes: number;
  readonly recordCount: number;

  constructor(owner: BodyOwner, bytes: Uint8Array, spans: Uint32Array, arrivedMs: number) {
    this.owner = owner;
    this.bytes = bytes;
    this.spans = spans;
    this.arrivedMs = arrivedMs;
    this.heldBytes = bytes.buffer.byteLength + spans.byteLength;
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

/** All bodies, numbered from 0 in the order in which they came, bounded by their bytes. */
export class RecordStore {
  readonly bytesMax: number;
  readonly #release: (bytes: Uint8Array) => void;
  readonly #bodies: (StoredBody | null)[] = [];
  /** Number of the body in the first slot. */
  #base = 0;
  /** Number of the oldest body that is held, and the number that the next one gets. */
  oldest = 0;
  next = 0;
  heldBytes = 0;
  heldRecords = 0;
  /** Records given up for the bound, and for their stream's retention. */
  droppedRecords = 0;
  expiredRecords = 0;

  /** Watchers of all logs: where there are none, no log is asked. */
  watchers = 0;

  /** Called once, when the first record is given up for the bound. */
  whenFull: (() => void) | null = null;

  /** @param release takes back the bytes of a dropped body, to be written anew: nobody may still read them */
  constructor(bytesMax: number, release: (bytes: Uint8Array) => void = () => {}) {
    this.bytesMax = bytesMax;
    this.#release = release;
  }

  /** The body of that number, `oldest` … `next - 1`. */
  body(number: number): StoredBody {
    return this.#bodies[number - this.#base] as StoredBody;
  }

  /** Takes the next body, after its records were appended to their logs under its number. */
  add(body: StoredBody): void {
    this.#bodies.push(body);
    this.next++;
    this.heldBytes += body.heldBytes;
    this.heldRecords += body.recordCount;
    while (this.heldBytes > this.bytesMax && this.oldest < this.next) {
      this.dropOldest();
      this.whenFull?.();
      this.whenFull = null;
    }
  }

  /** Gives the oldest body up for the bound. */
  dropOldest(): void {
    this.droppedRecords += this.body(this.oldest).recordCount;
    this.#dropOldest();
  }

  /** Drops the oldest bodies whose streams no longer keep them. */
  expire(nowMs: number): void {
    while (this.oldest < this.next) {
      const { owner, arrivedMs, recordCount } = this.body(this.oldest);
      if (arrivedMs >= owner.keptSinceMs(nowMs)) return;
      this.expiredRecords += recordCount;
      this.#dropOldest();
    }
  }

  #dropOldest(): void {
    const body = this.body(this.oldest);
    this.#bodies[this.oldest - this.#base] = null;
    this.oldest++;
    this.heldBytes -= body.heldBytes;
    this.heldRecords -= body.recordCount;
    this.#release(body.bytes);
    const gone = this.oldest - this.#base;
    if (gone >= 1024 && gone * 2 >= this.#bodies.length) {
      this.#bodies.splice(0, gone);
      this.#base = this.oldest;
    }
  }
}

import type { Attempt, BatchResult, OnSettled, RecordError, RecordResult } from './results.ts';
import { ALONE, type Stored } from './stored.ts';

/** What a record was before the attempt that succeeded, where it was refused first. */
interface Past {
  readonly sinceUs: number;
  readonly refused: readonly Attempt[];
}

/** Who is told of a record's end; null: nobody. */
export type Receiver = OnSettled | Batch | null;

const CAPACITY_FIRST = 512;

/**
 * Gathers the ends of the records of one batch, by their places in it: two numbers for each. Results are made when they
 * are asked for.
 */
export class Batch implements BatchResult {
  readonly token: unknown;
  readonly errors = new Map<number, RecordError>();
  readonly #onBatch: (batch: BatchResult) => void;
  readonly #later: (run: () => void) => void;
  /** When its records came. */
  readonly #putUs: number;
  /** Kinesis records that hold some of them, in the order in which they were stored. */
  readonly #stored: Stored[] = [];
  /** By place in the batch: which of these, and the place in it. */
  #storedAt = new Uint32Array(CAPACITY_FIRST);
  #subSequence = new Int32Array(CAPACITY_FIRST);
  readonly #pasts = new Map<number, Past>();
  #settled = 0;
  /** Records of the batch; unknown until all that could be taken are. */
  #taken = -1;

  /** @param later runs a function when the pipeline has done its step */
  constructor(
    onBatch: (batch: BatchResult) => void,
    token: unknown,
    putUs: number,
    later: (run: () => void) => void,
  ) {
    this.token = token;
    this.#onBatch = onBatch;
    this.#putUs = putUs;
    this.#later = later;
  }

  /** The record at `place` is in a Kinesis record, as number `subSequence` or {@link ALONE}. */
  accept(
    place: number,
    stored: Stored,
    subSequence: number,
    sinceUs: number,
    refused: readonly Attempt[] | null,
  ): void {
    if (place >= this.#storedAt.length) this.#widen(place);
    const all = this.#stored;
    // Those of one Kinesis record are told of one after the other.
    if (all[all.length - 1] !== stored) all.push(stored);
    this.#storedAt[place] = all.length - 1;
    this.#subSequence[place] = subSequence;
    if (refused !== null) this.#pasts.set(place, { sinceUs, refused });
    this.#settled++;
    this.#tellIfDone();
  }

  fail(place: number, error: RecordError): void {
    this.errors.set(place, error);
    this.#settled++;
    this.#tellIfDone();
  }

  /** All that could be taken are: `taken` records. */
  seal(taken: number): void {
    this.#taken = taken;
    this.#tellIfDone();
  }

  get count(): number {
    return Math.max(0, this.#taken);
  }

  get accepted(): number {
    return this.#settled - this.errors.size;
  }

  get failed(): number {
    return this.errors.size;
  }

  shardId(place: number): string | null {
    return this.#storedOf(place)?.shardId ?? null;
  }

  sequenceNumber(place: number): string | null {
    return this.#storedOf(place)?.sequenceNumber ?? null;
  }

  subSequenceNumber(place: number): number | null {
    const isStored = this.#storedOf(place) !== undefined;
    const subSequence = isStored ? (this.#subSequence[place] as number) : ALONE;
    return subSequence === ALONE ? null : subSequence;
  }

  outcome(place: number): RecordResult | RecordError | undefined {
    const past = this.#pasts.get(place);
    const { sinceUs, refused } = past ?? { sinceUs: this.#putUs, refused: null };
    const subSequence = this.#subSequence[place] as number;
    return this.errors.get(place) ?? this.#storedOf(place)?.resultOf(subSequence, sinceUs, refused);
  }

  get outcomes(): readonly (RecordResult | RecordError)[] {
    const places = Array.from({ length: this.count }, (_, place) => this.outcome(place));
    return places.filter((outcome) => outcome !== undefined);
  }

  /** undefined: it was given up, or there is none. */
  #storedOf(place: number): Stored | undefined {
    const isHere = place >= 0 && place < this.#taken && !this.errors.has(place);
    return isHere ? this.#stored[this.#storedAt[place] as number] : undefined;
  }

  #tellIfDone(): void {
    if (this.#taken > 0 && this.#settled === this.#taken) {
      this.#later(() => this.#onBatch(this));
    }
  }

  #widen(place: number): void {
    const capacity = Math.max(place + 1, this.#storedAt.length * 2);
    const storedAt = new Uint32Array(capacity);
    storedAt.set(this.#storedAt);
    this.#storedAt = storedAt;
    const subSequence = new Int32Array(capacity);
    subSequence.set(this.#subSequence);
    this.#subSequence = subSequence;
  }
}

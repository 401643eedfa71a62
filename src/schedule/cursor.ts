// HOT PATH: 20 ns a record, 80 ns for Poisson arrivals; no allocation for a record.
import { assert } from '../core/assert.ts';
import { RANDOM_STREAMS, randomStream, streamUnit53 } from '../core/random.ts';
import type { RecordBlock } from '../core/record-block.ts';
import type { PoissonBuckets } from './poisson.ts';
import type { Segment, ShareOptions } from './segment.ts';
import type { Shape } from './shape.ts';

/**
 * A walk through one thread's share of a schedule in the order in which its records are due. Holds one bucket of Poisson
 * arrivals and a counter for each producer, whatever the schedule's length.
 *
 * A record's `sequence` is its rank among its producer's records in due order. That is ⌊i / producers⌋ where arrivals follow
 * the rate exactly; Poisson arrivals are not sorted by i within a bucket, and their sequences still rise with their due
 * times, so a reader can tell a reordered record by its sequence.
 */
export class Cursor {
  /** When the next record is due, microseconds since the run's origin; Infinity when there is none. */
  nextDueUs = Number.POSITIVE_INFINITY;
  /** Concurrency of the closed phase the cursor is in, for all threads together; 0 in an open one. */
  concurrency = 0;

  readonly #segments: readonly Segment[];
  readonly #seed: number;
  /** Random stream of the places in a bucket. */
  readonly #positions: number;
  readonly #producers: number;
  readonly #workers: number;
  readonly #worker: number;
  /** Sequence of the next record of each own producer; slot s is producer worker + s · workers. */
  readonly #sequences: Float64Array;

  #segmentAt = -1;
  #startUs = 0;
  #endUs = 0;
  #shape: Shape | null = null;
  /** Where the segment's record numbers begin and end; of the bucket's, for Poisson arrivals. */
  #firstIndex = 0;
  #endIndex = 0;
  #offset = 0;

  /** The next own record that has not been placed in time yet, and its producer's slot. */
  #index = 0;
  #slot = 0;

  #buckets: PoissonBuckets | null = null;
  #bucket = 0;
  /** The current bucket's own records, sorted by due time. */
  readonly #heldDueUs: Float64Array;
  readonly #heldIndex: Float64Array;
  readonly #heldSlot: Uint32Array;
  #held = 0;
  #heldAt = 0;

  constructor(segments: readonly Segment[], seed: number, share: ShareOptions) {
    const { producers, workers, worker } = share;
    assert(Number.isInteger(producers) && producers > 0, `producers ${producers}`);
    assert(Number.isInteger(workers) && worker >= 0 && worker < workers, `worker ${worker}`);
    this.#segments = segments;
    this.#seed = seed;
    this.#positions = randomStream(seed, RANDOM_STREAMS.arrivalPosition);
    this.#producers = producers;
    this.#workers = workers;
    this.#worker = worker;
    this.#sequences = new Float64Array(Math.max(0, Math.ceil((producers - worker) / workers)));
    const heldMax = Math.max(0, ...segments.map((segment) => segment.buckets?.recordsMax ?? 0));
    this.#heldDueUs = new Float64Array(heldMax);
    this.#heldIndex = new Float64Array(heldMax);
    this.#heldSlot = new Uint32Array(heldMax);
    this.#index = worker;
    if (worker < producers) this.#enterNextSegment();
    else this.#segmentAt = segments.length;
  }

  /**
   * Appends records to `block` until it is full, until `limit` records were added, or until none is due by `untilUs`.
   * In a closed phase, `untilUs` is now: the records are due now, and `limit` is how many may be sent. A call ends where an
   * open phase meets a closed one.
   * @returns records added
   */
  fill(block: RecordBlock, untilUs: number, limit: number): number {
    const before = block.count;
    const end = Math.min(block.capacity, before + limit);
    if (this.concurrency > 0) this.#fillClosed(block, untilUs, end);
    else
      while (block.count < end && this.#isOpenAndDue(untilUs)) {
        if (this.#buckets === null) this.#fillExact(block, untilUs, end);
        else this.#fillHeld(block, untilUs, end);
      }
    return block.count - before;
  }

  /** Tests for the end first: Infinity is due by Infinity. */
  #isOpenAndDue(untilUs: number): boolean {
    const hasNext = this.#segmentAt < this.#segments.length && this.concurrency === 0;
    return hasNext && this.nextDueUs <= untilUs;
  }

  #fillExact(block: RecordBlock, untilUs: number, end: number): void {
    let dueUs = this.nextDueUs;
    while (block.count < end && dueUs <= untilUs) {
      this.#append(block, this.#index, dueUs, this.#slot);
      this.#step();
      if (this.#index >= this.#endIndex) {
        this.#enterNextSegment();
        return;
      }
      dueUs = this.#exactDueUs();
    }
    this.nextDueUs = dueUs;
  }

  #fillHeld(block: RecordBlock, untilUs: number, end: number): void {
    while (block.count < end && this.#heldAt < this.#held) {
      const at = this.#heldAt;
      const dueUs = this.#heldDueUs[at] as number;
      if (dueUs > untilUs) break;
      this.#append(block, this.#heldIndex[at] as number, dueUs, this.#heldSlot[at] as number);
      this.#heldAt++;
    }
    if (this.#heldAt < this.#held) this.nextDueUs = this.#heldDueUs[this.#heldAt] as number;
    else this.#drawBuckets();
  }

  #fillClosed(block: RecordBlock, nowUs: number, end: number): void {
    if (nowUs >= this.#endUs) {
      this.#seek(this.#endIndex);
      this.#enterNextSegment();
      return;
    }
    if (nowUs < this.#startUs) return;
    while (block.count < end) {
      this.#append(block, this.#index, nowUs, this.#slot);
      this.#step();
    }
  }

  #append(block: RecordBlock, index: number, dueUs: number, slot: number): void {
    const at = block.count++;
    const sequence = this.#sequences[slot] as number;
    this.#sequences[slot] = sequence + 1;
    block.index[at] = index;
    block.dueUs[at] = dueUs;
    block.producer[at] = this.#worker + slot * this.#workers;
    block.sequence[at] = sequence;
  }

  /** To the next own record: the next own producer of this round of producers, or the first of the next round. */
  #step(): void {
    if (this.#slot + 1 < this.#sequences.length) {
      this.#slot++;
      this.#index += this.#workers;
    } else {
      this.#index += this.#producers - this.#slot * this.#workers;
      this.#slot = 0;
    }
  }

  #exactDueUs(): number {
    const shape = this.#shape as Shape;
    const us = this.#startUs + shape.timeUs(this.#index - this.#firstIndex + this.#offset);
    return Math.min(us, this.#endUs);
  }

  /** Moves on to the first segment that has an own record; sets `nextDueUs`. */
  #enterNextSegment(): void {
    this.concurrency = 0;
    this.nextDueUs = Number.POSITIVE_INFINITY;
    while (++this.#segmentAt < this.#segments.length) {
      const segment = this.#segments[this.#segmentAt] as Segment;
      this.#startUs = segment.startUs;
      this.#endUs = segment.startUs + segment.durationUs;
      this.#shape = segment.shape;
      this.#buckets = segment.buckets;
      this.#firstIndex = this.#endIndex;
      if (segment.buckets !== null) {
        this.#bucket = 0;
        this.#drawBuckets();
        return;
      }
      this.#endIndex = this.#firstIndex + segment.count;
      this.#offset = segment.offset;
      if (this.#index >= this.#endIndex) continue;
      if (segment.shape === null) {
        this.concurrency = segment.concurrency;
        this.nextDueUs = this.#startUs;
      } else this.nextDueUs = this.#exactDueUs();
      return;
    }
  }

  /** Draws buckets until one has an own record; past the segment's last, moves on. */
  #drawBuckets(): void {
    const segment = this.#segments[this.#segmentAt] as Segment;
    const buckets = this.#buckets as PoissonBuckets;
    this.#held = 0;
    this.#heldAt = 0;
    while (this.#held === 0) {
      if (this.#bucket === buckets.count) {
        this.#enterNextSegment();
        return;
      }
      this.#endIndex += buckets.draw(this.#seed, segment.firstBucket + this.#bucket);
      while (this.#index < this.#endIndex) {
        const place = streamUnit53(this.#positions, this.#index);
        const us = (segment.shape as Shape).timeUs((this.#bucket + place) * buckets.mean);
        this.#hold(Math.min(this.#startUs + us, this.#endUs));
        this.#step();
      }
      this.#bucket++;
    }
    this.nextDueUs = this.#heldDueUs[0] as number;
  }

  /** Puts the record at `#index` into its place among the held. */
  #hold(dueUs: number): void {
    const due = this.#heldDueUs;
    let at = this.#held++;
    for (; at > 0 && (due[at - 1] as number) > dueUs; at--) {
      due[at] = due[at - 1] as number;
      this.#heldIndex[at] = this.#heldIndex[at - 1] as number;
      this.#heldSlot[at] = this.#heldSlot[at - 1] as number;
    }
    due[at] = dueUs;
    this.#heldIndex[at] = this.#index;
    this.#heldSlot[at] = this.#slot;
  }

  /** To the first own record at or after `index`. */
  #seek(index: number): void {
    const round = Math.floor(index / this.#producers);
    const producer = index - round * this.#producers;
    const slot = Math.max(0, Math.ceil((producer - this.#worker) / this.#workers));
    const isInRound = slot < this.#sequences.length;
    this.#slot = isInRound ? slot : 0;
    const start = (isInRound ? round : round + 1) * this.#producers;
    this.#index = start + this.#worker + this.#slot * this.#workers;
  }
}

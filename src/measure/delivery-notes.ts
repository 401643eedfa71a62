import type { DeliveryDelta } from './frame.ts';

// Why a sequence is noted. Everything that is not noted was accepted, once.
/** It ended failed, expired or dropped. */
export const NOT_ACCEPTED = 0;
/** So it ended, after an attempt whose answer never came: the stream may hold it. */
export const UNCERTAIN = 1;
/** An attempt of it had no answer, or was stored where it does not belong: the stream may hold it more than once. */
export const REPEATED = 2;

/** Stretches of sequences told of in one frame at the most; the rest is counted. */
const NOTES_PER_FRAME_MAX = 250_000;
/** Kind, producer, first sequence, count. */
export const NOTE_VALUES = 4;
/** So many stretches are noted before they are put together for the first time. */
const NOTES_FIRST = 4096;
/** Kind and producer of a stretch, and its place among sequences of one frame, in one exact number. */
const PLACES = 2 ** 33;
const PRODUCERS_MAX = 2 ** 17;

/**
 * Which records of a worker a reader of the stream may miss or find twice. In: producer and sequence of what did not go
 * well. Out: the same as stretches, once a frame. What goes well costs one store a run of records.
 */
export class DeliveryNotes {
  /** Sequences given out, by producer. */
  #offered = new Float64Array(16);
  #notes = new Float64Array(NOTES_FIRST * NOTE_VALUES);
  #used = 0;
  #dropped = 0;
  /** Until the next frame. */
  #isFull = false;

  /** The producer's records up to `sequence` have been due. */
  offeredTo(producer: number, sequence: number): void {
    if (producer >= this.#offered.length) this.#widen(producer);
    this.#offered[producer] = sequence + 1;
  }

  /** @param kind {@link NOT_ACCEPTED}, {@link UNCERTAIN} or {@link REPEATED} */
  note(kind: number, producer: number, sequence: number): void {
    const notes = this.#notes;
    const last = this.#used - NOTE_VALUES;
    if (last >= 0 && notes[last] === kind && notes[last + 1] === producer) {
      const count = notes[last + 3] as number;
      if ((notes[last + 2] as number) + count === sequence) {
        notes[last + 3] = count + 1;
        return;
      }
    }
    if (this.#isFull || (this.#used === notes.length && !this.#makeRoom())) {
      this.#dropped++;
      return;
    }
    const at = this.#used;
    this.#notes[at] = kind;
    this.#notes[at + 1] = producer;
    this.#notes[at + 2] = sequence;
    this.#notes[at + 3] = 1;
    this.#used += NOTE_VALUES;
  }

  /** Joins first, and widens only where that gained little: what fails together is scattered over few stretches. */
  #makeRoom(): boolean {
    this.#used = joinNotes(this.#notes, this.#used);
    const { length } = this.#notes;
    if (this.#used > length / 2) {
      this.#isFull = length >= NOTES_PER_FRAME_MAX * NOTE_VALUES;
      if (!this.#isFull) this.#notes = widened(this.#notes, length * 2);
    }
    return !this.#isFull;
  }

  /** Everything since the last call; null when nothing was offered yet. */
  take(): DeliveryDelta | null {
    const offered: number[] = [];
    for (let producer = 0; producer < this.#offered.length; producer++) {
      const count = this.#offered[producer] as number;
      if (count > 0) offered.push(producer, count);
    }
    if (offered.length === 0) return null;
    this.#used = joinNotes(this.#notes, this.#used);
    const delta = {
      offered: Float64Array.from(offered),
      notes: this.#notes.slice(0, this.#used),
      dropped: this.#dropped,
    };
    this.#used = 0;
    this.#dropped = 0;
    this.#isFull = false;
    return delta;
  }

  #widen(producer: number): void {
    this.#offered = widened(this.#offered, Math.max(producer + 1, this.#offered.length * 2));
  }
}

function widened(old: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const wide = new Float64Array(length);
  wide.set(old);
  return wide;
}

/**
 * Puts stretches of one kind and producer that touch or overlap together. Aggregates of several shards fail one after the
 * other, so a stretch that failed as a whole is noted in pieces, and out of order.
 * @param notes `notes[0, used)`, changed in place
 * @returns what is used of it then
 */
function joinNotes(notes: Float64Array, used: number): number {
  const count = used / NOTE_VALUES;
  let lowest = Number.POSITIVE_INFINITY;
  let highest = 0;
  let producerMax = 0;
  for (let at = 0; at < used; at += NOTE_VALUES) {
    const first = notes[at + 2] as number;
    producerMax = Math.max(producerMax, notes[at + 1] as number);
    lowest = Math.min(lowest, first);
    highest = Math.max(highest, first + (notes[at + 3] as number));
  }
  if (highest - lowest >= PLACES || producerMax >= PRODUCERS_MAX) return used;
  const starts = new Float64Array(count);
  const ends = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const at = i * NOTE_VALUES;
    const whose = (notes[at] as number) * PRODUCERS_MAX + (notes[at + 1] as number);
    starts[i] = whose * PLACES + (notes[at + 2] as number) - lowest;
    ends[i] = (starts[i] as number) + (notes[at + 3] as number);
  }
  starts.sort();
  ends.sort();
  return writeUnion(starts, ends, lowest, notes);
}

/** The union of the stretches, whose starts and ends are sorted each for itself, as notes from 0 on; returns their end. */
function writeUnion(
  starts: Float64Array,
  ends: Float64Array,
  lowest: number,
  notes: Float64Array,
): number {
  let at = 0;
  let begin = 0;
  let open = 0;
  for (let i = 0, j = 0; j < ends.length; ) {
    const end = ends[j] as number;
    const start = i < starts.length ? (starts[i] as number) : Number.POSITIVE_INFINITY;
    if (start <= end) {
      if (open++ === 0) begin = start;
      i++;
      continue;
    }
    j++;
    if (--open > 0) continue;
    const whose = Math.floor(begin / PLACES);
    notes[at] = Math.floor(whose / PRODUCERS_MAX);
    notes[at + 1] = whose % PRODUCERS_MAX;
    notes[at + 2] = (begin % PLACES) + lowest;
    notes[at + 3] = end - begin;
    at += NOTE_VALUES;
  }
  return at;
}

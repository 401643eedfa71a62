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

/**
 * Which records of a worker a reader of the stream may miss or find twice. In: producer and sequence of what did not go
 * well. Out: the same as stretches, once a frame. What goes well costs one store a run of records.
 */
export class DeliveryNotes {
  /** Sequences given out, by producer. */
  #offered = new Float64Array(16);
  #notes = new Float64Array(1024);
  #used = 0;
  #dropped = 0;

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
    if (this.#used >= NOTES_PER_FRAME_MAX * NOTE_VALUES) {
      this.#dropped++;
      return;
    }
    if (this.#used === notes.length) this.#notes = widened(notes, notes.length * 2);
    this.#notes.set([kind, producer, sequence, 1], this.#used);
    this.#used += NOTE_VALUES;
  }

  /** Everything since the last call; null when nothing was offered yet. */
  take(): DeliveryDelta | null {
    const offered: number[] = [];
    for (let producer = 0; producer < this.#offered.length; producer++) {
      const count = this.#offered[producer] as number;
      if (count > 0) offered.push(producer, count);
    }
    if (offered.length === 0) return null;
    const delta = {
      offered: Float64Array.from(offered),
      notes: this.#notes.slice(0, this.#used),
      dropped: this.#dropped,
    };
    this.#used = 0;
    this.#dropped = 0;
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

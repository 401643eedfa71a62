import { FingerprintSlots } from './slots.ts';

/** How a sequence stands to those that came before it on its line. */
const IN_ORDER = 0;
const LATE = 1;
/** The line is new and there is no room to follow it. */
const UNFOLLOWED = 2;

/** Plain data, for a checkpoint. */
export interface OrderData {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly last: Float64Array;
}

/**
 * Follows many lines of rising sequences at once: one for each key and producer, or each shard and producer. A record is
 * late when a higher sequence of its line was read before it. Bounded by {@link FingerprintSlots}.
 */
export class OrderCheck {
  /** Records read after a higher sequence of their line. */
  lateRecords = 0;
  /** Records whose line is not followed. */
  unfollowed = 0;
  readonly #slots: FingerprintSlots;
  #last = new Float64Array(1024);

  constructor(linesMax?: number) {
    this.#slots = new FingerprintSlots(linesMax);
  }

  /** @returns IN_ORDER, LATE or UNFOLLOWED */
  follow(high: number, low: number, sequence: number): number {
    const before = this.#slots.size;
    const slot = this.#slots.slotOf(high, low);
    if (slot < 0) {
      this.unfollowed++;
      return UNFOLLOWED;
    }
    if (slot === before) {
      if (slot === this.#last.length) this.#widen();
      this.#last[slot] = sequence;
      return IN_ORDER;
    }
    if (sequence < (this.#last[slot] as number)) {
      this.lateRecords++;
      return LATE;
    }
    this.#last[slot] = sequence;
    return IN_ORDER;
  }

  toData(): OrderData {
    return { ...this.#slots.toData(), last: this.#last.slice(0, this.#slots.size) };
  }

  /** For one that has followed nothing. */
  load(data: OrderData): void {
    this.#slots.load(data);
    while (this.#last.length < data.last.length) this.#widen();
    this.#last.set(data.last);
  }

  #widen(): void {
    const wide = new Float64Array(this.#last.length * 2);
    wide.set(this.#last);
    this.#last = wide;
  }
}

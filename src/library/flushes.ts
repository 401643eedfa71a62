interface Flush {
  readonly serial: number;
  remaining: number;
  readonly done: () => void;
}

/** The flushes of a stream that wait for the records put before them. */
export class Flushes {
  #open: Flush[] = [];
  readonly #later: (run: () => void) => void;
  readonly #onEmpty: () => void;

  /**
   * @param later runs a function when the pipeline has done its step
   * @param onEmpty told when the last that waited has ended
   */
  constructor(later: (run: () => void) => void, onEmpty: () => void) {
    this.#later = later;
    this.#onEmpty = onEmpty;
  }

  get isEmpty(): boolean {
    return this.#open.length === 0;
  }

  /** Records up to this serial are to wait for no company; 0 when there is no flush. */
  get lastSerial(): number {
    return this.#open.at(-1)?.serial ?? 0;
  }

  /** @param remaining how many records up to `serial` are not settled, above 0 */
  add(serial: number, remaining: number, done: () => void): void {
    this.#open.push({ serial, remaining, done });
  }

  /** A record is settled. Who has waited for it last is told. */
  settled(serial: number): void {
    let hasEnded = false;
    for (const flush of this.#open) {
      if (serial > flush.serial || --flush.remaining > 0) continue;
      this.#later(flush.done);
      hasEnded = true;
    }
    if (!hasEnded) return;
    this.#open = this.#open.filter(({ remaining }) => remaining > 0);
    if (this.isEmpty) this.#onEmpty();
  }
}

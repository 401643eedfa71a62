interface Flush {
  readonly serial: number;
  remaining: number;
  readonly done: () => void;
}

/** The flushes of a stream that wait for the records put before them. */
export class Flushes {
  #open: Flush[] = [];

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

  /** A record is settled. Who has waited for it last is handed over. */
  settled(serial: number, tell: (done: () => void) => void): void {
    if (this.isEmpty) return;
    for (const flush of this.#open) {
      if (serial <= flush.serial && --flush.remaining === 0) tell(flush.done);
    }
    this.#open = this.#open.filter(({ remaining }) => remaining > 0);
  }
}

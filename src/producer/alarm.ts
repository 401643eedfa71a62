import type { Clock, Timer } from '../core/clock.ts';

/** One timer for all stages of a pipeline, at the earliest of their times; it is only ever moved forward. */
export class Alarm {
  readonly #clock: Clock;
  readonly #onRing: (nowUs: number) => void;
  #timer: Timer | null = null;
  #atUs = Number.POSITIVE_INFINITY;

  /** @param onRing sets it again */
  constructor(clock: Clock, onRing: (nowUs: number) => void) {
    this.#clock = clock;
    this.#onRing = onRing;
  }

  /** Rings at `atUs` at the latest; a time in the past at the next turn. */
  set(atUs: number, nowUs: number): void {
    if (atUs >= this.#atUs) return;
    this.#timer?.cancel();
    this.#atUs = atUs;
    this.#timer = this.#clock.setTimer(Math.max(atUs, nowUs), this.#ring);
  }

  cancel(): void {
    this.#timer?.cancel();
  }

  readonly #ring = (): void => {
    this.#timer = null;
    this.#atUs = Number.POSITIVE_INFINITY;
    this.#onRing(this.#clock.nowUs());
  };
}

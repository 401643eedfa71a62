import type { Clock } from '../core/clock.ts';

/** Waits until nothing is outstanding. */
export class Idle {
  readonly #clock: Clock;
  readonly #outstanding: () => number;
  #whenIdle: (() => void) | null = null;

  constructor(clock: Clock, outstanding: () => number) {
    this.#clock = clock;
    this.#outstanding = outstanding;
  }

  /** Something was settled; looks once all of this turn are. */
  look(): void {
    if (this.#whenIdle !== null) queueMicrotask(this.#tell);
  }

  /** Whether nothing is outstanding within the time. One waiter at a time. */
  within(limitUs: number): Promise<boolean> {
    const clock = this.#clock;
    if (this.#outstanding() === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = clock.setTimer(clock.nowUs() + limitUs, () => finish(false));
      const finish = (isIdle: boolean) => {
        timer.cancel();
        this.#whenIdle = null;
        resolve(isIdle);
      };
      this.#whenIdle = () => finish(true);
    });
  }

  readonly #tell = (): void => {
    if (this.#outstanding() === 0) this.#whenIdle?.();
  };
}

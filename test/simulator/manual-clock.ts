import type { Clock } from '../../src/core/clock.ts';

/** A clock that moves only when told to, and fires due timers in order as it does. */
export class ManualClock implements Clock {
  readonly originEpochUs = Date.UTC(2026, 10, 23, 12) * 1000;
  #nowUs = 0;
  #timers: { atUs: number; order: number; fire: () => void }[] = [];
  #order = 0;

  nowUs(): number {
    return this.#nowUs;
  }

  setTimer(atUs: number, fire: () => void): { cancel(): void } {
    const timer = { atUs: Math.max(atUs, this.#nowUs), order: this.#order++, fire };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  setPreciseTimer(atUs: number, fire: () => void): { cancel(): void } {
    return this.setTimer(atUs, fire);
  }

  setImmediate(fire: () => void): void {
    this.setTimer(this.#nowUs, fire);
  }

  /** Moves on by `us` and fires nothing: what falls due is late. */
  delay(us: number): void {
    this.#nowUs += us;
  }

  /** Moves on by `us`, firing what falls due. */
  advance(us: number): void {
    const endUs = this.#nowUs + us;
    for (;;) {
      this.#timers.sort((a, b) => a.atUs - b.atUs || a.order - b.order);
      const next = this.#timers[0];
      if (next === undefined || next.atUs > endUs) break;
      this.#timers.shift();
      this.#nowUs = Math.max(this.#nowUs, next.atUs);
      next.fire();
    }
    this.#nowUs = endUs;
  }
}

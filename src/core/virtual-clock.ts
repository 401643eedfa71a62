import type { Clock, Timer } from './clock.ts';

/** A pending timer; places itself in the queue by (atUs, order). */
class Event implements Timer {
  readonly atUs: number;
  readonly order: number;
  fire: (() => void) | null;

  constructor(atUs: number, order: number, fire: () => void) {
    this.atUs = atUs;
    this.order = order;
    this.fire = fire;
  }

  cancel(): void {
    this.fire = null;
  }

  isBefore(other: Event): boolean {
    return this.atUs < other.atUs || (this.atUs === other.atUs && this.order < other.order);
  }
}

/**
 * Time as an event queue: nothing passes until the queue is run. Events of one instant fire in the order they were set,
 * so a run is the same every time.
 */
export class VirtualClock implements Clock {
  readonly originEpochUs: number;
  #nowUs: number;
  #order = 0;
  /** Binary heap. */
  readonly #heap: Event[] = [];

  /**
   * @param originEpochUs Unix time of time 0
   * @param startUs the time at which it begins; below 0 for what is prepared before a run
   */
  constructor(originEpochUs = 0, startUs = 0) {
    this.originEpochUs = originEpochUs;
    this.#nowUs = startUs;
  }

  nowUs(): number {
    return this.#nowUs;
  }

  setTimer(atUs: number, fire: () => void): Timer {
    const event = new Event(Math.max(atUs, this.#nowUs), this.#order++, fire);
    this.#push(event);
    return event;
  }

  setPreciseTimer(atUs: number, fire: () => void): Timer {
    return this.setTimer(atUs, fire);
  }

  setImmediate(fire: () => void): void {
    this.setTimer(this.#nowUs, fire);
  }

  /** Fires everything due up to and including `untilUs`, then stands at `untilUs`. */
  runUntil(untilUs: number): void {
    for (
      let next = this.#heap[0];
      next !== undefined && next.atUs <= untilUs;
      next = this.#heap[0]
    ) {
      this.#step();
    }
    if (untilUs > this.#nowUs) this.#nowUs = untilUs;
  }

  /**
   * Fires everything until nothing is pending.
   * @param stepsMax bound against a queue that feeds itself for ever
   * @returns whether the queue ran empty
   */
  runAll(stepsMax = Number.POSITIVE_INFINITY): boolean {
    for (let steps = 0; this.#heap.length > 0; steps++) {
      if (steps >= stepsMax) return false;
      this.#step();
    }
    return true;
  }

  #step(): void {
    const event = this.#pop();
    const { fire } = event;
    if (fire === null) return;
    this.#nowUs = event.atUs;
    fire();
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = heap[parent] as Event;
      if (!event.isBefore(other)) break;
      heap[at] = other;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): Event {
    const heap = this.#heap;
    const top = heap[0] as Event;
    const last = heap.pop() as Event;
    const length = heap.length;
    if (length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && (heap[child + 1] as Event).isBefore(heap[child] as Event)) child++;
      const other = heap[child] as Event;
      if (!other.isBefore(last)) break;
      heap[at] = other;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

/** Steps of a thread's timers, microseconds. */
export interface TimerSteps {
  readonly timerUs: number;
  readonly preciseTimerUs: number;
}

/**
 * A clock as a thread on the wire has it: its timers fire at whole steps, never early, so what is due within one step is
 * one turn.
 */
export function steppedClock(clock: Clock, { timerUs, preciseTimerUs }: TimerSteps): Clock {
  return {
    originEpochUs: clock.originEpochUs,
    nowUs: () => clock.nowUs(),
    setTimer: (atUs, fire) => clock.setTimer(Math.ceil(atUs / timerUs) * timerUs, fire),
    setPreciseTimer: (atUs, fire) =>
      clock.setTimer(Math.ceil(atUs / preciseTimerUs) * preciseTimerUs, fire),
    setImmediate: (fire) => clock.setImmediate(fire),
  };
}

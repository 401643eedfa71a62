import type { Clock, Timer } from './clock.ts';

interface Event {
  readonly atUs: number;
  readonly order: number;
  fire: (() => void) | null;
}

/**
 * Time as an event queue: nothing passes until the queue is run. Events of one instant fire in the order they were set,
 * so a run is the same every time.
 */
export class VirtualClock implements Clock {
  readonly originEpochUs: number;
  #nowUs: number;
  #order = 0;
  /** Binary heap by (atUs, order). */
  readonly #heap: Event[] = [];

  /** @param startUs the time it begins at; below 0 for what is prepared before a run */
  constructor(originEpochUs = 0, startUs = 0) {
    this.originEpochUs = originEpochUs;
    this.#nowUs = startUs;
  }

  nowUs(): number {
    return this.#nowUs;
  }

  setTimer(atUs: number, fire: () => void): Timer {
    const event: Event = { atUs: Math.max(atUs, this.#nowUs), order: this.#order++, fire };
    this.#push(event);
    return {
      cancel: () => {
        event.fire = null;
      },
    };
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
    if (event.fire === null) return;
    this.#nowUs = event.atUs;
    event.fire();
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = heap[parent] as Event;
      if (!isBefore(event, other)) break;
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
      if (child + 1 < length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++;
      const other = heap[child] as Event;
      if (!isBefore(other, last)) break;
      heap[at] = other;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}

import type { Clock, Timer } from './clock.ts';

/** A timer. Its time is the queue's: a fraction in it would be an allocation each. */
class Event implements Timer {
  /** null once it has fired or was cancelled. */
  fire: (() => void) | null;
  readonly order: number;
  /** The one after it in its place of the queue, of the same instant. */
  next: Event | null = null;

  constructor(fire: () => void, order: number) {
    this.fire = fire;
    this.order = order;
  }

  cancel(): void {
    this.fire = null;
  }
}

/** Immediates that have fired are cut off their list when they are so many. */
const FIRED_MAX = 1024;
/** Of so many instants the newest timer is known: 2^10. */
const INSTANTS_BITS = 10;

/**
 * Time as an event queue: nothing passes until the queue is run. Events of one instant fire in the order they were set,
 * so a run is the same every time.
 */
export class VirtualClock implements Clock {
  readonly originEpochUs: number;
  #nowUs: number;
  #order = 0;
  /**
   * Binary heap by (time, order), as parallel arrays. A place is one timer, or several of one instant that were set with no
   * other of that instant between them, first to last: a thread's timers fire at whole steps, a hundred at a time.
   */
  readonly #events: Event[] = [];
  #atUs = new Float64Array(64);
  #orders = new Float64Array(64);
  /** By hash of an instant: the instant, and the last timer of the place that was made for it last. */
  readonly #instantUs = new Float64Array(1 << INSTANTS_BITS);
  readonly #newest: (Event | null)[] = new Array(1 << INSTANTS_BITS).fill(null);
  /** Immediates, a queue of its own: they are set in the order in which they fire. */
  readonly #immediates: (() => void)[] = [];
  readonly #immediateUs: number[] = [];
  readonly #immediateOrders: number[] = [];
  /** Immediates before this one have fired. */
  #fired = 0;

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
    const event = new Event(fire, this.#order++);
    const fireUs = Math.max(atUs, this.#nowUs);
    const home = homeOf(fireUs);
    const newest = this.#newest[home] as Event | null;
    this.#newest[home] = event;
    // One that has fired or was cancelled may be out of the queue: nothing can be hung on it.
    if (newest !== null && newest.fire !== null && this.#instantUs[home] === fireUs) {
      newest.next = event;
    } else {
      this.#instantUs[home] = fireUs;
      this.#push(event, fireUs);
    }
    return event;
  }

  setPreciseTimer(atUs: number, fire: () => void): Timer {
    return this.setTimer(atUs, fire);
  }

  setImmediate(fire: () => void): void {
    this.#immediates.push(fire);
    this.#immediateUs.push(this.#nowUs);
    this.#immediateOrders.push(this.#order++);
  }

  /** Fires everything due up to and including `untilUs`, then stands at `untilUs`. */
  runUntil(untilUs: number): void {
    while (this.#nextUs() <= untilUs) this.#step();
    if (untilUs > this.#nowUs) this.#nowUs = untilUs;
  }

  /**
   * Fires everything until nothing is pending.
   * @param stepsMax bound against a queue that feeds itself for ever
   * @returns whether the queue ran empty
   */
  runAll(stepsMax = Number.POSITIVE_INFINITY): boolean {
    for (let steps = 0; this.#nextUs() < Number.POSITIVE_INFINITY; steps++) {
      if (steps >= stepsMax) return false;
      this.#step();
    }
    return true;
  }

  #nextUs(): number {
    if (this.#fired < this.#immediates.length) {
      const immediateUs = this.#immediateUs[this.#fired] as number;
      if (this.#events.length === 0) return immediateUs;
      return Math.min(immediateUs, this.#atUs[0] as number);
    }
    return this.#events.length === 0 ? Number.POSITIVE_INFINITY : (this.#atUs[0] as number);
  }

  /** Fires the earliest; there is one. */
  #step(): void {
    if (this.#isImmediateNext()) {
      this.#fireImmediate();
      return;
    }
    const atUs = this.#atUs[0] as number;
    const event = this.#events[0] as Event;
    const { fire, next } = event;
    if (next === null) this.#pop();
    else {
      // No other place of this instant has an order between the two.
      this.#events[0] = next;
      this.#orders[0] = next.order;
    }
    if (fire === null) return;
    event.fire = null;
    this.#nowUs = atUs;
    fire();
  }

  #isImmediateNext(): boolean {
    if (this.#fired === this.#immediates.length) return false;
    if (this.#events.length === 0) return true;
    const immediateUs = this.#immediateUs[this.#fired] as number;
    const atUs = this.#atUs[0] as number;
    if (immediateUs !== atUs) return immediateUs < atUs;
    return (this.#immediateOrders[this.#fired] as number) < (this.#orders[0] as number);
  }

  #fireImmediate(): void {
    const fire = this.#immediates[this.#fired] as () => void;
    this.#nowUs = this.#immediateUs[this.#fired] as number;
    this.#fired++;
    if (this.#fired === this.#immediates.length || this.#fired > FIRED_MAX) {
      for (const list of [this.#immediates, this.#immediateUs, this.#immediateOrders]) {
        list.splice(0, this.#fired);
      }
      this.#fired = 0;
    }
    fire();
  }

  #push(event: Event, atUs: number): void {
    const events = this.#events;
    let place = events.push(event) - 1;
    if (place === this.#atUs.length) this.#widen();
    const at = this.#atUs;
    const orders = this.#orders;
    // A new event has the highest order, so it stays behind those of its instant.
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if ((at[parent] as number) <= atUs) break;
      at[place] = at[parent] as number;
      orders[place] = orders[parent] as number;
      events[place] = events[parent] as Event;
      place = parent;
    }
    at[place] = atUs;
    orders[place] = event.order;
    events[place] = event;
  }

  #pop(): void {
    const events = this.#events;
    const at = this.#atUs;
    const orders = this.#orders;
    const last = events.pop() as Event;
    const length = events.length;
    if (length === 0) return;
    const lastUs = at[length] as number;
    const lastOrder = orders[length] as number;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= length) break;
      let childUs = at[child] as number;
      if (child + 1 < length) {
        const otherUs = at[child + 1] as number;
        const isOther =
          otherUs < childUs ||
          (otherUs === childUs && (orders[child + 1] as number) < (orders[child] as number));
        if (isOther) {
          child++;
          childUs = otherUs;
        }
      }
      if (childUs > lastUs || (childUs === lastUs && (orders[child] as number) > lastOrder)) break;
      at[place] = childUs;
      orders[place] = orders[child] as number;
      events[place] = events[child] as Event;
      place = child;
    }
    at[place] = lastUs;
    orders[place] = lastOrder;
    events[place] = last;
  }

  #widen(): void {
    const capacity = this.#atUs.length * 2;
    const atUs = new Float64Array(capacity);
    atUs.set(this.#atUs);
    this.#atUs = atUs;
    const orders = new Float64Array(capacity);
    orders.set(this.#orders);
    this.#orders = orders;
  }
}

/** Where an instant is looked for; half microseconds, since steps end on such. */
function homeOf(us: number): number {
  return Math.imul((us * 2) | 0, 0x9e3779b1) >>> (32 - INSTANTS_BITS);
}

/** Steps of a thread's timers, microseconds. */
export interface TimerSteps {
  readonly timerUs: number;
  readonly preciseTimerUs: number;
}

/** A coarse timer fires this much after its step: what the precise one brings at that instant has come before. */
const COARSE_AFTER_US = 0.5;

/**
 * A clock as a thread on the wire has it: its timers fire at whole steps, never early, so what is due within one step is
 * one turn. Which of the two kinds comes first does not depend on which was set first, hence not on what else the thread
 * has to do.
 */
export function steppedClock(clock: Clock, { timerUs, preciseTimerUs }: TimerSteps): Clock {
  return {
    originEpochUs: clock.originEpochUs,
    nowUs: () => clock.nowUs(),
    setTimer: (atUs, fire) =>
      clock.setTimer(Math.ceil(atUs / timerUs) * timerUs + COARSE_AFTER_US, fire),
    setPreciseTimer: (atUs, fire) =>
      clock.setTimer(Math.ceil(atUs / preciseTimerUs) * preciseTimerUs, fire),
    setImmediate: (fire) => clock.setImmediate(fire),
  };
}

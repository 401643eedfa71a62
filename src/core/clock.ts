/**
 * The one source of time. In: an origin shared by all threads of a run. Out: microseconds since it, and timers. No other
 * file of the measured path reads Date, performance or timers, so the same code runs under a virtual clock.
 */

/** A pending timer. */
export interface Timer {
  /** Has no effect once the timer has fired. */
  cancel(): void;
}

export interface Clock {
  /** Microseconds since the run's origin; never goes back; may be fractional and, before the origin, negative. */
  nowUs(): number;
  /** Unix time of the origin in microseconds. Wall-clock jumps during a run do not change it. */
  readonly originEpochUs: number;
  /**
   * Calls `fire` once, at `atUs` or as soon after as the clock can; a time in the past fires at the next turn, never
   * inside this call.
   */
  setTimer(atUs: number, fire: () => void): Timer;
  /**
   * The same, but as near to `atUs` as the machine can without burning a core, at the price of some CPU in the last two
   * milliseconds. For the one waiter of a thread that must be on time.
   * @param isQuiet whether nothing is expected from a socket, so that looking at them may wait longer; default: never
   */
  setPreciseTimer(atUs: number, fire: () => void, isQuiet?: () => boolean): Timer;
  /** Calls `fire` at the next turn, after pending I/O. */
  setImmediate(fire: () => void): void;
}

/** The instant 0 of a run, on the machine's monotonic clock and on the wall. Plain data: it is sent to the threads. */
export interface ClockOrigin {
  /** Monotonic microseconds (CLOCK_MONOTONIC) of the origin. */
  readonly monotonicUs: number;
  /** Unix microseconds of the origin. */
  readonly epochUs: number;
}

/** Reads the machine's monotonic clock, the same for all threads and processes of a host, in microseconds. */
export function monotonicNowUs(): number {
  return Number(process.hrtime.bigint()) / 1000;
}

/** An origin `delayUs` from now. */
export function clockOrigin(delayUs = 0): ClockOrigin {
  return {
    monotonicUs: monotonicNowUs() + delayUs,
    epochUs: Math.round(Date.now() * 1000 + delayUs),
  };
}

/** The origin at an instant of the wall clock, before or after now. */
export function originAt(epochUs: number): ClockOrigin {
  const now = clockOrigin();
  return { monotonicUs: now.monotonicUs + epochUs - now.epochUs, epochUs };
}

/**
 * `performance.now()` is a double and allocates nothing, but its zero differs from thread to thread; `hrtime.bigint()`
 * has one zero and allocates. Their distance is constant, so it is measured once: the smallest of a few readings, whose
 * error is the time between two calls (well below a microsecond).
 */
function monotonicOffsetUs(): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 16; i++) {
    const before = performance.now() * 1000;
    best = Math.min(best, monotonicNowUs() - before);
  }
  return best;
}

/** A real clock that can be made, and used for timers, before the run's origin is known. */
export interface StartableClock extends Clock {
  /** Sets the origin. Before it, `nowUs()` counts up from an hour before zero. */
  start(origin: ClockOrigin): void;
}

const BEFORE_START_US = 3_600_000_000;
/** Node counts a timer's milliseconds in 31 bits, and fires at once what is longer: a longer wait is made of several. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * Waits for `atUs` with the event loop's timers, which count whole milliseconds, at least one, and may fire up to one
 * early.
 */
function sleepUntil(atUs: number, nowUs: () => number, fire: () => void): Timer {
  let handle: NodeJS.Timeout | undefined;
  let isOver = false;
  const look = () => {
    if (isOver) return;
    const waitUs = atUs - nowUs();
    if (waitUs > 0) {
      handle = setTimeout(look, Math.min(TIMER_MAX_MS, Math.ceil(waitUs / 1000)));
      return;
    }
    isOver = true;
    fire();
  };
  if (atUs > nowUs()) look();
  else setImmediate(look);
  return {
    cancel: () => {
      isOver = true;
      clearTimeout(handle);
    },
  };
}

/** A precise wait longer than this begins with such a timer, set to end a little early. */
const COARSE_WAIT_US = 2000;
/** Bounds of one nap. Between naps sockets are looked at, so an answer is read the longest nap later at the most … */
const NAP_MAX_US = 100;
const NAP_MIN_US = 50;
/**
 * … and where no answer is out, only the event loop's timers wait for the end of a nap, which are later than that anyway.
 * The shortest one bounds how often a dense schedule wakes the thread: what falls due meanwhile is made together.
 */
const QUIET_NAP_MAX_US = 250;
const QUIET_NAP_MIN_US = 150;
/**
 * From one precise timer to the next at the least. Waking costs as much as making some twenty records, so what a dense
 * schedule wants meanwhile is made together: late by this much at the most, for half of the CPU time.
 */
const DENSE_US = 250;
/** After a nap, so little is left that the next would end far too late: turns of the event loop fill it. */
const TURN_US = 25;
/** How much later than asked a sleeping thread wakes, before it was measured (Linux: timer slack of 50 µs, and the way back). */
const WAKE_UP_US = 55;
const WAKE_UP_MAX_US = 200;
/** Weight of the newest of the measurements. */
const WAKE_UP_WEIGHT = 1 / 16;

/**
 * One thread's bed: it sleeps in it (it does not spin, so waiting is not counted as CPU) for fractions of a millisecond,
 * looks at its sockets, and so on, and learns how late it wakes. Measured beside a timer of 1 ms and a loop of setImmediate:
 * see docs/performance.md, "Pacing".
 */
class Bed {
  readonly #word = new Int32Array(new SharedArrayBuffer(4));
  readonly #nowUs: () => number;
  #wakeUpUs = WAKE_UP_US;
  /** When the thread last rose from it for good. */
  roseUs = Number.NEGATIVE_INFINITY;

  constructor(nowUs: () => number) {
    this.#nowUs = nowUs;
  }

  /** @param waitUs until when, above 0 */
  nap(waitUs: number, isQuiet: boolean): void {
    const longestUs = isQuiet ? QUIET_NAP_MAX_US : NAP_MAX_US;
    const shortestUs = isQuiet ? QUIET_NAP_MIN_US : NAP_MIN_US;
    const napUs = Math.min(longestUs, Math.max(shortestUs, waitUs - this.#wakeUpUs));
    const fromUs = this.#nowUs();
    Atomics.wait(this.#word, 0, 0, napUs / 1000);
    // A thread that was given no core at all says nothing of how it wakes.
    const lateUs = Math.min(WAKE_UP_MAX_US, this.#nowUs() - fromUs - napUs);
    this.#wakeUpUs += WAKE_UP_WEIGHT * (lateUs - this.#wakeUpUs);
  }
}

interface PreciseWait {
  readonly atUs: number;
  readonly nowUs: () => number;
  readonly bed: Bed;
  readonly isQuiet: () => boolean;
  readonly fire: () => void;
}

/** Waits for a time: with a coarse timer while it is far, then in naps. */
function napUntil({ atUs: wantedUs, nowUs, bed, isQuiet, fire }: PreciseWait): Timer {
  const atUs = Math.max(wantedUs, bed.roseUs + DENSE_US);
  let handle: NodeJS.Timeout | undefined;
  let isOver = false;
  let hasNapped = false;
  const look = () => {
    if (isOver) return;
    const waitUs = atUs - nowUs();
    if (waitUs > COARSE_WAIT_US) {
      handle = setTimeout(look, Math.min(TIMER_MAX_MS, Math.floor(waitUs / 1000) - 1));
      return;
    }
    if (waitUs > 0) {
      if (!hasNapped || waitUs > TURN_US) bed.nap(waitUs, isQuiet());
      hasNapped = true;
      if (nowUs() < atUs) {
        setImmediate(look);
        return;
      }
    }
    isOver = true;
    bed.roseUs = nowUs();
    fire();
  };
  if (atUs - nowUs() > COARSE_WAIT_US) look();
  else setImmediate(look);
  return {
    cancel: () => {
      isOver = true;
      clearTimeout(handle);
    },
  };
}

const NEVER_QUIET = () => false;

/** The real clock: monotonic, microseconds, timers of the event loop. */
export function startableClock(): StartableClock {
  const offsetUs = monotonicOffsetUs();
  let shiftUs = -performance.now() * 1000 - BEFORE_START_US;
  let originEpochUs = 0;
  const nowUs = () => performance.now() * 1000 + shiftUs;
  const bed = new Bed(nowUs);
  return {
    nowUs,
    get originEpochUs() {
      return originEpochUs;
    },
    start(origin) {
      shiftUs = offsetUs - origin.monotonicUs;
      originEpochUs = origin.epochUs;
    },
    setTimer: (atUs, fire) => sleepUntil(atUs, nowUs, fire),
    setPreciseTimer: (atUs, fire, isQuiet = NEVER_QUIET) =>
      napUntil({ atUs, nowUs, bed, isQuiet, fire }),
    setImmediate(fire) {
      setImmediate(fire);
    },
  };
}

/** The real clock with a known origin. */
export function realClock(origin: ClockOrigin): Clock {
  const clock = startableClock();
  clock.start(origin);
  return clock;
}

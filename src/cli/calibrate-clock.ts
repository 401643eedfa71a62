import { type Clock, clockOrigin, realClock } from '../core/clock.ts';

/** How well this machine tells the time and wakes up; microseconds. */
export interface ClockFigures {
  /** The smallest step between two readings. */
  readonly resolutionUs: number;
  /** What one reading costs. */
  readonly readingUs: number;
  /** How late the event loop's timers fire, and those that the load is paced by. */
  readonly timer: Lateness;
  readonly pacer: Lateness;
}

interface Lateness {
  readonly p50Us: number;
  readonly p99Us: number;
}

const READINGS = 200_000;
const WAITS = 300;
/** Waits of 1 to 5 ms, so that they do not fall into step with the timers. */
const WAIT_MIN_US = 1000;
const WAIT_STEPS = 7;
const WAIT_STEP_US = 570;

/** Measures the real clock, which takes about two seconds. */
export async function measureClock(): Promise<ClockFigures> {
  const clock = realClock(clockOrigin());
  return {
    ...measureReadings(clock),
    timer: await measureWaits(clock, 'setTimer'),
    pacer: await measureWaits(clock, 'setPreciseTimer'),
  };
}

function measureReadings(clock: Clock): Pick<ClockFigures, 'resolutionUs' | 'readingUs'> {
  let resolutionUs = Number.POSITIVE_INFINITY;
  const startUs = clock.nowUs();
  let beforeUs = startUs;
  for (let i = 0; i < READINGS; i++) {
    const nowUs = clock.nowUs();
    if (nowUs > beforeUs) resolutionUs = Math.min(resolutionUs, nowUs - beforeUs);
    beforeUs = nowUs;
  }
  return { resolutionUs, readingUs: (beforeUs - startUs) / READINGS };
}

async function measureWaits(
  clock: Clock,
  timer: 'setTimer' | 'setPreciseTimer',
): Promise<Lateness> {
  const lateUs = new Float64Array(WAITS);
  for (let i = 0; i < WAITS; i++) {
    const atUs = clock.nowUs() + WAIT_MIN_US + (i % WAIT_STEPS) * WAIT_STEP_US;
    await new Promise<void>((resolve) => {
      clock[timer](atUs, resolve);
    });
    lateUs[i] = clock.nowUs() - atUs;
  }
  lateUs.sort();
  const at = (share: number) => lateUs[Math.floor(share * (WAITS - 1))] ?? 0;
  return { p50Us: at(0.5), p99Us: at(0.99) };
}

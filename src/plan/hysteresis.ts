/**
 * Does a system that was overloaded come back to what it was? In: the same rates measured on the way up and on the way
 * down, in one run. Out: pairs, and the rates at which the way down was worse: a backlog that lasts, or retries that keep
 * an overload alive (metastability).
 */

/** One rate of the sweep, as measured. */
export interface SweepStep {
  readonly perSecond: number;
  readonly acceptedPerSecond: number;
  readonly responseP99Us: number | null;
  readonly throttle: number;
}

export interface Hysteresis {
  /** By rate; `down` is null at the top. */
  readonly steps: readonly { readonly up: SweepStep; readonly down: SweepStep | null }[];
  /** Rates at which the way down was worse. */
  readonly worseAt: readonly number[];
}

/** Of the rate that was found: up to clear overload. */
const UP = [0.8, 0.95, 1.1, 1.25];
const DOWN = [1.1, 0.95, 0.8];
const P99_FACTOR = 1.5;
const P99_MIN_US = 10_000;
const THROTTLE_MIN = 0.005;

/** Rates in the order in which they are to be measured. */
export function sweepRates(perSecond: number): number[] {
  return [...UP, ...DOWN].map((factor) => perSecond * factor);
}

/** @param steps of {@link sweepRates}, perhaps cut short */
export function hysteresisOf(steps: readonly SweepStep[]): Hysteresis {
  const up = steps.slice(0, UP.length);
  const down = steps.slice(UP.length);
  const pairs = up.map((step) => ({
    up: step,
    down: down.find(({ perSecond }) => perSecond === step.perSecond) ?? null,
  }));
  const worse = pairs.filter(
    ({ up: before, down: after }) => after !== null && isWorse(before, after),
  );
  return { steps: pairs, worseAt: worse.map(({ up: { perSecond } }) => perSecond) };
}

function isWorse(up: SweepStep, down: SweepStep): boolean {
  const before = up.responseP99Us ?? 0;
  const after = down.responseP99Us ?? 0;
  const isSlower = after > P99_FACTOR * before && after - before > P99_MIN_US;
  return isSlower || down.throttle - up.throttle > THROTTLE_MIN;
}

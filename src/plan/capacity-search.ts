/**
 * The highest rate that keeps its objectives. In: a way to measure one rate, and a way to go up and down through rates in
 * one run. Out: a bracket, the confirmed rate, every probe, and whether the way down differs from the way up. Steps up by
 * half until a rate fails, halves the bracket on the logarithm of the rate, then confirms a little below the best. Every
 * probe is a fresh run. Bounded; an interrupted search gives what it found.
 */
import { type Hysteresis, hysteresisOf, type SweepStep, sweepRates } from './hysteresis.ts';

/** What one rate came to. */
export interface Probe {
  readonly perSecond: number;
  readonly windowSeconds: number;
  /** Objectives that failed; none: the rate is sustainable. */
  readonly failed: readonly string[];
  /** Whether the generator was the bottleneck: the rate says nothing of the target. */
  readonly isGeneratorBound: boolean;
  /** Why it was; empty when it was not. */
  readonly generatorReasons: readonly string[];
  readonly acceptedPerSecond: number;
  readonly responseP99Us: number | null;
  readonly throttle: number;
  /** The most used shard and how much of its limit. */
  readonly hottestShard: string | null;
  readonly isInterrupted: boolean;
}

export interface CapacitySearch {
  /** Confirmed sustainable, user records a second; null: none was. */
  readonly perSecond: number | null;
  /** Highest rate that passed and lowest that failed; null: none did. */
  readonly passed: number | null;
  readonly failed: Probe | null;
  readonly status: 'confirmed' | 'not confirmed' | 'generator-bound' | 'interrupted' | 'no rate';
  /** Lowest rate whose p99 is more than twice that of the least loaded probe; null: none. */
  readonly kneePerSecond: number | null;
  /** In the order in which they were measured. */
  readonly probes: readonly Probe[];
  /** One run up to overload and down again; null: not asked for, or there was no rate to go around. */
  readonly hysteresis: Hysteresis | null;
}

export interface SearchOptions {
  readonly fromPerSecond: number;
  readonly windowSeconds: number;
  /** Width of the bracket to stop at, as a share. */
  readonly precision: number;
  /** @param count how many were measured before: a repetition draws another load */
  readonly measure: (perSecond: number, windowSeconds: number, count: number) => Promise<Probe>;
  /** Measures these rates one after the other in one run, in which backlogs live on; null: it is not wanted. */
  readonly sweep:
    | ((rates: readonly number[], windowSeconds: number) => Promise<readonly SweepStep[] | null>)
    | null;
}

const STEP = 1.5;
const STEPS_MAX = 40;
const WINDOW_GROWTH = 1.33;
const CONFIRM_AT = 0.97;
const CONFIRM_WINDOWS = 3;
const STEP_DOWN = 0.95;
const STEPS_DOWN_MAX = 5;
const KNEE_FACTOR = 2;

/** Ends the search where it is. */
class Ended extends Error {
  readonly status: CapacitySearch['status'];

  constructor(status: CapacitySearch['status']) {
    super(status);
    this.status = status;
  }
}

export async function searchCapacity(options: SearchOptions): Promise<CapacitySearch> {
  const probes: Probe[] = [];
  let windowSeconds = options.windowSeconds;
  const holds = async (perSecond: number): Promise<boolean> => {
    const probe = await options.measure(perSecond, windowSeconds, probes.length);
    if (probe.isInterrupted) throw new Ended('interrupted');
    probes.push(probe);
    if (probe.isGeneratorBound) throw new Ended('generator-bound');
    return probe.failed.length === 0;
  };
  let perSecond: number | null = null;
  let status: CapacitySearch['status'];
  try {
    let [low, high] = await bracket(options.fromPerSecond, holds);
    while (high / low > 1 + options.precision) {
      const middle = Math.sqrt(low * high);
      if (await holds(middle)) low = middle;
      else high = middle;
      windowSeconds = Math.min(options.windowSeconds * 4, windowSeconds * WINDOW_GROWTH);
    }
    perSecond = await confirm(low * CONFIRM_AT, holds);
    status = perSecond === null ? 'not confirmed' : 'confirmed';
  } catch (ended) {
    if (!(ended instanceof Ended)) throw ended;
    status = ended.status;
  }
  const found = bracketOf(probes);
  const around = perSecond ?? found.passed;
  const isOver = status === 'interrupted' || status === 'generator-bound';
  const steps =
    options.sweep === null || around === null || isOver
      ? null
      : await options.sweep(sweepRates(around), options.windowSeconds);
  return {
    perSecond,
    status,
    ...found,
    kneePerSecond: kneeOf(probes),
    probes,
    hysteresis: steps === null ? null : hysteresisOf(steps),
  };
}

/** A rate that holds and one that does not, neighbours on the geometric ladder. */
async function bracket(
  from: number,
  holds: (perSecond: number) => Promise<boolean>,
): Promise<[number, number]> {
  const isUp = await holds(from);
  let rate = from;
  for (let step = 0; step < STEPS_MAX; step++) {
    const next = isUp ? rate * STEP : rate / STEP;
    const held = await holds(next);
    if (held !== isUp) return isUp ? [rate, next] : [next, rate];
    rate = next;
  }
  throw new Ended('no rate');
}

async function confirm(
  from: number,
  holds: (perSecond: number) => Promise<boolean>,
): Promise<number | null> {
  let rate = from;
  for (let step = 0; step < STEPS_DOWN_MAX; step++) {
    let windows = 0;
    while (windows < CONFIRM_WINDOWS && (await holds(rate))) windows++;
    if (windows === CONFIRM_WINDOWS) return rate;
    rate *= STEP_DOWN;
  }
  return null;
}

function bracketOf(probes: readonly Probe[]): Pick<CapacitySearch, 'passed' | 'failed'> {
  const bad = probes.filter(({ failed }) => failed.length > 0);
  const failed = bad.reduce<Probe | null>(
    (least, probe) => (least === null || probe.perSecond < least.perSecond ? probe : least),
    null,
  );
  const good = probes.filter((probe) => !probe.isGeneratorBound && probe.failed.length === 0);
  const rates = good.map(({ perSecond }) => perSecond);
  const below = rates.filter((rate) => failed === null || rate < failed.perSecond);
  return { failed, passed: below.length === 0 ? null : Math.max(...below) };
}

function kneeOf(probes: readonly Probe[]): number | null {
  const curve = [...probes].sort((a, b) => a.perSecond - b.perSecond);
  const base = curve[0]?.responseP99Us ?? null;
  if (base === null) return null;
  return (
    curve.find(({ responseP99Us }) => (responseP99Us ?? 0) > KNEE_FACTOR * base)?.perSecond ?? null
  );
}

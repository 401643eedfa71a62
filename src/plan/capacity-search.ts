/**
 * The highest rate that keeps its objectives. In: a way to measure one rate, and a way to go up and down through rates in
 * one run. Out: a bracket, the confirmed rate, every probe, and whether the way down differs from the way up. Steps up by
 * half until a rate fails, halves the bracket on the logarithm of the rate, then confirms a little below the best. Every
 * probe is a fresh run. Bounded by the lowest and the highest rate that may be tried; whatever ends a search, it gives what
 * it found.
 */
import { type Hysteresis, hysteresisOf, type SweepStep, sweepRates } from './hysteresis.ts';

/** What one rate came to. */
export interface Probe {
  readonly perSecond: number;
  readonly windowSeconds: number;
  /** Objectives that failed; none: the rate is sustainable. */
  readonly failed: readonly string[];
  /**
   * Why objectives could not be judged: of some there is never data, or nothing but too few samples speaks against the
   * rate, which a higher one mends; null: they could.
   */
  readonly undecided: 'no data' | 'not enough data' | null;
  /** Whether nothing but a growing backlog speaks against the rate, which over a few seconds may be chance. */
  readonly isByTrendOnly: boolean;
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

/**
 * How a search ended. At least: the highest rate that may be tried holds. No rate: the lowest fails. Broken off: by an error.
 * What was confirmed before an interruption or an error stays.
 */
export type CapacityStatus =
  | 'confirmed'
  | 'not confirmed'
  | 'at least'
  | 'no rate'
  | 'generator-bound'
  | 'interrupted'
  | 'broken off';

export interface CapacitySearch {
  /** Confirmed sustainable, user records a second; null: none was. */
  readonly perSecond: number | null;
  /** Highest rate that passed and lowest that failed; null: none did. */
  readonly passed: number | null;
  readonly failed: Probe | null;
  readonly status: CapacityStatus;
  /** Lowest rate whose p99 is more than twice that of the least loaded probe; null: none. */
  readonly kneePerSecond: number | null;
  /** In the order in which they were measured. */
  readonly probes: readonly Probe[];
  /** One run up to overload and down again; null: not asked for, or there was no rate to go around. */
  readonly hysteresis: Hysteresis | null;
}

export interface SearchOptions {
  readonly fromPerSecond: number;
  /** Rates below and above these are not tried. */
  readonly leastPerSecond: number;
  readonly mostPerSecond: number;
  readonly windowSeconds: number;
  /** Width of the bracket to stop at, as a share. */
  readonly precision: number;
  /**
   * @param count how many were measured before: a repetition draws another load
   * @throws SearchEnded to end the search with what was found
   */
  readonly measure: (perSecond: number, windowSeconds: number, count: number) => Promise<Probe>;
  /** Measures these rates one after the other in one run, in which backlogs live on; null: it is not wanted. */
  readonly sweep:
    | ((rates: readonly number[], windowSeconds: number) => Promise<SweepOutcome>)
    | null;
}

/** The steps that were measured, all of them unless it was interrupted. */
interface SweepOutcome {
  readonly steps: readonly SweepStep[];
  readonly isInterrupted: boolean;
}

const STEP = 1.5;
const WINDOW_GROWTH = 1.33;
const CONFIRM_AT = 0.97;
const CONFIRM_WINDOWS = 3;
const STEP_DOWN = 0.95;
const STEPS_DOWN_MAX = 5;
const KNEE_FACTOR = 2;

/** Ends the search where it is. */
export class SearchEnded extends Error {
  readonly status: CapacityStatus;

  constructor(status: CapacityStatus) {
    super(status);
    this.status = status;
  }
}

type Holds = (perSecond: number) => Promise<boolean>;

export async function searchCapacity(options: SearchOptions): Promise<CapacitySearch> {
  const probes: Probe[] = [];
  let windowSeconds = options.windowSeconds;
  let count = 0;
  const measure = async (perSecond: number, seconds: number): Promise<Probe> => {
    const probe = await options.measure(perSecond, seconds, count++);
    if (probe.isInterrupted) throw new SearchEnded('interrupted');
    return probe;
  };
  const probeAt = async (perSecond: number): Promise<Probe> => {
    let probe = await measure(perSecond, windowSeconds);
    // A search asks so often that one of its windows shows a trend by chance; a real one is there in a longer window too.
    if (probe.isByTrendOnly) probe = await measure(perSecond, 2 * windowSeconds);
    probes.push(probe);
    if (probe.isGeneratorBound) throw new SearchEnded('generator-bound');
    if (probe.undecided === 'no data') throw new SearchEnded('no rate');
    return probe;
  };
  const holds: Holds = async (rate) => (await probeAt(rate)).failed.length === 0;
  let perSecond: number | null = null;
  let steps: readonly SweepStep[] = [];
  let status: CapacityStatus;
  try {
    const bounds = await bracket(options, probeAt);
    let [low] = bounds;
    let [, high] = bounds;
    while (high !== null && high / low > 1 + options.precision) {
      const middle = Math.sqrt(low * high);
      if (await holds(middle)) low = middle;
      else high = middle;
      windowSeconds = Math.min(options.windowSeconds * 4, windowSeconds * WINDOW_GROWTH);
    }
    perSecond = await confirm(high === null ? low : low * CONFIRM_AT, options, holds);
    status = confirmedStatus(perSecond, options);
    const around = perSecond ?? bracketOf(probes).passed;
    if (options.sweep !== null && around !== null && status !== 'at least') {
      const swept = await options.sweep(ratesAround(around, options), options.windowSeconds);
      steps = swept.steps;
      if (swept.isInterrupted) status = 'interrupted';
    }
  } catch (ended) {
    if (!(ended instanceof SearchEnded)) throw ended;
    status = ended.status;
  }
  return {
    perSecond,
    status,
    ...bracketOf(probes),
    kneePerSecond: kneeOf(probes),
    probes,
    hysteresis: steps.length === 0 ? null : hysteresisOf(steps),
  };
}

function confirmedStatus(
  perSecond: number | null,
  { mostPerSecond }: SearchOptions,
): CapacityStatus {
  if (perSecond === null) return 'not confirmed';
  return perSecond === mostPerSecond ? 'at least' : 'confirmed';
}

function ratesAround(perSecond: number, { mostPerSecond }: SearchOptions): number[] {
  return sweepRates(perSecond).map((rate) => Math.min(mostPerSecond, rate));
}

/**
 * A rate that holds and one that does not, neighbours on the geometric ladder; null: all up to the highest hold. Below a
 * rate of too few samples there are still fewer, so from there the way is up.
 */
async function bracket(
  { fromPerSecond, leastPerSecond, mostPerSecond }: SearchOptions,
  probeAt: (perSecond: number) => Promise<Probe>,
): Promise<readonly [number, number | null]> {
  let rate = Math.min(mostPerSecond, Math.max(leastPerSecond, fromPerSecond));
  let probe = await probeAt(rate);
  while (probe.undecided !== null && rate < mostPerSecond) {
    rate = Math.min(mostPerSecond, rate * STEP);
    probe = await probeAt(rate);
  }
  const isUp = probe.failed.length === 0;
  const last = isUp ? mostPerSecond : leastPerSecond;
  while (rate !== last) {
    const next = isUp ? Math.min(last, rate * STEP) : Math.max(last, rate / STEP);
    const { failed, undecided } = await probeAt(next);
    if (undecided !== null && !isUp) break;
    if ((failed.length === 0) !== isUp) return isUp ? [rate, next] : [next, rate];
    rate = next;
  }
  if (!isUp) throw new SearchEnded('no rate');
  return [rate, null];
}

async function confirm(
  from: number,
  { leastPerSecond }: SearchOptions,
  holds: Holds,
): Promise<number | null> {
  let rate = Math.max(leastPerSecond, from);
  for (let step = 0; step < STEPS_DOWN_MAX; step++) {
    let windows = 0;
    while (windows < CONFIRM_WINDOWS && (await holds(rate))) windows++;
    if (windows === CONFIRM_WINDOWS) return rate;
    if (rate === leastPerSecond) return null;
    rate = Math.max(leastPerSecond, rate * STEP_DOWN);
  }
  return null;
}

function bracketOf(probes: readonly Probe[]): Pick<CapacitySearch, 'passed' | 'failed'> {
  const failing = probes.filter(({ failed }) => failed.length > 0);
  const decided = failing.filter(({ undecided }) => undecided === null);
  const good = probes.filter((probe) => !probe.isGeneratorBound && probe.failed.length === 0);
  // What could not be judged is a limit only where nothing was.
  const bad = decided.length + good.length === 0 ? failing : decided;
  const failed = bad.reduce<Probe | null>(
    (least, probe) => (least === null || probe.perSecond < least.perSecond ? probe : least),
    null,
  );
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

/**
 * Whether a suspicion holds. In: runs made to confirm it. Out: how far the new level lies from the old one, with an
 * interval, and whether that is proof. Two ways: blocks of the old and the new program side by side (hodges-lehmann.ts), or
 * runs of tonight against the nights before, which is this file. docs/decisions/0002-gate.md has what each can prove, and how
 * often each errs.
 */
import { momentsOf, studentQuantile } from './student-t.ts';

/** Chance of an interval from blocks that misses: below the usual 5 %, because 60 nights raise three suspicions a metric. */
export const BLOCK_ALPHA = 0.02;
/** Chance of a night's interval that misses. Small, because the worst night of many is the one that is looked at. */
export const NIGHT_ALPHA = 0.001;
/**
 * Of the variance between tonight's runs, the share that is surely no more than their true one: with eight runs the true
 * variance is above half the measured one in 95 of 100 cases. What is taken off the nights' variance must be sure.
 */
const SURE_SHARE = 0.5;

/** A change of level, in the unit of the values. */
export interface LevelShift {
  readonly estimate: number;
  readonly interval: readonly [low: number, high: number];
}

export interface NightShift extends LevelShift {
  /** Standard deviation that nights have beyond that of runs in one night, at most; 0: they have none. */
  readonly betweenNights: number;
}

/** Nights before the change, nights since, and tonight's runs; the logarithms of values above zero. */
export interface NightSamples {
  /** One value a night at the old level, at least two. */
  readonly level: readonly number[];
  /** One value for each night since the change began, tonight left out. */
  readonly since: readonly number[];
  /** Tonight's runs, at least two. */
  readonly tonight: readonly number[];
}

/**
 * Several runs of tonight, and one of each night since the change, against one run of each night before. Runs of one night
 * share whatever that night does to the machine, so many of them do not make tonight surer than one night is: the nights'
 * variance less the runs' (variance components: Kalibera and Jones 2013) stays in the error whole.
 * @param alpha chance of an interval that misses
 */
export function nightShift({ level, since, tonight }: NightSamples, alpha: number): NightShift {
  const before = momentsOf(level);
  const runs = momentsOf(tonight);
  const earlier = momentsOf(since);
  const ofNights = before.squares / (before.count - 1);
  const ofRuns = runs.squares / (runs.count - 1);
  const between = Math.max(0, ofNights - SURE_SHARE * ofRuns);
  const nights = since.length + 1;
  const mean = (earlier.mean * earlier.count + runs.mean) / nights;
  const ofSingle = Math.max(ofNights, between + ofRuns);
  const ofMean = (since.length * ofSingle + between + ofRuns / runs.count) / nights ** 2;
  const half =
    studentQuantile(alpha, before.count - 1) * Math.sqrt(ofMean + ofNights / before.count);
  const estimate = mean - before.mean;
  return {
    estimate,
    interval: [estimate - half, estimate + half],
    betweenNights: Math.sqrt(between),
  };
}

/** Confirmed: the interval leaves out "no change" and the change itself is beyond the margin, on the same side. */
export function isProven(
  {
    estimate,
    interval,
  }: { readonly estimate: number; readonly interval: LevelShift['interval'] | null },
  margin: { readonly low: number; readonly high: number },
): boolean {
  if (interval === null) return false;
  return (interval[0] > 0 && estimate > margin.high) || (interval[1] < 0 && estimate < margin.low);
}

/**
 * The second half of a gate: whether a suspicion holds. In: runs that were made to find out. Out: for each suspect metric a
 * change with its interval, and whether that is proof. docs/decisions/0002-gate.md has why, and how often it errs.
 */
import type { Summary } from '../../results/summary.ts';
import { BLOCK_ALPHA, isProven, NIGHT_ALPHA, nightShift } from '../../statistics/night-shift.ts';
import { ratioMargin } from '../../statistics/verdict.ts';
import type { ComparedMetric, Effect } from '../comparison/comparison.ts';
import { effectsOf } from '../comparison/effects.ts';
import type { RunInput } from '../comparison/input.ts';
import { metricValue } from '../comparison/metrics.ts';
import type { ConfirmedMetric } from './gate.ts';
import type { JudgedMetric } from './judge.ts';

/** Blocks of an old program and this one, in the same order, over the suspect metrics (corrected by Holm). */
export function confirmByBlocks(
  suspects: readonly JudgedMetric[],
  baseline: readonly RunInput[],
  candidate: readonly RunInput[],
): ConfirmedMetric[] {
  const metrics: ComparedMetric[] = suspects.map(({ path, name, better, margin }) => ({
    path,
    name,
    better,
    margin,
    isPrimary: true,
  }));
  const effects = effectsOf(
    'candidate',
    { baseline, variant: candidate, isPaired: true },
    metrics,
    BLOCK_ALPHA,
  );
  return effects.flatMap((effect) => {
    const suspect = suspects.find(({ path }) => path === effect.metric);
    return suspect === undefined ? [] : [confirmedEffect(effect, suspect)];
  });
}

function confirmedEffect(effect: Effect, suspect: JudgedMetric): ConfirmedMetric {
  const { metric: path, scale, estimate, interval, confidence, isDifferent } = effect;
  const isRatio = scale === 'ratio';
  const scaled = (value: number) => (isRatio ? Math.log(value) : value);
  // The shown interval may be a plain one where the corrected one does not exist; that one proves nothing.
  const shift = {
    estimate: scaled(estimate),
    interval: interval === null || !isDifferent ? null : pair(interval, scaled),
  };
  return {
    path,
    scale,
    estimate,
    interval,
    confidence,
    isProven: isWorse(shift.estimate, suspect) && isProven(shift, marginOf(suspect, isRatio)),
  };
}

/** Tonight's runs again, against the nights before; a chance of error shared out among the suspects. */
export function confirmByNights(
  suspects: readonly JudgedMetric[],
  runs: readonly Summary[],
): ConfirmedMetric[] {
  const alpha = NIGHT_ALPHA / suspects.length;
  return suspects.flatMap((suspect) => {
    const tonight = runs.flatMap((summary) => metricValue(summary, suspect.path) ?? []);
    const { levelValues, sinceValues } = suspect;
    if (tonight.length < 2 || levelValues.length < 2) return [];
    const all = [...levelValues, ...sinceValues, ...tonight];
    const isRatio = all.every((value) => value > 0);
    const scaled = (values: readonly number[]) => (isRatio ? values.map(Math.log) : values);
    const shift = nightShift(
      { level: scaled(levelValues), since: scaled(sinceValues), tonight: scaled(tonight) },
      alpha,
    );
    const unscaled = (value: number) => (isRatio ? Math.exp(value) : value);
    return [
      {
        path: suspect.path,
        scale: isRatio ? ('ratio' as const) : ('difference' as const),
        estimate: unscaled(shift.estimate),
        interval: pair(shift.interval, unscaled),
        confidence: 1 - alpha,
        isProven: isWorse(shift.estimate, suspect) && isProven(shift, marginOf(suspect, isRatio)),
      },
    ];
  });
}

function pair(
  [low, high]: readonly [number, number],
  scale: (value: number) => number,
): readonly [number, number] {
  return [scale(low), scale(high)];
}

function isWorse(change: number, { better }: JudgedMetric): boolean {
  return change > 0 === (better === 'lower');
}

/** Without a ratio the margin is that share of the level, or of one for rates, as in a comparison. */
function marginOf({ path, margin, level }: JudgedMetric, isRatio: boolean) {
  if (isRatio) return ratioMargin(margin);
  const whole = path.startsWith('rates.') ? 1 : Math.abs(level ?? 0);
  return { low: -margin * whole, high: margin * whole };
}

/**
 * How much runs of the same setting differ, and what that lets a comparison see. In: the runs that count, and their effects.
 * Out: a spread for each primary metric. It is what a margin should be chosen by: one below the width of the intervals
 * cannot be shown to be kept.
 */

import { median } from '../../statistics/order-statistics.ts';
import type { ComparedMetric, Effect, MetricNoise } from './comparison.ts';
import type { Sides } from './effects.ts';
import type { RunInput } from './input.ts';
import { metricValue } from './metrics.ts';

/** The noise of every primary metric whose values are all above zero. */
export function noiseOf(
  sides: readonly Sides[],
  metrics: readonly ComparedMetric[],
  effects: readonly Effect[],
): MetricNoise[] {
  return metrics.flatMap(({ path, isPrimary }) => {
    const sd = isPrimary ? spreadOf(sides, path) : null;
    if (sd === null) return [];
    const widths = effects.flatMap(({ metric, scale, interval }) =>
      metric === path && scale === 'ratio' && interval !== null
        ? [Math.log(interval[1] / interval[0]) / 2]
        : [],
    );
    return [{ metric: path, sd, halfWidth: widths.length === 0 ? null : median(widths) }];
  });
}

/** Pooled over variants: of pairs the spread of their log ratios by √2, since both runs of a pair have their own noise. */
function spreadOf(sides: readonly Sides[], path: string): number | null {
  const groups = sides.flatMap((side) => logGroups(side, path));
  const squares = groups.reduce((sum, values) => sum + squaresOf(values), 0);
  const freedom = groups.reduce((sum, values) => sum + Math.max(0, values.length - 1), 0);
  if (freedom === 0) return null;
  const isPaired = sides.every((side) => side.isPaired);
  return Math.sqrt(squares / freedom / (isPaired ? 2 : 1));
}

function logGroups({ baseline, variant, isPaired }: Sides, path: string): number[][] {
  const first = logsOf(baseline, path);
  const second = logsOf(variant, path);
  if (!isPaired) return [first, second].map((values) => values.filter(Number.isFinite));
  return [second.map((value, i) => value - (first[i] as number)).filter(Number.isFinite)];
}

/** NaN where a run has no such value. */
function logsOf(runs: readonly RunInput[], path: string): number[] {
  return runs.map(({ summary }) => Math.log(metricValue(summary, path) ?? Number.NaN));
}

function squaresOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}

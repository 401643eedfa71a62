/**
 * Whether a run has told enough: how wide the 95 % interval of a metric is by now, as a share of its value. In: the totals
 * of the phase that goes on. Out: a share, or null while the sample does not support the metric.
 */
import type { PhaseTotals } from '../measure/run-totals.ts';
import { latencySummary } from './latency-summary.ts';
import { acceptedHalfWidth } from './steadiness.ts';
import type { LatencySummary, PrecisionSummary } from './summary.ts';
import type { Finding } from './warnings.ts';

/** Metrics with error bars within one run. */
export type PreciseMetric =
  | 'acceptedPerSecond'
  | 'response.mean'
  | 'response.p50'
  | 'response.p90'
  | 'response.p95'
  | 'response.p99';

/** When a run may end before its schedule does (scenario/plan.ts, StopPlan). */
export interface StopRule {
  readonly metric: PreciseMetric;
  /** Half of the interval's width, as a share of the value. */
  readonly halfWidth: number;
  /** How long the phase must have gone on. */
  readonly minDurationUs: number;
}

/** How precise a metric of a phase is by now: half its interval's width as a share of its value; null: unknown. */
export function relativeHalfWidth(
  totals: PhaseTotals,
  metric: PreciseMetric,
  untilUs = Number.POSITIVE_INFINITY,
): number | null {
  const points = totals.series.points(untilUs);
  if (metric === 'acceptedPerSecond') {
    const half = acceptedHalfWidth(points);
    const seconds = points.reduce((sum, point) => sum + point.seconds, 0);
    const accepted = points.reduce((sum, point) => sum + point.accepted, 0);
    return half === null || accepted === 0 ? null : half / (accepted / seconds);
  }
  const name = metric.slice('response.'.length) as 'mean' | 'p50' | 'p90' | 'p95' | 'p99';
  return widthOf(latencySummary(totals.latency.response, points), name);
}

function widthOf(
  summary: LatencySummary,
  name: 'mean' | 'p50' | 'p90' | 'p95' | 'p99',
): number | null {
  const value = summary[name];
  const { confidence } = summary;
  const interval = name === 'mean' ? confidence?.mean : confidence?.intervals[name];
  if (value === null || value === 0 || interval === undefined) return null;
  return Math.max(value - interval[0], interval[1] - value) / value;
}

/** Whether the phase that started at `startUs` may end at `nowUs`. */
export function isPreciseEnough(
  rule: StopRule,
  totals: PhaseTotals,
  { startUs, nowUs }: { readonly startUs: number; readonly nowUs: number },
): boolean {
  if (nowUs - startUs < rule.minDurationUs) return false;
  const width = relativeHalfWidth(totals, rule.metric);
  return width !== null && width <= rule.halfWidth;
}

/** What summary.json says of a stop rule; null without one. */
export function precisionOf(
  rule: StopRule | null,
  totals: PhaseTotals | undefined,
  stoppedUs: number | null,
): PrecisionSummary | null {
  if (rule === null || totals === undefined) return null;
  const { metric, halfWidth: wanted } = rule;
  const halfWidth = relativeHalfWidth(totals, metric, stoppedUs ?? undefined);
  return { metric, wanted, halfWidth, reached: halfWidth !== null && halfWidth <= wanted };
}

/** What is worth a warning. */
export function checkPrecision(precision: PrecisionSummary | null): Finding[] {
  if (precision === null || precision.reached) return [];
  const { metric, wanted, halfWidth } = precision;
  return [{ kind: 'precision-not-reached', metric, wanted, halfWidth }];
}

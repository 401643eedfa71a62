import { formatCount } from '../core/units.ts';
import { percentileOf, samplesNeeded } from './latency-summary.ts';
import type { Measures, Summary, ThresholdOutcome } from './summary.ts';

/** A threshold as the scenario resolved it (scenario/plan.ts, ThresholdPlan). */
export interface Threshold {
  readonly expression: string;
  /** Path in summary.json, in full. */
  readonly metric: string;
  readonly operator: '<' | '<=' | '>' | '>=' | '==' | '!=';
  /** In the metric's own unit. */
  readonly limit: number;
  readonly phase: string | null;
  /** `shardId-000000000003`, or its number. */
  readonly shard: string | null;
}

export const NO_DATA = 'no data';

/**
 * Judges each threshold. One without samples did not hold: silence is not a good result. A percentile of too few samples is
 * judged by the value that there is, and the note says how little that is.
 */
export function judgeThresholds(
  summary: Omit<Summary, 'thresholds'>,
  thresholds: readonly Threshold[],
): ThresholdOutcome[] {
  return thresholds.map((threshold) => {
    const actual = actualOf(summary, threshold);
    const { expression, operator, limit } = threshold;
    if (typeof actual === 'string') return { expression, actual: null, held: false, note: actual };
    return {
      expression,
      actual,
      held: compare(actual, operator, limit),
      note: noteOf(summary, threshold),
    };
  });
}

/** `not enough data: p99 of 2 samples, 998 more are needed`; '' where the sample is large enough. */
function noteOf(summary: Omit<Summary, 'thresholds'>, { phase, shard, metric }: Threshold): string {
  const [group, name, value = ''] = metric.split('.');
  const percentile = percentileOf(value);
  if (group !== 'latency' || shard !== null || percentile === null) return '';
  const scope = phase === null ? summary : summary.phases.find((found) => found.name === phase);
  const count = scope === undefined ? null : numberAt(scope, `latency.${name}.count`);
  const missing = count === null ? 0 : samplesNeeded(percentile, count);
  if (missing === 0) return '';
  const words = `${value.replace('_', '.')} of ${formatCount(count ?? 0)} samples`;
  return `not enough data: ${words}, ${formatCount(missing)} more are needed`;
}

/** The measured value, or why there is none. */
function actualOf(summary: Omit<Summary, 'thresholds'>, threshold: Threshold): number | string {
  const { phase, shard, metric } = threshold;
  const scope = phase === null ? summary : summary.phases.find((found) => found.name === phase);
  if (scope === undefined) return `${NO_DATA}: there is no phase ${phase}`;
  if (shard !== null) return shardValue(scope, shard, metric);
  if (!hasSamples(scope, metric)) return NO_DATA;
  return numberAt(scope, metric) ?? NO_DATA;
}

function shardValue(scope: Measures, shard: string, metric: string): number | string {
  const found = scope.shards.find(
    ({ id }) => id === shard || (/^\d+$/.test(shard) && Number(id.slice(8)) === Number(shard)),
  );
  if (found === undefined) return `${NO_DATA}: there is no shard ${shard}`;
  return numberAt(found, metric.replace(/^shards\./, '')) ?? NO_DATA;
}

/** A count of nothing is no evidence: `failed == 0` says nothing when nothing was offered. */
function hasSamples(scope: Measures, metric: string): boolean {
  const [group = '', name = ''] = metric.split('.');
  switch (group) {
    case 'userRecords':
      return scope.userRecords.offered > 0;
    case 'kinesisRecords':
      return scope.kinesisRecords.sent > 0;
    case 'requests':
      return scope.requests.sent > 0;
    case 'attempts':
      return scope.attempts.records > 0;
    case 'rates':
      return name === 'throttle' || name === 'retryAmplification'
        ? scope.attempts.records > 0
        : scope.requests.sent > 0;
    case 'latency':
      return numberAt(scope, `latency.${name}.count`) !== 0;
    default:
      return true;
  }
}

function numberAt(from: object, path: string): number | null {
  let value: unknown = from;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null;
    value = (value as Record<string, unknown>)[name];
  }
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function compare(actual: number, operator: Threshold['operator'], limit: number): boolean {
  switch (operator) {
    case '<':
      return actual < limit;
    case '<=':
      return actual <= limit;
    case '>':
      return actual > limit;
    case '>=':
      return actual >= limit;
    case '==':
      return actual === limit;
    case '!=':
      return actual !== limit;
  }
}

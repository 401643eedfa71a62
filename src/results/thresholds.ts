import { formatCount, formatDurationUs } from '../core/units.ts';
import { percentileOf, samplesNeeded, supportedBelow } from './latency-summary.ts';
import type { LatencySummary, Measures, Summary, ThresholdOutcome } from './summary.ts';

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
const NOT_ENOUGH = 'not enough data';
/** How often chance may make samples agree that do not speak for the rest. */
const CHANCE_MAX = 0.05;

/** Whether there are samples, but too few to tell whether a threshold holds. */
export function isUndecided({ note }: ThresholdOutcome): boolean {
  return note.startsWith(NOT_ENOUGH);
}

/**
 * Judges each threshold. One without samples did not hold: silence is not a good result. Nor did one on a percentile that
 * its sample does not support, unless all samples agree and are too many for that to be chance.
 */
export function judgeThresholds(
  summary: Omit<Summary, 'thresholds'>,
  thresholds: readonly Threshold[],
): ThresholdOutcome[] {
  return thresholds.map((threshold) => {
    const actual = actualOf(summary, threshold);
    const { expression, operator, limit } = threshold;
    if (typeof actual === 'string') return { expression, actual: null, held: false, note: actual };
    const few = fewSamples(summary, threshold);
    return few === null
      ? { expression, actual, held: compare(actual, operator, limit), note: '' }
      : { expression, actual, ...judgeFew(few, threshold) };
  });
}

/** A percentile with fewer than ten values beyond it. */
interface FewSamples {
  /** `p99.9`. */
  readonly name: string;
  /** 0 … 1. */
  readonly percentile: number;
  readonly latency: LatencySummary;
}

/** Null: the threshold is on no percentile, or on one that its sample supports. */
function fewSamples(
  summary: Omit<Summary, 'thresholds'>,
  { phase, shard, metric }: Threshold,
): FewSamples | null {
  const [group, time = '', value = ''] = metric.split('.');
  const percentile = percentileOf(value);
  if (group !== 'latency' || shard !== null || percentile === null) return null;
  const scope = phase === null ? summary : summary.phases.find((found) => found.name === phase);
  const latency = scope?.latency[time as keyof Measures['latency']];
  if (latency === undefined || samplesNeeded(percentile, latency.count) === 0) return null;
  return { name: value.replace('_', '.'), percentile: percentile / 100, latency };
}

/**
 * If the percentile really were beyond the limit, n samples would all hold the threshold with a probability of at most q^n,
 * where q is the percentile, or 1 − q where it is to be above the limit. 299 samples without one above the limit tell of a
 * p99 below it.
 */
function judgeFew(
  { name, percentile, latency }: FewSamples,
  { operator, limit }: Threshold,
): Pick<ThresholdOutcome, 'held' | 'note'> {
  const { count, min, max } = latency;
  const isUpper = operator === '<' || operator === '<=';
  const isBound = isUpper || operator === '>' || operator === '>=';
  const [worst, best] = isUpper ? [max, min] : [min, max];
  const chance = isUpper ? percentile : 1 - percentile;
  const enough = Math.ceil(Math.log(CHANCE_MAX) / Math.log(chance));
  const samples = formatCount(count);
  if (isBound && worst !== null && compare(worst, operator, limit) && count >= enough) {
    return { held: true, note: `all ${samples} samples hold it` };
  }
  const enoughToBreak = Math.ceil(Math.log(CHANCE_MAX) / Math.log(1 - chance));
  if (isBound && best !== null && !compare(best, operator, limit) && count >= enoughToBreak) {
    return { held: false, note: `none of ${samples} samples holds it` };
  }
  const lower = isUpper ? supportedBelow(100 * percentile, latency) : null;
  if (lower !== null && !compare(lower.us, operator, limit)) {
    const note = `${lower.name} of ${samples} samples is ${formatDurationUs(lower.us)} already`;
    return { held: false, note };
  }
  const more = formatCount(samplesNeeded(100 * percentile, count));
  const ifAll =
    isBound && enough > count ? `, or ${formatCount(enough - count)} if all samples hold it` : '';
  const note = `${NOT_ENOUGH}: ${name} of ${samples} samples, ${more} more are needed${ifAll}`;
  return { held: false, note };
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

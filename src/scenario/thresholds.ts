import { didYouMean } from '../core/nearest.ts';
import { parseDurationUs, parsePercent, parseRate, parseSizeBytes } from '../core/units.ts';
import {
  fullMetricPath,
  MEASURE_PATHS,
  type MetricUnit,
  metricNames,
  RUN_PATHS,
  SHARD_PATHS,
} from '../kinesis/metric-paths.ts';
import type { ThresholdPlan } from './plan.ts';

const EXPRESSION = /^\s*([A-Za-z_][\w.]*)\s*(<=|>=|==|!=|<|>)\s*(\S.*?)\s*$/;

const LIMIT_EXAMPLE: Readonly<Record<MetricUnit, string>> = {
  us: 'a duration such as 250ms',
  ms: 'a duration such as 250ms',
  seconds: 'a duration such as 30s',
  fraction: 'a percentage such as 0.5%, or a fraction such as 0.005',
  count: 'a number such as 0',
  bytes: 'a size such as 50KiB',
  perSecond: 'a rate such as 1000/s',
  bytesPerSecond: 'a rate such as 1 MiB/s',
  usd: 'an amount in US dollars such as 0.5',
};

/** Where a threshold looks: the whole run, one phase, or one shard. */
export interface ThresholdScope {
  readonly phase: string | null;
  readonly shard: string | null;
}

/** The parsed expression, or `{ problem }`: what is wrong with it and what is allowed. */
export type ParsedThreshold =
  | Pick<ThresholdPlan, 'expression' | 'metric' | 'operator' | 'limit'>
  | { readonly problem: string };

/** `response.p99 < 250ms` → metric, operator and limit in the metric's own unit. */
export function parseThreshold(expression: string, scope: ThresholdScope): ParsedThreshold {
  const match = EXPRESSION.exec(expression);
  if (match === null) {
    return { problem: 'expected "metric operator limit", such as response.p99 < 250ms' };
  }
  const [, name = '', operator = '', limitText = ''] = match;
  const known = knownMetrics(scope);
  const metric = fullMetricPath(name, known);
  if (metric === null) return { problem: unknownMetric(name, known, scope) };
  const unit = known[metric] ?? 'count';
  const limit = parseLimit(limitText, unit);
  if (limit === null) {
    return { problem: `limit "${limitText}" of ${metric}: expected ${LIMIT_EXAMPLE[unit]}` };
  }
  return {
    expression: expression.trim(),
    metric,
    operator: operator as ThresholdPlan['operator'],
    limit,
  };
}

/** The full path of a metric of the whole run, or `{ problem }`. */
export function parseMetricName(name: string): string | { readonly problem: string } {
  const scope = { phase: null, shard: null };
  const known = knownMetrics(scope);
  return fullMetricPath(name, known) ?? { problem: unknownMetric(name, known, scope) };
}

function knownMetrics(scope: ThresholdScope): Readonly<Record<string, MetricUnit>> {
  if (scope.shard !== null) return SHARD_PATHS;
  return scope.phase === null ? { ...MEASURE_PATHS, ...RUN_PATHS } : MEASURE_PATHS;
}

function unknownMetric(
  name: string,
  known: Readonly<Record<string, MetricUnit>>,
  scope: ThresholdScope,
): string {
  if (scope.shard === null && fullMetricPath(name, SHARD_PATHS) !== null) {
    return `metric "${name}" is one of a shard: add the shard, { expr, shard: "shardId-…" }`;
  }
  const where = scope.shard === null ? (scope.phase === null ? '' : ' of a phase') : ' of a shard';
  const suggestion = didYouMean(name, metricNames(known));
  return `unknown metric${where} "${name}"${suggestion || '; names are paths in summary.json'}`;
}

function parseLimit(text: string, unit: MetricUnit): number | null {
  switch (unit) {
    case 'us':
      return parseDurationUs(text);
    case 'ms':
      return scaled(parseDurationUs(text), 1_000);
    case 'seconds':
      return scaled(parseDurationUs(text), 1_000_000);
    case 'fraction':
      return parsePercent(text) ?? plainNumber(text);
    case 'bytes':
      return parseSizeBytes(text) ?? plainNumber(text);
    case 'perSecond':
      return rateOf(text, 'records') ?? plainNumber(text);
    case 'bytesPerSecond':
      return rateOf(text, 'bytes');
    default:
      return plainNumber(text);
  }
}

const scaled = (value: number | null, by: number): number | null =>
  value === null ? null : value / by;

function rateOf(text: string, unit: 'records' | 'bytes'): number | null {
  const rate = parseRate(text);
  return rate?.unit === unit ? rate.perSecond : null;
}

function plainNumber(text: string): number | null {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

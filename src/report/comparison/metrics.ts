/** Which metrics are compared, what is better, and from where on a change matters. */
import { samplesNeeded } from '../../results/latency-summary.ts';
import type { LatencySummary, Summary } from '../../results/summary.ts';
import type { ComparedMetric } from './comparison.ts';

/** Compared when a scenario declares none. */
const PRIMARY_DEFAULT = [
  'userRecords.acceptedPerSecond',
  'latency.response.p99',
  'cost.perMillionRecordsUsd',
] as const;

/** Compared besides, marked as exploratory. */
const EXPLORATORY = [
  'userRecords.acceptedPerSecond',
  'latency.response.p50',
  'latency.response.p99',
  'latency.response.p99_9',
  'latency.service.p99',
  'cost.perMillionRecordsUsd',
  'rates.throttle',
  'rates.retryAmplification',
  'kinesisRecords.userRecordsPerRecord',
  'requests.recordsPerRequest',
  'generator.userRecordsPerCpuSecond',
] as const;

const HIGHER_IS_BETTER =
  /(accepted|bytesAccepted|acceptedPerSecond|succeeded|userRecordsPerRecord|recordsPerRequest|bytesPerRecord|bytesPerRequest|userRecordsPerCpuSecond)$/;
const LATENCY = /^latency\.(\w+)\.p(\d+)(?:_(\d+))?$/;

const MARGIN_LATENCY = 0.05;
const MARGIN_OTHER = 0.03;

/** The metrics of a comparison: the declared ones first. @param declared paths in summary.json */
export function comparedMetrics(
  declared: readonly string[],
  margins: Readonly<Record<string, number>>,
): ComparedMetric[] {
  const primary = declared.length === 0 ? [...PRIMARY_DEFAULT] : [...new Set(declared)];
  const others = EXPLORATORY.filter((path) => !primary.includes(path));
  return [...primary, ...others].map((path) => ({
    path,
    name: metricName(path),
    isPrimary: primary.includes(path),
    better: HIGHER_IS_BETTER.test(path) ? 'higher' : 'lower',
    margin: margins[path] ?? (path.startsWith('latency.') ? MARGIN_LATENCY : MARGIN_OTHER),
  }));
}

const NAMES: Readonly<Record<string, string>> = {
  'userRecords.acceptedPerSecond': 'accepted a second',
  'cost.perMillionRecordsUsd': 'cost of a million records',
  'rates.throttle': 'throttle',
  'rates.retryAmplification': 'attempts a record',
  'kinesisRecords.userRecordsPerRecord': 'user records a Kinesis record',
  'requests.recordsPerRequest': 'Kinesis records a request',
  'generator.userRecordsPerCpuSecond': 'records a CPU-second',
};

function metricName(path: string): string {
  const short = path
    .replace(/^(latency|userRecords|rates)\./, '')
    .replace(/p(\d+)_(\d+)$/, 'p$1.$2');
  return NAMES[path] ?? short.replace('.', ' ');
}

/** The value of a metric in a run; null: it has none, or too few samples support it. */
export function metricValue(summary: Summary, path: string): number | null {
  let value: unknown = summary;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null;
    value = (value as Record<string, unknown>)[name];
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return null;
  return isSupported(summary, path) ? value : null;
}

function isSupported({ latency }: Summary, path: string): boolean {
  const [, name = '', whole, digits = ''] = LATENCY.exec(path) ?? [];
  if (whole === undefined) return true;
  const held = (latency as Readonly<Record<string, LatencySummary | undefined>>)[name];
  return held !== undefined && samplesNeeded(Number(`${whole}.${digits}`), held.count) === 0;
}

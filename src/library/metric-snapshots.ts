/**
 * Metrics as they are handed out: for each shard, each stream and the whole producer, as far as level and granularity go.
 * In: the series of all streams, and which part of them is asked for. Out: plain data. Invariant: what is counted for a
 * shard is also in its stream's figures, and that in the whole's.
 */
import { shardId } from '../kinesis/shard.ts';
import type { LatencyTotals } from '../measure/latency-totals.ts';
import {
  METRICS,
  type MetricKind,
  type MetricName,
  type MetricsGranularity,
  type MetricsLevel,
  type StreamMetrics,
  totalsOf,
} from './metrics.ts';
import { Moments, type Statistic } from './statistic.ts';

export interface MetricSnapshot {
  readonly name: MetricName;
  readonly unit: MetricKind['unit'];
  /** Empty for the whole producer. Beside the three there are those of {@link MetricDimension}. */
  readonly dimensions: {
    readonly errorCode?: string;
    readonly stream?: string;
    readonly shardId?: string;
    readonly [name: string]: string | undefined;
  };
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Of distributions, for a stream and for the whole producer; null for a part of the last minute. */
  readonly percentiles: Readonly<Record<'p50' | 'p90' | 'p99' | 'p99_9', number>> | null;
}

/** A dimension of one's own, on every series at least as fine as `granularity`, as in the KPL. */
export interface MetricDimension {
  readonly name: string;
  readonly value: string;
  readonly granularity: MetricsGranularity;
}

/** How much is handed out. */
export interface MetricsFilter {
  readonly level: MetricsLevel;
  readonly granularity: MetricsGranularity;
  readonly dimensions: readonly MetricDimension[];
}

/** Which part of the series is read. */
export interface MetricsPart {
  readonly momentsOf: (statistic: Statistic) => Moments;
  readonly totalsOf: (metrics: StreamMetrics) => ReadonlyMap<MetricName, LatencyTotals>;
}

type Sums = Map<string, Moments>;

const PERCENTILES = [50, 90, 99, 99.9];
const SINCE_START: MetricsPart = {
  momentsOf: (statistic) => statistic.total,
  totalsOf: (metrics) => metrics.totals(),
};

export function snapshotMetrics(
  streams: ReadonlyMap<string, StreamMetrics>,
  filter: MetricsFilter,
  part: MetricsPart = SINCE_START,
): MetricSnapshot[] {
  const { granularity } = filter;
  const snapshots: MetricSnapshot[] = [];
  const whole: Sums = new Map();
  const wholeTotals = new Map<MetricName, LatencyTotals>();
  const ofWhole = ownDimensions(filter, 'global');
  const ofStreams = { ...ofWhole, ...ownDimensions(filter, 'stream') };
  const ofShards = ownDimensions(filter, 'shard');
  for (const [stream, metrics] of streams) {
    const streamSums: Sums = new Map();
    const dimensions = { ...ofStreams, stream };
    for (const [shard, series] of metrics.shards) {
      const sums: Sums = new Map();
      for (const [name, value] of series) sums.set(name, part.momentsOf(value));
      mergeInto(streamSums, sums);
      if (granularity !== 'shard' || shard < 0) continue;
      const place = { ...dimensions, shardId: shardId(shard), ...ofShards };
      snapshots.push(...render(sums, place, null, filter.level));
    }
    const totals = part.totalsOf(metrics);
    mergeInto(whole, streamSums);
    for (const [name, total] of totals) totalsOf(wholeTotals, name).add(total);
    if (granularity !== 'global') {
      snapshots.push(...render(streamSums, dimensions, totals, filter.level));
    }
  }
  snapshots.push(...render(whole, ofWhole, wholeTotals, filter.level));
  return snapshots;
}

function ownDimensions(
  { dimensions }: MetricsFilter,
  granularity: MetricsGranularity,
): Readonly<Record<string, string>> {
  const own = dimensions.filter((dimension) => dimension.granularity === granularity);
  return Object.fromEntries(own.map(({ name, value }) => [name, value]));
}

function mergeInto(sums: Sums, part: Sums): void {
  for (const [name, value] of part) {
    const sum = sums.get(name) ?? new Moments();
    sum.merge(value);
    sums.set(name, sum);
  }
}

function render(
  sums: Sums,
  dimensions: MetricSnapshot['dimensions'],
  totals: ReadonlyMap<MetricName, LatencyTotals> | null,
  level: MetricsLevel,
): MetricSnapshot[] {
  const snapshots: MetricSnapshot[] = [];
  for (const [key, value] of sums) {
    const slash = key.indexOf('/');
    const name = (slash < 0 ? key : key.slice(0, slash)) as MetricName;
    const kind: MetricKind = METRICS[name];
    if (level === 'none' || (level === 'summary' && kind.level === 'detailed')) continue;
    if (value.count === 0) continue;
    const scale = kind.unit === 'Milliseconds' ? 1000 : 1;
    const distribution = totals?.get(name);
    snapshots.push({
      name,
      unit: kind.unit,
      dimensions: slash < 0 ? dimensions : { errorCode: key.slice(slash + 1), ...dimensions },
      count: value.count,
      sum: value.sum / scale,
      min: value.min / scale,
      max: value.max / scale,
      mean: value.sum / value.count / scale,
      percentiles: distribution === undefined ? null : percentilesOf(distribution, scale),
    });
  }
  return snapshots;
}

function percentilesOf(totals: LatencyTotals, scale: number): MetricSnapshot['percentiles'] {
  const [p50 = 0, p90 = 0, p99 = 0, p99_9 = 0] = totals.valuesAtPercentiles(PERCENTILES);
  return { p50: p50 / scale, p90: p90 / scale, p99: p99 / scale, p99_9: p99_9 / scale };
}

/**
 * The KPL's metrics under the KPL's names (metrics.md of awslabs/amazon-kinesis-producer), with percentiles on top. In:
 * what happens to records. Out: snapshots since the start. A value is counted once, at its finest place, and added up
 * when asked for.
 */
import { shardId } from '../kinesis/shard.ts';
import { LatencyCounts } from '../measure/latency-counts.ts';
import { LatencyTotals } from '../measure/latency-totals.ts';

export type MetricsLevel = 'none' | 'summary' | 'detailed';
export type MetricsGranularity = 'global' | 'stream' | 'shard';

interface MetricKind {
  readonly unit: 'Count' | 'Bytes' | 'Milliseconds';
  readonly level: 'summary' | 'detailed';
  /** Whether percentiles are kept, for each stream; times are counted in microseconds. */
  readonly isDistribution: boolean;
}

const count = { unit: 'Count', level: 'detailed', isDistribution: false } as const;
const summary = { ...count, level: 'summary' } as const;
const distribution = { ...count, isDistribution: true } as const;
const time = { unit: 'Milliseconds', isDistribution: true } as const;

/** The KPL's; UnhealthyDaemon has no meaning without a daemon. The last is ours. */
const METRICS = {
  UserRecordsReceived: count,
  UserRecordsPending: count,
  UserRecordsPut: summary,
  UserRecordsDataPut: { ...count, unit: 'Bytes' },
  UserRecordExpired: summary,
  KinesisRecordsPut: summary,
  KinesisRecordsDataPut: { ...count, unit: 'Bytes' },
  ErrorsByCode: summary,
  AllErrors: summary,
  RetriesPerRecord: distribution,
  BufferingTime: { ...time, level: 'summary' },
  RequestTime: { ...time, level: 'detailed' },
  UserRecordsPerKinesisRecord: distribution,
  KinesisRecordsPerPutRecordsRequest: distribution,
  UserRecordsPerPutRecordsRequest: distribution,
  /** From put to settled, for accepted records. */
  RecordLatency: { ...time, level: 'summary' },
} as const satisfies Record<string, MetricKind>;

export type MetricName = keyof typeof METRICS;

export interface MetricSnapshot {
  readonly name: MetricName;
  readonly unit: MetricKind['unit'];
  /** Empty for the whole producer. */
  readonly dimensions: {
    readonly stream?: string;
    readonly shardId?: string;
    readonly errorCode?: string;
  };
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Of distributions, for a stream and for the whole producer. */
  readonly percentiles: Readonly<Record<'p50' | 'p90' | 'p99' | 'p99_9', number>> | null;
}

const PERCENTILES = [50, 90, 99, 99.9];
/** Error codes with a series of their own; further ones share one. */
const ERROR_CODES_MAX = 64;
const OTHER_CODES = 'other';

class Statistic {
  count = 0;
  sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;

  add(value: number, times: number): void {
    this.count += times;
    this.sum += value * times;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  merge(other: Statistic): void {
    this.count += other.count;
    this.sum += other.sum;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
  }
}

/** Series by metric, or by error code after a slash. */
type Series = Map<string, Statistic>;

function statistic(series: Series, name: string): Statistic {
  let found = series.get(name);
  if (found === undefined) {
    found = new Statistic();
    series.set(name, found);
  }
  return found;
}

/** Metrics of one stream. */
export class StreamMetrics {
  readonly #isOff: boolean;
  readonly #byShard: boolean;
  /** By shard number; -1 is what belongs to no shard. */
  readonly #shards = new Map<number, Series>();
  readonly #counts = new Map<MetricName, LatencyCounts>();
  readonly #totals = new Map<MetricName, LatencyTotals>();
  readonly #codes = new Set<string>();

  constructor(level: MetricsLevel, granularity: MetricsGranularity) {
    this.#isOff = level === 'none';
    this.#byShard = granularity === 'shard';
  }

  /** Counts a value `times` times; times in microseconds. `shard` is -1 for the stream as a whole. */
  add(name: MetricName, shard: number, value: number, times = 1): void {
    if (this.#isOff) return;
    statistic(this.#series(shard), name).add(value, times);
    if (METRICS[name].isDistribution) this.#distribution(name).recordCount(value, times);
  }

  error(shard: number, code: string): void {
    if (this.#isOff) return;
    const isKnown = this.#codes.has(code) || this.#codes.size < ERROR_CODES_MAX;
    if (isKnown) this.#codes.add(code);
    statistic(this.#series(shard), `ErrorsByCode/${isKnown ? code : OTHER_CODES}`).add(1, 1);
    this.add('AllErrors', shard, 1);
  }

  /** Everything by shard, -1 for what belongs to none. */
  get shards(): ReadonlyMap<number, Series> {
    return this.#shards;
  }

  /** Distributions since the start. */
  totals(): ReadonlyMap<MetricName, LatencyTotals> {
    for (const [name, counts] of this.#counts) {
      const delta = counts.takeDelta();
      let totals = this.#totals.get(name);
      if (totals === undefined) {
        totals = new LatencyTotals();
        this.#totals.set(name, totals);
      }
      if (delta !== null) totals.addDelta(delta);
    }
    return this.#totals;
  }

  #series(shard: number): Series {
    const place = this.#byShard ? shard : -1;
    let series = this.#shards.get(place);
    if (series === undefined) {
      series = new Map();
      this.#shards.set(place, series);
    }
    return series;
  }

  #distribution(name: MetricName): LatencyCounts {
    let counts = this.#counts.get(name);
    if (counts === undefined) {
      counts = new LatencyCounts();
      this.#counts.set(name, counts);
    }
    return counts;
  }
}

/** Snapshots of all streams: for each shard, each stream and the whole, as far as level and granularity go. */
export function snapshotMetrics(
  streams: ReadonlyMap<string, StreamMetrics>,
  level: MetricsLevel,
  granularity: MetricsGranularity,
): MetricSnapshot[] {
  const snapshots: MetricSnapshot[] = [];
  const whole: Series = new Map();
  const wholeTotals = new Map<MetricName, LatencyTotals>();
  for (const [stream, metrics] of streams) {
    const ofStream: Series = new Map();
    for (const [shard, series] of metrics.shards) {
      mergeInto(ofStream, series);
      if (granularity !== 'shard' || shard < 0) continue;
      snapshots.push(...render(series, { stream, shardId: shardId(shard) }, null, level));
    }
    const totals = metrics.totals();
    mergeInto(whole, ofStream);
    for (const [name, part] of totals) {
      const sum = wholeTotals.get(name) ?? new LatencyTotals();
      sum.add(part);
      wholeTotals.set(name, sum);
    }
    if (granularity !== 'global') snapshots.push(...render(ofStream, { stream }, totals, level));
  }
  snapshots.push(...render(whole, {}, wholeTotals, level));
  return snapshots;
}

function mergeInto(sum: Series, part: Series): void {
  for (const [name, value] of part) statistic(sum, name).merge(value);
}

function render(
  series: Series,
  dimensions: MetricSnapshot['dimensions'],
  totals: ReadonlyMap<MetricName, LatencyTotals> | null,
  level: MetricsLevel,
): MetricSnapshot[] {
  const snapshots: MetricSnapshot[] = [];
  for (const [key, value] of series) {
    const slash = key.indexOf('/');
    const name = (slash < 0 ? key : key.slice(0, slash)) as MetricName;
    const kind: MetricKind = METRICS[name];
    if (level === 'none' || (level === 'summary' && kind.level === 'detailed')) continue;
    const scale = kind.unit === 'Milliseconds' ? 1000 : 1;
    const distribution = totals?.get(name);
    snapshots.push({
      name,
      unit: kind.unit,
      dimensions: slash < 0 ? dimensions : { ...dimensions, errorCode: key.slice(slash + 1) },
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

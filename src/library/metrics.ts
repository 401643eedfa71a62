/**
 * The KPL's metrics under the KPL's names (metrics.md of awslabs/amazon-kinesis-producer), with percentiles on top. In:
 * what happens to records. Out: series by shard, to be read by metric-snapshots.ts. A value is counted once, at its finest
 * place, and added up when asked for.
 */
import { LatencyCounts } from '../measure/latency-counts.ts';
import { LatencyTotals } from '../measure/latency-totals.ts';
import { Statistic } from './statistic.ts';

export type MetricsLevel = 'none' | 'summary' | 'detailed';
export type MetricsGranularity = 'global' | 'stream' | 'shard';

export interface MetricKind {
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
export const METRICS = {
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

/** Error codes with a series of their own; further ones share one. */
const ERROR_CODES_MAX = 64;
const OTHER_CODES = 'other';

/** Statistics by metric, or by error code after a slash. */
export type Series = Map<string, Statistic>;

/** Where the values of a metric of one shard are counted. */
export interface Meter {
  readonly statistic: Statistic;
  /** null: no percentiles are kept. */
  readonly distribution: LatencyCounts | null;
}

/** Metrics of one stream. */
export class StreamMetrics {
  readonly #isOff: boolean;
  readonly #byShard: boolean;
  /** By shard number; -1 is what belongs to no shard. */
  readonly #shards = new Map<number, Series>();
  readonly #counts = new Map<MetricName, LatencyCounts>();
  readonly #totals = new Map<MetricName, LatencyTotals>();
  #recentTotals = new Map<MetricName, LatencyTotals>();
  readonly #codes = new Set<string>();
  #second = 0;
  readonly #nowhere: Meter = { statistic: new Statistic(), distribution: null };

  constructor(level: MetricsLevel, granularity: MetricsGranularity) {
    this.#isOff = level === 'none';
    this.#byShard = granularity === 'shard';
  }

  /** What is counted from now on happened at this time; told once for many values. */
  setTime(nowUs: number): void {
    this.#second = Math.max(0, Math.floor(nowUs / 1_000_000));
  }

  /** Counts a value `times` times; times in microseconds. `shard` is -1 for the stream as a whole. */
  add(name: MetricName, shard: number, value: number, times = 1): void {
    if (!this.#isOff && times > 0) this.count(this.meter(name, shard), value, times);
  }

  /** The place of a metric, for many values of one shard. */
  meter(name: MetricName, shard: number): Meter {
    if (this.#isOff) return this.#nowhere;
    return {
      statistic: this.#statistic(shard, name),
      distribution: METRICS[name].isDistribution ? this.#distribution(name) : null,
    };
  }

  /** The same as {@link add}, at a place that is known. */
  count({ statistic, distribution }: Meter, value: number, times = 1): void {
    if (this.#isOff) return;
    statistic.add(value, times, this.#second);
    distribution?.recordCount(value, times);
  }

  error(shard: number, code: string): void {
    if (this.#isOff) return;
    const isKnown = this.#codes.has(code) || this.#codes.size < ERROR_CODES_MAX;
    if (isKnown) this.#codes.add(code);
    const name = `ErrorsByCode/${isKnown ? code : OTHER_CODES}`;
    this.#statistic(shard, name).add(1, 1, this.#second);
    this.add('AllErrors', shard, 1);
  }

  /** Everything by shard, -1 for what belongs to none. */
  get shards(): ReadonlyMap<number, Series> {
    return this.#shards;
  }

  /** Distributions since the start. */
  totals(): ReadonlyMap<MetricName, LatencyTotals> {
    this.#collect();
    return this.#totals;
  }

  /** Distributions since the last call. */
  takeRecentTotals(): ReadonlyMap<MetricName, LatencyTotals> {
    this.#collect();
    const recent = this.#recentTotals;
    this.#recentTotals = new Map();
    return recent;
  }

  #collect(): void {
    for (const [name, counts] of this.#counts) {
      const delta = counts.takeDelta();
      if (delta === null) continue;
      totalsOf(this.#totals, name).addDelta(delta);
      totalsOf(this.#recentTotals, name).addDelta(delta);
    }
  }

  #statistic(shard: number, name: string): Statistic {
    const place = this.#byShard ? shard : -1;
    let series = this.#shards.get(place);
    if (series === undefined) {
      series = new Map();
      this.#shards.set(place, series);
    }
    let statistic = series.get(name);
    if (statistic === undefined) {
      statistic = new Statistic();
      series.set(name, statistic);
    }
    return statistic;
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

/** The totals of a metric, made when they are missing. */
export function totalsOf(totals: Map<MetricName, LatencyTotals>, name: MetricName): LatencyTotals {
  let found = totals.get(name);
  if (found === undefined) {
    found = new LatencyTotals();
    totals.set(name, found);
  }
  return found;
}

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

/** The second in which what is counted happened. */
interface Instant {
  second: number;
}

/** Where the values of one metric of one shard are counted. */
export class Meter {
  readonly #now: Instant;
  readonly #statisticOf: (() => Statistic) | null;
  readonly #distribution: LatencyCounts | null;
  /** Made with the first value: most shards never see most metrics. */
  #statistic: Statistic | null = null;

  /** @param statisticOf null: nothing is counted */
  constructor(
    now: Instant,
    statisticOf: (() => Statistic) | null,
    distribution: LatencyCounts | null,
  ) {
    this.#now = now;
    this.#statisticOf = statisticOf;
    this.#distribution = distribution;
  }

  /** Counts a value `times` times; times in microseconds. */
  count(value: number, times = 1): void {
    if (this.#statisticOf === null || times === 0) return;
    this.#statistic ??= this.#statisticOf();
    this.#statistic.add(value, times, this.#now.second);
    this.#distribution?.recordCount(value, times);
  }
}

/** Those of one shard. */
export type Meters = Readonly<Record<MetricName, Meter>>;

const NAMES = Object.keys(METRICS) as MetricName[];

/** Metrics of one stream. */
export class StreamMetrics {
  readonly #isOff: boolean;
  readonly #byShard: boolean;
  /** By shard number; -1 is what belongs to no shard. */
  readonly #shards = new Map<number, Series>();
  readonly #meters = new Map<number, Meters>();
  readonly #counts = new Map<MetricName, LatencyCounts>();
  readonly #totals = new Map<MetricName, LatencyTotals>();
  #recentTotals = new Map<MetricName, LatencyTotals>();
  readonly #codes = new Set<string>();
  readonly #now: Instant = { second: 0 };

  constructor(level: MetricsLevel, granularity: MetricsGranularity) {
    this.#isOff = level === 'none';
    this.#byShard = granularity === 'shard' && !this.#isOff;
  }

  /** What is counted from now on happened at this time; told once for many values. */
  setTime(nowUs: number): void {
    this.#now.second = Math.max(0, Math.floor(nowUs / 1_000_000));
  }

  /** Where to count for a shard; -1 for the stream as a whole. */
  at(shard: number): Meters {
    const place = this.#byShard ? shard : -1;
    return this.#meters.get(place) ?? this.#addMeters(place);
  }

  error(shard: number, code: string): void {
    if (this.#isOff) return;
    const isKnown = this.#codes.has(code) || this.#codes.size < ERROR_CODES_MAX;
    if (isKnown) this.#codes.add(code);
    const name = `ErrorsByCode/${isKnown ? code : OTHER_CODES}`;
    this.#statistic(this.#byShard ? shard : -1, name).add(1, 1, this.#now.second);
    this.at(shard).AllErrors.count(1);
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

  #addMeters(shard: number): Meters {
    const meters = NAMES.map((name) => [name, this.#meter(name, shard)]);
    const made = Object.fromEntries(meters) as Meters;
    this.#meters.set(shard, made);
    return made;
  }

  #meter(name: MetricName, shard: number): Meter {
    if (this.#isOff) return new Meter(this.#now, null, null);
    const distribution = METRICS[name].isDistribution ? this.#distribution(name) : null;
    return new Meter(this.#now, () => this.#statistic(shard, name), distribution);
  }

  #statistic(shard: number, name: string): Statistic {
    let series = this.#shards.get(shard);
    if (series === undefined) {
      series = new Map();
      this.#shards.set(shard, series);
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

import { shardId } from '../kinesis/shard.ts';
import type { Interval } from '../measure/interval.ts';
import type { LatencyTotals } from '../measure/latency-totals.ts';
import { counterOf, ratio } from './measures.ts';
import type { Measures } from './summary.ts';

/** One line of timeline.jsonl: a phase in one interval. Counts are deltas of the interval, not sums since the start. */
export interface TimelineRow {
  readonly schema: 'shardstorm.timeline/1';
  /** Start of the interval since the start of the load. */
  readonly atMs: number;
  readonly intervalMs: number;
  readonly phase: string;
  readonly measured: boolean;
  readonly userRecords: {
    readonly offered: number;
    readonly accepted: number;
    readonly failed: number;
    readonly expired: number;
    readonly dropped: number;
    readonly bytesAccepted: number;
    readonly offeredPerSecond: number;
    readonly acceptedPerSecond: number;
  };
  readonly kinesisRecords: {
    readonly sent: number;
    readonly userRecordsPerRecord: number;
    readonly closedBy: Measures['kinesisRecords']['closedBy'];
  };
  readonly requests: {
    readonly sent: number;
    readonly failed: number;
    readonly partial: number;
    readonly recordsPerRequest: number;
  };
  readonly attempts: {
    readonly records: number;
    readonly throttled: number;
    readonly internalFailure: number;
    readonly wrongShard: number;
    readonly requestError: number;
    readonly unknown: number;
  };
  readonly response: IntervalLatency;
  readonly lateness: IntervalLatency;
  readonly buffering: IntervalLatency;
  readonly retry: IntervalLatency;
  readonly service: IntervalLatency;
  /** Only shards that got something. */
  readonly shards: readonly IntervalShard[];
  /** Of all phases in the interval. */
  readonly generator: {
    /** CPU-seconds a second: 2 is two cores. */
    readonly cpu: number;
    readonly eventLoopDelayP99Us: number;
    readonly gcMs: number;
    readonly rssBytes: number;
    readonly bufferedBytes: number;
    readonly outstandingRecords: number;
    readonly lateRecords: number;
    readonly backPressureMs: number;
  };
}

/** Percentiles of the values that settled in one interval, microseconds; null: none did. */
export interface IntervalLatency {
  readonly count: number;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly p99_9: number | null;
  readonly max: number | null;
}

/** What one shard got in one interval: Kinesis records and bytes accepted, attempts throttled. */
export interface IntervalShard {
  readonly id: string;
  readonly records: number;
  readonly bytes: number;
  readonly throttled: number;
}

/** The rows of one interval, one for each phase in which something happened. */
export function timelineRows(
  interval: Interval,
  phases: readonly { readonly name: string; readonly isMeasured: boolean }[],
): TimelineRow[] {
  const generator = generatorOf(interval);
  return interval.phases.map((part) => ({
    schema: 'shardstorm.timeline/1',
    atMs: interval.startUs / 1000,
    intervalMs: interval.durationUs / 1000,
    phase: phases[part.phase]?.name ?? `phase ${part.phase}`,
    measured: phases[part.phase]?.isMeasured ?? false,
    ...countsOf(part, interval.durationUs / 1_000_000),
    response: latencyOf(part.latency.response),
    lateness: latencyOf(part.latency.lateness),
    buffering: latencyOf(part.latency.buffering),
    retry: latencyOf(part.latency.retry),
    service: latencyOf(part.latency.service),
    shards: [...part.shards.values()]
      .sort((a, b) => a.shard - b.shard)
      .map(({ shard, records, bytes, throttled }) => ({
        id: shardId(shard),
        records,
        bytes,
        throttled,
      })),
    generator,
  }));
}

type Counts = Pick<TimelineRow, 'userRecords' | 'kinesisRecords' | 'requests' | 'attempts'>;

function countsOf({ counters }: Interval['phases'][number], seconds: number): Counts {
  const count = (name: Parameters<typeof counterOf>[1]) => counterOf(counters, name);
  const offered = count('userRecords.offered');
  const accepted = count('userRecords.accepted');
  return {
    userRecords: {
      offered,
      accepted,
      failed: count('userRecords.failed'),
      expired: count('userRecords.expired'),
      dropped: count('userRecords.dropped'),
      bytesAccepted: count('userRecords.bytesAccepted'),
      offeredPerSecond: ratio(offered, seconds),
      acceptedPerSecond: ratio(accepted, seconds),
    },
    kinesisRecords: {
      sent: count('kinesisRecords.sent'),
      userRecordsPerRecord: ratio(
        count('kinesisRecords.userRecords'),
        count('kinesisRecords.sent'),
      ),
      closedBy: {
        count: count('kinesisRecords.closedByCount'),
        size: count('kinesisRecords.closedBySize'),
        time: count('kinesisRecords.closedByTime'),
        flush: count('kinesisRecords.closedByFlush'),
      },
    },
    requests: {
      sent: count('requests.sent'),
      failed: count('requests.failed'),
      partial: count('requests.partial'),
      recordsPerRequest: ratio(count('requests.records'), count('requests.sent')),
    },
    attempts: {
      records: count('attempts.records'),
      throttled: count('attempts.throttled'),
      internalFailure: count('attempts.internalFailure'),
      wrongShard: count('attempts.wrongShard'),
      requestError: count('attempts.requestError'),
      unknown: count('attempts.unknown'),
    },
  };
}

function generatorOf({ self, durationUs }: Interval): TimelineRow['generator'] {
  return {
    cpu: ratio(self.cpuUs, durationUs),
    eventLoopDelayP99Us: self.eventLoopDelayP99Us,
    gcMs: self.gcUs / 1000,
    rssBytes: self.rssBytes,
    bufferedBytes: self.bufferedBytes,
    outstandingRecords: self.outstandingRecords,
    lateRecords: self.lateRecords,
    backPressureMs: self.backPressureUs / 1000,
  };
}

function latencyOf(totals: LatencyTotals): IntervalLatency {
  const { count, maxUs } = totals;
  if (count === 0) {
    return { count, mean: null, p50: null, p90: null, p99: null, p99_9: null, max: null };
  }
  const [p50 = 0, p90 = 0, p99 = 0, p99_9 = 0] = totals
    .valuesAtPercentiles([50, 90, 99, 99.9])
    .map((value) => Math.min(value, maxUs));
  return { count, mean: totals.meanUs, p50, p90, p99, p99_9, max: maxUs };
}

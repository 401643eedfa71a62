import { SHARD_WRITE_BYTES_PER_SECOND, SHARD_WRITE_RECORDS_PER_SECOND } from '../kinesis/limits.ts';
import { shardId } from '../kinesis/shard.ts';
import { COUNTER_INDEX, type Counter } from '../measure/frame.ts';
import type { PhaseTotals, ShardTotals } from '../measure/run-totals.ts';
import type { SecondPoint } from '../measure/second-series.ts';
import { latencySummary } from './latency-summary.ts';
import { acceptedHalfWidth } from './steadiness.ts';
import type { Measures, ShardSummary } from './summary.ts';

/** What turns counts into rates. */
export interface MeasuresContext {
  /** Length of the schedule. */
  readonly offeredSeconds: number;
  /** The same, longer when the target was still taking records well after it. */
  readonly acceptedSeconds: number;
  /** What happened in each second, for error bars. */
  readonly points: readonly SecondPoint[];
  /** Whether one constant rate was offered, so that the accepted rate has an error bar. */
  readonly isConstantRate: boolean;
  /** Open shards, so that one without any record is listed too. */
  readonly shards: readonly number[];
}

/** The groups of summary.json from counts (contract: formulas of `rates`). */
export function measuresOf(totals: PhaseTotals, context: MeasuresContext): Measures {
  const count = (name: Counter): number => counterOf(totals.counters, name);
  const { latency } = totals;
  return {
    userRecords: userRecordsOf(count, context),
    kinesisRecords: {
      sent: count('kinesisRecords.sent'),
      accepted: count('kinesisRecords.accepted'),
      userRecordsPerRecord: ratio(
        count('kinesisRecords.userRecords'),
        count('kinesisRecords.sent'),
      ),
      bytesPerRecord: ratio(count('kinesisRecords.bytes'), count('kinesisRecords.sent')),
      closedBy: {
        count: count('kinesisRecords.closedByCount'),
        size: count('kinesisRecords.closedBySize'),
        time: count('kinesisRecords.closedByTime'),
        flush: count('kinesisRecords.closedByFlush'),
      },
    },
    requests: {
      sent: count('requests.sent'),
      succeeded: count('requests.succeeded'),
      failed: count('requests.failed'),
      partial: count('requests.partial'),
      recordsPerRequest: ratio(count('requests.records'), count('requests.sent')),
      bytesPerRequest: ratio(count('requests.bytes'), count('requests.sent')),
    },
    attempts: attemptsOf(count, totals.errorCodes),
    rates: ratesOf(count),
    latency: {
      response: latencySummary(latency.response, context.points),
      lateness: latencySummary(latency.lateness),
      buffering: latencySummary(latency.buffering),
      retry: latencySummary(latency.retry),
      service: latencySummary(latency.service),
      request: latencySummary(totals.requestLatency),
    },
    shards: shardsOf(totals.shards, context),
  };
}

/** One counter by its name. */
export function counterOf(counters: Float64Array, name: Counter): number {
  return counters[COUNTER_INDEX[name]] ?? 0;
}

/** A share of a whole that may be nothing. */
export function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

type Count = (name: Counter) => number;

function userRecordsOf(count: Count, context: MeasuresContext): Measures['userRecords'] {
  const offered = count('userRecords.offered');
  const accepted = count('userRecords.accepted');
  const acceptedPerSecond = ratio(accepted, context.acceptedSeconds);
  const half = context.isConstantRate ? acceptedHalfWidth(context.points) : null;
  return {
    offered,
    accepted,
    failed: count('userRecords.failed'),
    expired: count('userRecords.expired'),
    dropped: count('userRecords.dropped'),
    uncertain: count('userRecords.uncertain'),
    bytesOffered: count('userRecords.bytesOffered'),
    bytesAccepted: count('userRecords.bytesAccepted'),
    acceptedPerSecond,
    offeredPerSecond: ratio(offered, context.offeredSeconds),
    ...(half === null
      ? {}
      : {
          acceptedPerSecondInterval: [
            Math.max(0, acceptedPerSecond - half),
            acceptedPerSecond + half,
          ],
        }),
  };
}

function attemptsOf(count: Count, errorCodes: ReadonlyMap<string, number>): Measures['attempts'] {
  return {
    records: count('attempts.records'),
    accepted: count('attempts.accepted'),
    throttled: count('attempts.throttled'),
    internalFailure: count('attempts.internalFailure'),
    wrongShard: count('attempts.wrongShard'),
    requestError: count('attempts.requestError'),
    unknown: count('attempts.unknown'),
    byErrorCode: Object.fromEntries([...errorCodes].sort(([, a], [, b]) => b - a)),
  };
}

function ratesOf(count: Count): Measures['rates'] {
  const sent = count('requests.sent');
  const failed = count('requests.failed');
  return {
    throttle: ratio(count('attempts.throttled'), count('attempts.records')),
    partialFailure: ratio(count('requests.partial'), sent - failed),
    requestFailure: ratio(failed, sent),
    retryAmplification: ratio(count('attempts.records'), count('kinesisRecords.sent')),
  };
}

function shardsOf(
  shards: ReadonlyMap<number, ShardTotals>,
  context: MeasuresContext,
): readonly ShardSummary[] {
  const numbers = [...new Set([...context.shards, ...shards.keys()])].sort((a, b) => a - b);
  return numbers.map((number) => {
    const shard = shards.get(number);
    const { records = 0, bytes = 0 } = shard ?? {};
    const byBytes = ratio(bytes, context.acceptedSeconds) / SHARD_WRITE_BYTES_PER_SECOND;
    const byRecords = ratio(records, context.acceptedSeconds) / SHARD_WRITE_RECORDS_PER_SECOND;
    return {
      id: shardId(number),
      records,
      bytes,
      throttled: shard?.throttled ?? 0,
      peakBytesPerSecond: shard?.peakBytesPerSecond ?? 0,
      peakRecordsPerSecond: shard?.peakRecordsPerSecond ?? 0,
      utilisation: Math.max(byBytes, byRecords),
      bound: byBytes >= byRecords ? 'bytes' : 'records',
    };
  });
}

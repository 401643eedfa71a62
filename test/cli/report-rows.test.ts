import { describe, expect, it } from 'vitest';
import { ReportRows } from '../../src/cli/report-rows.ts';
import type { Interval } from '../../src/measure/interval.ts';
import type { TimelineRow } from '../../src/results/timeline.ts';

const NO_LATENCY = {
  count: 0,
  mean: null,
  p50: null,
  p90: null,
  p99: null,
  p99_9: null,
  max: null,
};

function row(second: number, shards: number, phase = 'hold'): TimelineRow {
  return {
    schema: 'shardstorm.timeline/1',
    atMs: second * 1000,
    intervalMs: 1000,
    phase,
    measured: true,
    userRecords: {
      offered: second,
      accepted: second / 3,
      failed: 0,
      expired: 0,
      dropped: 0,
      bytesAccepted: second * 100,
      offeredPerSecond: second,
      acceptedPerSecond: second / 3,
    },
    kinesisRecords: {
      sent: 1,
      userRecordsPerRecord: 1,
      closedBy: { count: 0, size: 0, time: 1, flush: 0 },
    },
    requests: { sent: 1, failed: 0, partial: 0, recordsPerRequest: 1 },
    attempts: {
      records: 1,
      throttled: 0,
      internalFailure: 0,
      wrongShard: 0,
      requestError: 0,
      unknown: 0,
    },
    response: NO_LATENCY,
    lateness: NO_LATENCY,
    buffering: NO_LATENCY,
    retry: NO_LATENCY,
    service: NO_LATENCY,
    shards: Array.from({ length: shards }, (_, shard) => ({
      id: `shardId-${shard}`,
      records: second + shard,
      bytes: 100,
      throttled: 0,
    })),
    generator: {
      cpu: 0.5,
      eventLoopDelayP99Us: 1,
      gcMs: 0,
      rssBytes: 1,
      bufferedBytes: 0,
      outstandingRecords: 0,
      lateRecords: 0,
      backPressureMs: 0,
    },
  };
}

/** An interval in which nothing settled. */
function interval(second: number): Interval {
  return { startUs: second * 1e6, phases: [] } as unknown as Interval;
}

function reportOf(seconds: number, shards: number, phases = ['hold']): ReportRows {
  const report = new ReportRows();
  for (let second = 0; second < seconds; second++) {
    report.interval(
      interval(second),
      phases.map((phase) => row(second, shards, phase)),
    );
  }
  return report;
}

describe('the rows of a page', () => {
  it('come out as they went in, in order, however many there are', () => {
    for (const seconds of [0, 1, 63, 64, 65, 200]) {
      const expected = Array.from({ length: seconds }, (_, second) => row(second, 2));
      expect(reportOf(seconds, 2).rows).toEqual(expected);
    }
  });

  it('are every other one of a run too long for a page, all phases of an interval together', () => {
    const { rows } = reportOf(3601, 0, ['warm-up', 'hold']);
    expect(rows).toHaveLength(3602);
    expect(rows.map(({ atMs }) => atMs / 2000)).toEqual(
      Array.from({ length: 3602 }, (_, i) => Math.floor(i / 2)),
    );
    const more = reportOf(3605, 0, ['warm-up', 'hold']).rows;
    expect(more.slice(3602).map(({ atMs }) => atMs)).toEqual([3602e3, 3602e3, 3604e3, 3604e3]);
  });

  it('are fewer of a wide stream', () => {
    const { rows } = reportOf(121, 3000);
    expect(rows.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 61 }, (_, i) => i * 2000));
    expect(rows[60]).toEqual(row(120, 3000));
  });
});

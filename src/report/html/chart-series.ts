/**
 * Timeline rows as columns for charts. In: one row an interval. Out: at most POINTS_MAX points; where several intervals
 * share a point, counts are added (and stay rates a second) and percentiles are the worst of them: a mean of percentiles
 * would be a false figure.
 */

import type { LatencyHeat } from '../../results/latency-heat.ts';
import type { Summary } from '../../results/summary.ts';
import type { IntervalLatency, TimelineRow } from '../../results/timeline.ts';
import { shardName } from '../quantity.ts';
import { shardShare, shardSums } from '../shard-heat.ts';
import type { PercentileCurve } from '../timeline.ts';
import { latencyParts, shardsByHeat } from '../view-model.ts';
import type { ChartData, HeatData, Series } from './chart-data.ts';
import { spreadData } from './spread-figure.ts';

/**
 * More points than a wide screen has columns for add bytes and nothing to see.
 * @internal
 */
export const POINTS_MAX = 600;
const HEAT_COLUMNS_MAX = 120;
/** @internal */
export const HEAT_SHARDS_MAX = 48;
const CURVE_POINTS_MAX = 200;

/** The charts of one run. */
export function chartData(
  summary: Summary,
  rows: readonly TimelineRow[],
  curves: readonly PercentileCurve[],
  latencyHeat: LatencyHeat | null = null,
): ChartData {
  const points = groupRows(rows, POINTS_MAX);
  return {
    pointSeconds: spanSeconds(points),
    atSeconds: points.map((group) => atSeconds(group)),
    phases: phasesOf(summary, points),
    load: loadSeries(points),
    response: responseSeries(points),
    spread: latencyHeat === null ? null : spreadData(latencyHeat),
    curves: curves.map(curveOf),
    parts: latencyParts(summary).map(({ name, count, share }) => ({
      name,
      ms: round(count / 1000),
      share,
    })),
    heat: heatOf(
      summary.shards.length,
      shardsByHeat(summary).slice(0, HEAT_SHARDS_MAX),
      rows,
      HEAT_COLUMNS_MAX,
    ),
    batches: batchSeries(points),
    attempts: attemptSeries(points),
    generator: generatorSeries(points),
  };
}

/** The phases, and the drain after the last one where it took longer than a second. */
function phasesOf(summary: Summary, points: readonly Group[]): ChartData['phases'] {
  const phases = summary.phases.map(({ name, measured, startMs, durationMs, steadyState }) => ({
    name,
    measured,
    fromSeconds: startMs / 1000,
    toSeconds: (startMs + durationMs) / 1000,
    settledSeconds: steadyState?.settledAfterMs
      ? (startMs + steadyState.settledAfterMs) / 1000
      : null,
  }));
  const last = points.at(-1) ?? [];
  const fromSeconds = phases.at(-1)?.toSeconds ?? 0;
  const toSeconds = atSeconds(last) + secondsOf(last);
  const isLong = phases.length > 0 && toSeconds > fromSeconds + 1;
  return isLong
    ? [...phases, { name: 'drain', measured: true, fromSeconds, toSeconds, settledSeconds: null }]
    : phases;
}

/** Rows of one point; several phases of an interval have a row each. */
type Group = readonly TimelineRow[];

/** The share of the usual interval below which one is joined to its neighbour: a rate over a moment says nothing. */
const SHORT_SHARE = 0.5;

/**
 * Rows of the same interval together, then neighbours, so that at most `groupsMax` groups are left.
 * @internal
 */
export function groupRows(rows: readonly TimelineRow[], groupsMax: number): readonly Group[] {
  const intervals: TimelineRow[][] = [];
  const usualMs = rows[0]?.intervalMs ?? 0;
  for (const row of rows) {
    const last = intervals.at(-1);
    const isSame = last?.[0]?.atMs === row.atMs;
    if (last !== undefined && (isSame || row.intervalMs < SHORT_SHARE * usualMs)) last.push(row);
    else intervals.push([row]);
  }
  const size = Math.max(1, Math.ceil(intervals.length / groupsMax));
  return Array.from({ length: Math.ceil(intervals.length / size) }, (_, i) =>
    intervals.slice(i * size, (i + 1) * size).flat(),
  );
}

function atSeconds(group: Group): number {
  return (group[0]?.atMs ?? 0) / 1000;
}

function spanSeconds(groups: readonly Group[]): number {
  const [first, second] = groups;
  if (first === undefined) return 0;
  return second === undefined ? secondsOf(first) : round(atSeconds(second) - atSeconds(first));
}

/** One row of each interval: what is told of the interval, not of a phase. */
function intervalsOf(group: Group): readonly TimelineRow[] {
  return [...new Map(group.map((row) => [row.atMs, row])).values()];
}

function secondsOf(group: Group): number {
  return intervalsOf(group).reduce((total, row) => total + row.intervalMs, 0) / 1000;
}

function sum(group: Group, read: (row: TimelineRow) => number): number {
  return group.reduce((total, row) => total + read(row), 0);
}

function perSecond(groups: readonly Group[], read: (row: TimelineRow) => number): Series {
  return groups.map((group) => {
    const seconds = secondsOf(group);
    return seconds === 0 ? null : round(sum(group, read) / seconds);
  });
}

function worst(groups: readonly Group[], read: (row: TimelineRow) => number | null): Series {
  return groups.map((group) => {
    const values = group.map(read).filter((value) => value !== null);
    return values.length === 0 ? null : round(Math.max(...values));
  });
}

/** A mean weighted by what it is a mean over. */
function weightedMean(
  groups: readonly Group[],
  read: (row: TimelineRow) => number,
  weight: (row: TimelineRow) => number,
): Series {
  return groups.map((group) => {
    const total = sum(group, weight);
    return total === 0 ? null : round(sum(group, (row) => read(row) * weight(row)) / total);
  });
}

function round(value: number): number {
  return Number(value.toPrecision(5));
}

function loadSeries(groups: readonly Group[]): ChartData['load'] {
  return {
    offered: perSecond(groups, (row) => row.userRecords.offered),
    sent: perSecond(groups, ({ kinesisRecords }) =>
      Math.round(kinesisRecords.sent * kinesisRecords.userRecordsPerRecord),
    ),
    accepted: perSecond(groups, (row) => row.userRecords.accepted),
    failed: perSecond(groups, (row) => row.userRecords.failed),
    expired: perSecond(groups, (row) => row.userRecords.expired),
    dropped: perSecond(groups, (row) => row.userRecords.dropped),
  };
}

function responseSeries(groups: readonly Group[]): ChartData['response'] {
  const series = (key: 'p50' | 'p90' | 'p99' | 'p99_9' | 'max') =>
    worst(groups, (row) => milliseconds(row.response, key));
  return {
    p50: series('p50'),
    p90: series('p90'),
    p99: series('p99'),
    p99_9: series('p99_9'),
    max: series('max'),
  };
}

function milliseconds(
  latency: IntervalLatency,
  key: 'p50' | 'p90' | 'p99' | 'p99_9' | 'max',
): number | null {
  const us = latency[key];
  return us === null ? null : us / 1000;
}

function batchSeries(groups: readonly Group[]): ChartData['batches'] {
  const closed = (key: 'size' | 'time' | 'count' | 'flush') =>
    perSecond(groups, (row) => row.kinesisRecords.closedBy[key]);
  return {
    userRecordsPerRecord: weightedMean(
      groups,
      (row) => row.kinesisRecords.userRecordsPerRecord,
      (row) => row.kinesisRecords.sent,
    ),
    recordsPerRequest: weightedMean(
      groups,
      (row) => row.requests.recordsPerRequest,
      (row) => row.requests.sent,
    ),
    size: closed('size'),
    time: closed('time'),
    count: closed('count'),
    flush: closed('flush'),
  };
}

function attemptSeries(groups: readonly Group[]): ChartData['attempts'] {
  const refused = (row: TimelineRow) => {
    const { throttled, internalFailure, wrongShard, requestError, unknown } = row.attempts;
    return throttled + internalFailure + wrongShard + requestError + unknown;
  };
  return {
    accepted: perSecond(groups, (row) => Math.max(0, row.attempts.records - refused(row))),
    throttled: perSecond(groups, (row) => row.attempts.throttled),
    internalFailure: perSecond(groups, (row) => row.attempts.internalFailure),
    wrongShard: perSecond(groups, (row) => row.attempts.wrongShard),
    requestError: perSecond(groups, (row) => row.attempts.requestError),
    unknown: perSecond(groups, (row) => row.attempts.unknown),
  };
}

function generatorSeries(groups: readonly Group[]): ChartData['generator'] {
  return {
    latenessP99Ms: worst(groups, (row) => milliseconds(row.lateness, 'p99')),
    eventLoopP99Ms: worst(groups, (row) => row.generator.eventLoopDelayP99Us / 1000),
    cpuCores: weightedMean(
      groups.map(intervalsOf),
      (row) => row.generator.cpu,
      (row) => row.intervalMs,
    ),
  };
}

function curveOf(curve: PercentileCurve): ChartData['curves'][number] {
  const step = Math.max(1, Math.ceil(curve.points.length / CURVE_POINTS_MAX));
  // Of neighbours the last is kept: the curve only rises, and its end is the tail that people look for.
  const kept = curve.points.filter(
    ({ rank }, i) => rank < 1 && (curve.points.length - 1 - i) % step === 0,
  );
  return {
    name: curve.name,
    points: kept.map(({ rank, valueUs }) => ({
      beyond: round(1 / (1 - rank)),
      ms: round(valueUs / 1000),
    })),
  };
}

/**
 * Shards over time.
 * @param count how many shards there are
 * @param hottest those that are drawn
 * @param columnsMax most cells of a shard
 */
export function heatOf(
  count: number,
  hottest: readonly { readonly id: string }[],
  rows: readonly TimelineRow[],
  columnsMax: number,
): HeatData {
  const groups = groupRows(rows, columnsMax);
  const drawn = new Set(hottest.map(({ id }) => id));
  const columns = groups.map((group) => heatColumn(group, drawn));
  return {
    cellSeconds: spanSeconds(groups),
    columns: groups.length,
    shards: hottest
      .map(({ id }) => ({
        name: shardName(id),
        share: columns.map((column) => round(column.get(id)?.share ?? 0)),
        throttled: columns.map((column) => column.get(id)?.throttled ?? 0),
      }))
      .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
    hidden: Math.max(0, count - hottest.length),
  };
}

interface HeatCell {
  share: number;
  throttled: number;
}

/** The hottest interval of each shard in the span of a column; of a thousand shards most are not drawn. */
function heatColumn(group: Group, drawn: ReadonlySet<string>): Map<string, HeatCell> {
  const cells = new Map<string, HeatCell>();
  for (const { atMs, intervalMs } of intervalsOf(group)) {
    const seconds = intervalMs / 1000;
    const rows = group.filter((row) => row.atMs === atMs);
    for (const [id, { bytes, records, throttled }] of shardSums(rows, drawn)) {
      const cell = cells.get(id) ?? { share: 0, throttled: 0 };
      cells.set(id, {
        share: Math.max(cell.share, shardShare(bytes, records, seconds)),
        throttled: cell.throttled + throttled,
      });
    }
  }
  return cells;
}

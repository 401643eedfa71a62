/** The page's tables that stand for themselves: latency, shards, error codes, phases, KPL names, events. */

import { formatBytes, formatCount, formatDurationUs, formatPercent } from '../../core/units.ts';
import type { Summary } from '../../results/summary.ts';
import { kplMetrics } from '../kpl-names.ts';
import { PERCENTILES, percentileCells } from '../percentiles.ts';
import { predictionRows, predictionSentence } from '../prediction.ts';
import { formatRate, shardName } from '../quantity.ts';
import type { ReportEvent } from '../timeline.ts';
import { boundName, latencyRows, shardsByHeat, timeOrDash } from '../view-model.ts';
import type { Table } from './table.ts';

const SHARD_ROWS_MAX = 200;
const EVENT_ROWS_MAX = 200;

/** What the formulas of `plan` said beside what was measured. */
export function predictionTable(summary: Summary): Table {
  return {
    caption: predictionSentence(summary),
    heads: ['', 'predicted', 'measured', ''],
    rows: predictionRows(summary).map(({ name, predicted, measured, agrees }) => ({
      cells: [name, predicted, measured, agrees ? '✔' : '▲ differs'],
    })),
  };
}

/** Every measured time with its percentiles. */
export function latencyTable(summary: Summary): Table {
  return {
    caption: 'n/a (needs N): too few values lie beyond that percentile.',
    heads: ['', ...PERCENTILES.map(({ label }) => label), 'max', 'mean', 'count', 'from, until'],
    words: [PERCENTILES.length + 4],
    rows: latencyRows(summary)
      .filter(({ latency }) => latency.count > 0)
      .map((row) => ({
        cells: [
          row.name,
          ...percentileCells(row.latency).map(({ valueUs, missing }) =>
            missing > 0 ? `n/a (needs ${formatCount(missing)})` : timeOrDash(valueUs),
          ),
          timeOrDash(row.latency.max),
          timeOrDash(row.latency.mean),
          formatCount(row.latency.count),
          row.meaning,
        ],
        ...(row.name === 'response' ? { kind: 'total' as const } : {}),
        ...(row.isPart ? { kind: 'part' as const } : {}),
      })),
  };
}

/** Shards, hottest first. */
export function shardTable(summary: Summary): Table {
  const shards = shardsByHeat(summary);
  return {
    caption:
      shards.length > SHARD_ROWS_MAX
        ? `The ${SHARD_ROWS_MAX} hottest of ${formatCount(shards.length)} shards; summary.json has all.`
        : '',
    words: [2],
    heads: [
      'shard',
      'of limit',
      'limit',
      'Kinesis records',
      'bytes',
      'peak bytes/s',
      'peak records/s',
      'throttled',
    ],
    rows: shards.slice(0, SHARD_ROWS_MAX).map((shard) => ({
      cells: [
        shardName(shard.id),
        formatPercent(shard.utilisation),
        boundName(shard),
        formatCount(shard.records),
        formatBytes(shard.bytes),
        formatBytes(shard.peakBytesPerSecond),
        formatRate(shard.peakRecordsPerSecond),
        formatCount(shard.throttled),
      ],
    })),
  };
}

/** Attempts that ended in an error, by the code that the service or the transport gave. */
export function errorTable(summary: Summary): Table {
  const { attempts } = summary;
  const entries = Object.entries(attempts.byErrorCode).filter(([, count]) => count > 0);
  return {
    caption: entries.length === 0 ? 'No attempt ended in an error.' : '',
    heads: ['error code', 'attempts', 'share of attempts'],
    rows: entries
      .sort((a, b) => b[1] - a[1])
      .map(([code, count]) => ({
        cells: [code, formatCount(count), formatPercent(count / Math.max(1, attempts.records))],
      })),
  };
}

/** The phases beside each other. */
export function phaseTable(summary: Summary): Table {
  return {
    caption: '',
    words: [1],
    heads: ['phase', 'counted', 'duration', 'offered/s', 'accepted/s', 'p50', 'p99', 'throttle'],
    rows: summary.phases.map((phase) => {
      const [p50, , , p99] = percentileCells(phase.latency.response).map(({ valueUs, missing }) =>
        missing > 0 ? 'n/a' : timeOrDash(valueUs),
      );
      return {
        cells: [
          phase.name,
          phase.measured ? 'yes' : 'no',
          formatDurationUs(phase.durationMs * 1000),
          formatRate(phase.userRecords.offeredPerSecond),
          formatRate(phase.userRecords.acceptedPerSecond),
          p50 ?? '-',
          p99 ?? '-',
          formatPercent(phase.rates.throttle),
        ],
      };
    }),
  };
}

/** Our figures under the KPL's names. */
export function kplTable(summary: Summary): Table {
  return {
    caption: '',
    heads: ['KPL metric', 'this run', 'in summary.json', 'note'],
    words: [2, 3],
    rows: kplMetrics(summary).map(({ kpl, value, ours, difference }) => ({
      cells: [kpl, value, ours, difference],
    })),
  };
}

/** What happened when; what repeats is one row with its count and its last time. */
export function eventTable(events: readonly ReportEvent[]): Table {
  const kinds = new Map<string, { first: ReportEvent; lastMs: number; count: number }>();
  // Each worker's events are in order, those of all are not.
  for (const event of [...events].sort((a, b) => a.atMs - b.atMs)) {
    const key = JSON.stringify([event.kind, event.message]);
    const { first, count } = kinds.get(key) ?? { first: event, count: 0 };
    kinds.set(key, { first, lastMs: event.atMs, count: count + 1 });
  }
  const distinct = [...kinds.values()];
  return {
    caption:
      distinct.length > EVENT_ROWS_MAX
        ? `The first ${EVENT_ROWS_MAX} of ${formatCount(distinct.length)} kinds; events.jsonl has all.`
        : '',
    heads: ['at', 'kind', 'what', 'times', 'until'],
    words: [1, 2],
    rows: distinct.slice(0, EVENT_ROWS_MAX).map(({ first, lastMs, count }) => ({
      cells: [
        secondsText(first.atMs),
        first.kind,
        first.message,
        formatCount(count),
        count === 1 ? '' : secondsText(lastMs),
      ],
    })),
  };
}

function secondsText(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

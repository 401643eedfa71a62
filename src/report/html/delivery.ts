/** The page's section on reading back. In: verification.json. Out: verdict, counts, gaps, times, backlog. */
import { formatBytes, formatCount, formatDurationUs } from '../../core/units.ts';
import type { Verification } from '../../results/verification.ts';
import { deliveryRows, deliveryTimes, deliveryVerdict } from '../delivery.ts';
import { timeOrDash } from '../view-model.ts';
import { type Html, html, NOTHING } from './html.ts';
import { tableFigure } from './shell.ts';
import type { Table } from './table.ts';

const GAP_ROWS_MAX = 100;
const BACKLOG_ROWS_MAX = 60;

export function deliveryHtml(verification: Verification): Html {
  const { word, sentence } = deliveryVerdict(verification);
  const { read, when, method } = verification;
  const how = `${formatCount(read.kinesisRecords)} Kinesis records (${formatBytes(read.bytes)}) were read from ${formatCount(read.shards)} shards in ${formatDurationUs(read.durationMs * 1000)}, by ${method}, ${when} the run.`;
  const findings = verification.findings.map((text) => html`<p class="note">▲ ${text}</p>`);
  const gaps =
    verification.gaps.length === 0 ? NOTHING : tableFigure('Gaps', gapTable(verification));
  const backlog =
    verification.backlog.behindMsMax === 0
      ? NOTHING
      : tableFigure('Backlog of the reader', backlogTable(verification));
  return html`<p class="note">${word}: ${sentence}. ${how}</p>${findings}
${tableFigure('User records in the stream', countTable(verification))}${tableFigure('Latency to the stream and to the reader', timeTable(verification))}${gaps}${backlog}`;
}

function countTable(verification: Verification): Table {
  return {
    caption: '',
    heads: ['', 'user records', ''],
    rows: deliveryRows(verification).map(({ name, count, isDefect }) => ({
      cells: [name, formatCount(count), isDefect ? (count > 0 ? '✘' : '✔') : ''],
    })),
  };
}

function timeTable(verification: Verification): Table {
  return {
    caption: 'Of the measured phases. Arrival is the service’s own time, in whole milliseconds.',
    heads: ['', 'p50', 'p99', 'p99.9', 'max', 'mean', 'count'],
    rows: deliveryTimes(verification).map(([name, times]) => ({
      cells: [
        name,
        ...[times.p50, times.p99, times.p99_9, times.max, times.mean].map(timeOrDash),
        formatCount(times.count),
      ],
    })),
  };
}

function gapTable({ gaps, gapsJoinedWithin }: Verification): Table {
  const notes = [
    ...(gapsJoinedWithin > 1
      ? [`Joined where less than ${formatCount(gapsJoinedWithin)} apart.`]
      : []),
    ...(gaps.length > GAP_ROWS_MAX
      ? [`The ${GAP_ROWS_MAX} largest of ${formatCount(gaps.length)}; verification.json has all.`]
      : []),
  ];
  const largest = [...gaps].sort((a, b) => b.lost - a.lost).slice(0, GAP_ROWS_MAX);
  return {
    caption: notes.join(' '),
    heads: ['worker', 'producer', 'first sequence', 'last sequence', 'lost'],
    rows: largest.map(({ worker, producer, from, to, lost }) => ({
      cells: [`${worker}`, `${producer}`, ...[from, to, lost].map(formatCount)],
    })),
  };
}

function backlogTable({ backlog }: Verification): Table {
  const step = Math.ceil(backlog.samples.length / BACKLOG_ROWS_MAX);
  return {
    caption: 'Of the shard that was furthest behind.',
    heads: ['since the reading began', 'behind', 'user records read', 'bytes read'],
    rows: backlog.samples
      .filter((_, i) => i % step === 0)
      .map(({ atMs, behindMs, userRecords, bytes }) => ({
        cells: [
          formatDurationUs(atMs * 1000),
          formatDurationUs(behindMs * 1000),
          formatCount(userRecords),
          formatBytes(bytes),
        ],
      })),
  };
}

/** The latency table of the terminal: the response time, its parts, and the bar that shows which part is long. */

import { formatCount, formatDurationUs, formatPercent } from '../../core/units.ts';
import type { Summary } from '../../results/summary.ts';
import { intervalOf, PERCENTILES, percentileCells } from '../percentiles.ts';
import { type LatencyRow, latencyParts, latencyRows, timeOrDash } from '../view-model.ts';
import { bar, type Paint, padEnd, padStart } from './paint.ts';

const NAME_WIDTH = 11;
/** Stands where a sample is too small; a line below says how many values are missing. */
const UNSUPPORTED = 'n/a';

/** Times take seven columns at most (`needs` stands in a line of its own), so eight are the least. */
function cellWidthAt(width: number): number {
  return width >= 78 ? 9 : 8;
}

/** The table and its notes; one line where nothing was accepted. */
export function latencyLines(summary: Summary, width: number, paint: Paint): readonly string[] {
  const { response } = summary.latency;
  if (response.count === 0) return [paint('dim', 'no data: no record was accepted')];
  const cellWidth = cellWidthAt(width);
  const heads = [...PERCENTILES.map(({ label }) => label), 'max', 'mean'];
  const head = padEnd('', NAME_WIDTH) + heads.map((text) => padStart(text, cellWidth)).join('');
  return [
    paint('dim', head),
    ...latencyRows(summary)
      .filter(({ latency }) => latency.count > 0)
      .map((row) => rowLine(row, cellWidth, paint)),
    ...confidenceLines(summary, paint),
    ...missingLines(summary, paint),
    ...partLines(summary, width, paint),
  ];
}

function rowLine(row: LatencyRow, cellWidth: number, paint: Paint): string {
  const cells = [
    ...percentileCells(row.latency).map(({ valueUs, missing }) =>
      missing > 0 ? UNSUPPORTED : timeOrDash(valueUs),
    ),
    timeOrDash(row.latency.max),
    timeOrDash(row.latency.mean),
  ];
  const text = cells.map((cell) => padStart(cell, cellWidth)).join('');
  const name = padEnd(row.isPart ? `  ${row.name}` : row.name, NAME_WIDTH);
  return row.name === 'response' ? paint('bold', name + text) : name + text;
}

/** How far the percentiles of this one run can be trusted; nothing where the sample does not tell. */
function confidenceLines(summary: Summary, paint: Paint): readonly string[] {
  const { response } = summary.latency;
  const parts = [
    ...intervalOf(response, 'p50').map((text) => `p50: ${text}`),
    ...intervalOf(response, 'p99').map((text) => `p99: ${text}`),
  ];
  return parts.length === 0 ? [] : [paint('dim', parts.join(' · '))];
}

/** `records: p99.9 needs 8,412 more`: one line for each measured time with too few values. */
function missingLines(summary: Summary, paint: Paint): readonly string[] {
  const responseMissing = missingOf(summary.latency.response);
  const requestMissing = missingOf(summary.latency.request);
  return [
    ...(responseMissing === '' ? [] : [`records: ${responseMissing}`]),
    ...(requestMissing === '' ? [] : [`requests: ${requestMissing}`]),
  ].map((line) => paint('yellow', line));
}

function missingOf(latency: Parameters<typeof percentileCells>[0]): string {
  if (latency.count === 0) return '';
  return percentileCells(latency)
    .filter(({ missing }) => missing > 0)
    .map(({ label, missing }) => `${label} needs ${formatCount(missing)} more`)
    .join(', ');
}

function partLines(summary: Summary, width: number, paint: Paint): readonly string[] {
  const parts = latencyParts(summary);
  if (parts.length === 0) return [];
  const cellWidth = cellWidthAt(width);
  const column = Math.max(10, width - 2 - NAME_WIDTH - 2 * cellWidth - 1);
  return [
    paint('dim', 'where the mean response time goes'),
    ...parts.map(({ name, count, share }) => {
      const { filled, empty } = bar(share, column);
      const figures =
        padStart(formatDurationUs(count), cellWidth) + padStart(formatPercent(share), cellWidth);
      return `${padEnd(`  ${name}`, NAME_WIDTH)} ${paint('cyan', filled)}${paint('dim', empty)}${figures}`;
    }),
  ];
}

/** Comma-separated values (RFC 4180) for spreadsheets: one line a run, or one line an interval. */

import type { Summary } from '../../results/summary.ts';
import { isUndecided } from '../../results/thresholds.ts';
import type { TimelineRow } from '../../results/timeline.ts';

type Cell = string | number | boolean | null;

/** Groups of a summary whose leaves are a column each; lists and free maps have no fixed columns. */
const GROUPS = [
  'userRecords',
  'kinesisRecords',
  'requests',
  'attempts',
  'rates',
  'latency',
  'generator',
  'cost',
] as const;
/** Not a figure, or without fixed names. */
const LEFT_OUT = /\.(unit|byErrorCode|confidence|assumptions|priceListDate)(\.|$)/;

/** One line a run; a column is a path in summary.json. Runs may lack columns that others have. */
export function renderSummaryCsv(summaries: readonly Summary[]): string {
  const rows = summaries.map(
    (summary) => new Map([...headCells(summary), ...figureCells(summary)]),
  );
  const heads = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  return lines(
    heads,
    rows.map((row) => heads.map((head) => row.get(head) ?? null)),
  );
}

/** One line for each phase in each interval; shards are left out, because their number differs. */
export function renderTimelineCsv(rows: readonly TimelineRow[]): string {
  const flat = rows.map(({ shards: _shards, ...row }) => new Map(flatten('', row)));
  const heads = [...new Set(flat.flatMap((row) => [...row.keys()]))];
  return lines(
    heads,
    flat.map((row) => heads.map((head) => row.get(head) ?? null)),
  );
}

function headCells(summary: Summary): [string, Cell][] {
  const { run } = summary;
  const undecided = summary.thresholds.filter(isUndecided).length;
  const broken = summary.thresholds.filter((threshold) => !threshold.held).length - undecided;
  return [
    ['id', run.id],
    ['name', run.name],
    ['startedAt', run.startedAt],
    ['durationMs', run.durationMs],
    ['seed', run.seed],
    ['target', run.target],
    ['transport', run.transport],
    ['protocol', run.protocol],
    ['status', summary.status],
    ['valid', summary.valid],
    ['thresholdsBroken', broken],
    ['thresholdsUndecided', undecided],
    ...Object.entries(run.tags).map(([key, value]): [string, Cell] => [`tags.${key}`, value]),
  ];
}

function figureCells(summary: Summary): [string, Cell][] {
  return GROUPS.flatMap((group) => flatten(group, summary[group])).filter(
    ([path]) => !LEFT_OUT.test(path),
  );
}

function flatten(path: string, value: unknown): [string, Cell][] {
  if (Array.isArray(value)) return [];
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, part]) =>
      flatten(path === '' ? key : `${path}.${key}`, part),
    );
  }
  return [[path, value as Cell]];
}

function lines(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [heads, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

/** How a formula begins, also by the wide forms that a Japanese or Chinese spreadsheet reads. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** A text that a spreadsheet would take for a formula is led by an apostrophe. */
export function csvCell(value: Cell): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

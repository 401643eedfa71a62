import { basename, dirname, relative } from 'node:path';
import { formatMetric } from '../report/quantity.ts';
import { type Paint, padEnd, padStart, painter, plain } from '../report/terminal/paint.ts';
import { type IndexEntry, type IndexedRun, readIndex } from '../results/run-index.ts';
import type { Arguments, CommandIo } from './command.ts';
import { EXIT } from './errors.ts';
import { isOn, text, usesColor } from './flags.ts';
import { filterEntries } from './list-filters.ts';
import type { ListDocument } from './list-schema.ts';

export async function listResults(args: Arguments, io: CommandIo): Promise<number> {
  const out = text(args, 'out') ?? 'results/';
  const entries = filterEntries(readIndex(out), args);
  if (isOn(args, 'json')) {
    io.stdout.write(`${JSON.stringify(indexDocument(entries), null, 2)}\n`);
    return EXIT.ok;
  }
  io.stdout.write(renderIndex(entries, out, painter(usesColor(args, io, io.stdout))));
  return EXIT.ok;
}

function indexDocument(entries: readonly IndexEntry[]): ListDocument {
  return {
    schema: 'shardstorm.list/1',
    runs: entries.flatMap(({ runs, kind, path }) =>
      runs.map((run) => ({
        id: run.summary.run.id,
        path: run.path,
        group: kind === 'group' ? path : null,
        name: run.summary.run.name,
        scenario: run.summary.run.scenario,
        startedAt: run.summary.run.startedAt,
        durationMs: run.summary.run.durationMs,
        target: run.summary.run.target,
        status: run.summary.status,
        verdict: run.summary.verdict,
        thresholdsHeld: run.summary.thresholds.every(({ held }) => held),
        tags: run.tags,
        figures: Object.fromEntries(FIGURES.map(([name, read]) => [name, read(run)])),
      })),
    ),
    others: entries.flatMap(({ path, kind, problems }) =>
      kind === 'run' || (kind === 'group' && problems.length === 0)
        ? []
        : [{ path, kind, problems }],
    ),
  };
}

type Read = (run: IndexedRun) => number | null;

/** Name in JSON, value. */
const FIGURES: readonly (readonly [string, Read])[] = [
  ['userRecords.acceptedPerSecond', ({ summary }) => summary.userRecords.acceptedPerSecond],
  ['latency.response.p99', ({ summary }) => summary.latency.response.p99],
  ['rates.throttle', ({ summary }) => summary.rates.throttle],
];

const HEADS = ['result', 'state', 'accepted', 'p99', 'throttled', 'tags'];
/** Columns of numbers, set right. */
const NUMBERS = new Set([2, 3, 4]);

function renderIndex(entries: readonly IndexEntry[], out: string, paint: Paint): string {
  if (entries.length === 0) return `no result in ${out}\n`;
  const rows = entries.flatMap((entry) => rowsOf(entry, out));
  const widths = HEADS.map((head, i) =>
    Math.max(head.length, ...rows.map((row) => (row[i] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) =>
        NUMBERS.has(i) ? padStart(cell, widths[i] ?? 0) : padEnd(cell, widths[i] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const problems = entries.flatMap((entry) => entry.problems.map((text) => `! ${plain(text)}`));
  const lines = [
    paint('dim', line(HEADS)),
    ...rows.map(line),
    ...problems.map((text) => paint('yellow', text)),
  ];
  return `${lines.join('\n')}\n`;
}

function rowsOf(entry: IndexEntry, out: string): string[][] {
  const { kind, runs, name } = entry;
  if (runs.length === 0) return [[plain(name), kind, '', '', '', '']];
  return runs.map((run) => [
    plain(kind === 'run' ? basename(run.path) : relative(out, run.path)),
    stateOf(run),
    ...FIGURES.map(([path, read]) => {
      const value = read(run);
      return value === null ? '-' : formatMetric(path, value);
    }),
    plain(
      Object.entries(run.tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(' '),
    ),
  ]);
}

function stateOf({ summary, path }: IndexedRun): string {
  const { status, verdict, thresholds } = summary;
  const broken = thresholds.filter(({ held }) => !held).length;
  const words = status === 'completed' ? verdict : status;
  const old = basename(dirname(path)) === 'baseline' ? ', baseline' : '';
  return `${words}${broken === 0 ? '' : `, ${broken} broken`}${old}`;
}

/** A gate on a terminal: the verdict of each series, its metrics, and what is to be done. Readable at 80 columns. */
import {
  type Paint,
  padEnd,
  padStart,
  painter,
  plain,
  type Style,
  wrap,
} from '../terminal/paint.ts';
import type { GateReport, SeriesReport } from './gate.ts';
import { adviceOf, shareText, type Tone, toneOf, valueText } from './words.ts';

const STYLES: Readonly<Record<Tone, Style>> = {
  good: 'green',
  warn: 'yellow',
  bad: 'red',
  plain: 'cyan',
};
const SIGNS: Readonly<Record<Tone, string>> = { good: '✔', warn: '▲', bad: '✘', plain: '●' };
const WIDTH_MIN = 72;
const WIDTH_MAX = 110;

/** Draws the report; ends without a line break. @param files that were written, for the last lines */
export function renderTerminalGate(
  report: GateReport,
  options: { readonly width: number; readonly color: boolean; readonly files: readonly string[] },
): string {
  const width = Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, options.width));
  const paint = painter(options.color);
  const advice = adviceOf(report);
  const sections = [
    ...report.series.map((series) => seriesLines(series, width, paint)),
    report.notes.flatMap((note) => hanging(note, width, '! ').map((line) => paint('yellow', line))),
    advice === '' ? [] : hanging(advice, width, '→ '),
    options.files.map((file) => `${paint('bold', 'Written')}  ${plain(file)}`),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => line.trimEnd()).join('\n'))
    .join('\n\n');
}

function seriesLines(series: SeriesReport, width: number, paint: Paint): string[] {
  const tone = toneOf(series.verdict);
  const head = paint(STYLES[tone], `${SIGNS[tone]} ${series.verdict}`);
  return [
    `${head}  ${paint('bold', plain(series.name))}`,
    ...hanging(plain(series.sentence), width, '  '),
    ...metricLines(series, paint),
  ];
}

function metricLines({ metrics }: SeriesReport, paint: Paint): string[] {
  if (metrics.length === 0) return [];
  const rows = metrics.map(({ name, path, value, level, change, state }) => [
    plain(name),
    valueText(path, value),
    valueText(path, level),
    change === null ? '-' : shareText(change),
    state,
  ]);
  const table = [['', 'tonight', 'level', 'change', ''], ...rows];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...table.map((row) => (row[column] ?? '').length)),
  );
  return table.map((row, i) => {
    const [name = '', ...cells] = row;
    const state = cells.pop() ?? '';
    const numbers = cells.map((cell, column) => padStart(cell, widths[column + 1] ?? 0));
    const line = `  ${padEnd(name, widths[0] ?? 0)}  ${numbers.join('  ')}  ${state}`;
    return i === 0 ? paint('dim', line) : line;
  });
}

function hanging(text: string, width: number, lead: string): string[] {
  return wrap(text, width - lead.length).map(
    (line, i) => (i === 0 ? lead : ' '.repeat(lead.length)) + line,
  );
}

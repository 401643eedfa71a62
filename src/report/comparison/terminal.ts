/**
 * A comparison on a terminal: what stands in the way of trusting it, a verdict for each variant, the figures behind it,
 * the front and the setting to take. Readable at 80 columns.
 */
import { formatMetric } from '../quantity.ts';
import {
  clip,
  type Paint,
  padEnd,
  padStart,
  painter,
  plain,
  type Style,
  wrap,
} from '../terminal/paint.ts';
import type { ComparedMetric, ComparedVariant, Comparison, Effect } from './comparison.ts';
import {
  cautions,
  changeText,
  designSentence,
  differenceSentence,
  intervalText,
  primaryEffects,
  type VariantVerdict,
  variantVerdicts,
  verdictText,
} from './describe.ts';

export interface TerminalComparisonOptions {
  /** Columns; below 72 as 72, above 110 as 110. */
  readonly width: number;
  readonly color: boolean;
  /** Files that were written, for the last lines. */
  readonly files: readonly string[];
}

const WIDTH_MIN = 72;
const WIDTH_MAX = 110;
const STYLES: Readonly<Record<VariantVerdict['tone'], Style>> = {
  good: 'green',
  warn: 'yellow',
  bad: 'red',
  plain: 'cyan',
};
const SIGNS: Readonly<Record<VariantVerdict['tone'], string>> = {
  good: '✔',
  warn: '▲',
  bad: '✘',
  plain: '●',
};

/** Draws the comparison; ends without a line break. */
export function renderTerminalComparison(
  comparison: Comparison,
  options: TerminalComparisonOptions,
): string {
  const width = Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, options.width));
  const paint = painter(options.color);
  const sections: readonly (readonly string[])[] = [
    headLines(comparison, width, paint),
    ...variantVerdicts(comparison).map((verdict) => [
      ...verdictLines(verdict, width, paint),
      ...effectLines(comparison, verdict.variant, paint),
    ]),
    recommendationLines(comparison, width, paint),
    options.files.map((file) => `${paint('bold', 'Written')}  ${plain(file)}`),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => line.trimEnd()).join('\n'))
    .join('\n\n');
}

function headLines(comparison: Comparison, width: number, paint: Paint): readonly string[] {
  const warnings = cautions(comparison).flatMap((text) =>
    hanging(plain(text), width, '! ').map((line) => paint('yellow', line)),
  );
  const differences = comparison.differences.flatMap((difference) =>
    hanging(plain(differenceSentence(difference)), width, '≠ '),
  );
  return [
    paint('bold', clip(plain(comparison.title), width)),
    ...wrap(plain(designSentence(comparison)), width).map((line) => paint('dim', line)),
    ...warnings,
    ...differences,
  ];
}

function hanging(text: string, width: number, first: string): readonly string[] {
  const indent = ' '.repeat(first.length);
  return wrap(text, width - first.length).map((line, i) => (i === 0 ? first : indent) + line);
}

function verdictLines(verdict: VariantVerdict, width: number, paint: Paint): readonly string[] {
  const style = STYLES[verdict.tone];
  const head = `${paint(style, `${SIGNS[verdict.tone]} ${verdict.word}`)}  ${paint('bold', clip(plain(verdict.variant), width - 18))}`;
  const failures = verdict.failures === '' ? [] : [paint('red', `  ✘ ${verdict.failures}`)];
  return [head, ...failures];
}

const COLUMNS = { name: 26, value: 11, change: 9, interval: 20 };

function effectLines(comparison: Comparison, name: string, paint: Paint): readonly string[] {
  const find = (wanted: string) => comparison.variants.find((variant) => variant.name === wanted);
  const base = find(comparison.baseline);
  const rows = primaryEffects(comparison, name);
  if (rows.length === 0) return [];
  const heads = [
    padEnd('', COLUMNS.name),
    padStart('baseline', COLUMNS.value),
    padStart('this', COLUMNS.value),
    padStart('change', COLUMNS.change),
    padStart('interval', COLUMNS.interval),
  ].join('');
  return [
    paint('dim', `  ${heads}`),
    ...rows.flatMap(({ metric, effect }) => [
      `  ${effectLine(metric, effect, base, find(name))}`,
      paint('dim', `    ${verdictText(effect)}`),
    ]),
  ];
}

function effectLine(
  metric: ComparedMetric,
  effect: Effect,
  base: ComparedVariant | undefined,
  variant: ComparedVariant | undefined,
): string {
  return [
    padEnd(clip(metric.name, COLUMNS.name - 1), COLUMNS.name),
    padStart(medianText(metric, base), COLUMNS.value),
    padStart(medianText(metric, variant), COLUMNS.value),
    padStart(changeText(effect), COLUMNS.change),
    padStart(intervalText(effect), COLUMNS.interval),
  ].join('');
}

function medianText({ path }: ComparedMetric, variant: ComparedVariant | undefined): string {
  const value = variant?.medians[path];
  return value === undefined || value === null ? '-' : formatMetric(path, value);
}

function recommendationLines(
  comparison: Comparison,
  width: number,
  paint: Paint,
): readonly string[] {
  const front = comparison.variants.filter(({ isOnFront }) => isOnFront).map(({ name }) => name);
  return [
    ...hanging(plain(`On the front of cost, p99 and CPU: ${front.join('; ')}`), width, '  '),
    ...hanging(plain(comparison.recommendation.sentence), width, '→ ').map((line) =>
      paint('bold', line),
    ),
  ];
}

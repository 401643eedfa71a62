/** A comparison in markdown, for a step summary or a pull request: verdicts first, then the figures behind them. */
import { formatMetric } from '../quantity.ts';
import { escapeMarkdown, table } from '../text/markdown.ts';
import type { Comparison } from './comparison.ts';
import {
  cautions,
  changeText,
  designSentence,
  differenceSentence,
  intervalText,
  primaryEffects,
  variantVerdicts,
  verdictText,
} from './describe.ts';

const SIGNS = { good: '✅', warn: '⚠️', bad: '❌', plain: '▫️' } as const;

/** Renders the parts that decide; the page has the rest. Ends with a line break. */
export function renderMarkdownComparison(comparison: Comparison): string {
  const { differences, recommendation } = comparison;
  const doubts = [...cautions(comparison), ...differences.map(differenceSentence)];
  const sections = [
    `## ${escapeMarkdown(comparison.title)}\n\n${escapeMarkdown(designSentence(comparison))}`,
    listOf(doubts.map((text) => `⚠️ ${text}`)),
    listOf(
      variantVerdicts(comparison).map(({ variant, tone, word, failures }) =>
        [`${SIGNS[tone]} ${variant}: ${word}`, failures].filter((text) => text !== '').join('; '),
      ),
    ),
    effectTableOf(comparison),
    `**${escapeMarkdown(recommendation.sentence)}**`,
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function listOf(texts: readonly string[]): string {
  return texts.map((text) => `- ${escapeMarkdown(text)}`).join('\n');
}

function effectTableOf(comparison: Comparison): string {
  const { variants, baseline } = comparison;
  const value = (name: string, path: string) => {
    const held = variants.find((variant) => variant.name === name)?.medians[path];
    return typeof held === 'number' ? formatMetric(path, held) : '-';
  };
  return table(
    ['variant', 'metric', 'baseline', 'this', 'change', 'interval', 'verdict'],
    variants.flatMap(({ name }) =>
      primaryEffects(comparison, name).map(({ metric, effect }) => [
        name,
        metric.name,
        value(baseline, metric.path),
        value(name, metric.path),
        changeText(effect),
        intervalText(effect),
        verdictText(effect),
      ]),
    ),
  );
}

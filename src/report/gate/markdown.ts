/** A gate in markdown, for the step summary of a nightly job. */
import { escapeMarkdown, table } from '../text/markdown.ts';
import type { GateReport, SeriesReport } from './gate.ts';
import {
  adviceOf,
  effectText,
  percent,
  ruleText,
  shareText,
  type Tone,
  toneOf,
  valueText,
} from './words.ts';

const SIGNS: Readonly<Record<Tone, string>> = { good: '✅', warn: '⚠️', bad: '❌', plain: 'ℹ️' };

/** Ends with a line break. */
export function renderGateMarkdown(report: GateReport): string {
  const advice = adviceOf(report);
  const sections = [
    ...report.series.map(seriesSection),
    report.notes.map((note) => `- ${escapeMarkdown(note)}`).join('\n'),
    advice === '' ? '' : escapeMarkdown(advice),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function seriesSection(series: SeriesReport): string {
  const { metrics, confirmation } = series;
  const rows = metrics.map((metric) => [
    metric.name,
    valueText(metric.path, metric.value),
    valueText(metric.path, metric.level),
    metric.change === null ? '-' : shareText(metric.change),
    percent(metric.margin),
    [metric.state, ruleText(metric)].filter((text) => text !== '').join(': '),
  ]);
  const confirmed = (confirmation?.metrics ?? []).map((metric) => [
    metrics.find(({ path }) => path === metric.path)?.name ?? metric.path,
    effectText(metric),
    metric.isProven ? 'confirmed' : 'not confirmed',
  ]);
  return [
    `## ${SIGNS[toneOf(series.verdict)]} ${escapeMarkdown(series.name)}: ${series.verdict}`,
    escapeMarkdown(series.sentence),
    rows.length === 0 ? '' : table(['metric', 'tonight', 'level', 'change', 'margin', ''], rows),
    confirmed.length === 0 ? '' : table(['measured again', 'change', ''], confirmed),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

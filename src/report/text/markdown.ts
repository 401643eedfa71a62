/** A summary in markdown, for a step summary of a nightly job or a pull request. */

import { formatBytes, formatCount, formatPercent } from '../../core/units.ts';
import type { Summary } from '../../results/summary.ts';
import { PERCENTILES, percentileCells } from '../percentiles.ts';
import { mismatchSentences, predictionRows } from '../prediction.ts';
import { formatFactor, formatRate, formatUsd, shardName } from '../quantity.ts';
import { plain } from '../terminal/paint.ts';
import {
  batchSentences,
  boundName,
  certaintySentences,
  generatorWord,
  hottestSentence,
  isVirtual,
  latencyRows,
  losses,
  ratio,
  runWords,
  shardsByHeat,
  thresholdActual,
  thresholdWord,
  timeOrDash,
  verdictOf,
} from '../view-model.ts';

const SHARDS_SHOWN_MAX = 8;

/** Renders the parts that decide; the page has the rest. Ends with a line break. */
export function renderMarkdown(summary: Summary): string {
  const sections = [
    headOf(summary),
    thresholdsOf(summary),
    figuresOf(summary),
    certaintySentences(summary)
      .map((sentence) => `- ${escapeMarkdown(sentence)}`)
      .join('\n'),
    latencyOf(summary),
    shardsOf(summary),
    predictionOf(summary),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function headOf(summary: Summary): string {
  const verdict = verdictOf(summary);
  const sign = { good: '✅', warn: '⚠️', bad: '❌' }[verdict.tone];
  const reasons = verdict.reasons.map(
    ({ text, remedy }) => `- **${escapeMarkdown(text)}** ${escapeMarkdown(remedy)}`,
  );
  const warnings = summary.warnings.map((warning) => `- ${escapeMarkdown(warning)}`);
  return [
    `## ${sign} ${escapeMarkdown(summary.run.name)}: ${verdict.word}`,
    '',
    `${verdict.sentence} · ${runWords(summary).map(escapeMarkdown).join(' · ')}`,
    ...(reasons.length + warnings.length === 0 ? [] : ['', ...reasons, ...warnings]),
  ].join('\n');
}

function thresholdsOf(summary: Summary): string {
  return table(
    ['threshold', 'measured', ''],
    summary.thresholds.map((outcome) => [
      outcome.expression,
      thresholdActual(outcome),
      `${outcome.held ? '✅' : '❌'} ${thresholdWord(outcome)}`,
    ]),
  );
}

function figuresOf(summary: Summary): string {
  const { userRecords, rates, attempts, cost, generator } = summary;
  const lost = losses(summary).map(({ name, count }) => `${formatCount(count)} ${name}`);
  const share = formatPercent(ratio(userRecords.accepted, userRecords.offered));
  const rows: string[][] = [
    [
      'offered',
      `${formatRate(userRecords.offeredPerSecond)}/s`,
      `${formatCount(userRecords.offered)} user records`,
    ],
    ['accepted', `${formatRate(userRecords.acceptedPerSecond)}/s`, [share, ...lost].join(', ')],
    [
      'throttled',
      formatPercent(rates.throttle),
      `of ${formatCount(attempts.records)} attempts, ${formatFactor(rates.retryAmplification)} attempts a Kinesis record`,
    ],
    ['hottest shard', hottestSentence(summary), ''],
    ['batches', ...batchSentences(summary)],
    [
      'generator',
      generatorWord(summary),
      isVirtual(summary)
        ? 'in virtual time it costs no CPU that could be told'
        : `${formatRate(generator.userRecordsPerCpuSecond)} records a CPU-second`,
    ],
  ];
  if (cost !== null) {
    rows.push([
      'cost',
      `${formatUsd(cost.perMillionRecordsUsd)} a million records`,
      `${formatUsd(cost.perHourUsd)} an hour, prices of ${cost.priceListDate}`,
    ]);
  }
  return table(['', '', ''], rows);
}

function latencyOf(summary: Summary): string {
  const heads = ['time', ...PERCENTILES.map(({ label }) => label), 'max', 'mean'];
  const rows = latencyRows(summary).filter(({ latency }) => latency.count > 0);
  return table(
    heads,
    rows.map(({ name, isPart, latency }) => [
      isPart ? `+ ${name}` : name,
      ...percentileCells(latency).map(({ valueUs, missing }) =>
        missing > 0 ? `n/a (needs ${formatCount(missing)} more)` : timeOrDash(valueUs),
      ),
      timeOrDash(latency.max),
      timeOrDash(latency.mean),
    ]),
  );
}

function shardsOf(summary: Summary): string {
  const shards = shardsByHeat(summary);
  const rows = shards
    .slice(0, SHARDS_SHOWN_MAX)
    .map((shard) => [
      shardName(shard.id),
      `${formatPercent(shard.utilisation)} of its ${boundName(shard)} limit`,
      `${formatBytes(shard.peakBytesPerSecond)}/s`,
      formatCount(shard.throttled),
    ]);
  const more = shards.length - rows.length;
  const text = table(['shard', 'mean', 'peak', 'throttled'], rows);
  return more > 0 ? `${text}\n\n${formatCount(more)} cooler shards are not shown.` : text;
}

function predictionOf(summary: Summary): string {
  const rows = predictionRows(summary).map(({ name, predicted, measured, agrees }) => [
    name,
    predicted,
    measured,
    agrees ? '✅' : '⚠️',
  ]);
  const mismatches = mismatchSentences(summary).map((text) => `- ${escapeMarkdown(text)}`);
  const text = table(['', 'predicted', 'measured', ''], rows);
  return mismatches.length === 0 ? text : `${text}\n\n${mismatches.join('\n')}`;
}

export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(' | ')} |`;
  const rule = heads.map((_, i) => (i === 0 ? '---' : '---:'));
  return [line(heads), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** Text that is neither markup nor HTML, and that begins no heading, quote, list or rule where it begins a line. */
export function escapeMarkdown(text: string): string {
  return escapeCell(text)
    .trimStart()
    .replace(/^[#>+=-]/, '\\$&')
    .replace(/^(\d{1,9})([.)])/, '$1\\$2');
}

/** Text within a line of a table: neither markup, HTML nor the table's edge. */
function escapeCell(text: string): string {
  return plain(text.replace(/[\r\n]+/g, ' '))
    .replace(/[\\`*_[\]|~]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;');
}

/**
 * The summary that a terminal shows after a run. In: summary.json. Out: text, no line wider than asked, readable at 80
 * columns; the order is that of the questions a person asks: is it valid, what was sent and accepted, how late, what was
 * refused, which shard was hot, how well did batches fill, could the generator keep up, what does it cost, did the
 * thresholds hold, where are the files.
 */

import { formatBytes, formatCount, formatDurationUs, formatPercent } from '../../core/units.ts';
import { samplesNeeded } from '../../results/latency-summary.ts';
import type { Summary } from '../../results/summary.ts';
import { deliverySentence, deliveryVerdict } from '../delivery.ts';
import { kplMetrics } from '../kpl-names.ts';
import { formatRate, formatUsd } from '../quantity.ts';
import {
  batchSentences,
  certaintySentences,
  closeReasons,
  generatorWord,
  isVirtual,
  losses,
  ratio,
  runWords,
  type Tone,
  thresholdActual,
  timeOrDash,
  verdictOf,
} from '../view-model.ts';
import { latencyLines } from './latency-table.ts';
import { clip, type Paint, padEnd, padStart, painter, plain, type Style, wrap } from './paint.ts';
import { predictionLines } from './prediction-lines.ts';
import { refusalLines, shardLines } from './service-lines.ts';

/** How to draw the summary. */
export interface TerminalSummaryOptions {
  /** Columns; values outside 72 to 100 are taken as the nearest of them. */
  readonly width: number;
  readonly color: boolean;
  /** Adds the table of the KPL's names. */
  readonly kplNames: boolean;
  /** Path of the result folder; null: none was written. */
  readonly folder: string | null;
}

const VIRTUAL_NOTE = 'in virtual time it costs no CPU that could be told';
const WIDTH_MIN = 72;
const WIDTH_MAX = 100;
const TONES: Readonly<Record<Tone, { readonly style: Style; readonly sign: string }>> = {
  good: { style: 'green', sign: '✔' },
  warn: { style: 'yellow', sign: '▲' },
  bad: { style: 'red', sign: '✘' },
};

/** Draws the summary; ends without a line break. */
export function renderTerminalSummary(summary: Summary, options: TerminalSummaryOptions): string {
  const width = Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, options.width));
  const paint = painter(options.color);
  const sections: readonly (readonly string[])[] = [
    headLines(summary, width, paint),
    section('Load', loadLines(summary, width, paint), paint),
    section('Latency', latencyLines(summary, width, paint), paint),
    section('Refusals and retries', refusalLines(summary, width, paint), paint),
    section('Shards', shardLines(summary, width, paint), paint),
    section('Batches', batchLines(summary, paint), paint),
    section('Predicted and measured', predictionLines(summary, width, paint), paint),
    section('Phases', phaseLines(summary, paint), paint),
    section('Generator', generatorLines(summary, paint), paint),
    section('Cost', costLines(summary, width, paint), paint),
    section('Delivery', verifyLines(summary, width, paint), paint),
    section('Thresholds', thresholdLines(summary, width, paint), paint),
    options.kplNames ? section('KPL names', kplLines(summary, width, paint), paint) : [],
    options.folder === null ? [] : [`${paint('bold', 'Result')}  ${plain(options.folder)}`],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => line.trimEnd()).join('\n'))
    .join('\n\n');
}

/** What reading back found; nothing where the run was not verified. */
function verifyLines({ verify }: Summary, width: number, paint: Paint): readonly string[] {
  if (verify === undefined) return [];
  const { tone, word } = deliveryVerdict(verify);
  const { style, sign } = TONES[tone];
  return [
    paint(style, `${sign} ${word}`),
    ...wrap(deliverySentence(verify), width - 2),
    paint('dim', 'report.html and verification.json have gaps and times'),
  ];
}

function section(title: string, lines: readonly string[], paint: Paint): readonly string[] {
  return lines.length === 0 ? [] : [paint('bold', title), ...lines.map((line) => `  ${line}`)];
}

function headLines(summary: Summary, width: number, paint: Paint): readonly string[] {
  const verdict = verdictOf(summary);
  const { style, sign } = TONES[verdict.tone];
  const time = formatDurationUs(summary.run.durationMs * 1000);
  const lines = [
    `${paint('bold', clip(plain(summary.run.name), width - time.length - 2))}  ${time}`,
    ...wrap(plain(runWords(summary).join(' · ')), width).map((line) => paint('dim', line)),
    '',
    `${paint('bold', paint(style, `${sign} ${verdict.word}`))}  ${verdict.sentence}`,
  ];
  for (const { text, remedy } of verdict.reasons) {
    lines.push(...indent(plain(text), width, '  ✘ ', '    ').map((line) => paint('red', line)));
    lines.push(...indent(remedy, width, '    → ', '      '));
  }
  for (const warning of summary.warnings) {
    lines.push(...indent(plain(warning), width, '  ! ', '    ').map((l) => paint('yellow', l)));
  }
  return lines;
}

function indent(text: string, width: number, first: string, rest: string): readonly string[] {
  return wrap(text, width - rest.length).map((line, i) => (i === 0 ? first : rest) + line);
}

function loadLines(summary: Summary, width: number, paint: Paint): readonly string[] {
  const { userRecords } = summary;
  const row = (name: string, count: number, perSecond: number, bytes: number, rest: string) =>
    [
      padEnd(name, 9),
      padStart(formatCount(count), 13),
      padStart(`${formatRate(perSecond)}/s`, 12),
      padStart(`${formatBytes(bytes)}/s`, 13),
      rest,
    ].join('  ');
  const { offered, accepted, uncertain, bytesOffered, bytesAccepted } = userRecords;
  const { offeredPerSecond, acceptedPerSecond } = userRecords;
  const share = ratio(accepted, offered);
  const lost = losses(summary).map(
    ({ name, count, share: part }) => `${name} ${formatCount(count)} (${formatPercent(part)})`,
  );
  const lines = [
    row(
      'offered',
      offered,
      offeredPerSecond,
      ratio(bytesOffered, offered) * offeredPerSecond,
      'user records',
    ),
    row(
      'accepted',
      accepted,
      acceptedPerSecond,
      ratio(bytesAccepted, accepted) * acceptedPerSecond,
      paint(share === 1 ? 'green' : 'yellow', formatPercent(share)),
    ),
  ];
  if (lost.length > 0) lines.push(paint('red', lost.join(' · ')));
  if (uncertain > 0) {
    lines.push(`${formatCount(uncertain)} of these uncertain: an attempt was never answered`);
  }
  const certainty = certaintySentences(summary).flatMap((line) => wrap(plain(line), width - 2));
  return [...lines, ...certainty.map((line) => paint('dim', line))];
}

function batchLines(summary: Summary, paint: Paint): readonly string[] {
  if (summary.kinesisRecords.sent === 0) return [paint('dim', 'nothing was sent')];
  const reasons = closeReasons(summary).filter(({ count }) => count > 0);
  const closed = reasons.map(({ name, share }) => `${name} ${formatPercent(share)}`).join(' · ');
  return [...batchSentences(summary), ...(closed === '' ? [] : [`closed by: ${closed}`])];
}

/** One line a phase, where there are several. */
function phaseLines(summary: Summary, paint: Paint): readonly string[] {
  if (summary.phases.length < 2) return [];
  const uncounted = summary.phases
    .filter((phase) => !phase.measured)
    .map((phase) => clip(plain(phase.name), 15))
    .join(', ');
  const heads = ['offered', 'accepted', 'p50', 'p99', 'throttled'];
  const rows = summary.phases.map(phaseCells);
  const widths = heads.map((_, i) =>
    Math.max(11, ...rows.map((cells) => 1 + (cells[i] ?? '').length)),
  );
  const lineOf = (name: string, cells: readonly string[]) =>
    padEnd(name, 16) + cells.map((cell, i) => padStart(cell, widths[i] ?? 0)).join('');
  return [
    paint('dim', lineOf('', heads)),
    ...summary.phases.map((phase, i) => {
      const line = lineOf(clip(plain(phase.name), 15), rows[i] ?? []);
      return phase.measured ? line : paint('dim', line);
    }),
    ...(uncounted === '' ? [] : [paint('dim', `not in the other figures: ${uncounted}`)]),
  ];
}

function phaseCells({ userRecords, latency, rates }: Summary['phases'][number]): string[] {
  const { response } = latency;
  return [
    `${formatRate(userRecords.offeredPerSecond)}/s`,
    `${formatRate(userRecords.acceptedPerSecond)}/s`,
    timeOrDash(response.p50),
    samplesNeeded(99, response.count) > 0 ? 'n/a' : timeOrDash(response.p99),
    formatPercent(rates.throttle),
  ];
}

/** What the instrument adds, and how near its limit it was. */
function calibrationWords(calibration: Summary['generator']['calibration']): readonly string[] {
  if (calibration === undefined) return [];
  const { ceilingPerSecond, ceilingShare, floorP50Us, floorP99Us, at } = calibration;
  const floor = `instrument floor p50 ${formatDurationUs(floorP50Us)}, p99 ${formatDurationUs(floorP99Us)}`;
  const day = `calibrated ${plain(at.slice(0, 10))}`;
  if (ceilingPerSecond === null || ceilingShare === null) return [`${floor} · ${day}`];
  const share = `${formatPercent(ceilingShare)} of the ceiling of ${formatRate(ceilingPerSecond)}/s`;
  return [`${share} · ${day}`, floor];
}

function generatorLines(summary: Summary, paint: Paint): readonly string[] {
  const { generator, latency } = summary;
  const late = latency.lateness;
  const saturated = generator.saturated
    ? paint('red', 'saturated: it, not the target, set the pace')
    : paint(summary.userRecords.dropped > 0 ? 'yellow' : 'green', generatorWord(summary));
  const lateness = `${saturated} · lateness p99 ${timeOrDash(late.p99)}, max ${timeOrDash(late.max)}`;
  if (isVirtual(summary)) return [lateness, paint('dim', VIRTUAL_NOTE)];
  return [
    lateness,
    `CPU ${generator.cpuSeconds.toFixed(1)} s · ${formatRate(generator.userRecordsPerCpuSecond)} records a CPU-second`,
    `event loop p99 ${formatDurationUs(generator.eventLoopDelayP99Us)} · GC ${formatDurationUs(generator.gcMs * 1000)} · memory ${formatBytes(generator.rssMaxBytes)}`,
    ...calibrationWords(generator.calibration),
  ];
}

function costLines(summary: Summary, width: number, paint: Paint): readonly string[] {
  const { cost } = summary;
  if (cost === null) return [];
  const about = `${cost.assumptions} (prices of ${cost.priceListDate})`;
  return [
    `${formatUsd(cost.perMillionRecordsUsd)} a million records · ${formatUsd(cost.perGBUsd)} a GB · ${formatUsd(cost.perHourUsd)} an hour`,
    ...wrap(plain(about), width - 2).map((line) => paint('dim', line)),
  ];
}

function thresholdLines(summary: Summary, width: number, paint: Paint): readonly string[] {
  const expressions = summary.thresholds.map(({ expression }) => [...expression].length);
  const column = Math.min(width - 30, Math.max(0, ...expressions));
  return summary.thresholds.flatMap((outcome) => {
    const sign = outcome.held ? paint('green', '✔') : paint('red', '✘');
    const expression = padEnd(clip(plain(outcome.expression), column), column);
    const [first = '', ...rest] = wrap(thresholdActual(outcome), width - column - 6);
    return [
      `${sign} ${expression}  ${first}`,
      ...rest.map((line) => `${' '.repeat(column + 4)}${line}`),
    ];
  });
}

function kplLines(summary: Summary, width: number, paint: Paint): readonly string[] {
  return kplMetrics(summary).map(({ kpl, value, difference }) => {
    const rest = clip(difference, width - 2 - 34 - 14 - 2);
    return `${padEnd(kpl, 34)}${padStart(value, 14)}  ${paint('dim', rest)}`.trimEnd();
  });
}

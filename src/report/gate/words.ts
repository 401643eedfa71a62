/** A gate's figures in words. Plain text: a renderer escapes it. */
import type { SuspicionRule } from '../../statistics/night.ts';
import { formatMetric } from '../quantity.ts';
import type { ConfirmedMetric, GateMetric, GateReport, GateVerdict } from './gate.ts';

/** `+8.1 %`, with a true minus sign and no break before the percent sign. */
export function shareText(share: number): string {
  if (!Number.isFinite(share)) return 'from nothing';
  const percent = Math.abs(share * 100).toFixed(Math.abs(share) < 0.1 ? 1 : 0);
  const sign = Number(percent) === 0 ? '±' : share < 0 ? '−' : '+';
  return `${sign}${percent}\u00a0%`;
}

const RULES: Readonly<Record<SuspicionRule, string>> = {
  'change-point': 'a change point within the last three nights',
  'recent-nights': 'the last nights against the level before',
  spread: 'far from the median of few nights',
};

/** How a metric came to be worse or better; '' where it did not. */
export function ruleText({ rule }: GateMetric): string {
  return rule === null ? '' : RULES[rule];
}

/** `response p99 +8.1 % (21.4 ms against 19.8 ms)` */
export function metricText({ name, path, value, level, change }: GateMetric): string {
  if (value === null || level === null) return name;
  const by = change === null ? '' : ` ${shareText(change)}`;
  return `${name}${by} (${formatMetric(path, value)} against ${formatMetric(path, level)})`;
}

/** `response p99 +7.9 % [+5.1 %, +10.4 %], beyond the margin of 5 %` */
export function confirmedText(confirmed: ConfirmedMetric, metrics: readonly GateMetric[]): string {
  const metric = metrics.find(({ path }) => path === confirmed.path);
  const margin = metric === undefined ? '' : `, beyond the margin of ${percent(metric.margin)}`;
  return `${metric?.name ?? confirmed.path} ${effectText(confirmed)}${margin}`;
}

/** `+7.9 % [+5.1 %, +10.4 %]` */
export function effectText({ path, scale, estimate, interval }: ConfirmedMetric): string {
  const text = (value: number) =>
    scale === 'ratio' ? shareText(value - 1) : signed(value, formatMetric(path, Math.abs(value)));
  const bounds = interval === null ? '' : ` [${interval.map(text).join(', ')}]`;
  return `${text(estimate)}${bounds}`;
}

function signed(value: number, text: string): string {
  return value === 0 ? `±${text}` : `${value < 0 ? '−' : '+'}${text}`;
}

export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))}\u00a0%`;
}

/** A value with its unit; `-` where there is none. */
export function valueText(path: string, value: number | null): string {
  return value === null ? '-' : formatMetric(path, value);
}

export type Tone = 'good' | 'warn' | 'bad' | 'plain';

const TONES: Readonly<Record<GateVerdict, Tone>> = {
  pass: 'good',
  improvement: 'good',
  regression: 'bad',
  invalid: 'bad',
  suspected: 'warn',
  'not enough history': 'plain',
  'not comparable': 'warn',
};

export function toneOf(verdict: GateVerdict): Tone {
  return TONES[verdict];
}

/** What a person does next; '' where there is nothing to do. */
export function adviceOf(report: GateReport): string {
  switch (report.verdict) {
    case 'regression':
      return 'If the change is meant, gate the same result again with --accept "why": nights before it no longer count.';
    case 'suspected':
      return 'A suspicion alone fails nothing. It is looked at again tomorrow; --confirm 8 measures it again now.';
    case 'not comparable':
      return 'Put back what differs, or record this night to begin a series of its own.';
    case 'invalid':
      return 'Run again on a machine that keeps up; an invalid run is never recorded.';
    default:
      return '';
  }
}

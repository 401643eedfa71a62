/** Quantities of a summary as people read them, by the name of the metric: the unit follows from the name. */

import { formatBytes, formatCount, formatDurationUs, formatPercent } from '../core/units.ts';

const LATENCY =
  /(^|\.)(response|lateness|buffering|retry|service|request|endToEnd)\.(?!count$)\w+(\.\d+)?$/;
const FRACTION =
  /(^|\.)(throttle|partialFailure|requestFailure|utilisation|cpuWaitShare|stealShare)$/;

/**
 * A value with the unit that its metric has in summary.json (contract).
 * @param metric path in summary.json, with or without `latency.` and `rates.`
 */
export function formatMetric(metric: string, value: number): string {
  if (LATENCY.test(metric) || metric.endsWith('Us')) return formatDurationUs(value);
  if (FRACTION.test(metric)) return formatPercent(value);
  if (metric.endsWith('Usd')) return formatUsd(value);
  if (metric.endsWith('retryAmplification')) return formatFactor(value);
  if (/bytesPerSecond$/i.test(metric)) return `${formatBytes(value)}/s`;
  if (metric.endsWith('PerSecond')) return `${formatRate(value)}/s`;
  if (/bytes(Offered|Accepted|PerRecord|PerRequest)?$/i.test(metric)) return formatBytes(value);
  if (/(ms|Ms)$/.test(metric)) return formatDurationUs(value * 1000);
  return formatNumber(value);
}

/** A rate a second: whole from 100 on, one digit below. */
export function formatRate(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return '-';
  return perSecond >= 100 || Number.isInteger(perSecond)
    ? formatCount(perSecond)
    : perSecond.toFixed(1);
}

/** Money: cents from a dollar on, four significant digits below it. */
export function formatUsd(usd: number): string {
  if (!Number.isFinite(usd)) return '-';
  if (usd === 0 || usd >= 1) {
    return `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  }
  return `$${Number(usd.toPrecision(3))}`;
}

/** A mean or a ratio: `× 1.012`. */
export function formatFactor(factor: number): string {
  return Number.isFinite(factor) ? `×${factor.toFixed(3)}` : '-';
}

/** Whole numbers with separators, others with up to three digits after the point. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return value.toLocaleString('en-US', { maximumFractionDigits: Number.isInteger(value) ? 0 : 3 });
}

/** `1.2k`, `3.4M`: counts where a column is narrow. */
export function formatShort(count: number): string {
  if (!Number.isFinite(count)) return '-';
  const size = Math.abs(count);
  if (size < 10_000) return formatCount(count);
  if (size < 1_000_000) return `${(count / 1_000).toFixed(size < 100_000 ? 1 : 0)}k`;
  if (size < 1_000_000_000) return `${(count / 1_000_000).toFixed(size < 100_000_000 ? 1 : 0)}M`;
  return `${(count / 1_000_000_000).toFixed(1)}G`;
}

/** `shardId-000000000012` → `shard 12`; other ids as they are. */
export function shardName(id: string): string {
  const match = /^shardId-0*(\d+)$/.exec(id);
  return match === null ? id : `shard ${match[1]}`;
}

/** What the service did, for the terminal: refusals, retries, and the heat of each shard. */

import { formatBytes, formatCount, formatPercent } from '../../core/units.ts';
import type { ShardSummary, Summary } from '../../results/summary.ts';
import { formatFactor, formatRate, formatShort, shardName } from '../quantity.ts';
import { boundName, hottestSentence, refusals, shardsByHeat } from '../view-model.ts';
import { bar, clip, heatStyle, type Paint, padEnd, padStart, plain, wrap } from './paint.ts';

/** Shards drawn one a line; the others are told in one. */
const SHARDS_SHOWN_MAX = 12;
const ERROR_CODES_SHOWN_MAX = 5;

/** Refused attempts by cause, error codes, and what retrying cost. */
export function refusalLines(summary: Summary, width: number, paint: Paint): readonly string[] {
  const { attempts, rates, requests } = summary;
  const causes = refusals(summary);
  if (causes.length === 0 && requests.failed === 0) {
    return [paint('green', `none in ${formatCount(attempts.records)} attempts`)];
  }
  const codes = Object.entries(attempts.byErrorCode)
    .sort((a, b) => b[1] - a[1])
    .slice(0, ERROR_CODES_SHOWN_MAX)
    .map(([code, count]) => `${clip(plain(code), 44)} ${formatCount(count)}`);
  return [
    ...causes.map(
      ({ name, count, share }) =>
        `${padEnd(name, 17)}${padStart(formatCount(count), 11)}  ${padStart(formatPercent(share), 7)} of attempts`,
    ),
    ...wrap(
      `partial failures in ${formatPercent(rates.partialFailure)} of requests · failed requests ${formatPercent(rates.requestFailure)} · ${formatFactor(rates.retryAmplification)} attempts a Kinesis record`,
      width - 2,
    ),
    ...wrap(codes.join(' · '), width - 2).map((line) => paint('dim', line)),
  ];
}

/** The hottest shard with its reason, and a bar for each shard. */
export function shardLines(summary: Summary, width: number, paint: Paint): readonly string[] {
  const shards = shardsByHeat(summary);
  if (shards.length === 0) return [];
  const rest = shards.slice(SHARDS_SHOWN_MAX);
  const names = shards.slice(0, SHARDS_SHOWN_MAX).map(({ id }) => [...plain(shardName(id))].length);
  const nameWidth = Math.min(20, Math.max(...names));
  const lines = [
    `hottest: ${hottestSentence(summary)}`,
    paint('dim', padStart('mean of limit, peak, throttled', width - 2)),
    ...shards.slice(0, SHARDS_SHOWN_MAX).map((s) => shardLine(s, nameWidth, width, paint)),
  ];
  if (rest.length > 0) {
    const first = rest[0]?.utilisation ?? 0;
    const last = rest.at(-1)?.utilisation ?? 0;
    const range = `between ${formatPercent(last)} and ${formatPercent(first)}`;
    lines.push(paint('dim', `${formatCount(rest.length)} more ${range}`));
  }
  return lines;
}

function shardLine(shard: ShardSummary, nameWidth: number, width: number, paint: Paint): string {
  const figures = [
    padStart(formatPercent(shard.utilisation), 8),
    ` ${padEnd(`${boundName(shard)}s`, 7)}`,
    padStart(peakText(shard), 13),
    padStart(shard.throttled === 0 ? '' : `✘${formatShort(shard.throttled)}`, 8),
  ].join('');
  const column = Math.max(8, width - 2 - nameWidth - 1 - 37);
  const { filled, empty } = bar(shard.utilisation, column);
  const name = padEnd(clip(plain(shardName(shard.id)), nameWidth), nameWidth);
  return `${name} ${paint(heatStyle(shard.utilisation), filled)}${paint('dim', empty)}${figures}`;
}

/** The busiest second, in the unit of the limit that is nearer. */
function peakText(shard: ShardSummary): string {
  return shard.bound === 'bytes'
    ? `${formatBytes(shard.peakBytesPerSecond)}/s`
    : `${formatRate(shard.peakRecordsPerSecond)}/s`;
}

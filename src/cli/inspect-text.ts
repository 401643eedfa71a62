import { unreachable } from '../core/assert.ts';
import { formatBytes, formatCount, formatDurationUs, formatPercent } from '../core/units.ts';
import { bar, heatStyle, padEnd, padStart, painter } from '../report/terminal/paint.ts';
import type { KeySkew } from '../verify/key-skew.ts';
import type { ProfileData } from '../verify/profile.ts';

const SHARDS_SHOWN = 16;
const NAME_WIDTH = 26;
const BAR_WIDTH = 20;

/** A profile for people. */
export function inspectionText(profile: ProfileData, color: boolean): string {
  const paint = painter(color);
  const { sizes, keys, shards, seconds, userRecords, kinesisRecords } = profile;
  if (kinesisRecords === 0) {
    return `Nothing came through ${profile.stream} meanwhile: look longer (--for 5m), or into the past (--since 1h).`;
  }
  const line = (name: string, value: string) => `  ${padEnd(name, NAME_WIDTH)}${value}`;
  const rate = (count: number) => `${formatCount(Math.round((count / seconds) * 10) / 10)}/s`;
  const rates = [...profile.perSecond].sort((a, b) => a - b);
  const peak = rates.at(-1) ?? 0;
  const distinct = `${keys.isExact ? '' : 'about '}${formatCount(keys.distinct)}`;
  return [
    `${paint('bold', profile.stream)}  ${formatDurationUs(seconds * 1e6)} of arrivals, ${formatCount(shards.length)} shards with records`,
    '',
    paint('bold', 'Traffic'),
    line(
      'user records',
      `${formatCount(userRecords)}, ${rate(userRecords)}, ${formatCount(peak)} in the busiest second`,
    ),
    line('Kinesis records', `${formatCount(kinesisRecords)}, ${rate(kinesisRecords)}`),
    line('bytes', `${formatBytes(profile.bytes)}, ${formatBytes(profile.bytes / seconds)}/s`),
    line(
      'aggregation',
      profile.aggregates === 0
        ? 'none'
        : `${formatCount(Math.round(profile.userRecordsPerRecord * 10) / 10)} user records a Kinesis record; ${formatPercent(profile.aggregates / kinesisRecords)} are aggregates`,
    ),
    ...(profile.brokenAggregates > 0
      ? [line('broken aggregates', formatCount(profile.brokenAggregates))]
      : []),
    '',
    paint('bold', 'Payloads'),
    line(
      'size',
      `mean ${formatBytes(sizes.mean)}, p50 ${formatBytes(sizes.p50)}, p90 ${formatBytes(sizes.p90)}, p99 ${formatBytes(sizes.p99)}, ${formatBytes(sizes.min)} to ${formatBytes(sizes.max)}`,
    ),
    '',
    paint('bold', 'Partition keys'),
    line('different ones', distinct),
    line('skew', skewWords(keys.skew)),
    ...keys.top.map(({ name, share }) => line(`  ${name}`, formatPercent(share))),
    '',
    paint('bold', 'Shards, hottest first'),
    ...shards.slice(0, SHARDS_SHOWN).map((shard) => {
      const { filled, empty } = bar(Math.min(1, shard.utilisation), BAR_WIDTH);
      const figures = [
        padStart(`${formatCount(Math.round(shard.recordsPerSecond))}/s`, 9),
        padStart(`${formatBytes(shard.bytesPerSecond)}/s`, 14),
        padStart(formatPercent(shard.utilisation), 8),
      ].join('');
      return `  ${padEnd(shard.id, 22)}${paint(heatStyle(shard.utilisation), filled)}${paint('dim', empty)}${figures}`;
    }),
    ...unreadWords(profile),
    ...(shards.length > SHARDS_SHOWN ? [paint('dim', '  --json has them all')] : []),
  ].join('\n');
}

function unreadWords({ unreadShards }: ProfileData): string[] {
  const [first] = unreadShards;
  if (first === undefined) return [];
  const others = unreadShards.length - 1;
  const which = others === 0 ? first : `${first} and ${formatCount(others)} more`;
  return [
    '',
    `  ! ${which} could not be read up to now: look longer (--for), or begin later (--since).`,
  ];
}

function skewWords(skew: KeySkew): string {
  const from = `from about ${formatCount(skew.cardinality)}`;
  switch (skew.kind) {
    case 'uniform':
      return `none: all alike, ${from}`;
    case 'hot':
      return `${formatCount(skew.keys)} hot with ${formatPercent(skew.share)} of the records, the others alike, ${from}`;
    case 'zipf':
      return `as a Zipf distribution with exponent ${skew.exponent.toFixed(2)}, ${from}`;
    default:
      return unreachable(skew);
  }
}

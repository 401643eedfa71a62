/** A verification for the terminal: is everything there, what is not, how late did it come. In: verification.json. */
import { formatBytes, formatCount, formatDurationUs } from '../../core/units.ts';
import type { Verification } from '../../results/verification.ts';
import { deliveryRows, deliveryTimes, deliveryVerdict } from '../delivery.ts';
import { timeOrDash } from '../view-model.ts';
import { type Paint, padEnd, padStart, painter, plain, wrap } from './paint.ts';

export interface TerminalVerificationOptions {
  readonly width: number;
  readonly color: boolean;
}

const WIDTH_MIN = 72;
const WIDTH_MAX = 100;
const NAME_WIDTH = 34;
const COUNT_WIDTH = 14;
/** Gaps shown; verification.json has all. */
const GAPS_SHOWN = 8;

const SIGNS = { good: ['green', '✔'], warn: ['yellow', '▲'], bad: ['red', '✘'] } as const;

/** Draws it; ends without a line break. */
export function renderTerminalVerification(
  verification: Verification,
  options: TerminalVerificationOptions,
): string {
  const width = Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, options.width));
  const paint = painter(options.color);
  const { tone, word, sentence } = deliveryVerdict(verification);
  const [style, sign] = SIGNS[tone];
  const { read, when, method } = verification;
  const how = `${formatCount(read.kinesisRecords)} Kinesis records, ${formatBytes(read.bytes)} from ${formatCount(read.shards)} shards in ${formatDurationUs(read.durationMs * 1000)}, by ${method}, ${when} the run`;
  return [
    `${paint('bold', paint(style, `${sign} ${word}`))}  ${sentence}`,
    paint('dim', how),
    ...verification.findings.flatMap((finding) => bullet(plain(finding), width)),
    '',
    ...counts(verification, paint),
    ...gapLines(verification, paint),
    ...latencyLines(verification, paint),
    ...backlogLines(verification),
  ].join('\n');
}

function bullet(text: string, width: number): readonly string[] {
  return wrap(text, width - 4).map((line, i) => (i === 0 ? '  ! ' : '    ') + line);
}

function counts(verification: Verification, paint: Paint): readonly string[] {
  return [
    paint('bold', 'User records'),
    ...deliveryRows(verification).map(({ name, count, isDefect }) => {
      const figure = padStart(formatCount(count), COUNT_WIDTH);
      const painted = isDefect && count > 0 ? paint('red', figure) : figure;
      return `  ${padEnd(name, NAME_WIDTH)}${painted}`;
    }),
  ];
}

function gapLines({ gaps, gapsJoinedWithin }: Verification, paint: Paint): readonly string[] {
  if (gaps.length === 0) return [];
  const largest = [...gaps].sort((a, b) => b.lost - a.lost).slice(0, GAPS_SHOWN);
  const joined = gapsJoinedWithin > 1 ? `, joined within ${formatCount(gapsJoinedWithin)}` : '';
  const title = `Gaps, ${formatCount(gaps.length)}${joined}, the largest first`;
  return [
    '',
    paint('bold', title),
    paint('dim', `  ${padEnd('worker', 8)}${padEnd('producer', 10)}${padEnd('sequences', 28)}lost`),
    ...largest.map(({ worker, producer, from, to, lost }) => {
      const range = from === to ? formatCount(from) : `${formatCount(from)} – ${formatCount(to)}`;
      return `  ${padEnd(String(worker), 8)}${padEnd(String(producer), 10)}${padEnd(range, 28)}${formatCount(lost)}`;
    }),
    ...(gaps.length > GAPS_SHOWN ? [paint('dim', '  verification.json has them all')] : []),
  ];
}

function latencyLines(verification: Verification, paint: Paint): readonly string[] {
  const times = deliveryTimes(verification);
  if (times.length === 0) return [];
  const heads = ['p50', 'p99', 'p99.9', 'max'].map((head) => padStart(head, 10)).join('');
  return [
    '',
    paint('bold', 'Latency of the measured phases'),
    paint('dim', `  ${padEnd('', NAME_WIDTH)}${heads}`),
    ...times.map(([name, { p50, p99, p99_9, max }]) => {
      const cells = [p50, p99, p99_9, max].map((us) => padStart(timeOrDash(us), 10)).join('');
      return `  ${padEnd(name, NAME_WIDTH)}${cells}`;
    }),
  ];
}

function backlogLines({ backlog, when }: Verification): readonly string[] {
  const { behindMsMax, drainedAtMs } = backlog;
  if (behindMsMax === 0) return [];
  const most = formatDurationUs(behindMsMax * 1000);
  const drained =
    drainedAtMs === null
      ? 'and it did not drain'
      : `and nothing was left ${formatDurationUs(drainedAtMs * 1000)} after the reading began`;
  const whose = when === 'during' ? 'The reader' : 'Reading afterwards, it';
  return ['', `${whose} was behind by ${most} at the most, ${drained}.`];
}

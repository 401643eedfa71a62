/**
 * One picture of a running load. In: the live state. Out: text of a few lines, none wider than asked, for a terminal
 * that redraws in place; and one line for a pipe.
 */

import { formatBytes, formatCount, formatDurationUs, formatPercent } from '../../core/units.ts';
import { formatRate, formatShort, shardName } from '../quantity.ts';
import {
  bar,
  clip,
  heatStyle,
  heatSymbol,
  type Paint,
  padEnd,
  padStart,
  painter,
  plain,
  visibleWidth,
} from '../terminal/paint.ts';
import { timeOrDash } from '../view-model.ts';
import { endMs, type LiveSecond, type LiveShard, type LiveState, phaseAt } from './state.ts';

const WIDTH_MIN = 40;
const LABEL_WIDTH = 10;
const STAGES = { starting: 'starting', draining: 'draining', stopping: 'stopping' } as const;

/** The picture for a terminal; ends without a line break. */
export function renderLiveFrame(state: LiveState, width: number, color: boolean): string {
  const columns = Math.max(WIDTH_MIN, width);
  const paint = painter(color);
  const lines = [headLine(state, columns, paint)];
  if (state.last !== null) {
    const { last } = state;
    lines.push(
      row('rate', rateParts(state, last, paint), columns, paint),
      row('response', responseParts(last), columns, paint),
      row('refusals', refusalParts(state, last, paint), columns, paint),
      shardLine(last.shards, columns, paint),
      row('generator', generatorParts(last), columns, paint),
    );
  }
  for (const warning of state.warnings) {
    lines.push(paint('yellow', clip(`! ${plain(warning)}`, columns)));
  }
  return lines.filter((line) => line !== '').join('\n');
}

/** The line for a pipe or a log. */
export function liveLine(state: LiveState): string {
  const total = endMs(state.plan);
  const at = `${Math.round(state.elapsedMs / 1000)}/${Math.round(total / 1000)} s`;
  const { last } = state;
  const where = `${at} ${whereOf(state)}`;
  if (last === null) return where;
  const hottest = hottestOf(last.shards);
  return [
    where,
    `offered ${formatRate(last.offeredPerSecond)}/s`,
    `accepted ${formatRate(last.acceptedPerSecond)}/s`,
    `p50 ${timeOrDash(last.response.p50)}`,
    `p99 ${timeOrDash(last.response.p99)}`,
    `throttled ${formatPercent(last.throttle)}`,
    ...(hottest === null
      ? []
      : [`hottest ${plain(shardName(hottest.id))} ${formatPercent(hottest.share)}`]),
    `late p99 ${timeOrDash(last.lateness.p99)}`,
  ].join(' · ');
}

function whereOf(state: LiveState): string {
  return state.stage === 'running'
    ? plain(phaseAt(state.plan, state.elapsedMs))
    : STAGES[state.stage];
}

function headLine(state: LiveState, columns: number, paint: Paint): string {
  const total = endMs(state.plan);
  const share = total === 0 ? 0 : Math.min(1, state.elapsedMs / total);
  const leftUs = Math.max(0, total - state.elapsedMs) * 1000;
  const name = clip(plain(state.plan.name), Math.floor(columns / 5));
  const where = clip(padEnd(whereOf(state), longestPhase(state)), Math.floor(columns / 6));
  const right = ` ${padStart(formatPercent(share), 7)}  ${leftText(leftUs)} left`;
  const room = columns - visibleWidth(name) - visibleWidth(where) - right.length - 3;
  const { filled, empty } = bar(share, Math.max(0, room));
  return `${paint('bold', name)}  ${paint('cyan', where)} ${paint('cyan', filled)}${paint('dim', empty)}${right}`;
}

/** Letters of the longest phase: the bar begins at the same place in all of them. */
function longestPhase({ plan }: LiveState): number {
  return Math.max(0, ...plan.phases.map(({ name }) => visibleWidth(plain(name))));
}

/** Whole seconds: tenths would flicker. */
function leftText(us: number): string {
  const seconds = Math.round(us / 1_000_000);
  return padStart(seconds < 120 ? `${seconds} s` : formatDurationUs(seconds * 1_000_000), 6);
}

/** A label and as many parts as fit; the last ones are the least needed. */
function row(label: string, parts: readonly string[], columns: number, paint: Paint): string {
  let line = paint('dim', padEnd(label, LABEL_WIDTH));
  let used = LABEL_WIDTH;
  for (const part of parts.filter((text) => text !== '')) {
    const gap = used === LABEL_WIDTH ? 0 : 3;
    if (used + gap + visibleWidth(part) > columns) break;
    line += ' '.repeat(gap) + part;
    used += gap + visibleWidth(part);
  }
  return line;
}

function rateParts(state: LiveState, last: LiveSecond, paint: Paint): readonly string[] {
  const isBehind = last.acceptedPerSecond < 0.98 * last.offeredPerSecond;
  const accepted = `accepted ${padStart(`${formatRate(last.acceptedPerSecond)}/s`, 11)}`;
  return [
    `offered ${padStart(`${formatRate(last.offeredPerSecond)}/s`, 11)}`,
    isBehind ? paint('yellow', accepted) : accepted,
    paint('cyan', sparkline(state.history)),
  ];
}

/** Heights of the accepted rate, against the highest shown. */
function sparkline(history: readonly number[]): string {
  const highest = Math.max(0, ...history);
  if (highest === 0) return '';
  return history
    .slice(-24)
    .map((rate) => heatSymbol(rate / highest))
    .join('');
}

function responseParts({ response }: LiveSecond): readonly string[] {
  const cell = (label: string, us: number | null) => `${label} ${padStart(timeOrDash(us), 6)}`;
  return [
    cell('p50', response.p50),
    cell('p90', response.p90),
    cell('p99', response.p99),
    cell('max', response.max),
  ];
}

function refusalParts(state: LiveState, last: LiveSecond, paint: Paint): readonly string[] {
  const { failed, expired, dropped } = state.totals;
  const rate = (label: string, share: number) => {
    const text = `${label} ${padStart(formatPercent(share), 6)}`;
    return share > 0 ? paint('yellow', text) : text;
  };
  const count = (label: string, value: number) =>
    value === 0 ? '' : paint('red', `${label} ${formatShort(value)}`);
  return [
    rate('throttled', last.throttle),
    rate('partial', last.partialFailure),
    count('failed', failed),
    count('expired', expired),
    count('dropped', dropped),
  ];
}

function generatorParts({ lateness, generator }: LiveSecond): readonly string[] {
  return [
    `late p99 ${padStart(timeOrDash(lateness.p99), 6)}`,
    `CPU ${generator.cpu.toFixed(2)} cores`,
    `waiting ${formatShort(generator.outstandingRecords)} records, ${formatBytes(generator.bufferedBytes)}`,
    `loop ${formatDurationUs(generator.eventLoopDelayP99Us)}`,
  ];
}

function hottestOf(shards: readonly LiveShard[]): LiveShard | null {
  return shards.reduce<LiveShard | null>(
    (best, shard) => (best === null || shard.share > best.share ? shard : best),
    null,
  );
}

/** A symbol a shard; where shards outnumber columns, each symbol is the hottest of its neighbours. */
function shardLine(shards: readonly LiveShard[], columns: number, paint: Paint): string {
  const hottest = hottestOf(shards);
  if (hottest === null) return '';
  const name = plain(shardName(hottest.id));
  const throttled = hottest.throttled === 0 ? '' : `, ${formatCount(hottest.throttled)} throttled`;
  const words = clip(
    `${name} ${formatPercent(hottest.share)}${throttled}`,
    columns - LABEL_WIDTH - 8,
  );
  const room = columns - LABEL_WIDTH - visibleWidth(words) - 2;
  const size = Math.max(1, Math.ceil(shards.length / room));
  const symbols = Array.from({ length: Math.ceil(shards.length / size) }, (_, i) => {
    const share = Math.max(...shards.slice(i * size, (i + 1) * size).map((s) => s.share));
    return paint(heatStyle(share), heatSymbol(share));
  });
  return `${paint('dim', padEnd('shards', LABEL_WIDTH))}${symbols.join('')}  ${words}`;
}

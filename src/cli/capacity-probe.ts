/** One rate, measured: the plan of a probe, and what its run says. */
import { formatPercent } from '../core/units.ts';
import type { Probe } from '../plan/capacity-search.ts';
import type { SweepStep } from '../plan/hysteresis.ts';
import { thresholdActual } from '../report/view-model.ts';
import type { Summary } from '../results/summary.ts';
import { isUndecided, NO_DATA } from '../results/thresholds.ts';
import type { TimelineRow } from '../results/timeline.ts';
import { tellsOfDropped, tellsOfNothing } from '../results/warnings.ts';
import { loadScenario } from '../scenario/load.ts';
import type { Plan } from '../scenario/plan.ts';
import { mannKendall } from '../statistics/mann-kendall.ts';
import type { Arguments } from './command.ts';
import { usageError } from './errors.ts';
import { scenarioOverrides, text, texts } from './flags.ts';
import type { FinishedRun } from './run-once.ts';

/** What every sustainable rate keeps, whatever the objectives. */
const ACHIEVED_MIN = 0.98;
const THROTTLE_MAX = 0.001;
const AMPLIFICATION_MAX = 1.05;
/** A backlog grows when its trend is no chance (one-sided, 2 %) and above this share of the rate: a search asks often. */
const TREND_Z = 2;
const GROWTH_MAX = 0.002;
const BACKLOG = 'backlog grew by';
/** Seconds that a trend is judged by where a window has fewer: those before it had the same rate. */
const TREND_SECONDS = 6;
/** Share of the window for which full buffers may hold the load back. */
const HELD_BACK_MAX = 0.02;
/** An interval that counts as a whole second. */
const SECOND_MIN_MS = 900;
const WINDOW = 'window';

/** A stretch of constant rate, and what is not measured before it. */
interface Window {
  readonly perSecond: number;
  readonly settleSeconds: number;
  readonly windowSeconds: number;
}

/** The scenario with these windows for its load. Each probe has a seed of its own. @param count probes before */
export function planOfWindows(args: Arguments, windows: readonly Window[], count: number): Plan {
  refuseOwnLoad(args);
  const phases = windows.flatMap(({ perSecond, settleSeconds, windowSeconds }, i) => {
    const rate = `${perSecond.toFixed(3)}/s`;
    const ms = (seconds: number) => `${Math.round(seconds * 1000)}ms`;
    return [
      { name: `settle-${i + 1}`, duration: ms(settleSeconds), rate, measure: false },
      { name: `${WINDOW}-${i + 1}`, duration: ms(windowSeconds), rate },
    ];
  });
  const overrides = scenarioOverrides(args);
  const objectives = texts(args, 'objective');
  const set = [
    ...(overrides.set ?? []),
    `load.phases=${JSON.stringify(phases)}`,
    ...(objectives === undefined ? [] : [`thresholds=${JSON.stringify(objectives)}`]),
  ];
  const file = text(args, 'scenario') ?? '';
  const { seed } = loadScenario(file, overrides).load;
  return loadScenario(file, { ...overrides, set, seed: seed + count });
}

/** The search makes its own load: what these ask for it cannot give. */
function refuseOwnLoad(args: Arguments): void {
  if (text(args, 'rate') !== undefined) {
    const hint = 'Use --from for the rate to begin at, or `shardstorm run` to measure one rate.';
    throw usageError('--rate has no meaning here: the rate is what capacity searches', hint);
  }
  if (text(args, 'duration') !== undefined) {
    const hint =
      'Use --window for the length of a measurement, and --settle for what is before it.';
    throw usageError('--duration has no meaning here: capacity measures in windows', hint);
  }
}

export function probeOf(
  { summary, timeline }: FinishedRun,
  perSecond: number,
  windowSeconds: number,
): Probe {
  const { rates, latency, shards } = summary;
  const failed = failuresOf(summary, timeline);
  const generatorReasons = generatorReasonsOf(summary);
  const hottest = [...shards].sort((a, b) => b.utilisation - a.utilisation)[0];
  return {
    perSecond,
    windowSeconds,
    failed,
    undecided: undecidedOf(summary, failed.length),
    isByTrendOnly: failed.length === 1 && failed.every((reason) => reason.startsWith(BACKLOG)),
    isGeneratorBound: generatorReasons.length > 0,
    generatorReasons,
    acceptedPerSecond: acceptedIn(summary, timeline),
    responseP99Us: latency.response.p99,
    throttle: rates.throttle,
    hottestShard:
      hottest === undefined
        ? null
        : `${hottest.id} at ${formatPercent(hottest.utilisation)} of its limit on ${hottest.bound}`,
    isInterrupted: summary.status === 'interrupted',
  };
}

const tellsOfTarget = (reason: string) => tellsOfDropped(reason) || tellsOfNothing(reason);

/** Why a probe says nothing of the target. What was dropped does: the rate was more than it takes. */
export function generatorReasonsOf({ invalidReasons }: Summary): readonly string[] {
  return invalidReasons.filter((reason) => !tellsOfTarget(reason));
}

/**
 * Why a rate is not sustainable; empty: it is. What was accepted counts by records, however long each took: slow is not too
 * much. Whether more came than was taken shows in what waits.
 */
export function failuresOf(summary: Summary, timeline: readonly TimelineRow[]): string[] {
  const { userRecords, rates, thresholds, shards } = summary;
  const failed = thresholds
    .filter(({ held }) => !held)
    .map((outcome) => `${outcome.expression} (${thresholdActual(outcome)})`);
  failed.push(...summary.invalidReasons.filter(tellsOfTarget));
  const achieved = userRecords.accepted / userRecords.offered;
  if (userRecords.offered === 0) failed.push('no record was due in the window');
  else if (achieved < ACHIEVED_MIN)
    failed.push(`accepted ${formatPercent(achieved)} of what was offered`);
  const judgesThrottle = thresholds.some(({ expression }) => expression.includes('throttle'));
  if (!judgesThrottle && rates.throttle >= THROTTLE_MAX) {
    failed.push(`throttled ${formatPercent(rates.throttle)}`);
  }
  // A shard lends a second's worth, which lasts longer than a window when the rate is just above its limit.
  const lent = shards.find(({ utilisation }) => utilisation > 1);
  if (lent !== undefined) {
    failed.push(`${lent.id} at ${formatPercent(lent.utilisation)} of its limit, on its burst`);
  }
  if (rates.retryAmplification >= AMPLIFICATION_MAX) {
    failed.push(`retry amplification ${rates.retryAmplification.toFixed(2)}`);
  }
  const inWindow = secondsOfWindow(summary, timeline);
  const growth = backlogGrowth(pendingOf(inWindow), userRecords.offeredPerSecond);
  if (growth > 0) failed.push(`${BACKLOG} ${growth.toFixed(0)} records a second`);
  const heldBack = heldBackIn(inWindow, summary.run.workers);
  if (heldBack > HELD_BACK_MAX) {
    failed.push(`full buffers held the load back for ${formatPercent(heldBack)} of the time`);
  }
  return failed;
}

/** A target that accepts nothing leaves no data either, and that is no want of samples. */
function undecidedOf({ thresholds, userRecords }: Summary, failures: number): Probe['undecided'] {
  if (userRecords.accepted === 0) return null;
  if (thresholds.some(({ note }) => note.startsWith(NO_DATA))) return NO_DATA;
  const undecided = thresholds.filter(isUndecided).length;
  return undecided > 0 && undecided === failures ? 'not enough data' : null;
}

/** Records a second by which what was not settled rose; 0 where that may be chance. @param pending one a second */
export function backlogGrowth(pending: readonly number[], perSecond: number): number {
  const { z, slope } = mannKendall(pending);
  return z > TREND_Z && slope > GROWTH_MAX * perSecond ? slope : 0;
}

/** A second of the run, whatever phases its rows tell of. */
interface Second {
  readonly isMeasured: boolean;
  readonly rows: readonly TimelineRow[];
}

/**
 * The whole seconds in which the load of the window was due, so without the drain, where what waits only falls; and before a
 * short window those that settle.
 */
function secondsOfWindow(
  { phases }: Pick<Summary, 'phases'>,
  timeline: readonly TimelineRow[],
): Second[] {
  const window = phases.find(({ measured }) => measured);
  if (window === undefined) return [];
  const endMs = window.startMs + window.durationMs;
  const rowsAt = new Map<number, TimelineRow[]>();
  for (const row of timeline) {
    // A last interval may be cut short, and its counts with it.
    if (row.intervalMs < SECOND_MIN_MS || row.atMs + row.intervalMs > endMs + 1) continue;
    rowsAt.set(row.atMs, [...(rowsAt.get(row.atMs) ?? []), row]);
  }
  const seconds = [...rowsAt].sort(([a], [b]) => a - b);
  const isMeasured = (atMs: number) => atMs >= window.startMs - 1;
  const count = seconds.filter(([atMs]) => isMeasured(atMs)).length;
  return seconds
    .slice(-Math.max(count, TREND_SECONDS))
    .map(([atMs, rows]) => ({ isMeasured: isMeasured(atMs), rows }));
}

function pendingOf(seconds: readonly Second[]): number[] {
  return seconds.flatMap(({ rows }) => rows[0]?.generator.outstandingRecords ?? []);
}

/**
 * Records a second that the target took while the window's were due, its own or those before it. The last interval goes on
 * until the drain is over, so it counts only where there is no other: what one straggler makes of it, the tail of the
 * summary's rate leaves out, and what a slow target makes of that tail is right here.
 */
function acceptedIn({ phases, userRecords }: Summary, timeline: readonly TimelineRow[]): number {
  const window = phases.find(({ measured }) => measured);
  const { startMs = 0, durationMs = 0 } = window ?? {};
  const endMs = startMs + durationMs;
  const begun = timeline.filter(({ atMs }) => atMs >= startMs - 1 && atMs < endMs - 1);
  const whole = begun.filter(({ atMs, intervalMs }) => atMs + intervalMs <= endMs + 1);
  const { offeredPerSecond, acceptedPerSecond } = userRecords;
  const cut = Math.max(rateOf(begun) ?? 0, acceptedPerSecond);
  return rateOf(whole) ?? Math.min(cut, offeredPerSecond);
}

function rateOf(rows: readonly TimelineRow[]): number | null {
  const intervals = new Map(rows.map(({ atMs, intervalMs }) => [atMs, intervalMs]));
  const ms = [...intervals.values()].reduce((sum, intervalMs) => sum + intervalMs, 0);
  const accepted = rows.reduce((sum, row) => sum + row.userRecords.accepted, 0);
  return ms === 0 ? null : (accepted / ms) * 1000;
}

/** Share of the producers' time in the window. */
function heldBackIn(seconds: readonly Second[], workers: number): number {
  const measured = seconds.flatMap(({ isMeasured, rows }) => (isMeasured ? rows.slice(0, 1) : []));
  const ms = measured.reduce((sum, { intervalMs }) => sum + intervalMs, 0);
  const heldMs = measured.reduce((sum, { generator }) => sum + generator.backPressureMs, 0);
  return ms === 0 ? 0 : heldMs / ms / workers;
}

/** The measured windows of a run through several rates, in order; of a run that was stopped those that were whole. */
export function stepsOf(
  { phases }: Summary,
  rates: readonly number[],
  windowSeconds: number,
): SweepStep[] {
  const windows = phases.filter(({ measured }) => measured);
  return windows.flatMap(({ userRecords, latency, durationMs, rates: { throttle } }, i) => {
    const perSecond = rates[i];
    const isWhole = durationMs > windowSeconds * 1000 - 1;
    if (perSecond === undefined || userRecords.offered === 0 || !isWhole) return [];
    const { acceptedPerSecond } = userRecords;
    return [{ perSecond, acceptedPerSecond, responseP99Us: latency.response.p99, throttle }];
  });
}

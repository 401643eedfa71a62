/** One rate, measured: the plan of a probe, and what its run says. */
import { formatPercent } from '../core/units.ts';
import type { Probe } from '../plan/capacity-search.ts';
import type { SweepStep } from '../plan/hysteresis.ts';
import { thresholdActual } from '../report/view-model.ts';
import type { Summary } from '../results/summary.ts';
import type { TimelineRow } from '../results/timeline.ts';
import { tellsOfDropped } from '../results/warnings.ts';
import { loadScenario } from '../scenario/load.ts';
import type { Plan } from '../scenario/plan.ts';
import { mannKendall } from '../statistics/mann-kendall.ts';
import type { Arguments } from './command.ts';
import { scenarioOverrides, text, texts } from './flags.ts';
import type { FinishedRun } from './run-once.ts';

/** What every sustainable rate keeps, whatever the objectives. */
const ACHIEVED_MIN = 0.98;
const THROTTLE_MAX = 0.001;
const AMPLIFICATION_MAX = 1.05;
/** A backlog grows when its trend is no chance (one-sided, 5 %) and above this share of the rate. */
const TREND_Z = 1.645;
const GROWTH_MAX = 0.002;
const WINDOW = 'window';

/** A stretch of constant rate, and what is not measured before it. */
interface Window {
  readonly perSecond: number;
  readonly settleSeconds: number;
  readonly windowSeconds: number;
}

/** The scenario with these windows for its load. Each probe has a seed of its own. @param count probes before */
export function planOfWindows(args: Arguments, windows: readonly Window[], count: number): Plan {
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
  const { rate: _rate, duration: _duration, ...others } = overrides;
  const file = text(args, 'scenario') ?? '';
  const { seed } = loadScenario(file, others).load;
  return loadScenario(file, { ...others, set, seed: seed + count });
}

export function probeOf(
  { summary, timeline }: FinishedRun,
  perSecond: number,
  windowSeconds: number,
): Probe {
  const { userRecords, rates, latency, shards } = summary;
  const generatorReasons = generatorReasonsOf(summary);
  const hottest = [...shards].sort((a, b) => b.utilisation - a.utilisation)[0];
  return {
    perSecond,
    windowSeconds,
    failed: failuresOf(summary, timeline),
    isGeneratorBound: generatorReasons.length > 0,
    generatorReasons,
    acceptedPerSecond: userRecords.acceptedPerSecond,
    responseP99Us: latency.response.p99,
    throttle: rates.throttle,
    hottestShard:
      hottest === undefined
        ? null
        : `${hottest.id} at ${formatPercent(hottest.utilisation)} of its limit on ${hottest.bound}`,
    isInterrupted: summary.status === 'interrupted',
  };
}

/** Why a probe says nothing of the target. What was dropped does: the rate was more than it takes. */
export function generatorReasonsOf({ invalidReasons }: Summary): readonly string[] {
  return invalidReasons.filter((reason) => !tellsOfDropped(reason));
}

function failuresOf(summary: Summary, timeline: readonly TimelineRow[]): string[] {
  const { userRecords, rates, thresholds, shards } = summary;
  const failed = thresholds
    .filter(({ held }) => !held)
    .map((outcome) => `${outcome.expression} (${thresholdActual(outcome)})`);
  failed.push(...summary.invalidReasons.filter(tellsOfDropped));
  const achieved = userRecords.acceptedPerSecond / userRecords.offeredPerSecond;
  if (achieved < ACHIEVED_MIN)
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
  const growth = backlogGrowth(timeline, userRecords.offeredPerSecond);
  if (growth > 0) failed.push(`backlog grew by ${growth.toFixed(0)} records a second`);
  return failed;
}

/** Records a second by which what was not settled rose in the window; 0 where that may be chance. */
export function backlogGrowth(timeline: readonly TimelineRow[], perSecond: number): number {
  const pending = timeline
    .filter(({ measured, intervalMs }) => measured && intervalMs >= 900)
    .map(({ generator }) => generator.outstandingRecords);
  const { z, slope } = mannKendall(pending);
  return z > TREND_Z && slope > GROWTH_MAX * perSecond ? slope : 0;
}

/** The measured windows of a run through several rates, in order. */
export function stepsOf({ phases }: Summary, rates: readonly number[]): SweepStep[] {
  const windows = phases.filter(({ measured }) => measured);
  return windows.flatMap(({ userRecords, latency, rates: { throttle } }, i) => {
    const perSecond = rates[i];
    if (perSecond === undefined || userRecords.offered === 0) return [];
    const { acceptedPerSecond } = userRecords;
    return [{ perSecond, acceptedPerSecond, responseP99Us: latency.response.p99, throttle }];
  });
}

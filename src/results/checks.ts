/**
 * What the program checks of itself after every run. In: totals. Out: findings (warnings.ts). Invariant: a single hiccup
 * of the machine never makes a run invalid; a generator that could not keep up always does.
 */
import { formatCount, formatDurationUs } from '../core/units.ts';
import type { GeneratorTotals } from '../measure/generator-totals.ts';
import type { PhaseTotals } from '../measure/run-totals.ts';
import { samplesNeeded } from './latency-summary.ts';
import { counterOf } from './measures.ts';
import type { Finding } from './warnings.ts';

/** Share by which the means may differ, and an allowance for rounding. */
const MEANS_TOLERANCE = 0.01;
const MEANS_ALLOWANCE_US = 5;
/** Lateness p99 that is worth a warning: above this and above a share of the response time's p99. */
const LATE_P99_US = 2_000;
const LATE_P99_RESPONSE_SHARE = 0.05;
/** A generator is the bottleneck when at least this many measured seconds, and this share of them, were late. */
const LATE_SECONDS_MIN = 3;
const LATE_SECONDS_SHARE = 0.2;
/** … or when even the median record was this late, and by this share of the median response time. */
const LATE_P50_US = 10_000;
const LATE_P50_RESPONSE_SHARE = 0.2;
/** Records of the schedule that must have been generated in a completed run. */
const SCHEDULE_SHARE_MIN = 0.99;
const BUSY_SHARE_MAX = 0.85;
const GC_SHARE_MAX = 0.02;
/** Share of the load threads' time without a core: a sign of strain, and the cause of lateness that was seen. */
const CPU_WAIT_SHARE_MAX = 0.1;
const CPU_WAIT_SHARE_BEHIND = 0.02;
const STEAL_SHARE_MAX = 0.02;
const DELAYED_SECONDS_SHARE_MAX = 0.1;
/** Share of the workers' time from which back-pressure is worth a warning, and explains lateness. */
const BACK_PRESSURE_SHARE_MIN = 0.01;

/** Offered = accepted + failed + expired + dropped. */
export function checkLedger(totals: PhaseTotals, where: string): Finding[] {
  const count = (name: 'offered' | 'accepted' | 'failed' | 'expired' | 'dropped') =>
    counterOf(totals.counters, `userRecords.${name}`);
  const ended = count('accepted') + count('failed') + count('expired') + count('dropped');
  if (ended === count('offered')) return [];
  const parts = (['accepted', 'failed', 'expired', 'dropped'] as const)
    .map((name) => `${formatCount(count(name))} ${name}`)
    .join(' + ');
  const sums = `${formatCount(count('offered'))} offered is not ${parts}`;
  return [{ kind: 'ledger', where, sums }];
}

/** Response = lateness + buffering + retry + service, for each accepted record, so the means must say so. */
export function checkMeans(totals: PhaseTotals, where: string): Finding[] {
  const { response, lateness, buffering, retry, service } = totals.latency;
  const parts = [lateness, buffering, retry, service];
  if (parts.some((part) => part.count !== response.count)) {
    const counts = [response, ...parts].map((part) => formatCount(part.count)).join(', ');
    const detail = `response, lateness, buffering, retry and service were counted for ${counts} records`;
    return [{ kind: 'means', where, detail }];
  }
  if (response.count === 0 || response.overflow > 0) return [];
  const whole = response.sumUs / response.count;
  const sum = parts.reduce((total, part) => total + part.sumUs, 0) / response.count;
  if (Math.abs(whole - sum) <= MEANS_TOLERANCE * whole + MEANS_ALLOWANCE_US) return [];
  const detail = `mean response ${formatDurationUs(whole)}, sum of the parts ${formatDurationUs(sum)}`;
  return [{ kind: 'means', where, detail }];
}

/** How a run ended. */
export interface RunEnding {
  readonly status: 'completed' | 'interrupted' | 'failed';
  /** False for a run that was stopped, whose schedule is unfinished on purpose. */
  readonly isComplete: boolean;
}

/** What {@link checkGenerator} needs besides the totals. */
export interface ScheduleFacts extends RunEnding {
  /** Records that the measured phases' schedule holds; null where it depends on the target (closed loop). */
  readonly scheduled: number | null;
}

/** Whether the generator, not the target, was the bottleneck; and signs of strain. */
export function checkGenerator(
  totals: PhaseTotals,
  generator: GeneratorTotals,
  schedule: ScheduleFacts,
): Finding[] {
  const heldBack = backPressureShare(generator);
  const late = lateFinding(totals, generator, heldBack);
  const unfinished = unfinishedFinding(totals, schedule);
  const isBehind = late !== null || unfinished !== null;
  const findings = [late, unfinished, ...strains(generator, isBehind)];
  if (heldBack > BACK_PRESSURE_SHARE_MIN) findings.push({ kind: 'back-pressure', share: heldBack });
  return findings.filter((finding) => finding !== null);
}

function lateFinding(
  totals: PhaseTotals,
  generator: GeneratorTotals,
  heldBack: number,
): Finding | null {
  const { lateness, response } = totals.latency;
  if (lateness.count === 0) return null;
  const [p50Us = 0, p99Us = 0] = lateness.valuesAtPercentiles([50, 99]);
  const [responseP50Us = 0, responseP99Us = 0] = response.valuesAtPercentiles([50, 99]);
  const { lateSeconds, measuredSeconds } = generator;
  const lateLong =
    lateSeconds >= LATE_SECONDS_MIN && lateSeconds >= LATE_SECONDS_SHARE * measuredSeconds;
  const lateHalf =
    heldBack <= BACK_PRESSURE_SHARE_MIN &&
    p50Us > Math.max(LATE_P50_US, LATE_P50_RESPONSE_SHARE * responseP50Us);
  if (lateLong || lateHalf) {
    const shareLate = measuredSeconds === 0 ? 1 : lateSeconds / measuredSeconds;
    const isHeldBack = heldBack > BACK_PRESSURE_SHARE_MIN;
    return { kind: 'generator-late', shareLate, p50Us, isHeldBack };
  }
  const limitUs = Math.max(LATE_P99_US, LATE_P99_RESPONSE_SHARE * responseP99Us);
  const isExplained = heldBack > BACK_PRESSURE_SHARE_MIN;
  return p99Us > limitUs && !isExplained ? { kind: 'late', p99Us, limitUs } : null;
}

/** Full buffers are no excuse: what they kept from being made by the end of the drain was offered all the same. */
function unfinishedFinding(totals: PhaseTotals, schedule: ScheduleFacts): Finding | null {
  const { scheduled, isComplete } = schedule;
  if (scheduled === null || !isComplete) return null;
  const offered = counterOf(totals.counters, 'userRecords.offered');
  if (offered >= SCHEDULE_SHARE_MIN * scheduled) return null;
  return { kind: 'schedule-unfinished', offered, scheduled };
}

/**
 * Signs that a thread had much to do or too little of a core. A busy thread alone is none, if it was on time; with
 * lateness it names the cause.
 */
function strains(generator: GeneratorTotals, isBehind: boolean): Finding[] {
  const findings: Finding[] = [];
  const { workers } = generator;
  const sum = (read: (worker: (typeof workers)[number]) => number) =>
    workers.reduce((total, worker) => total + read(worker), 0);
  const wallUs = sum((worker) => worker.wallUs);
  if (wallUs === 0) return [];
  const busiest = workers.reduce((a, b) => (b.busyUs / b.wallUs > a.busyUs / a.wallUs ? b : a));
  const share = busiest.busyUs / busiest.wallUs;
  if (isBehind && share > BUSY_SHARE_MAX)
    findings.push({ kind: 'loop-busy', worker: busiest.worker, share });
  const delayedShare = sum((worker) => worker.delayedFrames) / sum((worker) => worker.frames);
  if (delayedShare > DELAYED_SECONDS_SHARE_MAX) {
    const worstUs = Math.max(...workers.map((worker) => worker.eventLoopDelayP99MaxUs));
    findings.push({ kind: 'loop-delay', share: delayedShare, worstUs });
  }
  const waitShare = sum((worker) => worker.cpuWaitUs) / wallUs;
  if (waitShare > (isBehind ? CPU_WAIT_SHARE_BEHIND : CPU_WAIT_SHARE_MAX)) {
    findings.push({ kind: 'cpu-wait', share: waitShare });
  }
  const { stealShare } = generator;
  if (stealShare > STEAL_SHARE_MAX) findings.push({ kind: 'steal', share: stealShare });
  const gcShare = sum((worker) => worker.gcUs) / wallUs;
  if (gcShare > GC_SHARE_MAX) findings.push({ kind: 'gc', share: gcShare });
  if (workers.some((worker) => worker.cpuScope === 'process')) {
    findings.push({ kind: 'cpu-of-process' });
  }
  return findings;
}

/** User records that came to nothing, as a share of those offered, from which on it is worth a word. */
const LOSS_SHARE_MAX = 0.001;
/**
 * Dropped records were never sent and would have waited longest, so response times without them flatter the target: from
 * this share of those offered on they say nothing of the load that was asked for.
 */
const DROPPED_SHARE_MAX = 0.03;

/**
 * Whether the load was taken. A person who stops a run at once has not shown anything, and what a run that was stopped
 * still had waiting is dropped on purpose.
 */
export function checkDelivery(totals: PhaseTotals, ending: RunEnding): Finding[] {
  const count = (name: 'offered' | 'accepted' | 'failed' | 'expired' | 'dropped') =>
    counterOf(totals.counters, `userRecords.${name}`);
  const offered = count('offered');
  if (offered === 0) return [];
  if (count('accepted') === 0 && ending.status !== 'interrupted') {
    const [code = ''] = [...totals.errorCodes].sort(([, a], [, b]) => b - a)[0] ?? [];
    return [{ kind: 'nothing-accepted', offered, code }];
  }
  const dropped = count('dropped');
  const lost = count('failed') + count('expired') + dropped;
  const findings: Finding[] = [];
  if (ending.isComplete && dropped > DROPPED_SHARE_MAX * offered) {
    findings.push({ kind: 'dropped', share: dropped / offered, dropped });
  }
  if (lost > LOSS_SHARE_MAX * offered) {
    findings.push({ kind: 'losses', share: lost / offered, lost, dropped });
  }
  return findings;
}

/** Whether there is enough to speak of. */
export function checkSample(totals: PhaseTotals): Finding[] {
  const findings: Finding[] = [];
  if (counterOf(totals.counters, 'userRecords.offered') === 0) {
    return [{ kind: 'nothing-measured' }];
  }
  const { response } = totals.latency;
  const missing = samplesNeeded(99, response.count);
  if (missing > 0) findings.push({ kind: 'few-samples', count: response.count, missing });
  if (response.overflow > 0) findings.push({ kind: 'overflow', count: response.overflow });
  return findings;
}

function backPressureShare(generator: GeneratorTotals): number {
  let heldBackUs = 0;
  let wallUs = 0;
  for (const worker of generator.workers) {
    heldBackUs += worker.backPressureUs;
    wallUs += worker.wallUs;
  }
  return wallUs === 0 ? 0 : heldBackUs / wallUs;
}

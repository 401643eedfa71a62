/**
 * Everything that can make a run's figures doubtful, closed: each kind says whether it makes the run invalid, and what a
 * person does about it. In: findings. Out: sentences for summary.json.
 */
import { unreachable } from '../core/assert.ts';
import { formatCount, formatDurationUs, formatPercent } from '../core/units.ts';

/** The series that a steady state is judged by. */
type Settled = 'response' | 'accepted';

/** What was found; times in microseconds, shares as fractions. */
export type Finding =
  // These make a run invalid.
  | { readonly kind: 'ledger'; readonly where: string; readonly sums: string }
  | { readonly kind: 'means'; readonly where: string; readonly detail: string }
  | {
      readonly kind: 'generator-late';
      readonly shareLate: number;
      readonly p50Us: number;
      /** Whether full buffers held it back too, so that not all of the lateness is its own. */
      readonly isHeldBack: boolean;
    }
  | { readonly kind: 'schedule-unfinished'; readonly offered: number; readonly scheduled: number }
  | { readonly kind: 'frames-lost'; readonly count: number }
  | { readonly kind: 'nothing-accepted'; readonly offered: number; readonly code: string }
  | { readonly kind: 'dropped'; readonly share: number; readonly dropped: number }
  // These say that the generator strained, though it may have kept up.
  | { readonly kind: 'late'; readonly p99Us: number; readonly limitUs: number }
  | { readonly kind: 'loop-busy'; readonly worker: number; readonly share: number }
  | { readonly kind: 'loop-delay'; readonly share: number; readonly worstUs: number }
  | { readonly kind: 'gc'; readonly share: number }
  | { readonly kind: 'cpu-wait'; readonly share: number }
  | { readonly kind: 'steal'; readonly share: number }
  | { readonly kind: 'near-ceiling'; readonly share: number; readonly achieved: number }
  // These limit what the figures say.
  | { readonly kind: 'back-pressure'; readonly share: number }
  | {
      readonly kind: 'losses';
      readonly share: number;
      readonly lost: number;
      /** Of them, never sent. */
      readonly dropped: number;
    }
  | { readonly kind: 'never-settled'; readonly phase: string; readonly by: Settled }
  | {
      readonly kind: 'transient';
      readonly phase: string;
      readonly by: Settled;
      readonly settledAfterUs: number;
    }
  | {
      readonly kind: 'precision-not-reached';
      readonly metric: string;
      readonly wanted: number;
      readonly halfWidth: number | null;
    }
  | { readonly kind: 'cpu-of-process' }
  | { readonly kind: 'overflow'; readonly count: number }
  | { readonly kind: 'few-samples'; readonly count: number; readonly missing: number }
  | { readonly kind: 'closed-loop' }
  | { readonly kind: 'nothing-measured' }
  | { readonly kind: 'events-dropped'; readonly count: number };

const INVALIDATING: ReadonlySet<Finding['kind']> = new Set([
  'ledger',
  'means',
  'generator-late',
  'schedule-unfinished',
  'frames-lost',
  'nothing-accepted',
  'dropped',
] as const);

const STRAINS: ReadonlySet<Finding['kind']> = new Set([
  'late',
  'loop-busy',
  'loop-delay',
  'gc',
  'cpu-wait',
  'steal',
  'near-ceiling',
] as const);

/** Whether the run's figures are not to be used. */
export function isInvalidating(finding: Finding): boolean {
  return INVALIDATING.has(finding.kind);
}

/** Whether a sentence of summary.json tells of records that were dropped, which a target that is too slow brings about. */
export function tellsOfDropped(sentence: string): boolean {
  return / of the records offered \([\d,]+\) were dropped,/.test(sentence);
}

/** Whether a sentence of summary.json tells that the target took nothing at all. */
export function tellsOfNothing(sentence: string): boolean {
  return /^None of [\d,]+ records was accepted/.test(sentence);
}

/** Whether it makes the generator, not the target, doubtful. */
export function isStrain(finding: Finding): boolean {
  return STRAINS.has(finding.kind);
}

/** What was seen, as one sentence. */
export function sentenceOf(finding: Finding): string {
  switch (finding.kind) {
    case 'ledger':
      return `The ledger of ${finding.where} does not hold: ${finding.sums}.`;
    case 'means':
      return `The parts of the response time of ${finding.where} do not add up: ${finding.detail}.`;
    case 'generator-late':
      return `The generator was the bottleneck: ${formatPercent(finding.shareLate)} of the measured seconds were generated late (median ${formatDurationUs(finding.p50Us)} after the due time)${finding.isHeldBack ? '' : ', and the target did not hold it back'}.`;
    case 'schedule-unfinished':
      return `The generator fell behind and never made ${formatCount(finding.scheduled - finding.offered)} of ${formatCount(finding.scheduled)} scheduled records.`;
    case 'frames-lost':
      return `${formatCount(finding.count)} measurements of a worker were lost, so the counts are too low.`;
    case 'nothing-accepted':
      return `None of ${formatCount(finding.offered)} records was accepted${finding.code === '' ? '' : `; the most frequent error was ${finding.code}`}.`;
    case 'dropped':
      return `${formatPercent(finding.share)} of the records offered (${formatCount(finding.dropped)}) were dropped, by a full buffer or at the end of the drain: the response times are without those that would have waited longest.`;
    case 'losses':
      return `${formatPercent(finding.share)} of the records offered (${formatCount(finding.lost)}) failed or expired${finding.dropped === 0 ? '' : ` or were dropped (${formatCount(finding.dropped)})`}.`;
    case 'late':
      return `Some records were generated late: p99 ${formatDurationUs(finding.p99Us)}, more than ${formatDurationUs(finding.limitUs)}.`;
    case 'back-pressure':
      return `Full buffers held generation back for ${formatPercent(finding.share)} of the time: the target, or the producer's own limiter, let less through than was offered, and lateness comes from that.`;
    case 'loop-busy':
      return `Worker ${finding.worker} was busy ${formatPercent(finding.share)} of the time.`;
    case 'loop-delay':
      return `The event loop was delayed in ${formatPercent(finding.share)} of the seconds, up to ${formatDurationUs(finding.worstUs)}.`;
    case 'gc':
      return `Garbage collection took ${formatPercent(finding.share)} of the time.`;
    case 'cpu-wait':
      return `Load threads waited ${formatPercent(finding.share)} of the time for a core that other threads or programs had.`;
    case 'steal':
      return `The hypervisor gave ${formatPercent(finding.share)} of this machine's CPU time to other machines.`;
    case 'near-ceiling':
      return `Only ${formatPercent(finding.achieved)} of the records offered was accepted, at ${formatPercent(finding.share)} of what this machine can generate: which of the two was the limit cannot be told.`;
    case 'never-settled':
      return `Phase ${finding.phase} never settled: ${seriesWords(finding.by)} was still changing at its end, so no single figure describes it.`;
    case 'transient':
      return `Phase ${finding.phase} settled only after ${formatDurationUs(finding.settledAfterUs)}: until then ${seriesWords(finding.by)} was different, and it is in the figures.`;
    case 'precision-not-reached':
      return `Precision not reached: ${finding.metric} is known to ${finding.halfWidth === null ? 'no precision that can be told' : `±${formatPercent(finding.halfWidth)}`}, and ±${formatPercent(finding.wanted)} was wanted.`;
    case 'cpu-of-process':
      return 'CPU time is that of the whole process, an embedded simulator included.';
    case 'overflow':
      return `${formatCount(finding.count)} times were longer than an hour and count as an hour.`;
    case 'few-samples':
      return `${formatCount(finding.count)} accepted records do not support a p99: ${formatCount(finding.missing)} more are needed.`;
    case 'closed-loop':
      return 'A closed loop offers less when the target is slow, so its waiting times are too short (coordinated omission).';
    case 'nothing-measured':
      return 'No record was offered in a measured phase.';
    case 'events-dropped':
      return `${formatCount(finding.count)} events are not in events.jsonl, which is bounded.`;
    default:
      return unreachable(finding);
  }
}

function seriesWords(by: Settled): string {
  return by === 'response' ? 'the response time' : 'the accepted rate';
}

/** What to do about it, as one sentence. */
export function remedyOf(kind: Finding['kind']): string {
  switch (kind) {
    case 'ledger':
    case 'means':
    case 'frames-lost':
      return 'This is a bug: report it with summary.json and events.jsonl.';
    case 'generator-late':
    case 'schedule-unfinished':
    case 'late':
    case 'loop-busy':
    case 'loop-delay':
      return 'Lower the rate, raise load.workers up to the number of cores, or close other programs.';
    case 'nothing-accepted':
      return 'Look at attempts.byErrorCode and events.jsonl for what the target answered.';
    case 'dropped':
      return 'Lower the rate, add shards, or raise producer.maxBufferedMemory or load.drain.';
    case 'losses':
      return 'Look at attempts.byErrorCode; add a threshold such as userRecords.failed == 0 to fail on it.';
    case 'back-pressure':
      return 'Lower the rate, add shards, or set producer.overload to drop.';
    case 'gc':
      return 'Lower producer.maxBufferedMemory or the rate.';
    case 'cpu-wait':
      return 'Close other programs, use fewer load.workers than cores, or put the target on another machine.';
    case 'steal':
      return 'Use a machine with dedicated cores, or measure again at a quieter time.';
    case 'near-ceiling':
      return 'Keep below half of the ceiling: lower the rate, or share the load among machines.';
    case 'never-settled':
      return 'Measure longer; if it still drifts, look at the timeline for what fills up or scales.';
    case 'transient':
      return 'Put a phase with measure: false of that length before it.';
    case 'precision-not-reached':
      return 'Make the last phase longer, or ask for less in load.stopWhen.';
    case 'cpu-of-process':
      return 'Use Node 24, which tells the CPU time of each thread.';
    case 'overflow':
      return 'Lower producer.recordTtl, or the rate.';
    case 'few-samples':
      return 'Measure longer, or raise the rate.';
    case 'closed-loop':
      return 'Use a rate instead of a concurrency to measure waiting times.';
    case 'nothing-measured':
      return 'Raise the rate or the duration, or set measure: true on a phase.';
    case 'events-dropped':
      return 'The counts of summary.json are whole; look there.';
    default:
      return unreachable(kind);
  }
}

/**
 * The summary of a finished run. In: the merged frames, what the coordinator knows of the run, thresholds. Out: summary.json
 * as data, with the program's checks of itself in it. Invariant: the run's figures are those of its measured phases only.
 */
import type { GeneratorTotals, WorkerWatch } from '../measure/generator-totals.ts';
import { EVENTS_MAX, type FrameMerger } from '../measure/merge.ts';
import type { PhaseTotals } from '../measure/run-totals.ts';
import { besideCalibration, checkCeiling, type MachineCalibration } from './calibrated.ts';
import {
  checkDelivery,
  checkGenerator,
  checkLedger,
  checkMeans,
  checkSample,
  type ScheduleFacts,
} from './checks.ts';
import { counterOf, measuresOf, ratio } from './measures.ts';
import { checkPrecision, precisionOf, type StopRule } from './precision.ts';
import { checkSteadyState, steadyStateOf, worstSteadyState } from './steadiness.ts';
import type { CalibrationSummary, CostEstimate, SteadyStateSummary, Summary } from './summary.ts';
import { judgeThresholds, type Threshold } from './thresholds.ts';
import { type Finding, isInvalidating, isStrain, remedyOf, sentenceOf } from './warnings.ts';

/** A phase of the plan, in the order of the merger's. */
interface SummaryPhase {
  readonly name: string;
  readonly isMeasured: boolean;
  readonly startUs: number;
  readonly endUs: number;
  /** Records that the schedule holds in it; null where that depends on the target (closed loop). */
  readonly scheduled: number | null;
  /** Whether its rate, or its concurrency, is the same from start to end, so that it can settle. */
  readonly isConstantRate: boolean;
}

/** What the measured phases cost to write, for a price list. */
export interface MeasuredLoad {
  readonly seconds: number;
  readonly shards: number;
  /** PUT payload units of 25 KB, and kilobytes rounded up for each Kinesis record accepted. */
  readonly putUnits: number;
  readonly roundedKib: number;
  /** Bytes of the Kinesis records accepted, and user records in them. */
  readonly bytes: number;
  readonly userRecords: number;
}

/** What makes a run's figures doubtful and does not show in them. */
export interface Circumstances {
  readonly warnings: readonly string[];
  /** Of a merged run: a share of it was suspect. */
  readonly isSuspect: boolean;
  /** It began after its time 0, so lateness and gaps tell nothing of the generator. */
  readonly isLateStart: boolean;
}

export interface SummaryInput {
  readonly run: Summary['run'];
  readonly status: Summary['status'];
  readonly phases: readonly SummaryPhase[];
  /** With every frame added, and flushed. */
  readonly merger: FrameMerger;
  /** When generation was stopped early, microseconds since the origin; null: the schedule ran to its end. */
  readonly stoppedUs: number | null;
  /** When it may end early; null: the scenario does not say. */
  readonly stopWhen: StopRule | null;
  /** A run in virtual time has no generator to be the bottleneck. */
  readonly isVirtual: boolean;
  /** Of this machine; null or absent: it was not calibrated. */
  readonly calibration?: MachineCalibration | null;
  /** Numbers of the open shards. */
  readonly shards: readonly number[];
  /** Reasons of the coordinator's own, such as a worker that died. */
  readonly invalidReasons: readonly string[];
  /** What else the caller knows; absent: nothing. */
  readonly circumstances?: Circumstances;
  readonly thresholds: readonly Threshold[];
  /** The price of the measured load; null: it cost nothing that a price list knows. */
  readonly cost: ((load: MeasuredLoad) => CostEstimate | null) | null;
}

/** Accepted records that may settle after the time that rates count, as a share. */
const SETTLE_LEFTOVER_SHARE = 0.01;
/** A tail of settling shorter than this share of the phase is the pipeline's delay, not a backlog. */
const TAIL_SHARE_MIN = 0.05;

export function buildSummary(input: SummaryInput): Summary {
  const { merger, phases } = input;
  const totals = merger.measured();
  const spans = phases.map((phase, i) => spanOf(phase, merger.phases[i], input));
  const measured = spans.filter((_, i) => phases[i]?.isMeasured === true);
  const offeredSeconds = measured.reduce((sum, span) => sum + span.seconds, 0);
  const acceptedSeconds = offeredSeconds + (measured.at(-1)?.tailSeconds ?? 0);
  const { shards } = input;
  const steadyStates = phases.map((phase, i) => steadyState(phase, merger.phases[i], input));
  const measuredStates = steadyStates.filter(
    (state, i): state is SteadyStateSummary => state !== null && phases[i]?.isMeasured === true,
  );
  const precision = precisionOf(input.stopWhen, merger.phases.at(-1), input.stoppedUs);
  const measures = measuresOf(totals, {
    offeredSeconds,
    acceptedSeconds,
    points: merger.series.points(input.stoppedUs ?? Number.POSITIVE_INFINITY),
    isConstantRate: measured.length === 1 && phases.some(isMeasuredConstant),
    shards,
  });
  const calibration = calibrationOf(input, spans);
  const findings = [
    ...findAll(input, totals),
    ...checkCeiling(calibration, measures.userRecords),
    ...checkSteadyState(measuredStates),
    ...checkPrecision(precision),
  ];
  const hasFailed = input.status === 'failed' && input.invalidReasons.length === 0;
  const invalidReasons = [
    ...(hasFailed ? ['The run broke off with an error.'] : input.invalidReasons),
    ...findings.filter(isInvalidating).map(sentenceOf),
  ];
  const warnings = findings.filter((finding) => !isInvalidating(finding));
  const summary: Omit<Summary, 'thresholds'> = {
    schema: 'shardstorm.summary/1',
    run: input.run,
    status: input.status,
    valid: invalidReasons.length === 0,
    verdict: verdictOf(invalidReasons, findings, input.circumstances?.isSuspect === true),
    invalidReasons,
    warnings: [
      ...warnings.map((finding) => `${sentenceOf(finding)} ${remedyOf(finding.kind)}`),
      ...(input.circumstances?.warnings ?? []),
    ],
    ...measures,
    generator: {
      ...generatorOf(totals, merger.generator, findings),
      ...optional('calibration', calibration),
    },
    ...optional('steadyState', worstSteadyState(measuredStates) ?? null),
    ...optional('precision', precision),
    phases: phases.map((phase, i) => ({
      ...phaseOf(phase, merger.phases[i], spans[i], input),
      ...optional('steadyState', steadyStates[i] ?? null),
    })),
    cost: input.cost?.(loadOf(totals, acceptedSeconds, shards.length)) ?? null,
  };
  return { ...summary, thresholds: judgeThresholds(summary, input.thresholds) };
}

function calibrationOf(
  { calibration, run, phases, merger }: SummaryInput,
  spans: readonly Span[],
): CalibrationSummary | null {
  if (calibration === undefined || calibration === null) return null;
  const rates = phases.map(({ isMeasured }, i) => {
    const counters = merger.phases[i]?.counters;
    if (!isMeasured || counters === undefined) return 0;
    return ratio(counterOf(counters, 'userRecords.offered'), spans[i]?.seconds ?? 0);
  });
  return besideCalibration(calibration, run.workers, Math.max(0, ...rates));
}

function isMeasuredConstant({ isMeasured, isConstantRate }: SummaryPhase): boolean {
  return isMeasured && isConstantRate;
}

function steadyState(
  phase: SummaryPhase,
  totals: PhaseTotals | undefined,
  { stoppedUs }: SummaryInput,
): SteadyStateSummary | null {
  if (totals === undefined || !phase.isConstantRate) return null;
  return steadyStateOf(phase.name, totals.series, stoppedUs);
}

function verdictOf(
  invalidReasons: readonly string[],
  findings: readonly Finding[],
  isSuspect: boolean,
): Summary['verdict'] {
  if (invalidReasons.length > 0) return 'invalid';
  return isSuspect || findings.some(isStrain) ? 'suspect' : 'valid';
}

/** A member that is absent where there is nothing to say. */
function optional<Name extends string, Value>(
  name: Name,
  value: Value | null,
): { readonly [key in Name]?: Value } {
  return value === null ? {} : ({ [name]: value } as { readonly [key in Name]?: Value });
}

/** How long a phase offered records, and for how much longer the target was still taking them. */
interface Span {
  readonly seconds: number;
  readonly tailSeconds: number;
}

/**
 * Accepted records divided by the phase's length would exceed what the target can take when it works off a backlog
 * afterwards, so a tail that is longer than the pipeline's usual delay counts. One straggler does not: the last percent
 * is left out.
 */
function spanOf(phase: SummaryPhase, totals: PhaseTotals | undefined, input: SummaryInput): Span {
  const endUs = Math.min(phase.endUs, input.stoppedUs ?? phase.endUs);
  const seconds = Math.max(0, endUs - phase.startUs) / 1_000_000;
  if (totals === undefined) return { seconds, tailSeconds: 0 };
  const accepted = counterOf(totals.counters, 'userRecords.accepted');
  const settledUs = totals.tail.settledUs(accepted * SETTLE_LEFTOVER_SHARE) ?? endUs;
  const tailSeconds = Math.max(0, settledUs - endUs) / 1_000_000;
  return { seconds, tailSeconds: tailSeconds > TAIL_SHARE_MIN * seconds ? tailSeconds : 0 };
}

function phaseOf(
  phase: SummaryPhase,
  totals: PhaseTotals | undefined,
  span: Span | undefined,
  { shards, stoppedUs }: SummaryInput,
): Summary['phases'][number] {
  if (totals === undefined || span === undefined) throw new RangeError('a phase without totals');
  return {
    name: phase.name,
    measured: phase.isMeasured,
    startMs: phase.startUs / 1000,
    durationMs: span.seconds * 1000,
    ...measuresOf(totals, {
      offeredSeconds: span.seconds,
      acceptedSeconds: span.seconds + span.tailSeconds,
      points: totals.series.points(stoppedUs ?? Number.POSITIVE_INFINITY),
      isConstantRate: phase.isConstantRate,
      shards,
    }),
  };
}

function findAll(input: SummaryInput, totals: PhaseTotals): Finding[] {
  const { merger, phases } = input;
  const findings = checkSample(totals);
  findings.push(...checkSums(input));
  findings.push(...checkDelivery(totals, schedule(input)));
  if (!input.isVirtual && input.circumstances?.isLateStart !== true) {
    findings.push(...checkGenerator(totals, merger.generator, schedule(input)));
  }
  const measured = phases.filter((phase) => phase.isMeasured);
  if (measured.some((phase) => phase.scheduled === null)) findings.push({ kind: 'closed-loop' });
  const lost = merger.missingFrames;
  if (lost > 0) findings.push({ kind: 'frames-lost', count: lost });
  const dropped = merger.eventCount - EVENTS_MAX;
  if (dropped > 0) findings.push({ kind: 'events-dropped', count: dropped });
  return findings;
}

/** The ledger and the means of each phase, hence of their sum. */
function checkSums({ merger, phases }: SummaryInput): Finding[] {
  return phases.flatMap((phase, i) => {
    const totals = merger.phases[i];
    if (totals === undefined) return [];
    const where = `phase ${phase.name}`;
    return [...checkLedger(totals, where), ...checkMeans(totals, where)];
  });
}

function schedule(input: SummaryInput): ScheduleFacts {
  const counts = input.phases.filter((phase) => phase.isMeasured).map((phase) => phase.scheduled);
  const { status } = input;
  const isComplete = status === 'completed' && input.stoppedUs === null;
  let scheduled = 0;
  for (const count of counts) {
    if (count === null) return { scheduled: null, status, isComplete };
    scheduled += count;
  }
  return { scheduled, status, isComplete };
}

function generatorOf(
  totals: PhaseTotals,
  generator: GeneratorTotals,
  findings: readonly Finding[],
): Summary['generator'] {
  const cpuSeconds = generator.cpuUs / 1_000_000;
  const sum = (read: (worker: WorkerWatch) => number) =>
    generator.workers.reduce((total, worker) => total + read(worker), 0);
  return {
    cpuSeconds,
    userRecordsPerCpuSecond: ratio(counterOf(totals.counters, 'userRecords.accepted'), cpuSeconds),
    rssMaxBytes: generator.rssMaxBytes,
    eventLoopDelayP99Us: Math.max(
      0,
      ...generator.workers.map((worker) => worker.eventLoopDelayP99MaxUs),
    ),
    gcMs: sum((worker) => worker.gcUs) / 1000,
    saturated: findings.some(
      ({ kind }) => kind === 'generator-late' || kind === 'schedule-unfinished',
    ),
    cpuWaitShare: ratio(
      sum((worker) => worker.cpuWaitUs),
      sum((worker) => worker.wallUs),
    ),
    stealShare: generator.stealShare,
  };
}

function loadOf(totals: PhaseTotals, seconds: number, shards: number): MeasuredLoad {
  return {
    seconds,
    shards,
    putUnits: counterOf(totals.counters, 'kinesisRecords.putUnits'),
    roundedKib: counterOf(totals.counters, 'kinesisRecords.roundedKib'),
    bytes: counterOf(totals.counters, 'kinesisRecords.bytesAccepted'),
    userRecords: counterOf(totals.counters, 'userRecords.accepted'),
  };
}

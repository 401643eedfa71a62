/**
 * One run, as `run` and `sweep` do it: read this file for its order. In: a plan. Out: a result folder, its summary and an
 * exit code. Whatever stops it after the load has begun, the folder is complete up to then.
 */
import { randomBytes } from 'node:crypto';
import { planPhases } from '../coordinate/planned-phases.ts';
import { sizeLoad } from '../coordinate/sizing.ts';
import { ShardstormError } from '../core/errors.ts';
import { WHOLE } from '../core/share.ts';
import type { MergedEvent } from '../measure/merge.ts';
import { type FinalFiles, ResultFolder } from '../results/folder.ts';
import { shareBytesMax } from '../results/frames-file.ts';
import { makeRunId } from '../results/run-id.ts';
import type { Summary } from '../results/summary.ts';
import { type TimelineRow, timelineRows } from '../results/timeline.ts';
import type { Plan } from '../scenario/plan.ts';
import { readCalibration } from './calibration-file.ts';
import { EXIT, usageError } from './errors.ts';
import type { OutputFlags } from './flags.ts';
import { type Interrupts, listenForInterrupts, StoppedBeforeStart } from './interrupts.ts';
import type { Progress } from './progress.ts';
import { ReportRows } from './report-rows.ts';
import { checkStart, type Membership, memberOf, stampIdOf } from './run-member.ts';
import { withPrediction } from './run-prediction.ts';
import { finalFiles } from './run-report.ts';
import type { RunningLoad, RunSetup, RunTarget } from './run-setup.ts';
import { lateGate, lateStartOf, ownFacts } from './run-share.ts';
import { summarise } from './run-summary.ts';
import { openTarget } from './run-target.ts';
import { RunVerifier } from './run-verify.ts';
import { RunWatch } from './run-watch.ts';
import { verifyExitCode } from './verify-fail-on.ts';

/**
 * One run of a plan, with a name of its own; or a share of one.
 * @throws SHARDSTORM_CLI_USAGE, SHARDSTORM_SCENARIO_INVALID
 */
export function setUpRun(plan: Plan, flags: OutputFlags, membership = ALONE): RunSetup {
  const member = memberOf(plan, membership);
  const { share } = membership;
  if (share.count > 1 && plan.target.kind === 'simulator') {
    throw usageError(
      `share ${share.index}/${share.count} of a run against the embedded simulator would have a stream of its own`,
      'Start one for all shares, `shardstorm simulate`, and give its URL with --target.',
    );
  }
  const random = randomBytes(11);
  const name = flags.name ?? plan.name;
  const sizing = sizeLoad(plan, share);
  const phases = planPhases(plan, sizing);
  checkStart(membership, phases.at(-1)?.endUs ?? 0, Date.now());
  return {
    plan,
    sizing,
    phases,
    flags,
    name,
    runId: makeRunId(Date.now(), name, random.readUIntBE(8, 3)),
    stampId:
      member === null
        ? [random.readUInt32BE(0), random.readUInt32BE(4)]
        : stampIdOf(member.fleetId),
    isVirtual: false,
    calibration: readCalibration(flags.calibration ?? null, process.env),
    member,
  };
}

/** Not a share of anything. */
const ALONE: Membership = { share: WHOLE, startAtUs: null };

/** What one run came to. */
export interface FinishedRun {
  readonly summary: Summary;
  /** Path of its result folder. */
  readonly folder: string;
  /** Why there is no such folder: it could not be written after the load; null: it is whole. */
  readonly unwritten: ShardstormError | null;
  /** Why the folder has no page although the rest is whole; null: it has one, or there is no folder. */
  readonly pageless: ShardstormError | null;
  readonly exitCode: number;
  /** What happened when: bounded, so of a long run not every second. */
  readonly timeline: readonly TimelineRow[];
  /** From the start of the load to its end on this machine's clock; in virtual time it says how fast the run was. */
  readonly wallMs: number;
}

/**
 * Does one run and writes its result folder.
 * @throws ShardstormError, also when the folder could not be written; StoppedBeforeStart
 */
export async function performRun(
  setup: RunSetup,
  openProgress: (setup: RunSetup) => Progress,
): Promise<FinishedRun> {
  const finished = await attemptRun(setup, openProgress);
  if (finished.unwritten !== null) throw finished.unwritten;
  return finished;
}

/**
 * The same for those who can use a run that could not be stored.
 * @throws ShardstormError, StoppedBeforeStart. A folder is left only if the load had begun: its `.partial` holds what was told
 */
export async function attemptRun(
  setup: RunSetup,
  openProgress: (setup: RunSetup) => Progress,
): Promise<FinishedRun> {
  const folder = new ResultFolder({
    out: setup.flags.out,
    runId: setup.runId,
    // The same virtual run again: the same files.
    replaces: setup.isVirtual,
    ...(setup.member === null ? {} : { framesBytesMax: shareBytesMax(setup.sizing.share.count) }),
  });
  const progress = openProgress(setup);
  try {
    return { ...(await measure(setup, folder, progress)), folder: folder.path };
  } catch (error) {
    // What could not be finished is left where it is: the frames of a whole run may be in it.
    if (!folder.hasBegun) folder.discard();
    throw error;
  } finally {
    progress.close();
  }
}

/** The run itself: target up, load, target down, result folder whole. */
async function measure(
  setup: RunSetup,
  folder: ResultFolder,
  progress: Progress,
): Promise<Omit<FinishedRun, 'folder'>> {
  let load: RunningLoad | null = null;
  let verifier: RunVerifier | null = null;
  let isLoadOver = false;
  const interrupts = listenForInterrupts((mode) => {
    if (isLoadOver || mode === 'now') verifier?.stop();
    if (isLoadOver) return;
    progress.stopping(mode);
    load?.stop(mode);
  });
  try {
    const target = await openUnlessStopped(setup, interrupts);
    try {
      const rows = new ReportRows();
      const watch = new RunWatch(setup, target, folder);
      verifier = RunVerifier.of(setup, target, (sentence) => progress.tell?.(sentence));
      const hooks = { progress, watch, verifier, late: { sentence: null } };
      load = startLoad(setup, target, folder, rows, hooks);
      const startedMs = performance.now();
      const outcome = await load.run();
      const wallMs = performance.now() - startedMs;
      isLoadOver = true;
      await setup.member?.clock?.end();
      const audit = outcome.failures.length === 0 ? await target.audit() : null;
      const facts = ownFacts(setup, hooks.late.sentence);
      const measured = watch.judged(summarise(setup, target, outcome, audit, facts));
      const predicted = withPrediction(setup, outcome, measured);
      const forgotten = audit?.storage.droppedRecords ?? 0;
      const { summary, verification } = (await verifier?.finish(outcome, predicted, forgotten)) ?? {
        summary: predicted,
        verification: null,
      };
      progress.close();
      const files = finalFiles(setup, target, outcome, summary, verification, rows);
      const unwritten = keep(folder, files);
      const isUnverified = verifier !== null && verification === null;
      const ownCode = exitCodeOf(summary, setup);
      // Asked for a proof and none came: that says nothing.
      const exitCode = isUnverified && ownCode === EXIT.ok ? EXIT.invalidRun : ownCode;
      const timeline = rows.rows;
      return {
        summary,
        unwritten,
        pageless: unwritten === null ? folder.pageFailure : null,
        exitCode: interrupts.exitCode() ?? exitCode,
        timeline,
        wallMs,
      };
    } finally {
      await target.close();
    }
  } catch (error) {
    const stopped = interrupts.exitCode();
    throw stopped === null || folder.hasBegun ? error : new StoppedBeforeStart(stopped);
  } finally {
    interrupts.release();
  }
}

/** Makes the folder whole. @returns why it could not be; the run's figures are there all the same */
export function keep(folder: ResultFolder, files: FinalFiles): ShardstormError | null {
  try {
    folder.finish(files);
    return null;
  } catch (thrown) {
    if (thrown instanceof ShardstormError) return thrown;
    throw thrown;
  }
}

/** Bringing the target up may take seconds; a signal does not wait for it. */
async function openUnlessStopped(setup: RunSetup, interrupts: Interrupts): Promise<RunTarget> {
  const opening = openTarget(setup);
  const target = await Promise.race([opening, interrupts.first]);
  if (target !== undefined) return target;
  opening.then(
    (late) => late.close(),
    () => {},
  );
  throw new StoppedBeforeStart(interrupts.exitCode() ?? EXIT.interrupted);
}

/** Those who look on while the load runs. */
interface LoadWatchers {
  readonly progress: Progress;
  readonly watch: RunWatch;
  readonly verifier: RunVerifier | null;
  /** Set when this share begins too late. */
  readonly late: { sentence: string | null };
}

function startLoad(
  setup: RunSetup,
  target: RunTarget,
  folder: ResultFolder,
  report: ReportRows,
  { progress, watch, verifier, late }: LoadWatchers,
): RunningLoad {
  let phasesTold = 0;
  const tellPhases = (untilUs: number) => {
    for (let phase = setup.phases[phasesTold]; phase !== undefined && phase.startUs < untilUs; ) {
      const message = `phase ${phase.name}${phase.isMeasured ? '' : ' (not measured)'}`;
      folder.event({ atUs: phase.startUs, worker: -1, kind: 'phase', message });
      phase = setup.phases[++phasesTold];
    }
  };
  const tellEvent = (event: MergedEvent) => {
    const sentence = lateStartOf(setup, event);
    if (sentence !== null && late.sentence === null) progress.tell?.(sentence);
    late.sentence ??= sentence;
    folder.event(event);
    report.event(event);
  };
  const load: RunningLoad = target.startLoad({
    onStart: async (origin) => {
      folder.begin(origin.epochUs / 1000);
      verifier?.begin(origin);
      progress.started();
      const gate = lateGate(setup, origin);
      if (gate !== null) tellEvent(gate);
    },
    onInterval: (interval) => {
      tellPhases(interval.endUs);
      const rows = timelineRows(interval, setup.phases);
      folder.interval(interval, rows);
      report.interval(interval, rows);
      progress.interval(rows);
      if (watch.interval(load, interval.endUs) === 'aborted') progress.stopping('drain');
    },
    ...(setup.member === null ? {} : { onFrame: (packed) => folder.frame(packed) }),
    onEvent: tellEvent,
  });
  progress.begun(load);
  return load;
}

/** An invalid run says nothing about thresholds, so that comes first. */
export function exitCodeOf(summary: Summary, { plan, flags }: RunSetup): number {
  const { offered, accepted } = summary.userRecords;
  // The target answered before the run and then took nothing: as good as not there.
  const tookNothing = offered > 0 && accepted === 0 && summary.status === 'completed';
  if (tookNothing) return EXIT.target;
  const { verify } = summary;
  const verified =
    verify === undefined ? EXIT.ok : verifyExitCode(verify, plan.verify?.failOn ?? []);
  // Lost is lost, however well the generator kept up.
  if (verified === EXIT.thresholdFailed) return verified;
  if (!summary.valid) return EXIT.invalidRun;
  if (flags.isStrictClient && summary.verdict === 'suspect') return EXIT.invalidRun;
  if (!summary.thresholds.every(({ held }) => held)) return EXIT.thresholdFailed;
  return verified;
}

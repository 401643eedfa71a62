/** `merge`. In: result folders of shares. Out: one result folder, as a run of its own, and its summary on stdout. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { RunOutcome } from '../coordinate/coordinator.ts';
import { type ErrorCode, ShardstormError } from '../core/errors.ts';
import { WHOLE } from '../core/share.ts';
import type { FrameMerger } from '../measure/merge.ts';
import { RESULT_FILES, ResultFolder } from '../results/folder.ts';
import { readFrames } from '../results/frames-file.ts';
import { mergedPhases, mergeFrames, type ShareFrames } from '../results/merge-shares.ts';
import { readEnvironment, readShare } from '../results/read.ts';
import { makeRunId } from '../results/run-id.ts';
import type { ShareFile } from '../results/share-file.ts';
import { shareWarnings } from '../results/share-sentences.ts';
import { checkShares, type ShareCheck } from '../results/shares.ts';
import type { MemberSummary } from '../results/summary.ts';
import { timelineRows } from '../results/timeline.ts';
import { loadDistantScenario } from '../scenario/load.ts';
import { loadFilesOf } from '../scenario/load-files.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Arguments, CommandIo } from './command.ts';
import { namedResults } from './compare-inputs.ts';
import { usageError } from './errors.ts';
import { isOn, outputFlags, texts, usesColor } from './flags.ts';
import { ReportRows } from './report-rows.ts';
import { scenarioHash, stampIdOf } from './run-member.ts';
import { exitCodeOf } from './run-once.ts';
import { withPrediction } from './run-prediction.ts';
import { finalFiles, printSummary } from './run-report.ts';
import type { RunSetup } from './run-setup.ts';
import { type MergedFacts, summarise } from './run-summary.ts';

/** Merges, writes, prints. @throws SHARDSTORM_CLI_USAGE, SHARDSTORM_RESULTS_UNREADABLE */
export async function mergeResults(args: Arguments, io: CommandIo): Promise<number> {
  const folders = namedResults(texts(args, 'result') ?? []).map(({ folder }) => folder);
  const places = new Map(folders.map((folder) => [readShare(folder), folder]));
  const check = checkShares([...places.keys()]);
  const isForced = isOn(args, 'force');
  const [refusal] = check.refusals;
  if (refusal !== undefined && !isForced) throw refused(check.refusals);
  const placeOf = (share: ShareFile) => places.get(share) ?? '';
  const parts = check.shares.map((share) => ({
    share,
    entries: readFrames(join(placeOf(share), RESULT_FILES.frames)),
  }));
  const [first] = check.shares;
  if (first === undefined) throw usageError('no shares are named', 'Name their result folders.');
  const setup = setUpMerge(first, placeOf(first), check, args);
  const { folder, summary } = writeMerged(setup, first, placeOf(first), parts, check);
  printSummary(summary, folder, isOn(args, 'json'), io, {
    color: usesColor(args, io, io.stdout),
    kplNames: false,
  });
  return exitCodeOf(summary, setup);
}

function refused(refusals: readonly string[]): ShardstormError {
  const code: ErrorCode = 'SHARDSTORM_CLI_USAGE';
  return new ShardstormError(code, `these are not the shares of one run: ${refusals.join(' ')}`, {
    hint: 'Name every share once; or merge what is there with --force: the result is invalid then, and says why.',
  });
}

/** The merged run as if it had been one. */
function setUpMerge(
  first: ShareFile,
  place: string,
  { shares }: ShareCheck,
  args: Arguments,
): RunSetup {
  const plan = loadDistantScenario(join(place, RESULT_FILES.scenario));
  const flags = outputFlags(args);
  const name = flags.name ?? plan.name;
  const entropy = randomBytes(3).readUIntBE(0, 3);
  return {
    plan,
    sizing: {
      workers: shares.reduce((sum, { workers }) => sum + workers, 0),
      producers: first.producers,
      share: WHOLE,
    },
    phases: mergedPhases(shares),
    flags,
    name,
    runId: makeRunId(first.originEpochUs / 1000, name, entropy),
    stampId: stampIdOf(first.fleetId),
    isVirtual: first.isVirtual,
    calibration: null,
    member: null,
  };
}

function writeMerged(
  setup: RunSetup,
  first: ShareFile,
  place: string,
  parts: readonly ShareFrames[],
  check: ShareCheck,
) {
  const folder = new ResultFolder({ out: setup.flags.out, runId: setup.runId });
  try {
    folder.begin(first.originEpochUs / 1000);
    const rows = new ReportRows();
    const merger = mergeFrames(parts, {
      onInterval: (interval) => {
        const added = timelineRows(interval, setup.phases);
        folder.interval(interval, added);
        rows.interval(interval, added);
      },
      onEvent: (event) => {
        folder.event(event);
        rows.event(event);
      },
    });
    const outcome = outcomeOf(merger, check, first);
    const target = { label: first.target, mode: first.mode };
    const measured = summarise(setup, target, outcome, null, factsOf(parts, check));
    const predicted = hasInputs(setup.plan, first)
      ? withPrediction(setup, outcome, measured)
      : measured;
    const warnings = [...predicted.warnings, ...shareWarnings(check.shares, predicted.warnings)];
    const summary = { ...predicted, warnings };
    const files = finalFiles(setup, target, outcome, summary, null, rows);
    folder.finish({ ...files, environment: readEnvironment(place) });
    return { summary, folder: folder.path };
  } catch (thrown) {
    folder.discard();
    throw thrown;
  }
}

/** Whether the formulas can be asked here: they look at the very records that the members made, files and all. */
function hasInputs(plan: Plan, share: ShareFile): boolean {
  return loadFilesOf(plan).length === 0 || scenarioHash(plan) === share.scenarioHash;
}

/** How the shares ended, as one run's end: as the worst of them. */
function outcomeOf(
  merger: FrameMerger,
  { shares, refusals }: ShareCheck,
  first: ShareFile,
): RunOutcome {
  const statuses = shares.map(({ status }) => status);
  const status = statuses.includes('failed')
    ? 'failed'
    : statuses.includes('interrupted')
      ? 'interrupted'
      : 'completed';
  if (status === 'failed') merger.closeBooks();
  const stops = shares.map(({ stoppedUs }) => stoppedUs);
  // One share that goes on makes the run as long as the schedule; what the others did not do shows in the counts.
  const stoppedUs = stops.includes(null) ? null : Math.max(...stops.map((stop) => stop ?? 0));
  return {
    merger,
    origin: { monotonicUs: 0, epochUs: first.originEpochUs },
    status,
    // Also what a reader of the stream must know: of these shares' records nobody can say what became of them.
    failures: refusals.map(untold),
    durationUs: Math.max(...shares.map(({ durationUs }) => durationUs)),
    stoppedUs,
    openShards: first.openShards,
    openShardStarts: first.openShardStarts,
  };
}

function untold(message: string): ShardstormError {
  return new ShardstormError('SHARDSTORM_WORKER_DIED', message, {
    hint: 'Merge the shares that belong together, all of them.',
  });
}

function factsOf(parts: readonly ShareFrames[], check: ShareCheck): MergedFacts {
  return {
    members: parts.map(memberOf),
    startSkewUs: check.startSkewUs,
    invalidReasons: check.invalidReasons,
  };
}

function memberOf({ share }: ShareFrames): MemberSummary {
  const { index, runId, status, invalidReasons, startedLateUs, clock, offered, accepted } = share;
  return {
    index,
    runId,
    status,
    valid: invalidReasons.length === 0,
    startedLateUs,
    clockOffsetUs: clock?.offsetUs ?? null,
    offered,
    accepted,
  };
}

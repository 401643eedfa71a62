/** `merge`. In: result folders of shares. Out: one result folder, as a run of its own, and its summary on stdout. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { RunOutcome } from '../coordinate/coordinator.ts';
import { type ErrorCode, ShardstormError } from '../core/errors.ts';
import { WHOLE } from '../core/share.ts';
import type { FrameMerger } from '../measure/merge.ts';
import type { Environment } from '../results/environment.ts';
import { RESULT_FILES, ResultFolder } from '../results/folder.ts';
import { readFrames } from '../results/frames-file.ts';
import { differingMachines } from '../results/machines.ts';
import {
  mergedPhases,
  mergeFrames,
  type ShareFrames,
  unevenFrames,
} from '../results/merge-shares.ts';
import { readEnvironment, readShare } from '../results/read.ts';
import { makeRunId } from '../results/run-id.ts';
import type { ShareFile } from '../results/share-file.ts';
import { shareWarnings } from '../results/share-sentences.ts';
import { checkShares, type ShareCheck } from '../results/shares.ts';
import type { MemberSummary } from '../results/summary.ts';
import { timelineRows } from '../results/timeline.ts';
import { withVirtualDoubts } from '../results/virtual-shares.ts';
import { loadDistantScenario } from '../scenario/load.ts';
import { loadFilesOf } from '../scenario/load-files.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Arguments, CommandIo } from './command.ts';
import { namedResults } from './compare-inputs.ts';
import { reportError, usageError, warnOf } from './errors.ts';
import { isOn, texts, usesColor } from './flags.ts';
import { outputFlags } from './output-flags.ts';
import { ReportRows } from './report-rows.ts';
import { scenarioHash, stampIdOf } from './run-member.ts';
import { exitCodeOf, keep } from './run-once.ts';
import { withPrediction } from './run-prediction.ts';
import { finalFiles, printSummary } from './run-report.ts';
import type { RunSetup } from './run-setup.ts';
import { summarise, type ToldFacts } from './run-summary.ts';

/** Merges, prints, writes. @throws SHARDSTORM_CLI_USAGE, SHARDSTORM_RESULTS_UNREADABLE */
export async function mergeResults(args: Arguments, io: CommandIo): Promise<number> {
  const isForced = isOn(args, 'force');
  const { read, unread } = readShares(texts(args, 'result') ?? [], isForced);
  const places = new Map(read.map(({ part, folder }) => [part.share, { part, folder }]));
  const check = checkShares([...places.keys()]);
  if (check.refusals.length > 0 && !isForced) throw refused(check.refusals);
  const [first, ...more] = check.shares.flatMap((share) => places.get(share) ?? []);
  if (first === undefined) throw usageError('no shares are named', 'Name their result folders.');
  const merging: Merging = {
    check: { ...check, refusals: [...check.refusals, ...unread] },
    first: first.part.share,
    place: first.folder,
    parts: [first, ...more].map(({ part }) => part),
    warnings: differingMachines([first, ...more].flatMap(environmentOf)),
    isForced,
  };
  const setup = setUpMerge(merging, args);
  const { folder, summary, unwritten, pageless } = writeMerged(setup, merging);
  printSummary(summary, unwritten === null ? folder : null, isOn(args, 'json'), io, {
    color: usesColor(args, io, io.stdout),
    kplNames: false,
  });
  warnOf(pageless, io);
  // Last, where it is seen: the summary above is all that there is.
  if (unwritten !== null) return reportError(unwritten, io, isOn(args, 'verbose'));
  return exitCodeOf(summary, setup);
}

/** Only for the comparison of machines: a share counts without it. */
function environmentOf({ folder }: ReadShare): Environment[] {
  try {
    return [readEnvironment(folder)];
  } catch (thrown) {
    if (thrown instanceof ShardstormError) return [];
    throw thrown;
  }
}

/** What is merged. */
interface Merging {
  readonly check: ShareCheck;
  readonly first: ShareFile;
  /** Result folder of the first share. */
  readonly place: string;
  readonly parts: readonly ShareFrames[];
  readonly warnings: readonly string[];
  readonly isForced: boolean;
}

interface ReadShare {
  readonly part: ShareFrames;
  readonly folder: string;
}

/**
 * Every share that the words name. @param isForced what cannot be read is left out, and told in `unread`
 * @throws SHARDSTORM_CLI_USAGE, SHARDSTORM_RESULTS_UNREADABLE
 */
function readShares(words: readonly string[], isForced: boolean) {
  const read: ReadShare[] = [];
  const unread: ShardstormError[] = [];
  const attempt = (act: () => void) => {
    try {
      act();
    } catch (thrown) {
      if (!isForced || !(thrown instanceof ShardstormError)) throw thrown;
      unread.push(thrown);
    }
  };
  const folders = new Set<string>();
  for (const word of words) {
    attempt(() => {
      for (const { folder } of namedResults([word])) folders.add(folder);
    });
  }
  for (const folder of folders) {
    attempt(() => {
      const share = readShare(folder);
      const frames = readFrames(join(folder, RESULT_FILES.frames), share.framesSha256);
      read.push({ folder, part: { share, ...frames } });
    });
  }
  const [problem] = unread;
  if (read.length === 0 && problem !== undefined) throw problem;
  return { read, unread: unread.map(({ message }) => `${message}.`) };
}

function refused(refusals: readonly string[]): ShardstormError {
  const code: ErrorCode = 'SHARDSTORM_CLI_USAGE';
  return new ShardstormError(code, `these are not the shares of one run: ${refusals.join(' ')}`, {
    hint: 'Name every share once; or merge what is there with --force: the result is invalid then, and says why.',
  });
}

/** The merged run as if it had been one. */
function setUpMerge({ first, place, check }: Merging, args: Arguments): RunSetup {
  const { shares } = check;
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

function writeMerged(setup: RunSetup, merging: Merging) {
  const { first, place, parts } = merging;
  const { out } = setup.flags;
  const folder = new ResultFolder({ out, runId: setup.runId, redo: 'merge again' });
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
    const told = factsOf(merging, merger);
    const outcome = outcomeOf(merger, merging.check, first);
    const target = { label: first.target, mode: first.mode };
    const figures = summarise(setup, target, outcome, null, told);
    const { simulator } = setup.plan.target;
    const measured = first.isVirtual ? withVirtualDoubts(figures, simulator) : figures;
    const predicted = hasInputs(setup.plan, first)
      ? withPrediction(setup, outcome, measured)
      : measured;
    const { shares } = merging.check;
    const warnings = [...predicted.warnings, ...shareWarnings(shares, predicted.warnings)];
    const summary = { ...predicted, warnings };
    const files = finalFiles(setup, target, outcome, summary, null, rows);
    const unwritten = keep(folder, { ...files, environment: readEnvironment(place) });
    const pageless = unwritten === null ? folder.pageFailure : null;
    return { summary, folder: folder.path, unwritten, pageless };
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

function factsOf({ parts, check, warnings, isForced }: Merging, merger: FrameMerger): ToldFacts {
  const uneven = unevenFrames(parts, merger);
  if (uneven.length > 0 && !isForced) throw damaged(uneven);
  const { startSkewUs, isSuspect, isLateStart } = check;
  return {
    invalidReasons: [...uneven, ...check.invalidReasons],
    warnings: [...check.warnings, ...warnings],
    isSuspect,
    isLateStart,
    run: { members: parts.map(memberOf), startSkewUs },
  };
}

function damaged(problems: readonly string[]): ShardstormError {
  const message = `shares are damaged: ${problems.join(' ')}`;
  return new ShardstormError('SHARDSTORM_RESULTS_UNREADABLE', message, {
    hint: 'Copy their result folders again, whole.',
  });
}

function memberOf({ share }: ShareFrames): MemberSummary {
  const { index, runId, status, invalidReasons, verdict, startedLateUs, clock } = share;
  return {
    index,
    runId,
    status,
    valid: invalidReasons.length === 0,
    verdict,
    startedLateUs,
    clockOffsetUs: clock?.offsetUs ?? null,
    clockDriftUs: clock?.driftUs ?? null,
    offered: share.offered,
    accepted: share.accepted,
  };
}

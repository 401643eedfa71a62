import type { RunOutcome } from '../coordinate/coordinator.ts';
import { type ClockOrigin, clockOrigin } from '../core/clock.ts';
import { SHARE_STARTED } from '../measure/frame.ts';
import type { MergedEvent } from '../measure/merge.ts';
import type { ReportEvent } from '../report/timeline.ts';
import type { ShareFile } from '../results/share-file.ts';
import { lateStartSentence } from '../results/shares.ts';
import type { Summary } from '../results/summary.ts';
import { packageVersion } from './package-files.ts';
import type { Member, RunSetup, RunTarget } from './run-setup.ts';
import type { ToldFacts } from './run-summary.ts';

/** The sentence of a share that began too late, from the start of one of its threads; null: it did not. */
export function lateStartOf({ member }: RunSetup, event: MergedEvent): string | null {
  if (member === null || event.kind !== SHARE_STARTED) return null;
  return lateStartSentence(startAtOf(member), event.atUs);
}

/** What a share knows of itself besides its figures. @param lateStart its sentence when it began too late */
export function ownFacts({ member }: RunSetup, lateStart: string | null): ToldFacts {
  return {
    invalidReasons: lateStart === null ? [] : [lateStart],
    warnings: member?.clock?.warnings ?? [],
    isSuspect: false,
    isLateStart: lateStart !== null,
    run: {},
  };
}

/**
 * A gate that opens after the common start, as the event that tells of it; null: it opens in time. The threads tell of their
 * starts too, but not when all of the schedule has passed by then.
 */
export function lateGate({ member }: RunSetup, { epochUs }: ClockOrigin): MergedEvent | null {
  if (member === null || member.startAtUs === null) return null;
  const atUs = clockOrigin().epochUs - epochUs;
  if (atUs <= 0) return null;
  const message = 'this share was ready after the common start';
  return { atUs, worker: -1, kind: SHARE_STARTED, message };
}

function startAtOf({ startAtUs }: Member): string | null {
  return startAtUs === null ? null : new Date(startAtUs / 1000).toISOString();
}

/** What a share says of itself for `merge`; null for a run that is whole. */
export function shareFileOf(
  { runId, sizing, phases, isVirtual, member }: RunSetup,
  target: Pick<RunTarget, 'label' | 'mode'>,
  outcome: RunOutcome,
  summary: Summary,
  events: readonly ReportEvent[],
): Omit<ShareFile, 'framesSha256'> | null {
  if (member === null) return null;
  const { fleetId, scenarioHash, clock } = member;
  const starts = events.filter(({ kind }) => kind === SHARE_STARTED).map(({ atMs }) => atMs);
  return {
    schema: 'shardstorm.share/1',
    runId,
    ...sizing.share,
    fleetId,
    scenarioHash,
    version: packageVersion(),
    startAt: startAtOf(member),
    originEpochUs: outcome.origin.epochUs,
    startedLateUs: starts.length === 0 ? null : Math.max(...starts) * 1000,
    clock: clock?.check ?? null,
    workers: sizing.workers,
    producers: sizing.producers,
    phases,
    target: target.label,
    mode: target.mode,
    transport: summary.run.transport,
    protocol: summary.run.protocol,
    isVirtual,
    offered: summary.userRecords.offered,
    accepted: summary.userRecords.accepted,
    status: outcome.status,
    invalidReasons: summary.invalidReasons,
    warnings: summary.warnings,
    verdict: summary.verdict,
    durationUs: outcome.durationUs,
    stoppedUs: outcome.stoppedUs,
    openShards: outcome.openShards,
    openShardStarts: outcome.openShardStarts,
  };
}

import type { RunOutcome } from '../coordinate/coordinator.ts';
import { SHARE_STARTED } from '../measure/frame.ts';
import type { MergedEvent } from '../measure/merge.ts';
import type { ReportEvent } from '../report/timeline.ts';
import type { ShareFile } from '../results/share-file.ts';
import { lateStartSentence } from '../results/shares.ts';
import type { Summary } from '../results/summary.ts';
import { packageVersion } from './package-files.ts';
import type { Member, RunSetup, RunTarget } from './run-setup.ts';

/** The sentence of a share that began too late, from the start of one of its threads; null: it did not. */
export function lateStartOf({ member }: RunSetup, event: MergedEvent): string | null {
  if (member === null || event.kind !== SHARE_STARTED) return null;
  return lateStartSentence(startAtOf(member), event.atUs);
}

/** A share's summary, with a late start among its warnings. */
export function withLateStart(summary: Summary, sentence: string | null): Summary {
  if (sentence === null) return summary;
  const verdict = summary.verdict === 'valid' ? 'suspect' : summary.verdict;
  return { ...summary, verdict, warnings: [...summary.warnings, sentence] };
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
): ShareFile | null {
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
    durationUs: outcome.durationUs,
    stoppedUs: outcome.stoppedUs,
    openShards: outcome.openShards,
    openShardStarts: outcome.openShardStarts,
  };
}

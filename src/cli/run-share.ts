import type { RunOutcome } from '../coordinate/coordinator.ts';
import { SHARE_STARTED } from '../measure/frame.ts';
import type { ReportEvent } from '../report/timeline.ts';
import type { ShareFile } from '../results/share-file.ts';
import type { Summary } from '../results/summary.ts';
import { packageVersion } from './package-files.ts';
import { scenarioHash } from './run-member.ts';
import type { RunSetup, RunTarget } from './run-setup.ts';

/** What a share says of itself for `merge`; null for a run that is whole. */
export function shareFileOf(
  { plan, runId, sizing, phases, isVirtual, member }: RunSetup,
  target: Pick<RunTarget, 'label' | 'mode'>,
  outcome: RunOutcome,
  summary: Summary,
  events: readonly ReportEvent[],
): ShareFile | null {
  if (member === null) return null;
  const { startAtUs, fleetId } = member;
  const starts = events.filter(({ kind }) => kind === SHARE_STARTED).map(({ atMs }) => atMs);
  return {
    schema: 'shardstorm.share/1',
    runId,
    ...sizing.share,
    fleetId,
    scenarioHash: scenarioHash(plan),
    version: packageVersion(),
    startAt: startAtUs === null ? null : new Date(startAtUs / 1000).toISOString(),
    originEpochUs: outcome.origin.epochUs,
    startedLateUs: starts.length === 0 ? null : Math.max(...starts) * 1000,
    clock: null,
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

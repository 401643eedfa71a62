import type { RunOutcome } from '../coordinate/coordinator.ts';
import { costOf } from '../plan/cost.ts';
import { buildSummary } from '../results/build-summary.ts';
import type { MemberSummary, Summary } from '../results/summary.ts';
import type { Plan } from '../scenario/plan.ts';
import type { AuditReport } from '../simulator/core/audit.ts';
import { compareWithAudit } from './audit-check.ts';
import type { RunSetup, RunTarget } from './run-setup.ts';

/** What a result knows that was made of several shares. */
export interface MergedFacts {
  readonly members: readonly MemberSummary[];
  readonly startSkewUs: number | null;
  readonly invalidReasons: readonly string[];
}

/** The run's summary: its figures, its own checks, the target's audit where there is one. */
export function summarise(
  setup: RunSetup,
  target: Pick<RunTarget, 'label' | 'mode'>,
  outcome: RunOutcome,
  audit: AuditReport | null,
  merged: MergedFacts | null = null,
): Summary {
  const { plan, phases, runId, name, isVirtual, calibration } = setup;
  const { workers, producers, share } = setup.sizing;
  // What belongs to the stream, and to the whole load, is judged when the shares are merged.
  const isShare = setup.member !== null && share.count > 1;
  const { merger, status, openShards } = outcome;
  const { mode } = target;
  return buildSummary({
    run: {
      id: runId,
      name,
      scenario: plan.name,
      startedAt: new Date(outcome.origin.epochUs / 1000).toISOString(),
      durationMs: outcome.durationUs / 1000,
      seed: plan.load.seed,
      workers,
      producers,
      ...(isShare ? { share } : {}),
      ...(merged === null ? {} : { members: merged.members, startSkewUs: merged.startSkewUs }),
      ...limiterOf(plan, producers),
      target: target.label,
      transport: isVirtual ? 'virtual' : plan.producer.transport,
      protocol: protocolOf(setup),
      tags: plan.tags,
    },
    status,
    phases,
    merger,
    stoppedUs: outcome.stoppedUs,
    stopWhen: plan.load.stopWhen,
    isVirtual,
    calibration,
    shards: openShards,
    invalidReasons: [
      ...outcome.failures.map(({ message }) => message),
      ...(merged?.invalidReasons ?? []),
      ...(audit === null ? [] : compareWithAudit(merger.phases, audit, !isVirtual)),
    ],
    thresholds: isShare ? [] : plan.thresholds,
    cost: mode === null || isShare ? null : (load) => costOf(load, mode),
  });
}

function protocolOf({ plan, isVirtual }: RunSetup): string {
  if (isVirtual) return 'none';
  return plan.producer.transport === 'sdk' ? 'json' : plan.producer.protocol;
}

/** What the limiters of all producers together let through: rate limits are a stream's, not a producer's or a share's. */
function limiterOf({ producer }: Plan, producers: number): Pick<Summary['run'], 'limiterShare'> {
  const { rateLimit } = producer;
  if (rateLimit === null) return {};
  return { limiterShare: rateLimit.fraction * (rateLimit.share === 'process' ? 1 : producers) };
}

import type { RunOutcome } from '../coordinate/coordinator.ts';
import { costOf } from '../plan/cost.ts';
import { buildSummary, type Circumstances } from '../results/build-summary.ts';
import type { Summary } from '../results/summary.ts';
import type { Plan } from '../scenario/plan.ts';
import type { AuditReport } from '../simulator/core/audit.ts';
import { compareWithAudit } from './audit-check.ts';
import type { RunSetup, RunTarget } from './run-setup.ts';

/** What is known of a share, or of a result made of several, besides its figures. */
export interface ToldFacts extends Circumstances {
  readonly invalidReasons: readonly string[];
  /** For the summary's `run`. */
  readonly run: Pick<Summary['run'], 'members' | 'startSkewUs'>;
}

const NOTHING_TOLD: ToldFacts = {
  invalidReasons: [],
  warnings: [],
  isSuspect: false,
  isLateStart: false,
  run: {},
};

/** The run's summary: its figures, its own checks, the target's audit where there is one. */
export function summarise(
  setup: RunSetup,
  target: Pick<RunTarget, 'label' | 'mode'>,
  outcome: RunOutcome,
  audit: AuditReport | null,
  told: ToldFacts = NOTHING_TOLD,
): Summary {
  const { plan, phases, runId, name, isVirtual, calibration, flags } = setup;
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
      ...told.run,
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
      ...told.invalidReasons,
      ...(audit === null ? [] : compareWithAudit(merger.phases, audit, !isVirtual)),
    ],
    circumstances: told,
    thresholds: isShare ? [] : plan.thresholds,
    cost: mode === null || isShare ? null : (load) => costOf(load, mode, flags.prices),
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

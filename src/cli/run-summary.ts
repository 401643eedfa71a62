import type { RunOutcome } from '../coordinate/coordinator.ts';
import { costOf } from '../plan/cost.ts';
import { buildSummary } from '../results/build-summary.ts';
import type { Summary } from '../results/summary.ts';
import type { AuditReport } from '../simulator/core/audit.ts';
import { compareWithAudit } from './audit-check.ts';
import type { RunSetup, RunTarget } from './run-setup.ts';

/** The run's summary: its figures, its own checks, the target's audit where there is one. */
export function summarise(
  setup: RunSetup,
  target: RunTarget,
  outcome: RunOutcome,
  audit: AuditReport | null,
): Summary {
  const { plan, sizing, phases, runId, name, isVirtual, calibration } = setup;
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
      ...sizing,
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
      ...(audit === null ? [] : compareWithAudit(merger.phases, audit, !isVirtual)),
    ],
    thresholds: plan.thresholds,
    cost: mode === null ? null : (load) => costOf(load, mode),
  });
}

function protocolOf({ plan, isVirtual }: RunSetup): string {
  if (isVirtual) return 'none';
  return plan.producer.transport === 'sdk' ? 'json' : plan.producer.protocol;
}

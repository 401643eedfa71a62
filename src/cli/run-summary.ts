import type { RunOutcome } from '../coordinate/coordinator.ts';
import { costOf } from '../plan/cost.ts';
import { buildSummary } from '../results/build-summary.ts';
import type { Summary } from '../results/summary.ts';
import type { AuditReport } from '../simulator/core/audit.ts';
import { compareWithAudit } from './audit-check.ts';
import type { RunSetup } from './run-setup.ts';
import type { RunTarget } from './run-target.ts';

/** The run's summary: its figures, its own checks, the target's audit where there is one. */
export function summarise(
  setup: RunSetup,
  target: RunTarget,
  outcome: RunOutcome,
  audit: AuditReport | null,
): Summary {
  const { plan, sizing, phases, runId, name } = setup;
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
      transport: plan.producer.transport,
      protocol: plan.producer.transport === 'sdk' ? 'json' : plan.producer.protocol,
      tags: plan.tags,
    },
    status,
    phases,
    merger,
    stoppedUs: outcome.stoppedUs,
    isVirtual: false,
    shards: openShards,
    invalidReasons: [
      ...outcome.failures.map(({ message }) => message),
      ...(audit === null ? [] : compareWithAudit(merger.phases, audit)),
    ],
    thresholds: plan.thresholds,
    cost: mode === null ? null : (load) => costOf(load, mode),
  });
}

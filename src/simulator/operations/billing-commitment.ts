import type { Simulator } from '../core/simulator.ts';
import { type Output, Timestamp } from './operation.ts';

const COMMITMENT_MS = 86_400_000;

/** The account's setting as both operations on it tell of it. */
export function commitmentShape(simulator: Simulator): { readonly [member: string]: Output } {
  const startedMs = simulator.commitmentStartedMs;
  if (startedMs === null) {
    return { MinimumThroughputBillingCommitment: { Status: 'DISABLED' } };
  }
  return {
    MinimumThroughputBillingCommitment: {
      Status: 'ENABLED',
      StartedAt: new Timestamp(startedMs),
      EarliestAllowedEndAt: new Timestamp(startedMs + COMMITMENT_MS),
    },
  };
}

import type { PlannedPhase } from '../coordinate/planned-phases.ts';
import type { Sizing } from '../coordinate/sizing.ts';
import type { Plan } from '../scenario/plan.ts';
import type { OutputFlags } from './flags.ts';

/** What one run is made of, before it starts. */
export interface RunSetup {
  readonly plan: Plan;
  readonly sizing: Sizing;
  readonly phases: readonly PlannedPhase[];
  readonly flags: OutputFlags;
  readonly runId: string;
  /** Name of the run: --name, or the scenario's. */
  readonly name: string;
  /** Upper and lower half of the id that stamps carry. */
  readonly stampId: readonly [number, number];
}

import type { CoordinatorOptions, RunOutcome } from '../coordinate/coordinator.ts';
import type { PlannedPhase } from '../coordinate/planned-phases.ts';
import type { Sizing } from '../coordinate/sizing.ts';
import type { MachineCalibration } from '../results/calibrated.ts';
import type { Plan } from '../scenario/plan.ts';
import type { AuditReport } from '../simulator/core/audit.ts';
import type { TargetAddress } from '../transport/target-address.ts';
import type { OutputFlags } from './flags.ts';
import type { ClockWatch } from './run-clock.ts';

/** How a run fits into the fleet that it is a share of. */
export interface Member {
  /** Unix microseconds of the common time 0; null: each starts when it is ready. */
  readonly startAtUs: number | null;
  /** The same for all shares of one scenario, count and start: 16 hexadecimal digits. */
  readonly fleetId: string;
  /** Of the scenario that all of them run. */
  readonly scenarioHash: string;
  /** This machine's clock against a time server's; null: none was named, so its offset is unknown. */
  readonly clock: ClockWatch | null;
}

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
  /** In virtual time, against the simulator's core. */
  readonly isVirtual: boolean;
  /** What is known of this machine; null: it was not calibrated, or does not matter. */
  readonly calibration: MachineCalibration | null;
  /** This run as one of several that are one together; null: it is the whole. */
  readonly member: Member | null;
}

/** What is called while a load runs. */
export type LoadHooks = Pick<CoordinatorOptions, 'onStart' | 'onInterval' | 'onEvent' | 'onFrame'>;

/** A load under way, on the wire or in virtual time. */
export interface RunningLoad {
  /** Resolves at the end of the run. */
  run(): Promise<RunOutcome>;
  /** `drain`: ends the load and waits for what is out; `now`: ends at once. */
  stop(mode: 'drain' | 'now'): void;
  /** The load has told enough: waits for what is out, and the run counts as completed. */
  endEarly(): void;
  /** The run as far as its frames tell. @param nowUs end of the last whole interval */
  soFar(nowUs: number): RunOutcome;
}

/** Where a run sends to, ready to take records. */
export interface RunTarget {
  /** For the summary: `simulator`, `null`, `aws (us-east-1)` or the endpoint's URL. */
  readonly label: string;
  /** null: the target is not one that bills by a price list we have. */
  readonly mode: 'provisioned' | 'on-demand' | null;
  /** Where the stream can be read back; null: nowhere. */
  readonly address: TargetAddress | null;
  /** Begins the one load of this target. */
  readonly startLoad: (hooks: LoadHooks) => RunningLoad;
  /** What the target says that it accepted; null where it cannot tell. */
  readonly audit: () => Promise<AuditReport | null>;
  readonly close: () => Promise<void>;
}

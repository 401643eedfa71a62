/** A run in virtual time as the command line sees it: its names, its size, its target. */
import { createHash } from 'node:crypto';
import { planPhases } from '../coordinate/planned-phases.ts';
import { makeRunId } from '../results/run-id.ts';
import type { Plan } from '../scenario/plan.ts';
import { VIRTUAL_EPOCH_US, VirtualRun } from '../virtual/run.ts';
import { usageError } from './errors.ts';
import type { OutputFlags } from './flags.ts';
import type { RunSetup, RunTarget } from './run-setup.ts';

/**
 * Run id, stamps and start derive from the plan and its name alone, so that the same run again gives the same result,
 * byte for byte, and another plan gets a folder of its own.
 * @throws SHARDSTORM_CLI_USAGE for a target that is not the simulator
 */
export function setUpVirtualRun(plan: Plan, flags: OutputFlags): RunSetup {
  const { kind } = plan.target;
  if (kind !== 'simulator') {
    const message = `--virtual runs against the simulator's core, but target.kind is ${kind}`;
    throw usageError(message, 'Add --target simulator, and describe it in target.simulator.');
  }
  const name = flags.name ?? plan.name;
  // Where the scenario's file lies does not change what it says.
  const text = JSON.stringify({ ...plan, baseDirectory: '', name });
  const digest = createHash('sha256').update(text).digest();
  const { workers, producers } = plan.load;
  // `auto` asks for the machine's cores on the wire; a virtual run must not depend on them.
  const threads = workers === 'auto' ? 1 : workers;
  return {
    plan,
    sizing: { workers: 1, producers: producers === 'auto' ? threads : producers },
    phases: planPhases(plan),
    flags,
    name,
    runId: makeRunId(VIRTUAL_EPOCH_US / 1000, name, digest.readUIntBE(8, 3)),
    stampId: [digest.readUInt32BE(0), digest.readUInt32BE(4)],
    isVirtual: true,
    calibration: null,
  };
}

/** The simulator's core in this thread. */
export function openVirtualTarget({
  plan,
  sizing,
  phases,
  stampId: [runIdHigh, runIdLow],
}: RunSetup): RunTarget {
  let run: VirtualRun | null = null;
  return {
    label: 'simulator (virtual time, payloads as sizes)',
    mode: plan.target.simulator.mode,
    address: null,
    startLoad: (hooks) => {
      const { producers } = sizing;
      const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
      run = new VirtualRun({ ...hooks, plan, phases, producers, runIdHigh, runIdLow, pause });
      return run;
    },
    audit: () => Promise.resolve(run?.audit() ?? null),
    close: () => Promise.resolve(),
  };
}

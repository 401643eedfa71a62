/** A run in virtual time as the command line sees it: its names, its size, its target. */
import { createHash } from 'node:crypto';
import { planPhases } from '../coordinate/planned-phases.ts';
import { sizeLoad } from '../coordinate/sizing.ts';
import { WHOLE } from '../core/share.ts';
import { makeRunId } from '../results/run-id.ts';
import type { Plan } from '../scenario/plan.ts';
import { VIRTUAL_EPOCH_US, VirtualRun } from '../virtual/run.ts';
import { usageError } from './errors.ts';
import type { OutputFlags } from './flags.ts';
import { type Membership, memberOf } from './run-member.ts';
import type { RunSetup, RunTarget } from './run-setup.ts';

/**
 * Run id, stamps and start derive from the plan and its name alone, so that the same run again gives the same result,
 * byte for byte, and another plan gets a folder of its own.
 * @throws SHARDSTORM_CLI_USAGE for a target that is not the simulator
 */
export function setUpVirtualRun(
  plan: Plan,
  flags: OutputFlags,
  membership: Membership = { share: WHOLE, startAtUs: null },
): RunSetup {
  const { kind } = plan.target;
  if (kind !== 'simulator') {
    const message = `--virtual runs against the simulator's core, but target.kind is ${kind}`;
    throw usageError(message, 'Add --target simulator, and describe it in target.simulator.');
  }
  const { share, startAtUs } = membership;
  if (startAtUs !== null) {
    const message = '--start-at is an instant of the wall clock, and --virtual has none';
    throw usageError(message, 'Leave --start-at out: shares in virtual time begin together.');
  }
  const name = flags.name ?? plan.name;
  // Where the scenario's file lies does not change what it says.
  const text = JSON.stringify({
    ...plan,
    baseDirectory: '',
    name,
    ...(share.count > 1 ? { share } : {}),
  });
  const digest = createHash('sha256').update(text).digest();
  const { workers, producers } = plan.load;
  // `auto` asks for the machine's cores on the wire; a virtual run must not depend on them.
  const threads = workers === 'auto' ? share.count : workers;
  const whole = producers === 'auto' ? threads : producers;
  const { load } = plan;
  const sizing = sizeLoad({ ...plan, load: { ...load, workers: 1, producers: whole } }, share);
  return {
    plan,
    sizing,
    phases: planPhases(plan, sizing),
    flags,
    name,
    runId: makeRunId(VIRTUAL_EPOCH_US / 1000, name, digest.readUIntBE(8, 3)),
    stampId: [digest.readUInt32BE(0), digest.readUInt32BE(4)],
    isVirtual: true,
    calibration: null,
    member: memberOf(plan, membership),
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
      const { producers, share } = sizing;
      const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
      const id = { runIdHigh, runIdLow };
      run = new VirtualRun({ ...hooks, ...id, plan, phases, producers, share, pause });
      return run;
    },
    audit: () => Promise.resolve(run?.audit() ?? null),
    close: () => Promise.resolve(),
  };
}

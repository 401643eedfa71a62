import { planPhases } from '../../src/coordinate/planned-phases.ts';
import { counterOf } from '../../src/results/measures.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import type { Plan } from '../../src/scenario/plan.ts';
import { VirtualRun, type VirtualRunOptions } from '../../src/virtual/run.ts';

/** The quickstart with fields set, such as `load.producers=3`. */
export function planOf(...set: readonly string[]): Plan {
  return loadScenario('scenarios/quickstart.yaml', { set: [...set], duration: '3s' }, () => {});
}

export function virtualRun(plan: Plan, hooks: Partial<VirtualRunOptions> = {}): VirtualRun {
  const { producers } = plan.load;
  return new VirtualRun({
    plan,
    phases: planPhases(plan),
    producers: producers === 'auto' ? 1 : producers,
    runIdHigh: 1,
    runIdLow: 2,
    onStart: () => Promise.resolve(),
    onInterval: () => {},
    onEvent: () => {},
    pause: () => Promise.resolve(),
    ...hooks,
  });
}

/** Runs a plan and gives its measured counters by name, its totals and the audit. */
export async function runPlan(plan: Plan, hooks: Partial<VirtualRunOptions> = {}) {
  const run = virtualRun(plan, hooks);
  const outcome = await run.run();
  const totals = outcome.merger.measured();
  const count = (name: Parameters<typeof counterOf>[1]) => counterOf(totals.counters, name);
  const everywhere = (name: Parameters<typeof counterOf>[1]) =>
    outcome.merger.phases.reduce((sum, phase) => sum + counterOf(phase.counters, name), 0);
  return { outcome, totals, count, everywhere, audit: run.audit() };
}

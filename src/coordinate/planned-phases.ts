import { WHOLE } from '../core/share.ts';
import { checkInputs, replayTimesOf } from '../load/inputs.ts';
import type { Plan } from '../scenario/plan.ts';
import { compileSchedule } from '../schedule/schedule.ts';
import type { Sizing } from './sizing.ts';

/** A phase of the plan on the run's clock. */
export interface PlannedPhase {
  readonly name: string;
  readonly startUs: number;
  readonly endUs: number;
  /** Whether its figures count in the run's totals. */
  readonly isMeasured: boolean;
  /** Records that the schedule holds in it; null where that depends on the target (a closed loop). */
  readonly scheduled: number | null;
  /** Whether its rate, or its concurrency, is the same from start to end. */
  readonly isConstantRate: boolean;
}

/**
 * The phases one after the other, from time 0, with what the one global schedule holds in each.
 * @throws ShardstormError SHARDSTORM_SCENARIO_INVALID when the plan's files or templates cannot be used
 */
export function planPhases(
  plan: Plan,
  own: Pick<Sizing, 'producers' | 'share'> = { producers: 1, share: WHOLE },
): PlannedPhase[] {
  checkInputs(plan);
  const { phases, arrival, seed } = plan.load;
  const schedule = compileSchedule({ phases, arrival, seed, replayTimesUs: replayTimesOf(plan) });
  return phases.map(({ name, measure, rate }, i) => {
    const { startUs = 0, endUs = 0, closed = false } = schedule.phases[i] ?? {};
    const scheduled = closed ? null : schedule.recordsInShare(i, own.producers, own.share);
    // An idle phase has no figures that could settle.
    const isConstantRate =
      rate.kind === 'closed' || (rate.kind === 'constant' && rate.perSecond > 0);
    return { name, startUs, endUs, isMeasured: measure, scheduled, isConstantRate };
  });
}

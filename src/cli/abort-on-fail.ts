import type { Summary, ThresholdOutcome } from '../results/summary.ts';
import { isUndecided, NO_DATA } from '../results/thresholds.ts';
import type { ThresholdPlan } from '../scenario/plan.ts';

/**
 * The first threshold that may end the run and has failed by now; null when none has. One without enough data yet says nothing.
 * @param summarise the summary of the run so far; made only when a threshold may be judged
 */
export function findAbort(
  thresholds: readonly ThresholdPlan[],
  nowUs: number,
  summarise: () => Summary,
): ThresholdOutcome | null {
  const due = thresholds.map(({ abortOnFail, delayUs }) => abortOnFail && nowUs >= delayUs);
  if (!due.includes(true)) return null;
  const outcomes = summarise().thresholds;
  const hasBroken = (o: ThresholdOutcome) =>
    !o.held && !isUndecided(o) && !o.note.startsWith(NO_DATA);
  return outcomes.find((o, i) => due[i] && hasBroken(o)) ?? null;
}

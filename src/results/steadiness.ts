/**
 * Judgements on a phase's seconds: whether it settled, and how sure its means are. In: the series of measure/. Out: parts
 * of summary.json. Only phases with one constant rate can settle, so only they are judged.
 */
import {
  acceptedRates,
  responseMeansUs,
  type SecondPoint,
  type SecondSeries,
} from '../measure/second-series.ts';
import { estimateMean } from '../statistics/batch-means.ts';
import { judgeSteadyState } from '../statistics/steady-state.ts';
import type { SteadyStateSummary } from './summary.ts';
import type { Finding } from './warnings.ts';

/** Seconds that an error bar needs: in fewer, how much they resemble one another cannot be told. */
export const SECONDS_MIN = 20;
/** Seconds at the start of a phase that its series leaves out (measure/merge.ts). */
const LEFT_OUT_SECONDS = 1;

/** A phase's steady state; null when it was too short to tell. */
export function steadyStateOf(
  phase: string,
  series: SecondSeries,
  stoppedUs: number | null,
): SteadyStateSummary | null {
  const points = series.points(stoppedUs ?? Number.POSITIVE_INFINITY);
  const response = judgeSteadyState(responseMeansUs(points));
  const accepted = judgeSteadyState(acceptedRates(points));
  if (accepted === null) return null;
  const isByResponse =
    response !== null &&
    (response.hasSettled
      ? accepted.hasSettled && response.transientValues > accepted.transientValues
      : true);
  const state = isByResponse ? response : accepted;
  const by = isByResponse ? 'response' : 'accepted';
  const values = state.transientValues;
  const seconds = values === 0 ? 0 : LEFT_OUT_SECONDS + values * series.pointSeconds;
  const settledAfterMs = state.hasSettled ? seconds * 1000 : null;
  return { phase, reached: state.hasSettled, settledAfterMs, by };
}

/** The one to tell first: not reached before late. */
export function worstSteadyState(
  states: readonly SteadyStateSummary[],
): SteadyStateSummary | undefined {
  const rank = ({ settledAfterMs }: SteadyStateSummary) =>
    settledAfterMs ?? Number.POSITIVE_INFINITY;
  return states.reduce<SteadyStateSummary | undefined>(
    (worst, state) => (worst === undefined || rank(state) > rank(worst) ? state : worst),
    undefined,
  );
}

/** What is worth a warning. */
export function checkSteadyState(states: readonly SteadyStateSummary[]): Finding[] {
  return states.flatMap(({ phase, settledAfterMs, by }): Finding[] => {
    if (settledAfterMs === null) return [{ kind: 'never-settled', phase, by }];
    if (settledAfterMs === 0) return [];
    return [{ kind: 'transient', phase, by, settledAfterUs: settledAfterMs * 1000 }];
  });
}

/** Half the width of the 95 % interval of the accepted records a second; null with too few seconds. */
export function acceptedHalfWidth(points: readonly SecondPoint[]): number | null {
  if (points.length < SECONDS_MIN) return null;
  return estimateMean(acceptedRates(points))?.halfWidth ?? null;
}

/** Holm's step-down correction: several questions asked at once, and still at most alpha chance of any false alarm. */

/** What the correction makes of one question. */
export interface HolmStep {
  /** To be compared with alpha itself. */
  readonly adjustedP: number;
  /** The level that this question is judged at, so that its interval and its p-value agree. */
  readonly alpha: number;
  readonly isRejected: boolean;
}

/**
 * The smallest of m p-values is held against alpha/m, the next against alpha/(m−1) …; from the first that does not pass
 * on, all are judged at the level where it stopped.
 * @param pValues in any order
 * @returns one step a p-value, in the same order
 */
export function holm(pValues: readonly number[], alpha: number): HolmStep[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const steps = new Array<HolmStep>(pValues.length);
  let adjustedP = 0;
  let level = alpha;
  let isStopped = false;
  order.forEach(({ p, index }, place) => {
    const left = pValues.length - place;
    adjustedP = Math.max(adjustedP, Math.min(1, p * left));
    if (!isStopped) {
      level = alpha / left;
      isStopped = p > level;
    }
    steps[index] = { adjustedP, alpha: level, isRejected: !isStopped };
  });
  return steps;
}

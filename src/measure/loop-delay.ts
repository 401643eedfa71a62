/** Delays of an event loop as a sampling timer saw them, in microseconds. */
export interface DelaySamples {
  readonly count: number;
  readonly meanUs: number;
  /** The r-th longest time between two samples, r = 1 … count. */
  readonly longestUs: (rank: number) => number;
}

/** Share of the time that may wait longer than a p99. */
const TAIL_SHARE = 0.01;
/** Longest samples looked at: where so many are needed, none of them was long. */
const RANKS_MAX = 64;

/**
 * How long the event loop keeps one moment in a hundred waiting. A timer that samples the loop cannot fire while the loop is
 * blocked, so a block of 20 ms is one sample among a thousand and a percentile of samples does not see it (coordinated
 * omission). Here each moment counts: in a block of b, the share of moments that wait longer than x is b − x. Wanted is the
 * x at which all blocks together leave a hundredth of the time: Σ max(0, b − x) = T / 100.
 * @param resolutionUs the sampling timer's own period, which is no delay
 */
export function loopDelayP99Us(samples: DelaySamples, resolutionUs: number): number {
  const tailUs = TAIL_SHARE * samples.meanUs * samples.count;
  const ranks = Math.min(RANKS_MAX, samples.count);
  let sumUs = 0;
  for (let rank = 1; rank <= ranks; rank++) {
    sumUs += blockUs(samples.longestUs(rank), resolutionUs);
    const delayUs = (sumUs - tailUs) / rank;
    const next = rank === samples.count ? 0 : samples.longestUs(rank + 1);
    if (delayUs >= blockUs(next, resolutionUs)) return Math.max(0, delayUs);
  }
  return ranks === 0 ? 0 : blockUs(samples.longestUs(ranks), resolutionUs);
}

/** A block begins anywhere between two samples, so the time between them is longer by half the period in the mean. */
function blockUs(betweenUs: number, resolutionUs: number): number {
  return betweenUs > 2 * resolutionUs
    ? betweenUs - resolutionUs / 2
    : Math.max(0, betweenUs - resolutionUs);
}

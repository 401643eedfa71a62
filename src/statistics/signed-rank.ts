/**
 * Wilcoxon's signed-rank statistic under "no difference": V is the sum of those ranks 1 … n whose difference is above
 * zero, each with chance one half. Every subset of the ranks is equally likely, so the distribution is counted, not
 * approximated. V is also the number of Walsh averages above zero, which is what turns the test into an interval.
 */
import { normalCdf } from './normal.ts';

/** Beyond this many differences the normal approximation is closer than anybody can see, and counting slow. */
const EXACT_MAX = 200;

/**
 * P(V ≤ v) for v = 0, 1, … n(n+1)/2.
 * @param n number of differences, 0 … 200
 */
function signedRankDistribution(n: number): Float64Array {
  const sums = (n * (n + 1)) / 2 + 1;
  // Chances instead of counts: 2^200 subsets would not fit a double exactly, halves do not overflow.
  const chance = new Float64Array(sums);
  chance[0] = 1;
  for (let rank = 1; rank <= n; rank++) {
    for (let sum = (rank * (rank + 1)) / 2; sum >= 0; sum--) {
      const without = chance[sum] as number;
      const within = sum >= rank ? (chance[sum - rank] as number) : 0;
      chance[sum] = (without + within) / 2;
    }
  }
  for (let sum = 1; sum < sums; sum++) {
    chance[sum] = (chance[sum] as number) + (chance[sum - 1] as number);
  }
  return chance;
}

/** P(V ≤ v): exact to 200 differences, beyond by the normal approximation with continuity correction. */
export function signedRankTail(n: number, v: number): number {
  if (v < 0) return 0;
  const most = (n * (n + 1)) / 2;
  if (v >= most) return 1;
  if (n <= EXACT_MAX) return signedRankDistribution(n)[Math.floor(v)] as number;
  const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
  return normalCdf((Math.floor(v) + 0.5 - most / 2) / deviation);
}

/**
 * Which Walsh average bounds the interval: the k-th smallest and the k-th largest hold the true difference with a
 * confidence of at least 1 − alpha.
 * @returns k, from 1; 0: so few differences cannot give that confidence
 */
export function signedRankIndex(n: number, alpha: number): number {
  if (n <= EXACT_MAX) {
    const chance = signedRankDistribution(n);
    let k = 0;
    while (k < chance.length && 2 * (chance[k] as number) <= alpha) k++;
    return k;
  }
  // Bisection for the largest k with 2·P(V ≤ k−1) ≤ alpha.
  let low = 0;
  let high = (n * (n + 1)) / 4;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (2 * signedRankTail(n, middle - 1) <= alpha) low = middle;
    else high = middle;
  }
  return low;
}

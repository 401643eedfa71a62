/**
 * Mann and Whitney's U under "no difference": of all m·n pairs, those in which the second sample's value is the larger.
 * Counted exactly to 20 values a sample; beyond, the normal approximation with the correction for ties.
 */
import { normalCdf } from './normal.ts';
import { ascending } from './order-statistics.ts';

const EXACT_MAX = 20;

/** P(U ≤ u) for u = 0 … m·n. Recursion f(m, n, u) = f(m−1, n, u−n) + f(m, n−1, u) over counts. */
function exactDistribution(m: number, n: number): Float64Array {
  const size = m * n + 1;
  // counts[j] holds f(i, j, ·) for the current i; at most C(40, 20) = 1.4e11, exact in a double.
  let counts = Array.from({ length: n + 1 }, () => single(size));
  for (let i = 1; i <= m; i++) {
    const next = [single(size)];
    for (let j = 1; j <= n; j++) {
      const row = new Float64Array(size);
      const fewerFirst = counts[j] as Float64Array;
      const fewerSecond = next[j - 1] as Float64Array;
      for (let u = 0; u < size; u++) {
        const shifted = u >= j ? (fewerFirst[u - j] as number) : 0;
        row[u] = shifted + (fewerSecond[u] as number);
      }
      next.push(row);
    }
    counts = next;
  }
  return cumulative(counts[n] as Float64Array);
}

function single(size: number): Float64Array {
  const row = new Float64Array(size);
  row[0] = 1;
  return row;
}

function cumulative(counts: Float64Array): Float64Array {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let sum = 0;
  return counts.map((count) => {
    sum += count;
    return sum / total;
  });
}

/**
 * P(U ≤ u).
 * @param tieSizes how many values each group of equal values of both samples together has; only for large samples
 */
export function mannWhitneyTail(
  m: number,
  n: number,
  u: number,
  tieSizes: readonly number[] = [],
): number {
  if (u < 0) return 0;
  if (u >= m * n) return 1;
  if (m <= EXACT_MAX && n <= EXACT_MAX) return exactDistribution(m, n)[Math.floor(u)] as number;
  const deviation = Math.sqrt(normalVariance(m, n, tieSizes));
  if (deviation === 0) return 1;
  return normalCdf((Math.floor(u) + 0.5 - (m * n) / 2) / deviation);
}

/** mn/12 · ((N+1) − Σ(t³−t)/(N(N−1))). */
function normalVariance(m: number, n: number, tieSizes: readonly number[]): number {
  const all = m + n;
  const ties = tieSizes.reduce((sum, size) => sum + (size ** 3 - size), 0);
  return ((m * n) / 12) * (all + 1 - ties / (all * (all - 1)));
}

/**
 * Which of the m·n differences bounds the interval: the k-th smallest and the k-th largest hold the true shift with a
 * confidence of at least 1 − alpha.
 * @returns k, from 1; 0: samples this small cannot give that confidence
 */
export function mannWhitneyIndex(
  m: number,
  n: number,
  alpha: number,
  tieSizes: readonly number[] = [],
): number {
  const tail =
    m <= EXACT_MAX && n <= EXACT_MAX
      ? exactDistribution(m, n)
      : { at: (u: number) => mannWhitneyTail(m, n, u, tieSizes) };
  let low = 0;
  let high = (m * n) / 2 + 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (2 * (tail.at(middle - 1) ?? 1) <= alpha) low = middle;
    else high = middle;
  }
  return low;
}

/** Sizes of the groups of equal values, those of one value left out. */
export function tieSizes(values: readonly number[]): number[] {
  const sizes: number[] = [];
  let size = 0;
  let previous = Number.NaN;
  for (const value of ascending(values)) {
    size = value === previous ? size + 1 : 1;
    if (size === 2) sizes.push(2);
    else if (size > 2) sizes[sizes.length - 1] = size;
    previous = value;
  }
  return sizes;
}

/**
 * Cliff's delta: chance that a value of `b` is above one of `a`, less the chance that it is below; −1 … 1, 0: no
 * tendency.
 */
export function cliffsDelta(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return 0;
  let balance = 0;
  for (const first of a) for (const second of b) balance += Math.sign(second - first);
  return balance / (a.length * b.length);
}

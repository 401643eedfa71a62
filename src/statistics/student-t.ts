/** Student's t with a whole number of degrees of freedom, where samples are too few for the normal distribution. */
import { normalCdf } from './normal.ts';

/** Beyond this the normal distribution is closer than the series is exact. */
const DEGREES_MAX = 2000;

/**
 * P(|T| > |t|), by the finite series of Abramowitz and Stegun, 26.7.3 and 26.7.4.
 * @param degrees degrees of freedom, a whole number from 1
 */
export function studentTwoSided(t: number, degrees: number): number {
  const size = Math.abs(t);
  if (size === Number.POSITIVE_INFINITY) return 0;
  if (degrees > DEGREES_MAX) return 2 * normalCdf(-size);
  const angle = Math.atan(size / Math.sqrt(degrees));
  const cosine = Math.cos(angle);
  const isOdd = degrees % 2 === 1;
  // Terms c, 2/3·c³, 2·4/(3·5)·c⁵ … for odd degrees, 1, 1/2·c², 1·3/(2·4)·c⁴ … for even ones.
  let term = isOdd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let i = isOdd ? 3 : 2; i <= degrees - 2; i += 2) {
    term *= ((i - 1) / i) * cosine * cosine;
    sum += term;
  }
  const inside = isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
  return Math.min(1, Math.max(0, 1 - inside));
}

/** The t with P(|T| > t) = p, 0 < p < 1, by bisection. */
export function studentQuantile(p: number, degrees: number): number {
  let low = 0;
  let high = 1;
  while (studentTwoSided(high, degrees) > p && high < 1e12) high *= 2;
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (studentTwoSided(middle, degrees) > p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Count, mean, and sum of squared deviations from it. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly squares: number;
}

export function momentsOf(values: ArrayLike<number>, from = 0, to = values.length): Moments {
  const count = to - from;
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i] as number;
  const mean = count === 0 ? 0 : sum / count;
  let squares = 0;
  for (let i = from; i < to; i++) squares += ((values[i] as number) - mean) ** 2;
  return { count, mean, squares };
}

/**
 * Two-sided p for "both samples have the same mean", with one variance for both. Below three values together nothing can
 * be told and it is 1.
 */
export function pooledTTest(first: Moments, second: Moments): number {
  const degrees = first.count + second.count - 2;
  if (first.count === 0 || second.count === 0 || degrees < 1) return 1;
  const difference = second.mean - first.mean;
  const variance = (first.squares + second.squares) / degrees;
  const error = Math.sqrt(variance * (1 / first.count + 1 / second.count));
  if (error === 0) return difference === 0 ? 1 : 0;
  return studentTwoSided(difference / error, degrees);
}

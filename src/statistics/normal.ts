/** The standard normal distribution, where exact distributions would take too long. */

/**
 * P(Z ≤ z), by a Chebyshev fit of the complementary error function (Numerical Recipes in C, 2nd edition, section 6.2):
 * relative error below 1.2e-7 everywhere.
 */
export function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  let sum = 0;
  for (let i = ERFC_COEFFICIENTS.length - 1; i >= 0; i--) {
    sum = (ERFC_COEFFICIENTS[i] as number) + t * sum;
  }
  const tail = 0.5 * t * Math.exp(-x * x + sum);
  return z > 0 ? 1 - tail : tail;
}

/** Of the exponent, lowest power first. */
const ERFC_COEFFICIENTS = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
  -0.82215223, 0.17087277,
] as const;

/** The z with P(Z ≤ z) = p, 0 < p < 1, by bisection: it is asked for a few times a comparison. */
export function normalQuantile(p: number): number {
  let low = -9;
  let high = 9;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

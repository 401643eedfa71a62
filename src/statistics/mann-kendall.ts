/**
 * Whether a series rises. In: values in order. Out: the Mann-Kendall statistic as a standard normal, and Sen's slope.
 * Neither asks for a distribution, and both ignore single spikes (Mann 1945; Kendall 1975; Sen 1968).
 */
export interface Trend {
  /** Above 1.645 the series rises, with 5 % of false alarms. 0 below four values. */
  readonly z: number;
  /** Median rise from one value to the next. */
  readonly slope: number;
}

const VALUES_MIN = 4;

export function mannKendall(values: readonly number[]): Trend {
  const n = values.length;
  if (n < VALUES_MIN) return { z: 0, slope: 0 };
  let sum = 0;
  const slopes: number[] = [];
  for (let later = 1; later < n; later++) {
    for (let earlier = 0; earlier < later; earlier++) {
      const rise = (values[later] as number) - (values[earlier] as number);
      sum += Math.sign(rise);
      slopes.push(rise / (later - earlier));
    }
  }
  slopes.sort((a, b) => a - b);
  const variance = (n * (n - 1) * (2 * n + 5) - tieTerm(values)) / 18;
  // The continuity correction: S is a whole number.
  const corrected = sum - Math.sign(sum);
  const z = variance <= 0 ? 0 : corrected / Math.sqrt(variance);
  return { z, slope: median(slopes) };
}

/** Σ t (t − 1) (2t + 5) over groups of t equal values. */
function tieTerm(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let term = 0;
  for (const t of counts.values()) term += t * (t - 1) * (2 * t + 5);
  return term;
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  const above = sorted[Math.floor(middle)] ?? 0;
  return Number.isInteger(middle) ? (above + (sorted[middle - 1] ?? 0)) / 2 : above;
}

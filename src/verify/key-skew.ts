/**
 * How keys are chosen, from how often they were seen: alike, a few hot ones, or by Zipf's law. Fitted by two moments that
 * sampling does not bias: how many different keys n draws bring, and how often two draws are the same key, Σp² (counts
 * sorted by rank would make the luck of the draw look like skew). Pure.
 */

export type KeySkew =
  | { readonly kind: 'uniform'; readonly cardinality: number }
  | {
      readonly kind: 'hot';
      /** Of all records, that of the hot keys. */
      readonly share: number;
      readonly keys: number;
      /** Others, all alike. */
      readonly cardinality: number;
    }
  | { readonly kind: 'zipf'; readonly cardinality: number; readonly exponent: number };

/** Hot keys that are looked for. */
const HOT_MAX = 10;
/** A hot key is this many times as frequent as the others are on average. */
const HOT_TIMES = 10;
/** Share by which Σp² may be off and keys still count as alike, besides what chance allows. */
const ALIKE_TOLERANCE = 0.1;
/** No more keys than this are told apart from "always new ones". */
const CARDINALITY_MAX = 10_000_000;
const EXPONENT_MAX = 3;
const STEPS = 40;
/** Ranks that are summed one by one, and the width of the bins behind them. */
const EXACT_RANKS = 200;
const BIN_RATIO = 1.05;

/**
 * @param counts of keys that were counted one by one, descending
 * @param distinct different keys in all
 * @param total records in all
 */
export function keySkew(counts: readonly number[], distinct: number, total: number): KeySkew {
  if (distinct < 2) return { kind: 'uniform', cardinality: Math.max(1, distinct) };
  for (let hot = 0; hot <= Math.min(HOT_MAX, distinct - 2); hot++) {
    const hotRecords = sum(counts.slice(0, hot));
    const others = alike(counts.slice(hot), distinct - hot, total - hotRecords);
    if (others === null) continue;
    if (hot === 0) return { kind: 'uniform', cardinality: others };
    if ((counts[hot - 1] as number) * others < HOT_TIMES * (total - hotRecords)) break;
    return { kind: 'hot', share: hotRecords / total, keys: hot, cardinality: others };
  }
  return zipf(sameKeyShare(counts, total), distinct, total);
}

/** How many keys there are, if all are alike; null: they are not. */
function alike(counts: readonly number[], distinct: number, total: number): number | null {
  const cardinality = cardinalityOf(0, distinct, total);
  const expected = 1 / cardinality;
  // Pairs of the same key are few where keys are many, so chance plays a part: three standard deviations.
  const pairs = (total * total * expected) / 2;
  const tolerance = ALIKE_TOLERANCE + 3 / Math.sqrt(Math.max(1, pairs));
  return Math.abs(sameKeyShare(counts, total) / expected - 1) <= tolerance ? cardinality : null;
}

/** Unbiased estimate of Σp²: how likely it is that two records have the same key. */
function sameKeyShare(counts: readonly number[], total: number): number {
  let pairs = 0;
  for (const count of counts) pairs += count * (count - 1);
  return pairs / Math.max(1, total * (total - 1));
}

function zipf(sameKey: number, distinct: number, total: number): KeySkew {
  let low = 0;
  let high = EXPONENT_MAX;
  for (let step = 0; step < STEPS; step++) {
    const exponent = (low + high) / 2;
    const cardinality = cardinalityOf(exponent, distinct, total);
    const { squares } = moments(exponent, cardinality, total);
    if (squares < sameKey) low = exponent;
    else high = exponent;
  }
  const exponent = (low + high) / 2;
  return { kind: 'zipf', cardinality: cardinalityOf(exponent, distinct, total), exponent };
}

/** The number of keys of which that many draws bring `distinct` different ones. */
function cardinalityOf(exponent: number, distinct: number, total: number): number {
  let low = Math.log(distinct);
  let high = Math.log(Math.max(distinct, CARDINALITY_MAX));
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (moments(exponent, Math.exp(middle), total).distinct < distinct) low = middle;
    else high = middle;
  }
  return Math.max(distinct, Math.round(Math.exp((low + high) / 2)));
}

/** What `total` draws bring on average, and Σp². */
function moments(
  exponent: number,
  cardinality: number,
  total: number,
): { readonly distinct: number; readonly squares: number } {
  const ranks = rankBins(cardinality);
  let harmonic = 0;
  for (const [rank, width] of ranks) harmonic += width * rank ** -exponent;
  let distinct = 0;
  let squares = 0;
  for (const [rank, width] of ranks) {
    const p = rank ** -exponent / harmonic;
    distinct += width * -Math.expm1(-total * p);
    squares += width * p * p;
  }
  return { distinct, squares };
}

/** Ranks 1 … cardinality: the first one by one, then bins with their middle and width. */
function rankBins(cardinality: number): readonly (readonly [rank: number, width: number])[] {
  const bins: (readonly [number, number])[] = [];
  const exact = Math.min(EXACT_RANKS, Math.floor(cardinality));
  for (let rank = 1; rank <= exact; rank++) bins.push([rank, 1]);
  for (let from = exact + 0.5; from < cardinality + 0.5; ) {
    const to = Math.min(cardinality + 0.5, from * BIN_RATIO);
    bins.push([Math.sqrt(from * to), to - from]);
    from = to;
  }
  return bins;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

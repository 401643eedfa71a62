import { RANDOM_STREAMS, randomStream, streamUnit53 } from '../core/random.ts';
import { AliasTable } from './alias-table.ts';
import type { PartitionKey } from './kinds.ts';

/** The number of a record's key, 0 … cardinality-1, from the number of the record. */
export type RankDraw = (index: number) => number;

/** Up to here a Zipf distribution is held as a table of 12 bytes a key; it is drawn by rejection above. */
const ZIPF_TABLE_KEYS_MAX = 1 << 17;
/** Rejections in a row at the most; each happens with a probability below one half. */
const ZIPF_ATTEMPTS_MAX = 64;
/** Draws for further attempts come from streams this far apart, clear of every other purpose. */
const ATTEMPT_STREAMS = 32;

/** Keys that are named by a number. */
export type RankedKey = Exclude<PartitionKey, { kind: 'template' | 'column' }>;

/** How ranks are drawn for a kind of partition key. */
export function rankDraw(key: RankedKey, seed: number): RankDraw {
  const stream = randomStream(seed, RANDOM_STREAMS.partitionKey);
  const unit = (index: number) => streamUnit53(stream, index);
  switch (key.kind) {
    case 'uniform':
      return (index) => Math.floor(unit(index) * key.cardinality);
    case 'sequential':
      return (index) => index % key.cardinality;
    case 'hot': {
      const { share, keys, cardinality } = key;
      return (index) => {
        const u = unit(index);
        return u < share
          ? Math.floor((u / share) * keys)
          : keys + Math.min(cardinality - 1, Math.floor(((u - share) / (1 - share)) * cardinality));
      };
    }
    case 'zipf':
      return zipfDraw(key.cardinality, key.exponent, seed);
  }
}

function zipfDraw(cardinality: number, exponent: number, seed: number): RankDraw {
  if (cardinality > ZIPF_TABLE_KEYS_MAX) return zipfByRejection(cardinality, exponent, seed);
  const weights = new Float64Array(cardinality);
  for (let k = 1; k <= cardinality; k++) weights[k - 1] = k ** -exponent;
  const table = new AliasTable(weights);
  const stream = randomStream(seed, RANDOM_STREAMS.partitionKey);
  return (index) => table.draw(streamUnit53(stream, index));
}

/**
 * Rejection-inversion (W. Hörmann, G. Derflinger, "Rejection-inversion to generate variates from monotone discrete
 * distributions", ACM TOMACS 6(3), 1996): H is an integral of x^-s, drawn by its inverse and rounded; the bar of k is
 * accepted where the curve covers it. Exact for every exponent, with no table.
 */
function zipfByRejection(cardinality: number, exponent: number, seed: number): RankDraw {
  const integral = (x: number) => {
    const logX = Math.log(x);
    return expm1Ratio((1 - exponent) * logX) * logX;
  };
  const inverse = (y: number) => {
    const t = Math.max(-1, y * (1 - exponent));
    return Math.exp(log1pRatio(t) * y);
  };
  const low = integral(1.5) - 1;
  const high = integral(cardinality + 0.5);
  // A draw within this distance above its rounded value needs no look at the curve.
  const sure = 2 - inverse(integral(2.5) - 2 ** -exponent);
  return (index) => {
    for (let attempt = 0; attempt < ZIPF_ATTEMPTS_MAX; attempt++) {
      const stream = RANDOM_STREAMS.partitionKey + attempt * ATTEMPT_STREAMS;
      const y = high + streamUnit53(randomStream(seed, stream), index) * (low - high);
      const x = inverse(y);
      const k = Math.min(cardinality, Math.max(1, Math.round(x)));
      if (k - x <= sure || y >= integral(k + 0.5) - k ** -exponent) return k - 1;
    }
    return 0;
  };
}

/** (e^t - 1) / t, and its limit at 0. */
function expm1Ratio(t: number): number {
  return Math.abs(t) > 1e-8 ? Math.expm1(t) / t : 1 + t / 2;
}

/** ln(1 + t) / t, and its limit at 0. */
function log1pRatio(t: number): number {
  return Math.abs(t) > 1e-8 ? Math.log1p(t) / t : 1 - t / 2;
}

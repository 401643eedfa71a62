/**
 * Ranks by Zipf's law: rank k, from 1, with a probability proportional to k^-s. In: the number of a record. Out: its rank,
 * from 0. Every rank has its exact probability, and a draw costs the same for a thousand keys and for a billion.
 */
import { RANDOM_STREAMS, randomStream, streamUnit53 } from '../core/random.ts';
import { AliasTable } from './alias-table.ts';

/** Up to here each rank has its column in the alias table: 128 KiB. */
const TABLE_KEYS_MAX = 1 << 14;
/** Of more ranks, so many have columns of their own; those behind share columns, in bins. */
const SINGLE_RANKS = 1 << 10;
/** In a bin the first rank is more probable than the last by this factor at the most: so few draws are rejected. */
const BIN_RATIO_MAX = 17 / 16;
/** Rejections in a row at the most; each happens with a probability below one seventeenth. */
const ATTEMPTS_MAX = 16;
/** Further draws for a record come from streams this far apart, clear of every other purpose. */
const DRAW_STREAMS = 32;

/** How ranks 0 … cardinality-1 are drawn. */
export function zipfDraw(
  cardinality: number,
  exponent: number,
  seed: number,
): (index: number) => number {
  return cardinality > TABLE_KEYS_MAX
    ? drawByBins(cardinality, exponent, seed)
    : drawByTable(cardinality, exponent, seed);
}

function drawByTable(cardinality: number, exponent: number, seed: number) {
  const weights = new Float64Array(cardinality);
  for (let k = 1; k <= cardinality; k++) weights[k - 1] = k ** -exponent;
  const table = new AliasTable(weights);
  const stream = randomStream(seed, RANDOM_STREAMS.partitionKey);
  return (index: number) => table.draw(streamUnit53(stream, index));
}

/**
 * By rejection from a step function: a bin is drawn as if all its ranks were as probable as its first, then a rank of it
 * evenly, which is taken with the probability that it has of the first's.
 */
function drawByBins(cardinality: number, exponent: number, seed: number) {
  const starts = binStarts(cardinality, exponent);
  const bins = starts.length - 1;
  const startOf = (bin: number) => starts[bin] as number;
  const weights = new Float64Array(bins);
  /** Below it a rank of the bin is taken without a look at its own probability. */
  const sure = new Float64Array(bins);
  for (let bin = 0; bin < bins; bin++) {
    const [first, end] = [startOf(bin), startOf(bin + 1)];
    weights[bin] = (end - first) * first ** -exponent;
    sure[bin] = ((end - 1) / first) ** -exponent;
  }
  const table = new AliasTable(weights);
  const streams = Int32Array.from({ length: 2 * ATTEMPTS_MAX }, (_, draw) =>
    randomStream(seed, RANDOM_STREAMS.partitionKey + draw * DRAW_STREAMS),
  );
  return (index: number) => {
    for (let draw = 0; draw < streams.length; draw += 2) {
      const bin = table.draw(streamUnit53(streams[draw] as number, index));
      if (bin < SINGLE_RANKS) return bin;
      const first = startOf(bin);
      const place = streamUnit53(streams[draw + 1] as number, index) * (startOf(bin + 1) - first);
      const offset = Math.floor(place);
      const height = place - offset;
      if (height < (sure[bin] as number) || height < (1 + offset / first) ** -exponent) {
        return first + offset - 1;
      }
    }
    return 0;
  };
}

/** First ranks of the bins, from 1, and one behind the last rank. */
function binStarts(cardinality: number, exponent: number): Float64Array {
  const starts = Array.from({ length: SINGLE_RANKS }, (_, k) => k + 1);
  const reach = BIN_RATIO_MAX ** (1 / exponent);
  for (let first = SINGLE_RANKS + 1; first <= cardinality; ) {
    starts.push(first);
    first = Math.max(first + 1, Math.floor(first * reach));
  }
  starts.push(cardinality + 1);
  return Float64Array.from(starts);
}

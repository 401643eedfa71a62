import { RANDOM_STREAMS, randomStream, streamUnit53 } from '../core/random.ts';
import { AliasTable } from './alias-table.ts';
import type { PayloadSize } from './kinds.ts';

/** Bytes of record `index`'s payload. */
export type SizeDraw = (index: number) => number;

/** Standard normal quantile of 0.99. */
const NORMAL_P99 = 2.3263478740408408;

/**
 * How sizes are drawn.
 * @param minBytes what the payload's stamp needs; a log-normal is cut off there and at its own maximum
 */
export function sizeDraw(size: PayloadSize, minBytes: number, seed: number): SizeDraw {
  const stream = randomStream(seed, RANDOM_STREAMS.payloadSize);
  const unit = (index: number) => streamUnit53(stream, index);
  switch (size.kind) {
    case 'fixed':
      return () => size.bytes;
    case 'uniform': {
      const span = size.maxBytes - size.minBytes + 1;
      return (index) => size.minBytes + Math.floor(unit(index) * span);
    }
    case 'lognormal': {
      const mu = Math.log(size.medianBytes);
      const sigma = Math.log(size.p99Bytes / size.medianBytes) / NORMAL_P99;
      return (index) => {
        const bytes = Math.round(Math.exp(mu + sigma * normalQuantile(unit(index))));
        return Math.max(minBytes, Math.min(size.maxBytes, bytes));
      };
    }
    case 'empirical': {
      const bytes = Uint32Array.from(size.sizes, (each) => each.bytes);
      const table = new AliasTable(size.sizes.map((each) => each.weight));
      return (index) => bytes[table.draw(unit(index))] as number;
    }
  }
}

/** Bytes of the largest payload that a size allows. */
export function sizeBytesMax(size: PayloadSize): number {
  switch (size.kind) {
    case 'fixed':
      return size.bytes;
    case 'empirical':
      return Math.max(...size.sizes.map((each) => each.bytes));
    default:
      return size.maxBytes;
  }
}

/** Bytes of the smallest payload that a size asks for; of a log-normal its median, since its tail is cut off. */
export function sizeBytesMin(size: PayloadSize): number {
  switch (size.kind) {
    case 'fixed':
      return size.bytes;
    case 'uniform':
      return size.minBytes;
    case 'lognormal':
      return size.medianBytes;
    case 'empirical':
      return Math.min(...size.sizes.map((each) => each.bytes));
  }
}

/**
 * The standard normal quantile, relative error below 1.2e-9 (P. J. Acklam's rational approximation, 2003).
 * @param unit in [0, 1); 0 is taken as the smallest draw that has 53 bits
 */
export function normalQuantile(unit: number): number {
  const p = Math.max(unit, 2 ** -54);
  if (p < TAIL) return tail(Math.sqrt(-2 * Math.log(p)));
  if (p > 1 - TAIL) return -tail(Math.sqrt(-2 * Math.log1p(-p)));
  const q = p - 0.5;
  const r = q * q;
  const over =
    ((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r +
      138.357751867269) *
      r -
      30.66479806614716) *
      r +
    2.506628277459239;
  const under =
    ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r +
      66.80131188771972) *
      r -
      13.28068155288572) *
      r +
    1;
  return (q * over) / under;
}

const TAIL = 0.02425;

function tail(q: number): number {
  const over =
    ((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q -
      2.549732539343734) *
      q +
      4.374664141464968) *
      q +
    2.938163982698783;
  const under =
    (((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q +
      3.754408661907416) *
      q +
    1;
  return over / under;
}

import type { Shares } from './heat.ts';
import type { LoadSample } from './sample.ts';

/** Standard errors of a share that may be chance. */
const NOISE_ERRORS = 3;

/**
 * Shares without the skew that a sample of this size shows by chance, or many shards would never look even. What is left
 * of a difference from the even share is the larger of two: what exceeds chance, and the part of the spread of all shards
 * that chance does not explain (few keys for many shards are uneven, though none of the shards stands out).
 */
export function withoutNoise({ records, bytes }: Shares, sample: LoadSample): Shares {
  const { count, payloadVariance, meanPayloadBytes } = sample;
  const weight = 1 + payloadVariance / Math.max(1, meanPayloadBytes) ** 2;
  return { records: calmed(records, count), bytes: calmed(bytes, count / weight) };
}

/** @param count independent records that the shares were counted from */
function calmed(shares: Float64Array, count: number): Float64Array {
  const even = 1 / shares.length;
  const chance = (even * (1 - even)) / count;
  const spread = shares.reduce((sum, share) => sum + (share - even) ** 2, 0) / shares.length;
  const real = spread > chance ? 1 - chance / spread : 0;
  const kept = shares.map((share) => {
    const away = share - even;
    const beyond = Math.abs(away) - NOISE_ERRORS * Math.sqrt(Math.max(share, even) / count);
    return even + Math.sign(away) * Math.max(beyond, real * Math.abs(away));
  });
  const sum = kept.reduce((total, share) => total + share, 0);
  return kept.map((share) => share / sum);
}

/**
 * Whether a key has more records than chance gives the luckiest of so many alike: the tail of a Poisson count falls by at
 * least e a record past three standard deviations, and each e-fold of keys is one more try.
 */
export function standsOut(keyCount: number, distinctKeys: number, sampleCount: number): boolean {
  const mean = sampleCount / distinctKeys;
  return keyCount > mean + NOISE_ERRORS * Math.sqrt(mean) + Math.log(distinctKeys) + NOISE_ERRORS;
}

import { SHARD_WRITE_BYTES_PER_SECOND, SHARD_WRITE_RECORDS_PER_SECOND } from '../kinesis/limits.ts';
import { type Packing, type PackingInput, packer, rateIntoAggregate } from './packing.ts';
import type { LoadSample } from './sample.ts';

/** Where open shards begin: the upper 32 bits of their first hash keys, ascending, and their numbers. */
export interface ShardRanges {
  readonly starts: Float64Array;
  readonly numbers: readonly number[];
}

const HASH_SPACE = 2 ** 32;

/** `count` shards of equal ranges, as a new stream has them. */
export function evenRanges(count: number): ShardRanges {
  const numbers = Array.from({ length: count }, (_, i) => i);
  return { numbers, starts: Float64Array.from(numbers, (i) => (i * HASH_SPACE) / count) };
}

/** Ranges of a stream's open shards. @param starts upper 32 bits of their first hash keys */
export function shardRanges(numbers: readonly number[], starts: readonly number[]): ShardRanges {
  const order = numbers.map((_, i) => i).sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0));
  return {
    numbers: order.map((i) => numbers[i] ?? 0),
    starts: Float64Array.from(order, (i) => starts[i] ?? 0),
  };
}

/** Ranges of a live stream's open shards. */
export function rangesOf(
  shards: readonly { readonly number: number; readonly startingHashKey: bigint }[],
): ShardRanges {
  return shardRanges(
    shards.map(({ number }) => number),
    shards.map(({ startingHashKey }) => Number(startingHashKey >> 96n)),
  );
}

/** Each shard's share of the user records and of the payload bytes, in the order of the ranges. */
export interface Shares {
  readonly records: Float64Array;
  readonly bytes: Float64Array;
}

export function sharesOf(sample: LoadSample, { starts }: ShardRanges): Shares {
  const records = new Float64Array(starts.length);
  const bytes = new Float64Array(starts.length);
  let byteSum = 0;
  for (let i = 0; i < sample.count; i++) {
    const shard = placeOf(starts, sample.hash[i] as number);
    const length = sample.payloadBytes[i] as number;
    records[shard] = (records[shard] as number) + 1 / sample.count;
    bytes[shard] = (bytes[shard] as number) + length;
    byteSum += length;
  }
  for (let shard = 0; shard < bytes.length; shard++) {
    bytes[shard] = (bytes[shard] as number) / Math.max(1, byteSum);
  }
  return { records, bytes };
}

function placeOf(starts: Float64Array, hash: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= hash) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** What one shard is asked to take. */
export interface ShardForecast extends Packing {
  readonly shard: number;
  readonly share: number;
  readonly userRecordsPerSecond: number;
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Of the nearer limit; above 1 it is asked for more than it takes. */
  readonly utilisation: number;
  readonly boundBy: 'records' | 'bytes';
  /** Chance that a second brings more than the limit: arrivals at random, each Kinesis record on its own. */
  readonly throttleChance: number;
  /** Share of the records that come when their second's limit is used up, in the mean. */
  readonly excessShare: number;
}

/** Every shard at a rate of user records into the stream. */
export function forecast(
  input: PackingInput,
  ranges: ShardRanges,
  shares: Shares,
  perSecond: number,
): ShardForecast[] {
  const pack = packer(input);
  return ranges.numbers.map((shard, i) => {
    const share = shares.records[i] as number;
    const userRecordsPerSecond = share * perSecond;
    const packed = pack(rateIntoAggregate(input, perSecond, share));
    const recordsPerSecond = userRecordsPerSecond / packed.userRecordsPerRecord;
    // A shard with larger payloads than the others has larger records.
    const size = share === 0 ? 1 : (shares.bytes[i] as number) / share;
    const bytesPerSecond = recordsPerSecond * packed.bytesPerRecord * size;
    const byRecords = recordsPerSecond / SHARD_WRITE_RECORDS_PER_SECOND;
    const byBytes = bytesPerSecond / SHARD_WRITE_BYTES_PER_SECOND;
    const utilisation = Math.max(byRecords, byBytes);
    return {
      ...packed,
      shard,
      share,
      userRecordsPerSecond,
      recordsPerSecond,
      bytesPerSecond,
      utilisation,
      boundBy: byRecords >= byBytes ? 'records' : 'bytes',
      throttleChance: excessChance(utilisation, recordsPerSecond),
      excessShare: excessShare(utilisation, recordsPerSecond),
    };
  });
}

/** The most used shard. */
export function hottest(shards: readonly ShardForecast[]): ShardForecast {
  return shards.reduce((a, b) => (b.utilisation > a.utilisation ? b : a));
}

/** Normal approximation of a Poisson count in one second above the limit. */
function excessChance(utilisation: number, recordsPerSecond: number): number {
  if (recordsPerSecond <= 0) return 0;
  const limit = recordsPerSecond / utilisation;
  return normalTail((limit - recordsPerSecond) / Math.sqrt(recordsPerSecond));
}

/** E[(N − L)⁺] / E[N] of a normal count N and the limit L: σ φ(z) − (L − μ) (1 − Φ(z)), z = (L − μ) / σ. */
function excessShare(utilisation: number, recordsPerSecond: number): number {
  if (recordsPerSecond <= 0) return 0;
  const sigma = Math.sqrt(recordsPerSecond);
  const above = recordsPerSecond / utilisation - recordsPerSecond;
  const z = above / sigma;
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  return Math.max(0, sigma * density - above * normalTail(z)) / recordsPerSecond;
}

/** Upper tail of the standard normal (Abramowitz and Stegun 26.2.17, error below 7.5e-8). */
function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const series =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}

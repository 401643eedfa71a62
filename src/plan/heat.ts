import { SHARD_WRITE_BYTES_PER_SECOND, SHARD_WRITE_RECORDS_PER_SECOND } from '../kinesis/limits.ts';
import { normalTail } from './normal.ts';
import {
  type Packed,
  type Packing,
  type PackingInput,
  packer,
  rateIntoAggregate,
} from './packing.ts';
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
  /** Chance that a second brings more than the limit. Not yet throttling: a shard lends a second's worth. */
  readonly throttleChance: number;
  /** Share of the records that come when what the shard lends is used up, in the long run. */
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
    const { userRecordsPerRecord, bytesPerRecord, closedBy } = packed;
    return {
      userRecordsPerRecord,
      bytesPerRecord,
      closedBy,
      shard,
      share,
      userRecordsPerSecond,
      recordsPerSecond,
      bytesPerSecond,
      utilisation,
      boundBy: byRecords >= byBytes ? 'records' : 'bytes',
      ...throttling(input, packed, { userRecordsPerSecond, recordsPerSecond, size }),
    };
  });
}

interface Arrivals {
  readonly userRecordsPerSecond: number;
  readonly recordsPerSecond: number;
  /** Payloads of the shard over those of all. */
  readonly size: number;
}

/** Both limits count: the nearer need not be the one that bursts. */
function throttling(
  input: PackingInput,
  packed: Packed,
  arrivals: Arrivals,
): Pick<ShardForecast, 'throttleChance' | 'excessShare'> {
  if (arrivals.recordsPerSecond <= 0) return { throttleChance: 0, excessShare: 0 };
  const both = flowsOf(input, packed, arrivals);
  return {
    throttleChance: Math.max(...both.map(chanceOfMore)),
    excessShare: Math.max(...both.map(refusedShare)),
  };
}

/** What comes into a shard, in units of one of its limits. */
interface Flow {
  readonly limit: number;
  readonly perSecond: number;
  /** Of what comes in one second. */
  readonly secondVariance: number;
  /** Of what comes in many, a second. */
  readonly longVariance: number;
  /** The most that must fit at once. */
  readonly lump: number;
}

/**
 * How unevenly Kinesis records come. User records come at random, and all their bytes with them: only those vary in the
 * long run. Aggregates close like clockwork, so that a second also holds one more or one less of each producer.
 */
function flowsOf(input: PackingInput, packed: Packed, arrivals: Arrivals): readonly Flow[] {
  const { sample, producers, profile } = input;
  const { userRecordsPerSecond, recordsPerSecond, size } = arrivals;
  const lump = packed.bytesPerRecord * size;
  // An aggregate of the whole stream falls into this shard or another, as its first key will have it.
  const isWhole = profile === 'a8m' && packed.loneShare < 1;
  const irregularity = isWhole ? 1 : packed.irregularity;
  const edges = (1 - irregularity) * producers * edgeVariance(recordsPerSecond / producers);
  const bytes = recordsPerSecond * lump;
  const perUserRecord = bytes / userRecordsPerSecond;
  const spread = sample.payloadVariance * size ** 2;
  const bytesVariance = isWhole
    ? recordsPerSecond * lump ** 2
    : userRecordsPerSecond * (perUserRecord ** 2 + spread);
  return [
    {
      limit: SHARD_WRITE_RECORDS_PER_SECOND,
      perSecond: recordsPerSecond,
      secondVariance: recordsPerSecond * irregularity + edges,
      longVariance: recordsPerSecond * irregularity,
      lump: 1,
    },
    {
      limit: SHARD_WRITE_BYTES_PER_SECOND,
      perSecond: bytes,
      secondVariance: bytesVariance + edges * lump ** 2,
      longVariance: bytesVariance,
      lump,
    },
  ];
}

/** Variance of the count in a second of what comes every so often: p (1 − p) when rarer than that, else the mean of it. */
function edgeVariance(perSecond: number): number {
  return perSecond < 1 ? perSecond * (1 - perSecond) : 1 / 6;
}

function chanceOfMore({ limit, perSecond, secondVariance }: Flow): number {
  return normalTail((limit - perSecond) / Math.sqrt(secondVariance));
}

/**
 * Share that is refused by a shard which refills at its limit and lends a second's worth: what is lent is a Brownian
 * motion with drift d = μ − L and variance σ² a second between 0 and B, which is pushed back at B at the rate
 * d / (1 − exp(−2 d B / σ²)) (Harrison, "Brownian Motion and Stochastic Flow Systems", two barriers).
 */
function refusedShare({ limit, perSecond, longVariance, lump }: Flow): number {
  const drift = perSecond - limit;
  const lent = Math.max(limit / 100, limit - lump);
  const exponent = (-2 * drift * lent) / longVariance;
  const refused =
    Math.abs(exponent) < 1e-6 ? longVariance / (2 * lent) : drift / -Math.expm1(exponent);
  return refused / perSecond;
}

/** The most used shard. */
export function hottest(shards: readonly ShardForecast[]): ShardForecast {
  return shards.reduce((a, b) => (b.utilisation > a.utilisation ? b : a));
}

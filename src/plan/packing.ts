import {
  AGGREGATE_DIGEST_BYTES,
  AGGREGATE_MAGIC_BYTES,
  varintBytes,
} from '../kinesis/aggregated-record.ts';
import type { ProducerPlan } from '../scenario/plan.ts';
import { normalTail } from './normal.ts';
import { BILLING_UNIT_BYTES, type BillingUnit, type LoadSample } from './sample.ts';

/** How a producer batches, and what it batches. */
export interface PackingInput {
  readonly sample: LoadSample;
  /** `a8m` aggregates for the whole stream, the others for each shard. */
  readonly profile: ProducerPlan['profile'];
  readonly aggregation: ProducerPlan['aggregation'];
  readonly maxBufferedTimeUs: number;
  readonly producers: number;
  readonly shards: number;
}

/** What the records of one shard become. Means. */
export interface Packing {
  /** 1 without aggregation. */
  readonly userRecordsPerRecord: number;
  /** Data and partition key. */
  readonly bytesPerRecord: number;
  /** What closes most aggregates. */
  readonly closedBy: 'alone' | 'time' | 'size' | 'count';
}

/** A packing with what its means hide: how sizes spread, and how evenly its Kinesis records come. */
export interface Packed extends Packing {
  /** Share of the Kinesis records that travel raw, alone. */
  readonly loneShare: number;
  /** Of those that hold several user records: mean, standard deviation, and the most, bytes. */
  readonly aggregate: { readonly bytes: number; readonly deviation: number; readonly max: number };
  /** Squared coefficient of variation of the time between a producer's Kinesis records: 1 at random, 0 like clockwork. */
  readonly irregularity: number;
}

/** The partition key of an aggregate ("a"), but for profiles that take the first record's. */
const CONTAINER_KEY_BYTES = 1;
/** Below this mean, records travel alone and raw. */
const COMPANY_MIN = 1.005;

/**
 * What aggregates of a shard hold at a rate of user records. An aggregate opens with a record and closes after the
 * buffering time, so it holds that record and those that come to the same producer and shard meanwhile, or as many as fit.
 * @returns the packing for a rate of user records a second into one shard, from all producers
 */
export function packer(input: PackingInput): (perSecond: number) => Packed {
  const { sample, aggregation, maxBufferedTimeUs, producers } = input;
  const alone: Packed = {
    userRecordsPerRecord: 1,
    bytesPerRecord: sample.meanPayloadBytes + sample.meanKeyBytes,
    closedBy: 'alone',
    loneShare: 1,
    aggregate: { bytes: 0, deviation: 0, max: 0 },
    irregularity: 1,
  };
  if (!aggregation.enabled || sample.meanPayloadBytes > aggregation.maxBytes) return () => alone;
  const isOwnKey = input.profile === 'shardstorm' || input.profile === 'kpl';
  const keyBytes = isOwnKey ? CONTAINER_KEY_BYTES : sample.meanKeyBytes;
  const { meanPayloadBytes, payloadVariance } = sample;
  // The record that no longer fits leaves a gap: half a record of the kind that a long stretch is hit by.
  const gap = (meanPayloadBytes + payloadVariance / Math.max(1, meanPayloadBytes)) / 2;
  const bySize = fitting(input, Math.max(meanPayloadBytes, aggregation.maxBytes - gap));
  return (perSecond) => {
    const openSeconds = maxBufferedTimeUs / 1e6;
    const byTime = 1 + (perSecond / producers) * openSeconds;
    const count = Math.min(byTime, bySize, aggregation.maxCount);
    if (count < COMPANY_MIN) return alone;
    const closedBy = count === byTime ? 'time' : count === bySize ? 'size' : 'count';
    // Company comes at random: with none, a record travels raw, and the others share what is left.
    const lone = Math.exp(1 - count);
    const company = 1 + (count - 1) / (1 - lone);
    const bytes = aggregateBytes(input, company) + keyBytes;
    const bytesPerRecord = lone * alone.bytesPerRecord + (1 - lone) * bytes;
    // A Poisson number of companions, of those stretches only that brought one.
    const companions = (count - 1 + (count - 1) ** 2) / (1 - lone) - (company - 1) ** 2;
    const countVariance = closedBy === 'time' ? companions : 0;
    const variance =
      closedBy === 'size'
        ? gap ** 2 / 3
        : countVariance * (bytes / company) ** 2 + company * payloadVariance;
    return {
      userRecordsPerRecord: count,
      bytesPerRecord,
      closedBy,
      loneShare: lone,
      aggregate: {
        bytes,
        deviation: Math.sqrt(variance),
        max: aggregation.maxBytes,
      },
      // By time: the buffering time, then a wait at random for the next record. By size or count: so many such waits.
      irregularity: closedBy === 'time' ? 1 / count ** 2 : 1 / count,
    };
  };
}

/**
 * Units that a Kinesis record is billed in the mean, each one rounded up.
 * @param size of the shard's payloads over the mean
 */
export function meanUnits(
  { loneShare, aggregate }: Packed,
  { rawUnits }: LoadSample,
  unit: BillingUnit,
  size: number,
): number {
  const raw = loneShare * rawUnits[unit];
  if (loneShare === 1) return raw;
  const unitBytes = BILLING_UNIT_BYTES[unit];
  const mean = Math.min(aggregate.bytes * size, aggregate.max);
  // E⌈X / u⌉ is the sum of P(X > k u) over k = 0, 1, 2 …
  const last = Math.ceil(aggregate.max / unitBytes);
  let units = 0;
  for (let k = 0; k < last; k++) {
    const above = mean - k * unitBytes;
    if (above < -6 * aggregate.deviation) break;
    units += normalTail(-above / Math.max(1e-9, aggregate.deviation));
  }
  return raw + (1 - loneShare) * Math.max(1, units);
}

/** The rate into one open aggregate, all producers together, where a shard gets `share` of `perSecond`. */
export function rateIntoAggregate(
  { profile, shards }: PackingInput,
  perSecond: number,
  share = 1 / shards,
): number {
  return profile === 'a8m' ? perSecond : perSecond * share;
}

/** User records that fit into `maxBytes`. */
function fitting(input: PackingInput, maxBytes: number): number {
  let low = 1;
  let high = Math.max(1, maxBytes / Math.max(1, input.sample.meanPayloadBytes));
  for (let i = 0; i < 24; i++) {
    const middle = (low + high) / 2;
    if (aggregateBytes(input, middle) <= maxBytes) low = middle;
    else high = middle;
  }
  return low;
}

/** Bytes of an aggregate of `count` user records: its frame, its table of keys, and each record with its heads. */
function aggregateBytes({ sample, shards }: PackingInput, count: number): number {
  const { meanPayloadBytes, meanKeyBytes } = sample;
  const keys = distinctKeys(sample, count, shards);
  const inner = 2 + varintBytes(Math.ceil(keys)) + varintBytes(meanPayloadBytes) + meanPayloadBytes;
  const record = 1 + varintBytes(inner) + inner;
  const key = 1 + varintBytes(meanKeyBytes) + meanKeyBytes;
  return AGGREGATE_MAGIC_BYTES + AGGREGATE_DIGEST_BYTES + keys * key + count * record;
}

/** Distinct keys among `count` records of one shard: as many as in a stretch of the load that holds so many for each. */
function distinctKeys({ distinctAtPowers }: LoadSample, count: number, shards: number): number {
  const exponent = Math.min(distinctAtPowers.length - 1, Math.log2(Math.max(1, count * shards)));
  const below = Math.floor(exponent);
  const low = distinctAtPowers[below] ?? 1;
  const high = distinctAtPowers[below + 1] ?? low;
  const length = 2 ** exponent;
  const distinct = low + (high - low) * (length / 2 ** below - 1);
  return Math.max(1, Math.min(count, (distinct / length) * count));
}

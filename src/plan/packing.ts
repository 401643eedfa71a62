import {
  AGGREGATE_DIGEST_BYTES,
  AGGREGATE_MAGIC_BYTES,
  varintBytes,
} from '../kinesis/aggregated-record.ts';
import type { ProducerPlan } from '../scenario/plan.ts';
import type { LoadSample } from './sample.ts';

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

/** The partition key of an aggregate ("a"), but for profiles that take the first record's. */
const CONTAINER_KEY_BYTES = 1;
/** Below this mean, records travel alone and raw. */
const COMPANY_MIN = 1.005;

/**
 * What aggregates of a shard hold at a rate of user records. An aggregate opens with a record and closes after the
 * buffering time, so it holds that record and those that come to the same producer and shard meanwhile, or as many as fit.
 * @returns the packing for a rate of user records a second into one shard, from all producers
 */
export function packer(input: PackingInput): (perSecond: number) => Packing {
  const { sample, aggregation, maxBufferedTimeUs, producers } = input;
  const alone: Packing = {
    userRecordsPerRecord: 1,
    bytesPerRecord: sample.meanPayloadBytes + sample.meanKeyBytes,
    closedBy: 'alone',
  };
  if (!aggregation.enabled || sample.meanPayloadBytes > aggregation.maxBytes) return () => alone;
  const isOwnKey = input.profile === 'shardstorm' || input.profile === 'kpl';
  const keyBytes = isOwnKey ? CONTAINER_KEY_BYTES : sample.meanKeyBytes;
  const bySize = fitting(input, aggregation.maxBytes);
  return (perSecond) => {
    const byTime = 1 + (perSecond / producers) * (maxBufferedTimeUs / 1e6);
    const count = Math.min(byTime, bySize, aggregation.maxCount);
    if (count < COMPANY_MIN) return alone;
    const closedBy = count === byTime ? 'time' : count === bySize ? 'size' : 'count';
    // Company comes at random: with none, a record travels raw, and the others share what is left.
    const lone = Math.exp(1 - count);
    const company = 1 + (count - 1) / (1 - lone);
    const aggregate = aggregateBytes(input, company) + keyBytes;
    const bytesPerRecord = lone * alone.bytesPerRecord + (1 - lone) * aggregate;
    return { userRecordsPerRecord: count, bytesPerRecord, closedBy };
  };
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

/**
 * What a run on a real stream will cost at the most, before it starts: the figure that a person says yes to. In: a plan.
 * Out: an amount and what it rests on. Where something is not known yet it is taken as dear.
 */
import {
  ON_DEMAND_STEP_BYTES,
  PUT_UNIT_BYTES,
  SHARD_WRITE_BYTES_PER_SECOND,
  SHARD_WRITE_RECORDS_PER_SECOND,
} from '../kinesis/limits.ts';
import type { PhasePlan, Plan } from '../scenario/plan.ts';
import { meanPayloadBytes } from '../scenario/resolve-rates.ts';
import { compileSchedule } from '../schedule/schedule.ts';
import { assumptionsOf } from './cost.ts';
import { defaultPrices, type PriceList, priceOf } from './prices.ts';

export interface RunCost {
  /** The dearer of the two modes, since the stream's is not known before it is asked. */
  readonly usd: number;
  readonly provisionedUsd: number;
  readonly onDemandUsd: number;
  /** User records and payload bytes that the run offers. */
  readonly records: number;
  readonly bytes: number;
  readonly seconds: number;
  /** What the figure rests on, one phrase each. */
  readonly assumptions: readonly string[];
  readonly priceListDate: string;
}

/** Where the payload's size is known only at run time. */
const UNKNOWN_PAYLOAD_BYTES = 1024;
/** Where the stream's shards are not known. */
const UNKNOWN_SHARDS = 200;
/** Where the number of producers is that of the threads: many producers make small aggregates. */
const UNKNOWN_PRODUCERS = 16;
/** A partition key and what an aggregate adds to a user record. */
const KEY_BYTES = 36;

/** The most that a run adds to the bill, retries left out: a refused record is not billed. */
export function estimateRunCost(plan: Plan, prices: PriceList = defaultPrices()): RunCost {
  const { phases } = plan.load;
  const meanBytes = meanPayloadBytes(plan.records, { meanLineBytes: () => null });
  const payloadBytes = Number.isFinite(meanBytes) ? meanBytes : UNKNOWN_PAYLOAD_BYTES;
  const shards = plan.target.create?.shards ?? null;
  const seconds = phases.reduce((sum, phase) => sum + phase.durationUs, 0) / 1e6;
  const records = phases.reduce((sum, phase) => sum + recordsOf(phase, plan, payloadBytes), 0);
  const perRecord = userRecordsPerRecord(plan, records / seconds, payloadBytes);
  const recordBytes = perRecord * (payloadBytes + KEY_BYTES);
  const kinesisRecords = records / perRecord;
  const load = {
    seconds,
    shards: shards ?? 0,
    putUnits: kinesisRecords * Math.ceil(recordBytes / PUT_UNIT_BYTES),
    roundedKib: kinesisRecords * Math.ceil(recordBytes / ON_DEMAND_STEP_BYTES),
  };
  // A stream that stands already is paid for anyway.
  const sum = (price: ReturnType<typeof priceOf>) =>
    price.trafficUsd + (shards === null ? 0 : price.streamUsd);
  const provisionedUsd = sum(priceOf(load, 'provisioned', prices));
  const onDemandUsd = sum(priceOf(load, 'on-demand', prices));
  const dearer = provisionedUsd > onDemandUsd ? 'provisioned' : 'on-demand';
  return {
    usd: Math.max(provisionedUsd, onDemandUsd),
    provisionedUsd,
    onDemandUsd,
    records,
    bytes: records * payloadBytes,
    seconds,
    assumptions: [
      `payloads of ${Math.round(payloadBytes)} B${Number.isFinite(meanBytes) ? '' : ' (assumed)'}`,
      perRecord === 1
        ? 'one user record in a Kinesis record'
        : `${Math.floor(perRecord)} user records in a Kinesis record`,
      assumptionsOf(shards ?? 0, dearer, prices),
      ...(shards === null ? ['the stream stands already, so only traffic is counted'] : []),
    ],
    priceListDate: prices.date,
  };
}

/** What a phase asks for, but never more than the shards take; that alone where only the run will tell. */
function recordsOf(phase: PhasePlan, plan: Plan, payloadBytes: number): number {
  const { kind } = phase.rate;
  const isOpen = kind !== 'closed' && kind !== 'replay';
  const asked = isOpen
    ? compileSchedule({ phases: [phase], arrival: 'constant', seed: 0 }).meanRecords
    : Number.POSITIVE_INFINITY;
  const perShard = SHARD_WRITE_BYTES_PER_SECOND / (payloadBytes + KEY_BYTES);
  const { enabled } = plan.producer.aggregation;
  const perShardSecond = enabled ? perShard : Math.min(SHARD_WRITE_RECORDS_PER_SECOND, perShard);
  const shards = plan.target.create?.shards ?? UNKNOWN_SHARDS;
  return Math.min(asked, (perShardSecond * shards * phase.durationUs) / 1e6);
}

/** How full aggregates get: by their size, or by the time they wait in each shard's buffer of each producer. */
function userRecordsPerRecord(plan: Plan, perSecond: number, payloadBytes: number): number {
  const { aggregation, maxBufferedTimeUs } = plan.producer;
  if (!aggregation.enabled) return 1;
  const bySize = aggregation.maxBytes / (payloadBytes + KEY_BYTES);
  const { producers } = plan.load;
  const buffers =
    (plan.target.create?.shards ?? UNKNOWN_SHARDS) *
    (producers === 'auto' ? UNKNOWN_PRODUCERS : producers);
  const byTime = (perSecond / buffers) * (maxBufferedTimeUs / 1e6);
  return Math.max(1, Math.min(bySize, byTime, aggregation.maxCount));
}

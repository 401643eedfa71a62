/**
 * A load, looked at without sending it. In: a plan. Out: a sample of the very records that a run would send (their hash
 * keys, sizes and keys), and the rates that its schedule asks for. All predictions are made from these.
 */
import { ShardstormError } from '../core/errors.ts';
import { RecordBlock } from '../core/record-block.ts';
import { loadPayloadFiles } from '../generate/file.ts';
import { createGenerator } from '../generate/generator.ts';
import { KeyTable } from '../kinesis/key-table.ts';
import { ON_DEMAND_STEP_BYTES, PUT_UNIT_BYTES } from '../kinesis/limits.ts';
import { createMd5 } from '../kinesis/md5.ts';
import type { Plan } from '../scenario/plan.ts';
import { compileSchedule } from '../schedule/schedule.ts';

/** Records looked at: a shard's share of 10 % is known to 0.08 points, one standard error. */
const SAMPLE_RECORDS = 1 << 17;
const BLOCK_RECORDS = 1024;

/** What a Kinesis record is billed in: PUT units of a provisioned stream, kilobytes of an on-demand one. */
export const BILLING_UNIT_BYTES = { put: PUT_UNIT_BYTES, kib: ON_DEMAND_STEP_BYTES } as const;
export type BillingUnit = keyof typeof BILLING_UNIT_BYTES;

/** Arrays are indexed by record, in the order of the schedule. */
export interface LoadSample {
  readonly count: number;
  /** Upper 32 bits of the hash key. */
  readonly hash: Uint32Array;
  /** Number of the record's key. */
  readonly key: Uint32Array;
  readonly payloadBytes: Float64Array;
  readonly meanPayloadBytes: number;
  readonly payloadVariance: number;
  /** Units that a record is billed on its own, in the mean, each one rounded up. */
  readonly rawUnits: Readonly<Record<BillingUnit, number>>;
  readonly meanKeyBytes: number;
  /** Distinct keys among the first 1, 2, 4, 8 … records. */
  readonly distinctAtPowers: readonly number[];
  readonly keyText: (key: number) => string;
}

/** Draws the first records of the plan. @throws ShardstormError SHARDSTORM_SCENARIO_INVALID */
export function sampleLoad(plan: Plan, count = SAMPLE_RECORDS): LoadSample {
  const keys = new KeyTable(4 * count, createMd5());
  const generator = createGenerator({
    records: plan.records,
    seed: plan.load.seed,
    keys,
    stamp: { runIdHigh: 0, runIdLow: 0, originEpochUs: 0 },
    files: loadPayloadFiles(plan.records, plan.baseDirectory),
    hasContents: false,
  });
  const hash = new Uint32Array(count);
  const key = new Uint32Array(count);
  const payloadBytes = new Float64Array(count);
  let payloadSum = 0;
  let squareSum = 0;
  let keySum = 0;
  const units = { put: 0, kib: 0 };
  const block = new RecordBlock(BLOCK_RECORDS);
  for (let first = 0; first < count; first += BLOCK_RECORDS) {
    block.clear();
    block.count = Math.min(BLOCK_RECORDS, count - first);
    for (let i = 0; i < block.count; i++) block.index[i] = first + i;
    generator.fill(block, 0);
    for (let i = 0; i < block.count; i++) {
      const id = block.keyId[i] as number;
      hash[first + i] = keys.hashWord(id, 0);
      key[first + i] = id;
      const payload = block.payloadLength[i] as number;
      const bytes = payload + keys.lengthOf(id);
      payloadBytes[first + i] = payload;
      payloadSum += payload;
      squareSum += payload ** 2;
      keySum += keys.lengthOf(id);
      units.put += Math.ceil(bytes / BILLING_UNIT_BYTES.put);
      units.kib += Math.ceil(bytes / BILLING_UNIT_BYTES.kib);
    }
  }
  return {
    count,
    hash,
    key,
    payloadBytes,
    meanPayloadBytes: payloadSum / count,
    payloadVariance: Math.max(0, squareSum / count - (payloadSum / count) ** 2),
    rawUnits: { put: units.put / count, kib: units.kib / count },
    meanKeyBytes: keySum / count,
    distinctAtPowers: distinctAtPowers(key),
    keyText: (id) => keys.keyText(id),
  };
}

function distinctAtPowers(key: Uint32Array): number[] {
  const seen = new Set<number>();
  const counts: number[] = [];
  for (const [i, id] of key.entries()) {
    seen.add(id);
    if (Number.isInteger(Math.log2(i + 1))) counts.push(seen.size);
  }
  return counts;
}

/** User records a second: the highest that any measured phase asks for, and the mean over them. */
export interface LoadRates {
  readonly peakPerSecond: number;
  readonly meanPerSecond: number;
}

/** @throws ShardstormError SHARDSTORM_SCENARIO_INVALID for phases whose rate only a run can tell */
export function ratesOf(plan: Plan): LoadRates {
  const measured = plan.load.phases.filter(({ measure }) => measure);
  const phases = measured.length === 0 ? plan.load.phases : measured;
  const unknown = phases.find(({ rate }) => rate.kind === 'closed' || rate.kind === 'replay');
  if (unknown !== undefined) {
    throw new ShardstormError(
      'SHARDSTORM_SCENARIO_INVALID',
      `load.phases.${unknown.name}.rate: a ${unknown.rate.kind} rate is known only when it runs`,
      { hint: `Give its rate: --set load.phases.${unknown.name}.rate=5000/s` },
    );
  }
  const seconds = phases.reduce((sum, { durationUs }) => sum + durationUs, 0) / 1e6;
  const schedule = compileSchedule({ phases, arrival: 'constant', seed: 0 });
  return {
    peakPerSecond: schedule.peakPerSecond,
    meanPerSecond: schedule.meanRecords / seconds,
  };
}

/** The shape of what `plan --json` prints, checked; the JSON Schema in `schema/` is made from it. */
import { z } from 'zod';
import type { PlanDocument } from './plan-text.ts';

const number = z.number().min(0);
const share = z.number().min(0).max(1);
const orNull = number.nullable();
const confidence = z.enum(['seen', 'recalled']);

const shard = z.object({
  userRecordsPerRecord: number,
  bytesPerRecord: number,
  closedBy: z.enum(['alone', 'time', 'size', 'count']),
  shard: z.int().min(0),
  share,
  userRecordsPerSecond: number,
  recordsPerSecond: number,
  bytesPerSecond: number,
  utilisation: number,
  boundBy: z.enum(['records', 'bytes']),
  throttleChance: share,
  excessShare: share,
});

const planSchema: z.ZodType<PlanDocument> = z.object({
  schema: z.literal('shardstorm.plan/1'),
  scenario: z.string(),
  producers: z.int().min(1),
  headRoom: share,
  growthPerMonth: orNull,
  notes: z.array(z.string()),
  priceList: z.object({
    date: z.string(),
    region: z.string(),
    confidence: z.object({
      provisioned: confidence,
      onDemand: confidence,
      onDemandAdvantage: confidence,
    }),
  }),
  peakPerSecond: number,
  meanPerSecond: number,
  meanPayloadBytes: number,
  shards: z.array(shard),
  hottest: shard,
  firstLimitPerSecond: number,
  hottestKeys: z.array(z.object({ key: z.string(), share, perSecond: number })),
  shardsNeeded: z.int().nullable(),
  batches: z.array(
    z.object({
      producers: z.int().min(1),
      maxBufferedTimeMs: number,
      userRecordsPerRecord: number,
      bytesPerRecord: number,
    }),
  ),
  costs: z.array(
    z.object({
      mode: z.enum(['provisioned', 'on-demand standard', 'on-demand advantage']),
      isAggregated: z.boolean(),
      shards: z.int().nullable(),
      usd: orNull,
      perMillionUserRecordsUsd: orNull,
      billedOverPayload: orNull,
    }),
  ),
  breakEven: z.object({
    cheaperNow: z.enum(['provisioned', 'on-demand standard']),
    otherFromPerSecond: orNull,
  }),
  monthsToLimit: orNull,
});

/** The JSON Schema (draft 2020-12) of a plan. */
export function planJsonSchema(): object {
  return {
    $id: 'https://unpkg.com/shardstorm/schema/plan.schema.json',
    title: 'Shardstorm plan: what a load needs, by formula',
    ...z.toJSONSchema(planSchema, { io: 'input' }),
  };
}

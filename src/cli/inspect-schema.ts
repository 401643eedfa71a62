/** The shape of what `inspect --json` prints, checked; the JSON Schema in `schema/` is made from it. */
import { z } from 'zod';
import type { ProfileData } from '../verify/profile.ts';

const number = z.number().min(0);
const count = z.int().min(0);
const share = z.number().min(0).max(1);

const skew = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('uniform'), cardinality: number }),
  z.object({ kind: z.literal('hot'), share, keys: count, cardinality: number }),
  z.object({ kind: z.literal('zipf'), cardinality: number, exponent: z.number() }),
]);

const inspectionSchema: z.ZodType<ProfileData> = z.object({
  schema: z.literal('shardstorm.inspection/1'),
  stream: z.string(),
  inspectedAt: z.string(),
  seconds: number,
  kinesisRecords: count,
  userRecords: count,
  bytes: count,
  aggregates: count,
  userRecordsPerRecord: number,
  brokenAggregates: count,
  sizes: z.object({
    min: number,
    mean: number,
    p50: number,
    p90: number,
    p99: number,
    max: number,
    classes: z.array(z.object({ bytes: count, count })),
  }),
  keys: z.object({
    distinct: number,
    isExact: z.boolean(),
    skew,
    top: z.array(z.object({ name: z.string(), share })),
  }),
  perSecond: z.array(number),
  shards: z.array(
    z.object({
      id: z.string(),
      kinesisRecords: count,
      userRecords: count,
      bytes: count,
      recordsPerSecond: number,
      bytesPerSecond: number,
      utilisation: number,
    }),
  ),
  openShards: count,
  unreadShards: z.array(z.string()),
});

/**
 * The JSON Schema (draft 2020-12) of an inspection.
 * @public scripts/write-schemas.mjs asks the built program for it
 */
export function inspectionJsonSchema(): object {
  return {
    $id: 'https://unpkg.com/shardstorm/schema/inspection.schema.json',
    title: 'Shardstorm inspect: what runs through a stream',
    ...z.toJSONSchema(inspectionSchema, { io: 'input' }),
  };
}

/** The shape of comparison.json, checked; the JSON Schema in `schema/` is made from it. */
import { z } from 'zod';
import type {
  BandedPercentile,
  ComparedMetric,
  ComparedRun,
  ComparedVariant,
  Comparison,
  Difference,
  Effect,
  MetricNoise,
} from './comparison.ts';

const share = z.number().min(0).max(1);
const valueOrNull = z.number().nullable();
const byPath = z.record(z.string(), valueOrNull);

const difference: z.ZodType<Difference> = z.object({
  kind: z.enum(['machine', 'versions', 'target', 'load', 'settings', 'design']),
  what: z.string(),
  values: z.array(z.object({ value: z.string(), where: z.string() })),
  isConfounded: z.boolean(),
});

const metric: z.ZodType<ComparedMetric> = z.object({
  path: z.string(),
  name: z.string(),
  isPrimary: z.boolean(),
  better: z.enum(['higher', 'lower']),
  margin: z.number().min(0),
});

const noise: z.ZodType<MetricNoise> = z.object({
  metric: z.string(),
  sd: z.number().min(0),
  halfWidth: valueOrNull,
});

const percentile: z.ZodType<BandedPercentile> = z.object({
  percentile: z.number().min(0).max(100),
  us: z.number(),
  low: z.number(),
  high: z.number(),
});

const variant: z.ZodType<ComparedVariant> = z.object({
  name: z.string(),
  runs: z.int().min(1),
  settings: z.record(z.string(), z.string()),
  medians: byPath,
  thresholds: z.object({ held: z.int(), of: z.int() }),
  isOnFront: z.boolean(),
  percentiles: z.array(percentile),
  shifts: z.array(percentile),
  parts: z.object({
    lateness: z.number(),
    buffering: z.number(),
    retry: z.number(),
    service: z.number(),
  }),
  batches: z.object({
    userRecordsPerRecord: z.number(),
    recordsPerRequest: z.number(),
    closedBy: z.object({ size: share, time: share, count: share, flush: share }),
  }),
  shards: z.array(z.object({ id: z.string(), utilisation: z.number(), throttled: z.number() })),
});

const effect: z.ZodType<Effect> = z.object({
  variant: z.string(),
  metric: z.string(),
  scale: z.enum(['ratio', 'difference']),
  estimate: z.number(),
  interval: z.tuple([z.number(), z.number()]).nullable(),
  confidence: share,
  p: share,
  n: z.int().min(1),
  method: z.enum(['paired', 'unpaired']),
  isDifferent: z.boolean(),
  matters: z.boolean(),
  isEquivalent: z.boolean(),
  verdict: z.enum(['better', 'worse', 'equivalent', 'different', 'inconclusive', 'estimate']),
  moreBlocks: z.int().nullable(),
  cliffsDelta: z.number().min(-1).max(1),
});

const run: z.ZodType<ComparedRun> = z.object({
  id: z.string(),
  folder: z.string(),
  variant: z.string(),
  block: z.int().nullable(),
  startedAt: z.iso.datetime(),
  verdict: z.enum(['valid', 'suspect', 'invalid']),
  status: z.string(),
  warnings: z.int().min(0),
  thresholdsHeld: z.boolean(),
  isSteady: z.boolean().nullable(),
  latenessP99Us: valueOrNull,
  eventLoopDelayP99Us: z.number(),
  cpuSeconds: z.number(),
  gcMs: z.number(),
  values: byPath,
});

/** What a reader of comparison.json may rely on. */
export const comparisonSchema: z.ZodType<Comparison> = z.object({
  schema: z.literal('shardstorm.comparison/1'),
  title: z.string(),
  createdAt: z.iso.datetime(),
  baseline: z.string(),
  design: z.object({
    isPaired: z.boolean(),
    blocks: z.int().min(1),
    blocksMin: z.int().min(1),
    isEstimateOnly: z.boolean(),
    alpha: share,
    looks: z.union([z.literal(1), z.literal(2)]),
    isForced: z.boolean(),
  }),
  differences: z.array(difference),
  excluded: z.array(z.object({ run: z.string(), variant: z.string(), reason: z.string() })),
  metrics: z.array(metric),
  variants: z.array(variant),
  effects: z.array(effect),
  noise: z.array(noise),
  runs: z.array(run),
  priceListDates: z.array(z.string()),
  recommendation: z.object({ variant: z.string().nullable(), sentence: z.string() }),
});

/** The JSON Schema (draft 2020-12) of comparison.json. */
export function comparisonJsonSchema(): object {
  return {
    $id: 'https://unpkg.com/shardstorm/schema/comparison.schema.json',
    title: 'Shardstorm comparison: what several runs say against each other',
    // As input: a file may hold more than this version knows.
    ...z.toJSONSchema(comparisonSchema, { io: 'input' }),
  };
}

/**
 * The result files' shapes, checked: what a reader of this version accepts. In: parsed JSON. Out: the types of summary.ts,
 * timeline.ts and environment.ts, or what is wrong. The JSON Schemas in `schema/` are made from these.
 */
import { z } from 'zod';
import type { Environment } from './environment.ts';
import { shareFileSchema } from './share-file.ts';
import type {
  CalibrationSummary,
  CostEstimate,
  LatencySummary,
  Measures,
  MemberSummary,
  PrecisionSummary,
  PredictionSummary,
  ShardSummary,
  SteadyStateSummary,
  Summary,
  ThresholdOutcome,
  VerifySummary,
} from './summary.ts';
import type { IntervalLatency, TimelineRow } from './timeline.ts';

const count = z.number().min(0);
const valueUs = z.number().min(0).nullable();

const interval = z.tuple([z.number(), z.number()]);

export const latencySchema: z.ZodType<LatencySummary> = z.object({
  unit: z.literal('us'),
  count,
  min: valueUs,
  mean: valueUs,
  stddev: valueUs,
  p50: valueUs,
  p75: valueUs,
  p90: valueUs,
  p95: valueUs,
  p99: valueUs,
  p99_9: valueUs,
  p99_99: valueUs,
  max: valueUs,
  confidence: z.exactOptional(
    z.object({
      level: z.number().min(0).max(1),
      effectiveCount: count,
      intervals: z.record(z.string(), interval),
      mean: z.exactOptional(interval),
    }),
  ),
});

const shard: z.ZodType<ShardSummary> = z.object({
  id: z.string(),
  records: count,
  bytes: count,
  throttled: count,
  peakBytesPerSecond: count,
  peakRecordsPerSecond: count,
  utilisation: count,
  bound: z.enum(['bytes', 'records']),
});

const closedBy = z.object({ count, size: count, time: count, flush: count });

const measures = {
  userRecords: z.object({
    offered: count,
    accepted: count,
    failed: count,
    expired: count,
    dropped: count,
    uncertain: count,
    bytesOffered: count,
    bytesAccepted: count,
    acceptedPerSecond: count,
    offeredPerSecond: count,
    acceptedPerSecondInterval: z.exactOptional(interval),
  }),
  kinesisRecords: z.object({
    sent: count,
    accepted: count,
    userRecordsPerRecord: count,
    bytesPerRecord: count,
    closedBy,
  }),
  requests: z.object({
    sent: count,
    succeeded: count,
    failed: count,
    partial: count,
    recordsPerRequest: count,
    bytesPerRequest: count,
  }),
  attempts: z.object({
    records: count,
    accepted: count,
    throttled: count,
    internalFailure: count,
    wrongShard: count,
    requestError: count,
    unknown: count,
    byErrorCode: z.record(z.string(), count),
  }),
  rates: z.object({
    throttle: count,
    partialFailure: count,
    requestFailure: count,
    retryAmplification: count,
  }),
  latency: z.object({
    response: latencySchema,
    lateness: latencySchema,
    buffering: latencySchema,
    retry: latencySchema,
    service: latencySchema,
    request: latencySchema,
    endToEnd: z.exactOptional(latencySchema),
  }),
  shards: z.array(shard).readonly(),
} satisfies { [group in keyof Measures]: z.ZodType<Measures[group]> };

const threshold: z.ZodType<ThresholdOutcome> = z.object({
  expression: z.string(),
  actual: z.number().nullable(),
  held: z.boolean(),
  note: z.string(),
});

const calibration: z.ZodType<CalibrationSummary> = z.object({
  at: z.string(),
  ceilingPerSecond: count.nullable(),
  ceilingShare: count.nullable(),
  floorP50Us: count,
  floorP99Us: count,
});

const steadyState: z.ZodType<SteadyStateSummary> = z.object({
  phase: z.string(),
  reached: z.boolean(),
  settledAfterMs: count.nullable(),
  by: z.enum(['response', 'accepted']),
});

const precision: z.ZodType<PrecisionSummary> = z.object({
  metric: z.string(),
  wanted: count,
  halfWidth: count.nullable(),
  reached: z.boolean(),
});

const cost: z.ZodType<CostEstimate> = z.object({
  assumptions: z.string(),
  perHourUsd: count,
  perGBUsd: count,
  perMillionRecordsUsd: count,
  priceListDate: z.string(),
});

const compared = { predicted: count, measured: count, agrees: z.boolean() };

const prediction: z.ZodType<PredictionSummary> = z.object({
  userRecordsPerRecord: z.object(compared),
  bytesPerRecord: z.object(compared),
  throttle: z.object(compared),
  shards: z.array(z.object({ id: z.string(), ...compared })),
  mismatches: z.array(z.object({ text: z.string(), causes: z.array(z.string()) })),
});

const verify: z.ZodType<VerifySummary> = z.object({
  verdict: z.enum(['delivered', 'lost', 'damaged', 'incomplete']),
  expected: count,
  found: count,
  lost: count,
  duplicatesExpected: count,
  duplicatesUnexplained: count,
  uncertainFound: count,
  lateByKey: count,
  lateByShard: count,
  corrupt: count,
  wrongKeys: count,
  foreign: count,
});

const member: z.ZodType<MemberSummary> = z.object({
  index: count,
  runId: z.string(),
  status: z.enum(['completed', 'interrupted', 'failed']),
  valid: z.boolean(),
  startedLateUs: z.number().nullable(),
  verdict: z.exactOptional(z.enum(['valid', 'suspect', 'invalid'])),
  clockOffsetUs: z.number().nullable(),
  clockDriftUs: z.exactOptional(z.number().nullable()),
  offered: count,
  accepted: count,
});

export const summarySchema: z.ZodType<Summary> = z.object({
  schema: z.literal('shardstorm.summary/1'),
  run: z.object({
    id: z.string(),
    name: z.string(),
    scenario: z.string(),
    startedAt: z.iso.datetime(),
    durationMs: count,
    seed: z.number(),
    workers: count,
    producers: count,
    share: z.exactOptional(z.object({ index: count, count })),
    members: z.exactOptional(z.array(member)),
    startSkewUs: z.exactOptional(count.nullable()),
    limiterShare: z.exactOptional(count),
    target: z.string(),
    transport: z.string(),
    protocol: z.string(),
    tags: z.record(z.string(), z.string()),
  }),
  status: z.enum(['completed', 'interrupted', 'failed']),
  valid: z.boolean(),
  verdict: z.enum(['valid', 'suspect', 'invalid']),
  invalidReasons: z.array(z.string()),
  warnings: z.array(z.string()),
  ...measures,
  generator: z.object({
    cpuSeconds: count,
    userRecordsPerCpuSecond: count,
    rssMaxBytes: count,
    eventLoopDelayP99Us: count,
    gcMs: count,
    saturated: z.boolean(),
    cpuWaitShare: z.exactOptional(count),
    stealShare: z.exactOptional(count),
    calibration: z.exactOptional(calibration),
  }),
  steadyState: z.exactOptional(steadyState),
  precision: z.exactOptional(precision),
  verify: z.exactOptional(verify),
  phases: z.array(
    z.object({
      name: z.string(),
      measured: z.boolean(),
      startMs: z.number(),
      durationMs: count,
      steadyState: z.exactOptional(steadyState),
      ...measures,
    }),
  ),
  thresholds: z.array(threshold),
  cost: cost.nullable(),
  prediction: z.exactOptional(prediction),
});

const intervalLatency: z.ZodType<IntervalLatency> = z.object({
  count,
  mean: valueUs,
  p50: valueUs,
  p90: valueUs,
  p99: valueUs,
  p99_9: valueUs,
  max: valueUs,
});

export const timelineRowSchema: z.ZodType<TimelineRow> = z.object({
  schema: z.literal('shardstorm.timeline/1'),
  atMs: z.number(),
  intervalMs: count,
  phase: z.string(),
  measured: z.boolean(),
  userRecords: z.object({
    offered: count,
    accepted: count,
    failed: count,
    expired: count,
    dropped: count,
    bytesAccepted: count,
    offeredPerSecond: count,
    acceptedPerSecond: count,
  }),
  kinesisRecords: z.object({ sent: count, userRecordsPerRecord: count, closedBy }),
  requests: z.object({ sent: count, failed: count, partial: count, recordsPerRequest: count }),
  attempts: z.object({
    records: count,
    throttled: count,
    internalFailure: count,
    wrongShard: count,
    requestError: count,
    unknown: count,
  }),
  response: intervalLatency,
  lateness: intervalLatency,
  buffering: intervalLatency,
  retry: intervalLatency,
  service: intervalLatency,
  shards: z.array(z.object({ id: z.string(), records: count, bytes: count, throttled: count })),
  generator: z.object({
    cpu: count,
    eventLoopDelayP99Us: count,
    gcMs: count,
    rssBytes: count,
    bufferedBytes: count,
    outstandingRecords: count,
    lateRecords: count,
    backPressureMs: count,
  }),
});

/** One line of events.jsonl. */
export interface EventRow {
  readonly schema: 'shardstorm.event/1';
  /** Since the start of the load; below 0 while it was prepared. */
  readonly atMs: number;
  /** Number of the worker that saw it; -1: the coordinator. */
  readonly worker: number;
  readonly kind: string;
  readonly message: string;
}

export const eventRowSchema: z.ZodType<EventRow> = z.object({
  schema: z.literal('shardstorm.event/1'),
  atMs: z.number(),
  worker: z.int(),
  kind: z.string(),
  message: z.string(),
});

export const environmentSchema: z.ZodType<Environment> = z.object({
  schema: z.literal('shardstorm.environment/1'),
  machine: z.object({
    cpuModel: z.string(),
    cpuCount: count,
    memoryBytes: count,
    architecture: z.string(),
  }),
  os: z.object({ name: z.string(), release: z.string() }),
  runtime: z.object({
    node: z.string(),
    v8: z.string(),
    openssl: z.string(),
    md5: z.enum(['simd', 'openssl']).optional(),
    options: z.array(z.string()),
  }),
  packages: z.record(z.string(), z.string().nullable()),
  git: z.object({ commit: z.string().nullable(), branch: z.string().nullable() }).nullable(),
  seed: z.number(),
});

/** The JSON Schema (draft 2020-12) of summary.json. */
export function summaryJsonSchema(): object {
  return jsonSchema('summary', 'a run in figures', summarySchema);
}

/** The JSON Schema of a line of timeline.jsonl. */
export function timelineJsonSchema(): object {
  return jsonSchema('timeline', 'a phase in one interval', timelineRowSchema);
}

/** The JSON Schema of a line of events.jsonl. */
export function eventJsonSchema(): object {
  return jsonSchema('event', 'what happened when', eventRowSchema);
}

/**
 * The JSON Schema of share.json.
 * @public scripts/write-schemas.mjs asks the built program for it
 */
export function shareJsonSchema(): object {
  return jsonSchema('share', 'a share of a larger run', shareFileSchema);
}

/** The JSON Schema of environment.json. */
export function environmentJsonSchema(): object {
  return jsonSchema('environment', 'where a run was made', environmentSchema);
}

function jsonSchema(name: string, what: string, schema: z.ZodType): object {
  return {
    $id: `https://unpkg.com/shardstorm/schema/${name}.schema.json`,
    title: `Shardstorm ${name}: ${what}`,
    // As input: a file may hold more than this version knows.
    ...z.toJSONSchema(schema, { io: 'input' }),
  };
}

import { z } from 'zod';
import { FAULT_KINDS } from '../kinesis/faults.ts';
import { KINESIS_OPERATIONS } from '../kinesis/operations.ts';
import {
  choice,
  duration,
  fraction,
  integer,
  list,
  pattern,
  SENTENCE,
  section,
  text,
} from './fields.ts';

/** Shards of one stream that the service allows by default; see limits in the developer guide. */
const SHARDS_MAX = 10_000;

const TARGET_KINDS = ['simulator', 'aws', 'endpoint', 'null'] as const;
const LATER_KINDS: readonly unknown[] = ['kafka', 'nakadi'];
const KIND_PHRASE = `one of ${TARGET_KINDS.join(', ')}`;

const ENDPOINT_PHRASE = 'a URL such as https://localhost:4567';
/** Without the value: it would put the credentials into logs. */
const CREDENTIALS_IN_URL = `${SENTENCE}the URL holds credentials; give them to the AWS SDK instead`;

const LATENCY_PHRASE = 'aws-like, zero, { median, p99 }, { fixed } or { file, tag }';

const latencyForms = {
  lognormal: { median: duration({ min: 1 }), p99: duration({ min: 1 }) },
  fixed: { fixed: duration({ min: 0 }) },
  file: {
    file: text('the path of an HdrHistogram log, such as latency.hlog of a result folder'),
    tag: text('a tag of that file, such as total.service').optional(),
  },
};

const latencyExtras = { per100KiB: duration({ min: 0 }).optional() };

/** Named, so that the JSON Schema holds it once and not for each operation. */
const operationLatencySchema = z
  .union(
    [
      choice(['aws-like', 'zero']),
      section({ ...latencyForms.lognormal, ...latencyExtras }),
      section({ ...latencyForms.fixed, ...latencyExtras }),
      section({ ...latencyForms.file, ...latencyExtras }),
    ],
    { error: LATENCY_PHRASE },
  )
  .meta({ id: 'operationLatency' });

const operationLatencies = section(
  Object.fromEntries(KINESIS_OPERATIONS.map((name) => [name, operationLatencySchema.optional()])),
)
  .meta({ id: 'operationLatencies' })
  .optional();

const latencySchema = z.union(
  [
    choice(['aws-like', 'zero']),
    section({ ...latencyForms.lognormal, ...latencyExtras, operations: operationLatencies }),
    section({ ...latencyForms.fixed, ...latencyExtras, operations: operationLatencies }),
    section({ ...latencyForms.file, ...latencyExtras, operations: operationLatencies }),
  ],
  { error: LATENCY_PHRASE },
);

const shardIndex = integer(0, SHARDS_MAX - 1);

const faultSchema = section({
  kind: choice(FAULT_KINDS),
  rate: fraction({ min: 1e-9, max: 1, words: ' above 0 up to 100%' }).optional(),
  at: duration({ min: 0 }).optional(),
  for: duration().optional(),
  shard: shardIndex.optional(),
  shards: list(shardIndex, 'a list of at least one shard number, such as [0, 1]', 1).optional(),
  operation: choice(KINESIS_OPERATIONS).optional(),
});

const simulatorSchema = section({
  mode: choice(['provisioned', 'on-demand']).optional(),
  shards: integer(1, SHARDS_MAX).optional(),
  latency: latencySchema.optional(),
  limits: choice(['bucket', 'window', 'off']).optional(),
  transition: duration({ min: 0 }).optional(),
  scaleEvery: duration().optional(),
  faults: list(faultSchema, 'a list of faults, { kind, rate } or { kind, at, for }').optional(),
});

export const targetSchema = section({
  // A bare null in YAML is the value null, and is meant as the target of that name.
  kind: z
    .literal([...TARGET_KINDS, null], {
      error: (issue) =>
        LATER_KINDS.includes(issue.input)
          ? `${SENTENCE}${String(issue.input)} is not supported; expected ${KIND_PHRASE}`
          : KIND_PHRASE,
    })
    .transform((kind) => kind ?? 'null')
    .optional(),
  stream: pattern(
    /^[a-zA-Z0-9_.-]{1,128}$/,
    'the name of a stream: 1 to 128 letters, digits, _ . -',
  ).optional(),
  region: pattern(/^[a-z]{2}(-[a-z]+)+-\d+$/, 'a region such as us-east-1').optional(),
  endpoint: text(ENDPOINT_PHRASE)
    .refine(isHttp, { error: ENDPOINT_PHRASE, abort: true })
    .refine(hasNoCredentials, { error: CREDENTIALS_IN_URL })
    .optional(),
  create: section({ shards: integer(1, SHARDS_MAX) }).optional(),
  simulator: simulatorSchema.optional(),
});

function isHttp(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}

function hasNoCredentials(value: string): boolean {
  const { username, password } = new URL(value);
  return username === '' && password === '';
}

export type TargetInput = z.output<typeof targetSchema>;
export type FaultInput = z.output<typeof faultSchema>;
export type LatencyInput = z.output<typeof latencySchema>;
export type OperationLatencyInput = z.output<typeof operationLatencySchema>;

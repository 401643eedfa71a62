/** Fills the defaults in. In: a scenario that the schema accepted. Out: a plan, not yet checked across fields. */
import { RECORD_BYTES_DEFAULT_MAX } from '../kinesis/limits.ts';
import type { ScenarioOrigin } from './origin.ts';
import type {
  FaultPlan,
  LatencyPlan,
  LoadPlan,
  PartitionKeyPlan,
  PayloadPlan,
  Plan,
  ProducerPlan,
  RecordKindPlan,
  SimulatorPlan,
  SizePlan,
  StopPlan,
  TargetPlan,
  VerifyPlan,
} from './plan.ts';
import { type ProducerDefaults, producerDefaults } from './profiles.ts';
import { resolvePhases } from './resolve-rates.ts';
import type { ScenarioInput } from './schema.ts';
import type { LoadInput } from './schema-load.ts';
import type { ProducerInput } from './schema-producer.ts';
import type {
  PartitionKeyInput,
  PayloadInput,
  RecordKindInput,
  SizeInput,
} from './schema-records.ts';
import type {
  FaultInput,
  LatencyInput,
  OperationLatencyInput,
  TargetInput,
} from './schema-target.ts';
import type { VerifyInput } from './schema-verify.ts';

const STREAM_DEFAULT = 'shardstorm';
const SIMULATOR_SHARDS_DEFAULT = 4;
const SEED_DEFAULT = 1;
const CARDINALITY_DEFAULT = 10_000;
const ZIPF_EXPONENT_DEFAULT = 1.07;
const KEY_PREFIX_DEFAULT = 'key-';
/** A run that ends when it is precise enough lasts at least this long: steady state can be judged by then. */
const STOP_MIN_DURATION_US = 60_000_000;
/** Longest payload drawn from a log-normal: leaves room for the longest partition key in a record of 1 MiB. */
const LOGNORMAL_BYTES_MAX = RECORD_BYTES_DEFAULT_MAX - 1024;
/** Beyond the last record's time to live: time for its answer to be read. */
const DRAIN_MARGIN_US = 1_000_000;

/** The plan of a scenario. */
export function resolveScenario(input: ScenarioInput, origin: ScenarioOrigin): Plan {
  const records = (Array.isArray(input.records) ? input.records : [input.records]).map((kind) =>
    resolveKind(kind, origin),
  );
  const producer = resolveProducer(input.producer ?? {});
  return {
    version: 1,
    name: input.name ?? origin.defaultName,
    description: input.description ?? '',
    target: resolveTarget(input.target ?? {}),
    load: resolveLoad(input.load, records, producer, origin),
    records,
    producer,
    verify: resolveVerify(input.verify),
    thresholds: input.thresholds ?? [],
    cost: { maxUsd: input.cost?.maxUsd ?? null },
    tags: input.tags ?? {},
    matrix: input.matrix ?? {},
    variants: input.variants ?? {},
    blocks: input.blocks ?? 8,
    primary: input.primary ?? [],
    margin: input.margin ?? {},
    baseDirectory: origin.baseDirectory,
  };
}

function resolveVerify(input: VerifyInput | undefined): VerifyPlan | null {
  if (input === undefined || input === 'off') return null;
  const form = typeof input === 'string' ? { when: input } : input;
  const { when = 'after', method = 'polling', failOn = ['lost', 'damaged'] } = form;
  return { when, method, failOn };
}

function resolveTarget(input: TargetInput): TargetPlan {
  return {
    kind: input.kind ?? 'simulator',
    stream: input.stream ?? STREAM_DEFAULT,
    region: input.region ?? null,
    endpoint: input.endpoint ?? null,
    create: input.create ?? null,
    simulator: {
      ...resolvePace(input.simulator),
      mode: input.simulator?.mode ?? 'provisioned',
      shards: input.simulator?.shards ?? SIMULATOR_SHARDS_DEFAULT,
      latency: resolveLatency(input.simulator?.latency ?? 'aws-like'),
      faults: (input.simulator?.faults ?? []).map(resolveFault),
    },
  };
}

/** What the simulator has defaults of its own for. */
function resolvePace(
  input: TargetInput['simulator'],
): Pick<SimulatorPlan, 'limits' | 'transitionUs' | 'scaleEveryUs'> {
  return {
    ...(input?.limits === undefined ? {} : { limits: input.limits }),
    ...(input?.transition === undefined ? {} : { transitionUs: input.transition }),
    ...(input?.scaleEvery === undefined ? {} : { scaleEveryUs: input.scaleEvery }),
  };
}

function resolveLatency(input: LatencyInput): LatencyPlan {
  const plan = resolveOneLatency(input);
  if (typeof input === 'string' || input.operations === undefined) return plan;
  const given = Object.entries(input.operations).flatMap(([name, latency]) =>
    latency === undefined ? [] : [[name, resolveOneLatency(latency)] as const],
  );
  return { ...plan, operations: Object.fromEntries(given) };
}

function resolveOneLatency(input: LatencyInput | OperationLatencyInput): LatencyPlan {
  if (typeof input === 'string') return { kind: input };
  const body = input.per100KiB === undefined ? {} : { perBodyUs: input.per100KiB };
  if ('file' in input) return { kind: 'file', file: input.file, tag: input.tag ?? null, ...body };
  if ('fixed' in input) return { kind: 'fixed', us: input.fixed, ...body };
  return { kind: 'lognormal', medianUs: input.median, p99Us: input.p99, ...body };
}

function resolveFault(input: FaultInput): FaultPlan {
  const shards = input.shards ?? (input.shard === undefined ? null : [input.shard]);
  return {
    kind: input.kind,
    rate: input.rate ?? null,
    atUs: input.at ?? null,
    forUs: input.for ?? null,
    shards,
    operation: input.operation ?? null,
  };
}

function resolveLoad(
  input: LoadInput,
  records: readonly RecordKindPlan[],
  producer: ProducerPlan,
  origin: ScenarioOrigin,
): LoadPlan {
  return {
    workers: input.workers ?? 'auto',
    producers: input.producers ?? 'auto',
    seed: input.seed ?? SEED_DEFAULT,
    arrival: input.arrival ?? 'constant',
    phases: resolvePhases(input.phases, records, origin),
    drainUs: input.drain ?? producer.recordTtlUs + producer.requestTimeoutUs + DRAIN_MARGIN_US,
    stopWhen: resolveStop(input.stopWhen),
  };
}

function resolveStop(input: LoadInput['stopWhen']): StopPlan | null {
  if (input === undefined) return null;
  const { metric, halfWidth, minDuration: minDurationUs = STOP_MIN_DURATION_US } = input;
  return { metric, halfWidth, minDurationUs };
}

function resolveKind(input: RecordKindInput, origin: ScenarioOrigin): RecordKindPlan {
  return {
    weight: input.weight ?? 1,
    partitionKey: resolveKey(input.partitionKey ?? { kind: 'uniform' }),
    payload: resolvePayload(input.payload, origin),
    // Replayed records stay as they are unless asked.
    stamp: input.stamp ?? input.payload.kind !== 'file',
  };
}

function resolveKey(input: PartitionKeyInput): PartitionKeyPlan {
  if (input.kind === 'template' || input.kind === 'column') return input;
  const { cardinality = CARDINALITY_DEFAULT, prefix = KEY_PREFIX_DEFAULT } = input;
  switch (input.kind) {
    case 'zipf':
      return {
        kind: 'zipf',
        cardinality,
        exponent: input.exponent ?? ZIPF_EXPONENT_DEFAULT,
        prefix,
      };
    case 'hot':
      return { kind: 'hot', share: input.share, keys: input.keys ?? 1, cardinality, prefix };
    default:
      return { kind: input.kind, cardinality, prefix };
  }
}

function resolvePayload(input: PayloadInput, origin: ScenarioOrigin): PayloadPlan {
  switch (input.kind) {
    case 'random':
      return {
        kind: 'random',
        size: resolveSize(input.size),
        compressible: input.compressible ?? 0,
      };
    case 'json':
      return {
        kind: 'json',
        size: input.size === undefined ? null : resolveSize(input.size),
        template: input.template,
      };
    default:
      return {
        kind: 'file',
        file: origin.absolute(input.file),
        format: input.format ?? formatOf(input.file),
      };
  }
}

function formatOf(file: string): 'ndjson' | 'json' | 'csv' {
  if (/\.csv$/i.test(file)) return 'csv';
  return /\.json$/i.test(file) ? 'json' : 'ndjson';
}

function resolveSize(input: SizeInput): SizePlan {
  if (typeof input === 'number') return { kind: 'fixed', bytes: input };
  switch (input.kind) {
    case 'fixed':
      return { kind: 'fixed', bytes: input.bytes };
    case 'uniform':
      return { kind: 'uniform', minBytes: input.min, maxBytes: input.max };
    case 'lognormal':
      return {
        kind: 'lognormal',
        medianBytes: input.median,
        p99Bytes: input.p99,
        maxBytes: input.max ?? LOGNORMAL_BYTES_MAX,
      };
    default:
      return {
        kind: 'empirical',
        sizes: input.sizes.map(({ bytes, weight = 1 }) => ({ bytes, weight })),
      };
  }
}

function resolveProducer(input: ProducerInput): ProducerPlan {
  const profile = input.profile ?? 'shardstorm';
  const defaults = producerDefaults(profile);
  const transport = input.transport ?? defaults.transport;
  return {
    profile,
    transport,
    // The AWS SDK for JavaScript speaks JSON to Kinesis.
    protocol: input.protocol ?? (transport === 'sdk' ? 'json' : 'cbor'),
    http: input.http ?? defaults.http,
    aggregation: {
      enabled: input.aggregation?.enabled ?? defaults.aggregation.enabled,
      maxCount: input.aggregation?.maxCount ?? defaults.aggregation.maxCount,
      maxBytes: input.aggregation?.maxSize ?? defaults.aggregation.maxBytes,
    },
    collection: {
      maxCount: input.collection?.maxCount ?? defaults.collection.maxCount,
      maxBytes: input.collection?.maxSize ?? defaults.collection.maxBytes,
      maxShardBytes: input.collection?.maxShardSize ?? defaults.collection.maxShardBytes,
    },
    maxBufferedTimeUs: input.maxBufferedTime ?? defaults.maxBufferedTimeUs,
    recordTtlUs: input.recordTtl ?? defaults.recordTtlUs,
    rateLimit: resolveRateLimit(input.rateLimit, defaults.rateLimit),
    maxConnections: input.maxConnections ?? defaults.maxConnections,
    requestTimeoutUs: input.requestTimeout ?? defaults.requestTimeoutUs,
    failIfThrottled: input.failIfThrottled ?? defaults.failIfThrottled,
    maxBufferedBytes: input.maxBufferedMemory ?? defaults.maxBufferedBytes,
    overload: input.overload ?? defaults.overload,
    ...resolveBeyondKpl(input, defaults),
  };
}

/** What the KPL has no setting for. */
function resolveBeyondKpl(
  { aggregateBy, containerKey, ordered, maxAttempts }: ProducerInput,
  defaults: ProducerDefaults,
): Pick<ProducerPlan, 'aggregateBy' | 'containerKey' | 'ordered' | 'maxAttempts'> {
  return {
    aggregateBy: aggregateBy ?? defaults.aggregateBy,
    containerKey: containerKey === 'profile' ? null : (containerKey ?? defaults.containerKey),
    ordered: ordered ?? defaults.ordered,
    maxAttempts: maxAttempts === 'unlimited' ? null : (maxAttempts ?? defaults.maxAttempts),
  };
}

function resolveRateLimit(
  input: ProducerInput['rateLimit'],
  defaults: ProducerPlan['rateLimit'],
): ProducerPlan['rateLimit'] {
  if (input === undefined) return defaults;
  if (input === 'off' || input === false) return null;
  const base = defaults ?? { fraction: 1.5, share: 'producer' };
  if (typeof input === 'number') return { fraction: input, share: base.share };
  return { fraction: input.percent ?? base.fraction, share: input.share ?? base.share };
}

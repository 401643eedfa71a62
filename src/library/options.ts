import {
  PUT_RECORDS_BYTES_MAX,
  PUT_RECORDS_COUNT_MAX,
  RECORD_BYTES_DEFAULT_MAX,
  RECORD_BYTES_MAX,
} from '../kinesis/limits.ts';
import { ShardBuckets } from '../producer/buckets.ts';
import type { ContainerKey, ProducerSettings, ProfileName } from '../producer/settings.ts';
import { type ProducerDefaults, producerDefaults } from '../scenario/profiles.ts';
import type { TransportOptions } from '../transport/open.ts';
import { usage } from './errors.ts';
import { harmless, type Logger } from './log.ts';
import type { MetricDimension, MetricsFilter } from './metric-snapshots.ts';
import type { MetricsSink } from './metric-windows.ts';
import type { MetricsGranularity, MetricsLevel } from './metrics.ts';

/** What a producer is made with; every field may be left out but a stream. Defaults are the profile's. */
export interface ProducerOptions {
  /** The stream of records that name none. */
  readonly stream?: string;
  /** Streams whose shards are listed at the start; others follow with their first record. */
  readonly streams?: readonly string[];
  /** Default: the AWS SDK's (environment, configuration file). */
  readonly region?: string;
  /** URL; default: the region's. */
  readonly endpoint?: string;
  /**
   * `chain`, the default: the AWS SDK's provider chain. `simulator`: fixed ones without meaning. Or an identity, or a
   * provider of the SDK's shape, asked again before what it gave ends. Never logged.
   */
  readonly credentials?: TransportOptions['credentials'];
  readonly profile?: ProfileName;
  readonly aggregation?: Partial<ProducerSettings['aggregation']>;
  readonly collection?: Partial<ProducerSettings['collection']>;
  readonly maxBufferedMs?: number;
  readonly recordTtlMs?: number;
  /** Percent of a shard's limits; null: no limiter. */
  readonly rateLimitPercent?: number | null;
  /** What shards are given, shared with other producers of this process; instead of `rateLimitPercent`. */
  readonly sharedLimits?: SharedLimits;
  /** Requests in flight for each stream, and connections. */
  readonly maxConnections?: number;
  readonly requestTimeoutMs?: number;
  readonly failIfThrottled?: boolean;
  /** Payloads and keys held for each stream at the most, with 512 bytes each. */
  readonly maxBufferedBytes?: number;
  /** Puts that wait for room, for each stream; further ones fail with SHARDSTORM_PRODUCER_FULL. */
  readonly maxWaiting?: number;
  /** Payloads of these at the most, with 512 bytes each. */
  readonly maxWaitingBytes?: number;
  /** Data and partition key of a record at the most; default 1 MiB, at most 10 MiB where the stream allows. */
  readonly maxRecordBytes?: number;
  readonly maxAttempts?: number;
  /** What the records of one aggregate have in common: their shard, the default, or even their partition key. */
  readonly aggregateBy?: ProducerSettings['aggregateBy'];
  /** Partition key of aggregates; default: the profile's, or `first` with `aggregateBy: 'key'`. */
  readonly containerKey?: ContainerKey;
  /** Whether records of one partition key are stored in the order in which they were put. */
  readonly ordered?: boolean;
  readonly transport?: TransportOptions['kind'];
  readonly protocol?: TransportOptions['protocol'];
  readonly http?: TransportOptions['http'];
  /** `none` counts nothing and costs nothing. */
  readonly metricsLevel?: MetricsLevel;
  /** The finest place that is counted for. */
  readonly metricsGranularity?: MetricsGranularity;
  /** Told of each window of metrics in which something happened, and of the last one at the close. */
  readonly metricsSink?: MetricsSink;
  /** Length of a window. */
  readonly metricsUploadDelayMs?: number;
  readonly metricsNamespace?: string;
  /** Dimensions of one's own. */
  readonly metricsDimensions?: readonly MetricDimension[];
  /** Whether a {@link RecordError} carries the record. */
  readonly returnRecordOnFailure?: boolean;
  /** pino, or anything with its `info(object, text)`. */
  readonly logger?: Logger;
  /** Aborted: everything that is not settled fails with code `Aborted`. */
  readonly signal?: AbortSignal;
}

/**
 * The limits of several producers of one process, so that a shard gets no more from all of them than from one. The streams
 * are one region's and account's.
 */
export class SharedLimits {
  readonly #fraction: number;
  readonly #part: number;
  readonly #streams = new Map<string, ShardBuckets>();

  /**
   * @param percent of a shard's limits, for all these producers together
   * @param threads that divide it, each with an object like this one: rate and burst are parted evenly
   */
  constructor(percent: number, threads = 1) {
    this.#fraction = whole('rateLimitPercent', percent, 100) / 100;
    this.#part = 1 / whole('threads', threads, 1);
  }

  /** The buckets of a stream's shards. */
  of(stream: string): ShardBuckets {
    let buckets = this.#streams.get(stream);
    if (buckets === undefined) {
      buckets = new ShardBuckets(this.#fraction, this.#part);
      this.#streams.set(stream, buckets);
    }
    return buckets;
  }
}

export interface ResolvedOptions {
  readonly stream: string | null;
  readonly streams: readonly string[];
  readonly settings: ProducerSettings;
  readonly transport: TransportOptions;
  readonly sharedLimits: SharedLimits | null;
  readonly maxWaiting: number;
  readonly maxWaitingBytes: number;
  readonly maxRecordBytes: number;
  readonly metrics: MetricsFilter & {
    readonly sink: MetricsSink | null;
    readonly windowUs: number;
    readonly namespace: string;
  };
  readonly returnsRecord: boolean;
  readonly logger: Logger | null;
  readonly signal: AbortSignal | null;
}

const MAX_WAITING = 65_536;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
const STREAM_NAME = /^[a-zA-Z0-9_.-]{1,128}$/;
/** Largest time: a hundred years, so that "for ever" (2^63-1) is no overflow. */
const MS_MAX = 3_155_760_000_000;
const PROFILES: readonly ProfileName[] = ['shardstorm', 'kpl', 'a8m', 'sdk-batch'];
const CONTAINER_KEYS: readonly ContainerKey[] = ['a', 'first', 'random'];
const LEVELS: readonly MetricsLevel[] = ['none', 'summary', 'detailed'];
const NAMESPACE = /^(?!AWS\/)[\s\S]{1,255}$/;
const GRANULARITIES: readonly MetricsGranularity[] = ['global', 'stream', 'shard'];
/** Shards of the transport that sends nothing. */
const NULL_SHARDS = 4;

/** Smallest and largest value of each number. */
const BOUNDS: Readonly<Record<string, readonly [min: number, max: number]>> = {
  'aggregation.maxCount': [1, Number.MAX_SAFE_INTEGER],
  'aggregation.maxBytes': [64, RECORD_BYTES_MAX],
  'collection.maxCount': [1, PUT_RECORDS_COUNT_MAX],
  'collection.maxBytes': [52_224, PUT_RECORDS_BYTES_MAX],
  'collection.maxShardBytes': [1, PUT_RECORDS_BYTES_MAX],
  maxBufferedMs: [0, MS_MAX],
  recordTtlMs: [100, MS_MAX],
  rateLimitPercent: [1, 1_000_000],
  maxConnections: [1, 256],
  requestTimeoutMs: [100, 600_000],
  maxBufferedBytes: [1, Number.MAX_SAFE_INTEGER],
  maxAttempts: [1, 65_535],
  maxWaiting: [0, 2 ** 31],
  maxWaitingBytes: [1, Number.MAX_SAFE_INTEGER],
  metricsUploadDelayMs: [1, 60_000],
  threads: [1, 1024],
  maxRecordBytes: [1, RECORD_BYTES_MAX],
};

/** @throws ShardstormError SHARDSTORM_PRODUCER_USAGE, which names the field, its value and what is allowed */
export function resolveOptions(options: ProducerOptions): ResolvedOptions {
  const profile = oneOf('profile', options.profile ?? 'shardstorm', PROFILES);
  const defaults = producerDefaults(profile);
  const settings = resolveSettings(options, profile, defaults);
  if (settings.ordered && settings.aggregateBy === 'key') {
    throw usage('aggregateBy', '"key"', '"shard" with ordered, whose unit is the shard');
  }
  const stream = options.stream === undefined ? null : checkStream(options.stream);
  const streams = (options.streams ?? []).map(checkStream);
  const { maxWaiting, maxWaitingBytes, maxRecordBytes } = options;
  return {
    stream,
    streams: [...new Set(stream === null ? streams : [stream, ...streams])],
    settings,
    transport: resolveTransport(options, defaults),
    sharedLimits: options.sharedLimits ?? null,
    maxWaiting: whole('maxWaiting', maxWaiting, MAX_WAITING),
    maxWaitingBytes: whole('maxWaitingBytes', maxWaitingBytes, MAX_WAITING_BYTES),
    maxRecordBytes: whole('maxRecordBytes', maxRecordBytes, RECORD_BYTES_DEFAULT_MAX),
    metrics: resolveMetrics(options),
    returnsRecord: options.returnRecordOnFailure ?? false,
    logger: options.logger == null ? null : harmless(options.logger),
    signal: options.signal ?? null,
  };
}

function resolveMetrics(options: ProducerOptions): ResolvedOptions['metrics'] {
  const { metricsLevel, metricsGranularity, metricsSink, metricsUploadDelayMs } = options;
  const { metricsNamespace = 'KinesisProducerLibrary', metricsDimensions = [] } = options;
  if (!NAMESPACE.test(metricsNamespace)) {
    const allowed = '1 to 255 characters that do not begin with "AWS/"';
    throw usage('metricsNamespace', JSON.stringify(metricsNamespace), allowed);
  }
  for (const { name, value, granularity } of metricsDimensions) {
    for (const text of [name, value]) {
      if (typeof text === 'string' && text.length >= 1 && text.length <= 255) continue;
      throw usage(
        'metricsDimensions',
        JSON.stringify(text),
        'names and values of 1 to 255 characters',
      );
    }
    oneOf('metricsDimensions', granularity, GRANULARITIES);
  }
  return {
    level: oneOf('metricsLevel', metricsLevel ?? 'detailed', LEVELS),
    granularity: oneOf('metricsGranularity', metricsGranularity ?? 'shard', GRANULARITIES),
    dimensions: metricsDimensions,
    sink: metricsSink ?? null,
    windowUs: 1000 * whole('metricsUploadDelayMs', metricsUploadDelayMs, 60_000),
    namespace: metricsNamespace,
  };
}

function resolveTransport(options: ProducerOptions, defaults: ProducerDefaults): TransportOptions {
  const { requestTimeoutMs, maxConnections } = options;
  const timeoutMs = whole('requestTimeoutMs', requestTimeoutMs, defaults.requestTimeoutUs / 1000);
  return {
    kind: oneOf('transport', options.transport ?? defaults.transport, ['direct', 'sdk', 'null']),
    protocol: oneOf('protocol', options.protocol ?? defaults.protocol, ['cbor', 'json']),
    http: oneOf('http', options.http ?? defaults.http, ['1.1', '2']),
    endpoint: options.endpoint ?? null,
    region: options.region ?? null,
    credentials: checkCredentials(options.credentials ?? 'chain'),
    maxConnections: whole('maxConnections', maxConnections, defaults.maxConnections),
    requestTimeoutUs: timeoutMs * 1000,
    nullShards: NULL_SHARDS,
  };
}

/** Says what is wrong, never what was given. */
function checkCredentials(given: TransportOptions['credentials']): TransportOptions['credentials'] {
  if (given === 'chain' || given === 'simulator' || typeof given === 'function') return given;
  const { accessKeyId, secretAccessKey } = Object(given) as Record<string, unknown>;
  const isIdentity = typeof accessKeyId === 'string' && typeof secretAccessKey === 'string';
  if (isIdentity && accessKeyId !== '' && secretAccessKey !== '') return given;
  throw usage(
    'credentials',
    'none of these',
    'chain, simulator, { accessKeyId, secretAccessKey, sessionToken } or a provider of the AWS SDK',
  );
}

function resolveSettings(
  options: ProducerOptions,
  profile: ProfileName,
  defaults: ProducerDefaults,
): ProducerSettings {
  const { aggregation, collection, rateLimitPercent, containerKey } = options;
  const { rateLimit } = defaults;
  const byProfile = rateLimit === null ? null : rateLimit.fraction * 100;
  const percent = rateLimitPercent === undefined ? byProfile : rateLimitPercent;
  const group = <T extends object>(name: string, byDefault: T, chosen: Partial<T> = {}): T =>
    Object.fromEntries(
      Object.entries(byDefault).map(([field, value]) => {
        const given = (chosen as Record<string, unknown>)[field] ?? value;
        return [field, typeof given === 'number' ? whole(`${name}.${field}`, given, given) : given];
      }),
    ) as T;
  return {
    profile,
    aggregation: group('aggregation', defaults.aggregation, aggregation),
    collection: group('collection', defaults.collection, collection),
    maxBufferedTimeUs:
      1000 * whole('maxBufferedMs', options.maxBufferedMs, defaults.maxBufferedTimeUs / 1000),
    recordTtlUs: 1000 * whole('recordTtlMs', options.recordTtlMs, defaults.recordTtlUs / 1000),
    rateLimit:
      percent === null ? null : { fraction: whole('rateLimitPercent', percent, percent) / 100 },
    maxConnections: whole('maxConnections', options.maxConnections, defaults.maxConnections),
    failIfThrottled: options.failIfThrottled ?? defaults.failIfThrottled,
    maxBufferedBytes: whole(
      'maxBufferedBytes',
      options.maxBufferedBytes,
      defaults.maxBufferedBytes,
    ),
    maxAttempts: whole('maxAttempts', options.maxAttempts, Number.POSITIVE_INFINITY),
    containerKey:
      containerKey === undefined ? null : oneOf('containerKey', containerKey, CONTAINER_KEYS),
    aggregateBy: oneOf('aggregateBy', options.aggregateBy ?? 'shard', ['shard', 'key']),
    ordered: options.ordered ?? false,
  };
}

/** @throws ShardstormError SHARDSTORM_PRODUCER_USAGE when it is no stream's name */
export function checkStream(name: string): string {
  if (STREAM_NAME.test(name)) return name;
  throw usage('stream', JSON.stringify(name), '1 to 128 letters, digits, ".", "_" and "-"');
}

function whole(field: string, given: number | undefined, byDefault: number): number {
  if (given === undefined) return byDefault;
  const [min, max] = BOUNDS[field] ?? [0, Number.MAX_SAFE_INTEGER];
  if (Number.isInteger(given) && given >= min && given <= max) return given;
  throw usage(field, String(given), `an integer from ${min} to ${max}`);
}

function oneOf<T extends string>(field: string, given: T, allowed: readonly T[]): T {
  if (allowed.includes(given)) return given;
  throw usage(field, JSON.stringify(given), allowed.join(', '));
}

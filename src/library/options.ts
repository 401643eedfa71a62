import { RECORD_BYTES_DEFAULT_MAX } from '../kinesis/limits.ts';
import type { ContainerKey, ProducerSettings, ProfileName } from '../producer/settings.ts';
import { type ProducerDefaults, producerDefaults } from '../scenario/profiles.ts';
import type { TransportOptions } from '../transport/open.ts';
import { usage } from './errors.ts';
import {
  checkStream,
  flag,
  group,
  having,
  list,
  objectOf,
  oneOf,
  text,
  url,
  whole,
} from './fields.ts';
import { harmless, type Logger } from './log.ts';
import type { MetricDimension, MetricsFilter } from './metric-snapshots.ts';
import type { MetricsSink } from './metric-windows.ts';
import type { MetricsGranularity, MetricsLevel } from './metrics.ts';
import { SharedLimits } from './shared-limits.ts';

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
  /** To a connection at the most; default: as long as a request may take. */
  readonly connectTimeoutMs?: number;
  /** Certificates of authorities in PEM, instead of those that Node knows. */
  readonly ca?: string;
  /** Whether the endpoint must show a certificate that is trusted; default: true. */
  readonly verifyCertificate?: boolean;
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

/** Every option, so that a name that is none is refused. */
const NAMES: Readonly<Record<keyof ProducerOptions, true>> = {
  stream: true,
  streams: true,
  region: true,
  endpoint: true,
  credentials: true,
  profile: true,
  aggregation: true,
  collection: true,
  maxBufferedMs: true,
  recordTtlMs: true,
  rateLimitPercent: true,
  sharedLimits: true,
  maxConnections: true,
  requestTimeoutMs: true,
  connectTimeoutMs: true,
  ca: true,
  verifyCertificate: true,
  failIfThrottled: true,
  maxBufferedBytes: true,
  maxWaiting: true,
  maxWaitingBytes: true,
  maxRecordBytes: true,
  maxAttempts: true,
  aggregateBy: true,
  containerKey: true,
  ordered: true,
  transport: true,
  protocol: true,
  http: true,
  metricsLevel: true,
  metricsGranularity: true,
  metricsSink: true,
  metricsUploadDelayMs: true,
  metricsNamespace: true,
  metricsDimensions: true,
  returnRecordOnFailure: true,
  logger: true,
  signal: true,
};

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
const PROFILES: readonly ProfileName[] = ['shardstorm', 'kpl', 'a8m', 'sdk-batch'];
const CONTAINER_KEYS: readonly ContainerKey[] = ['a', 'first', 'random'];
const LEVELS: readonly MetricsLevel[] = ['none', 'summary', 'detailed'];
const NAMESPACE = /^(?!AWS\/)[\s\S]{1,255}$/;
const GRANULARITIES: readonly MetricsGranularity[] = ['global', 'stream', 'shard'];
/** Shards of the transport that sends nothing. */
const NULL_SHARDS = 4;

/** @throws ShardstormError SHARDSTORM_PRODUCER_USAGE, which names the field, its value and what is allowed */
export function resolveOptions(options: ProducerOptions): ResolvedOptions {
  objectOf('options', options, Object.keys(NAMES));
  const profile = oneOf('profile', options.profile ?? 'shardstorm', PROFILES);
  const defaults = producerDefaults(profile);
  const settings = resolveSettings(options, profile, defaults);
  if (settings.ordered && settings.aggregateBy === 'key') {
    throw usage('aggregateBy', '"key"', '"shard" with ordered, whose unit is the shard');
  }
  const stream = options.stream === undefined ? null : checkStream(options.stream);
  const streams = list('streams', options.streams).map(checkStream);
  const { maxWaiting, maxWaitingBytes, maxRecordBytes } = options;
  const logger = having('logger', options.logger, ['info', 'warn', 'error']);
  return {
    stream,
    streams: [...new Set(stream === null ? streams : [stream, ...streams])],
    settings,
    transport: resolveTransport(options, defaults),
    sharedLimits: checkSharedLimits(options.sharedLimits ?? null),
    maxWaiting: whole('maxWaiting', maxWaiting, MAX_WAITING),
    maxWaitingBytes: whole('maxWaitingBytes', maxWaitingBytes, MAX_WAITING_BYTES),
    maxRecordBytes: whole('maxRecordBytes', maxRecordBytes, RECORD_BYTES_DEFAULT_MAX),
    metrics: resolveMetrics(options),
    returnsRecord: flag('returnRecordOnFailure', options.returnRecordOnFailure, false),
    logger: logger === null ? null : harmless(logger),
    signal: having('signal', options.signal, ['addEventListener', 'removeEventListener']),
  };
}

function checkSharedLimits(given: SharedLimits | null): SharedLimits | null {
  if (given === null || given instanceof SharedLimits) return given;
  throw usage('sharedLimits', typeof given, 'new SharedLimits(percent)');
}

function resolveMetrics(options: ProducerOptions): ResolvedOptions['metrics'] {
  const { metricsLevel, metricsGranularity, metricsSink, metricsUploadDelayMs } = options;
  const metricsNamespace =
    text('metricsNamespace', options.metricsNamespace) ?? 'KinesisProducerLibrary';
  if (!NAMESPACE.test(metricsNamespace)) {
    const allowed = '1 to 255 characters that do not begin with "AWS/"';
    throw usage('metricsNamespace', JSON.stringify(metricsNamespace), allowed);
  }
  const metricsDimensions = list('metricsDimensions', options.metricsDimensions);
  if (metricsSink !== undefined && metricsSink !== null && typeof metricsSink !== 'function') {
    throw usage('metricsSink', typeof metricsSink, 'a function');
  }
  for (const dimension of metricsDimensions) {
    const { name, value, granularity } = Object(dimension) as MetricDimension;
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
  const { requestTimeoutMs, maxConnections, connectTimeoutMs } = options;
  const timeoutMs = whole('requestTimeoutMs', requestTimeoutMs, defaults.requestTimeoutUs / 1000);
  return {
    kind: oneOf('transport', options.transport ?? defaults.transport, ['direct', 'sdk', 'null']),
    protocol: oneOf('protocol', options.protocol ?? defaults.protocol, ['cbor', 'json']),
    http: oneOf('http', options.http ?? defaults.http, ['1.1', '2']),
    endpoint: url('endpoint', options.endpoint),
    region: text('region', options.region),
    credentials: checkCredentials(options.credentials ?? 'chain'),
    maxConnections: whole('maxConnections', maxConnections, defaults.maxConnections),
    requestTimeoutUs: timeoutMs * 1000,
    connectTimeoutUs: 1000 * whole('connectTimeoutMs', connectTimeoutMs, timeoutMs),
    ...resolveTls(options, defaults),
    nullShards: NULL_SHARDS,
  };
}

function resolveTls(
  options: ProducerOptions,
  defaults: ProducerDefaults,
): Pick<TransportOptions, 'tls'> {
  const ca = text('ca', options.ca);
  const verifies = flag('verifyCertificate', options.verifyCertificate, true);
  if (ca === null && verifies) return {};
  const { transport = defaults.transport, http = defaults.http } = options;
  if (transport === 'sdk' && http === '2') {
    throw usage('http', '"2"', '"1.1" with transport sdk and certificates of one\'s own');
  }
  return { tls: { ca, verifies } };
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
    failIfThrottled: flag('failIfThrottled', options.failIfThrottled, defaults.failIfThrottled),
    maxBufferedBytes: whole(
      'maxBufferedBytes',
      options.maxBufferedBytes,
      defaults.maxBufferedBytes,
    ),
    maxAttempts: whole('maxAttempts', options.maxAttempts, Number.POSITIVE_INFINITY),
    containerKey:
      containerKey === undefined ? null : oneOf('containerKey', containerKey, CONTAINER_KEYS),
    aggregateBy: oneOf('aggregateBy', options.aggregateBy ?? 'shard', ['shard', 'key']),
    ordered: flag('ordered', options.ordered, false),
  };
}

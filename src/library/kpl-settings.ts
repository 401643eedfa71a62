/**
 * A properties file of the KPL as options of a producer. In: its text. Out: options with the KPL's behaviour, and a note
 * on each property that has no meaning here. Invariant: every property of the KPL is one or the other.
 */
import { ShardstormError } from '../core/errors.ts';
import { parseDurationUs, parsePercent, parseSizeBytes } from '../core/units.ts';
import { importKplProperties } from '../scenario/kpl-properties.ts';
import { type ProducerOptions, resolveOptions } from './options.ts';

export interface ImportedSettings {
  /** Options of a producer with the KPL's behaviour. */
  readonly options: ProducerOptions;
  /** Sentences for people: properties without meaning here, unknown ones, values that were capped or are wrong. */
  readonly notes: readonly string[];
}

/** Where a field of a scenario's producer section is in a producer's options. */
const OPTIONS: Readonly<Record<string, readonly [group: string | null, name: string]>> = {
  'producer.aggregation.enabled': ['aggregation', 'enabled'],
  'producer.aggregation.maxCount': ['aggregation', 'maxCount'],
  'producer.aggregation.maxSize': ['aggregation', 'maxBytes'],
  'producer.collection.maxCount': ['collection', 'maxCount'],
  'producer.collection.maxSize': ['collection', 'maxBytes'],
  'producer.failIfThrottled': [null, 'failIfThrottled'],
  'producer.maxConnections': [null, 'maxConnections'],
  'producer.rateLimit.percent': [null, 'rateLimitPercent'],
  'producer.maxBufferedTime': [null, 'maxBufferedMs'],
  'producer.recordTtl': [null, 'recordTtlMs'],
  'producer.requestTimeout': [null, 'requestTimeoutMs'],
  'target.region': [null, 'region'],
};

const number = (value: string): unknown => (/^\d+$/.test(value) ? Number(value) : value);
const flag = (value: string): unknown => value.toLowerCase() === 'true';
const word = (value: string): unknown => value.toLowerCase();

/** Properties that mean something to a producer, and nothing to a scenario. */
const OWN: Readonly<
  Record<string, readonly [option: string, convert: (value: string) => unknown]>
> = {
  ConnectTimeout: ['connectTimeoutMs', number],
  MaxUserRecordSize: ['maxRecordBytes', number],
  MetricsGranularity: ['metricsGranularity', word],
  MetricsLevel: ['metricsLevel', word],
  MetricsNamespace: ['metricsNamespace', (value) => value],
  MetricsUploadDelay: ['metricsUploadDelayMs', number],
  ReturnUserRecordOnFailure: ['returnRecordOnFailure', flag],
  VerifyCertificate: ['verifyCertificate', flag],
};

const CA = 'give the text of the certificates as ca';
const PROXY =
  'not possible: the AWS SDK, which lists shards, needs an agent of its own for a proxy; reach the service by a VPC endpoint';
const SINK = 'give a metricsSink, which takes metrics wherever they belong';
const THREADS = 'a producer runs in the thread that made it; make several for more';

/** Where the advice for a scenario is none for a program. */
const ADVICE: Readonly<Record<string, string>> = {
  CaCertFile: CA,
  CaCertPath: CA,
  CloudwatchEndpoint: SINK,
  CloudwatchPort: SINK,
  CredentialsProvider: 'give credentials',
  CredentialsRefreshDelay: 'credentials are fetched anew before they end',
  EnableOldestFutureTracker: 'oldestRecordMs is always there',
  LogLevel: 'set the level of your logger',
  MetricsCredentialsProvider: SINK,
  ProxyHost: PROXY,
  ProxyPassword: PROXY,
  ProxyPort: PROXY,
  ProxyUserName: PROXY,
  ThreadingModel: THREADS,
  ThreadPoolSize: THREADS,
  UserRecordTimeoutInMillis: 'say recordTtlMs',
};

/** Reads a properties file of the KPL. Values that a producer made with them refuses are kept, and noted. */
export function settingsFromKplProperties(text: string): ImportedSettings {
  const { fields, notes, others } = importKplProperties(text);
  const options: Record<string, unknown> = { profile: 'kpl' };
  const refused: string[] = [];
  for (const { path, value, property } of fields) {
    const place = OPTIONS[path.join('.')];
    if (place === undefined) continue;
    const [group, name] = place;
    const amount = typeof value === 'string' ? quantity(value) : null;
    const converted = amount ?? value;
    refused.push(
      ...refusalOf(
        property,
        group === null ? { [name]: converted } : { [group]: { [name]: converted } },
      ),
    );
    if (group === null) options[name] = converted;
    else options[group] = { ...(options[group] as object | undefined), [name]: converted };
  }
  const endpoint = endpointOf(others);
  if (endpoint !== null) {
    options['endpoint'] = endpoint;
    refused.push(...refusalOf('KinesisEndpoint', { endpoint }));
  }
  const own: string[] = [];
  for (const { name, value, note } of others) {
    const mapped = OWN[name];
    if (mapped !== undefined) {
      const option = { [mapped[0]]: mapped[1](value) };
      Object.assign(options, option);
      refused.push(...refusalOf(name, option));
    } else if (endpoint === null || !name.startsWith('Kinesis')) own.push(adviceOn(name, note));
  }
  const theirs = new Set(others.map(({ note }) => note));
  return { options, notes: [...notes.filter((note) => !theirs.has(note)), ...own, ...refused] };
}

/** Why a producer refuses an option, if it does. */
function refusalOf(property: string, option: object): string[] {
  try {
    resolveOptions({ profile: 'kpl', ...option });
    return [];
  } catch (thrown) {
    if (!(thrown instanceof ShardstormError)) throw thrown;
    return [`${property}: a producer refuses it: ${thrown.message}`];
  }
}

function adviceOn(name: string, note: string): string {
  if (name === 'KinesisPort') return `${name}: of no use without KinesisEndpoint, in the KPL too`;
  const advice = ADVICE[name];
  return advice === undefined ? note : `${name}: ${advice}`;
}

/** The KPL speaks TLS only, to a host and a port. */
function endpointOf(others: readonly { name: string; value: string }[]): string | null {
  const given = (name: string) => others.findLast((other) => other.name === name)?.value ?? '';
  const host = given('KinesisEndpoint');
  if (host === '') return null;
  return `https://${host}:${given('KinesisPort') || '443'}`;
}

/** Milliseconds, bytes or percent; null when it is none of these. */
function quantity(text: string): number | null {
  const us = parseDurationUs(text);
  if (us !== null) return us / 1000;
  const fraction = parsePercent(text);
  return fraction === null ? parseSizeBytes(text) : fraction * 100;
}

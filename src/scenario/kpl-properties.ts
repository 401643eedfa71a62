/**
 * Reads a properties file of the Kinesis Producer Library. In: its text. Out: fields of a scenario, and notes on what has
 * no meaning here. Names and units are those of KinesisProducerConfiguration, release 1.0.7.
 */
import { didYouMean } from '../core/nearest.ts';
import { PUT_RECORDS_BYTES_MAX, RECORD_BYTES_MAX } from '../kinesis/limits.ts';
import type { FieldPath } from './problems.ts';

interface ImportedField {
  readonly path: FieldPath;
  /** As a scenario writes it. */
  readonly value: unknown;
  /** Name of the property. */
  readonly property: string;
  /** 1, 2 … in the properties file. */
  readonly line: number;
}

export interface ImportedProperties {
  readonly fields: readonly ImportedField[];
  /** Sentences for people: properties without meaning here, unknown ones, values that were capped. */
  readonly notes: readonly string[];
  /** Properties of the KPL that have no meaning in a scenario, each with its note. */
  readonly others: readonly {
    readonly name: string;
    readonly value: string;
    readonly note: string;
  }[];
}

interface Mapping {
  readonly path: FieldPath;
  readonly unit: '' | 'ms' | 'B' | '%' | 'flag' | 'text';
  /** Larger values are taken as this one: the KPL lets 2^63-1 stand for "no limit". */
  readonly max?: number;
}

const FOREVER_MS = 864_000_000_000;

const MAPPED: Readonly<Record<string, Mapping>> = {
  AggregationEnabled: { path: ['producer', 'aggregation', 'enabled'], unit: 'flag' },
  AggregationMaxCount: {
    path: ['producer', 'aggregation', 'maxCount'],
    unit: '',
    max: Number.MAX_SAFE_INTEGER,
  },
  AggregationMaxSize: {
    path: ['producer', 'aggregation', 'maxSize'],
    unit: 'B',
    max: RECORD_BYTES_MAX,
  },
  CollectionMaxCount: { path: ['producer', 'collection', 'maxCount'], unit: '' },
  CollectionMaxSize: {
    path: ['producer', 'collection', 'maxSize'],
    unit: 'B',
    max: PUT_RECORDS_BYTES_MAX,
  },
  FailIfThrottled: { path: ['producer', 'failIfThrottled'], unit: 'flag' },
  MaxConnections: { path: ['producer', 'maxConnections'], unit: '' },
  RateLimit: { path: ['producer', 'rateLimit', 'percent'], unit: '%', max: 1_000_000 },
  RecordMaxBufferedTime: { path: ['producer', 'maxBufferedTime'], unit: 'ms', max: FOREVER_MS },
  RecordTtl: { path: ['producer', 'recordTtl'], unit: 'ms', max: FOREVER_MS },
  Region: { path: ['target', 'region'], unit: 'text' },
  RequestTimeout: { path: ['producer', 'requestTimeout'], unit: 'ms' },
};

const PROCESS = 'there is no child process here';
const CLOUDWATCH = 'metrics are written to the result folder, not to CloudWatch';
const ENDPOINT = 'say target.endpoint in the scenario';
const SDK_CHAIN = 'taken from the AWS SDK: its configuration files and environment variables';

const WITHOUT_MEANING: Readonly<Record<string, string>> = {
  CaCertFile: 'use NODE_EXTRA_CA_CERTS',
  CaCertPath: 'use NODE_EXTRA_CA_CERTS',
  CloudwatchEndpoint: CLOUDWATCH,
  CloudwatchPort: CLOUDWATCH,
  ConnectTimeout: 'connecting counts into producer.requestTimeout',
  CredentialsProvider: SDK_CHAIN,
  CredentialsRefreshDelay: SDK_CHAIN,
  DaemonHealthCheckTimeoutMs: PROCESS,
  EnableCoreDumps: PROCESS,
  EnableDaemonHealthCheck: PROCESS,
  EnableOldestFutureTracker: 'the age of each record is always measured',
  GlueSchemaRegistryConfiguration: 'schemas are not registered here',
  GlueSchemaRegistryCredentialsProvider: 'schemas are not registered here',
  GlueSchemaRegistryPropertiesFilePath: 'schemas are not registered here',
  KinesisEndpoint: ENDPOINT,
  KinesisPort: ENDPOINT,
  LogLevel: 'use --verbose',
  MaxUserRecordSize: 'the size of payloads is in records.payload.size',
  MetricsCredentialsProvider: CLOUDWATCH,
  MetricsGranularity: CLOUDWATCH,
  MetricsLevel: CLOUDWATCH,
  MetricsNamespace: CLOUDWATCH,
  MetricsUploadDelay: CLOUDWATCH,
  MinConnections: 'the KPL does not use it either',
  NativeExecutable: PROCESS,
  ProxyHost: 'requests go straight to the endpoint',
  ProxyPassword: 'requests go straight to the endpoint',
  ProxyPort: 'requests go straight to the endpoint',
  ProxyUserName: 'requests go straight to the endpoint',
  ReturnUserRecordOnFailure: 'failed records are counted by cause, and samples kept',
  StsEndpoint: 'the KPL does not use it either',
  StsPort: 'the KPL does not use it either',
  TempDirectory: PROCESS,
  ThreadingModel: 'say load.workers in the scenario',
  ThreadPoolSize: 'say load.workers in the scenario',
  UserRecordTimeoutInMillis: 'say producer.recordTtl in the scenario',
  VerifyCertificate: 'use NODE_EXTRA_CA_CERTS for a certificate of your own',
};

/** Every property of a KPL file as a field of the scenario, or as a note. */
export function importKplProperties(text: string): ImportedProperties {
  const fields: ImportedField[] = [];
  const notes: string[] = [];
  const others: { name: string; value: string; note: string }[] = [];
  for (const { name, value, line } of propertyLines(text)) {
    const mapping = Object.hasOwn(MAPPED, name) ? MAPPED[name] : undefined;
    if (mapping !== undefined) {
      const { converted, note } = convert(value, mapping);
      fields.push({ path: mapping.path, value: converted, property: name, line });
      if (note !== null) notes.push(`${name} = ${value}: ${note}`);
    } else if (Object.hasOwn(WITHOUT_MEANING, name)) {
      const note = `${name}: ${WITHOUT_MEANING[name]}`;
      notes.push(note);
      others.push({ name, value, note });
    } else {
      const known = [...Object.keys(MAPPED), ...Object.keys(WITHOUT_MEANING)];
      notes.push(`${name}: not a property of the KPL${didYouMean(name, known)}`);
    }
  }
  return { fields, notes, others };
}

function convert(
  value: string,
  { unit, max = Number.POSITIVE_INFINITY }: Mapping,
): { readonly converted: unknown; readonly note: string | null } {
  if (unit === 'text') return { converted: value, note: null };
  if (unit === 'flag') {
    const isFlag = /^(true|false)$/i.test(value);
    return { converted: isFlag ? value.toLowerCase() === 'true' : value, note: null };
  }
  // What is no number goes on as it is: the schema names it and says what is allowed.
  if (!/^\d+$/.test(value)) return { converted: value, note: null };
  const number = Math.min(Number(value), max);
  const note = Number(value) > max ? `beyond what is possible here, taken as ${max}${unit}` : null;
  return { converted: unit === '' ? number : `${number}${unit}`, note };
}

interface PropertyLine {
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

/** The lines of a Java properties file: `=`, `:` or blanks part name and value; `#` and `!` start a comment. */
function* propertyLines(text: string): Generator<PropertyLine> {
  const lines = text.split(/\r\n|\r|\n/);
  for (let index = 0; index < lines.length; index++) {
    const line = index + 1;
    let logical = (lines[index] ?? '').trimStart();
    if (logical === '' || /^[#!]/.test(logical)) continue;
    // An odd number of backslashes at the end: the line goes on.
    while (/(^|[^\\])(\\\\)*\\$/.test(logical) && index + 1 < lines.length) {
      index++;
      logical = logical.slice(0, -1) + (lines[index] ?? '').trimStart();
    }
    const [, name = '', value = ''] = /^((?:\\.|[^\\\s=:])+)\s*[=:]?\s*(.*)$/.exec(logical) ?? [];
    if (name !== '') yield { name: unescaped(name), value: unescaped(value).trim(), line };
  }
}

const unescaped = (text: string): string =>
  text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, code: string | undefined, plain: string) =>
    code === undefined ? plain : String.fromCharCode(Number.parseInt(code, 16)),
  );

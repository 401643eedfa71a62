/** The flags of `simulate`, checked. In: words. Out: options of the simulator. */
import { parseDurationUs, parseSizeBytes } from '../core/units.ts';
import { KINESIS_OPERATIONS } from '../kinesis/operations.ts';
import type { LatencyPlan, SimulatorPlan } from '../scenario/plan.ts';
import { isStreamName } from '../simulator/operations/member.ts';
import { SIMULATOR_SHARDS_MAX, type SimulatorOptions } from '../simulator/options.ts';
import { parseFault } from '../simulator/server/fault-input.ts';
import type { Arguments, CommandIo } from './command.ts';
import { usageError } from './errors.ts';
import { isOn, text, texts } from './flags.ts';

const PORT_MAX = 65_535;
const TLS_PORT = '4568';
const MEMORY_MIN_BYTES = 1024 * 1024;

/** The stream and the simulator of a scenario. */
export type SimulatorBase = SimulatorPlan & {
  readonly stream: string;
  readonly baseDirectory?: string;
};

/** What is served when neither a flag nor a scenario says otherwise. */
export const SIMULATOR_DEFAULTS: SimulatorBase = {
  stream: 'simulated',
  mode: 'provisioned',
  shards: 4,
  latency: { kind: 'zero' },
  faults: [],
};

/**
 * @param base what flags that are not given leave as it is
 * @param readText reads a file that a flag names
 * @throws ShardstormError SHARDSTORM_CLI_USAGE
 */
export function simulatorOptions(
  args: Arguments,
  base: SimulatorBase,
  readText: (flag: string, file: string) => string,
  environment: CommandIo['environment'],
): SimulatorOptions {
  const shards = text(args, 'shards');
  return {
    stream: streamName(text(args, 'stream') ?? base.stream),
    baseDirectory: texts(args, 'latency') === undefined ? (base.baseDirectory ?? '') : '',
    mode: oneOf(args, 'mode', ['provisioned', 'on-demand'], base.mode),
    shards: shards === undefined ? base.shards : whole('shards', shards, 1, SIMULATOR_SHARDS_MAX),
    latency: latencyOf(texts(args, 'latency') ?? [], base.latency),
    faults: [...base.faults, ...(texts(args, 'fault') ?? []).map(parseFaultFlag)],
    limits: oneOf(args, 'limits', ['bucket', 'window', 'off'], base.limits ?? 'bucket'),
    transitionUs: duration(args, 'transition', 0, base.transitionUs ?? 100_000),
    scaleEveryUs: duration(args, 'scale-every', 1000, base.scaleEveryUs ?? 60_000_000),
    storedBytesMax: memory(text(args, 'memory') ?? ''),
    region: text(args, 'region') ?? null,
    seed: whole('seed', text(args, 'seed') ?? '1', 0, Number.MAX_SAFE_INTEGER),
    host: text(args, 'host') ?? '127.0.0.1',
    port: port(args, 'port'),
    controlPort: port(args, 'control-port'),
    tls: tls(args, readText),
    credentials: credentials(args, environment),
    persist: text(args, 'persist') ?? null,
  };
}

function streamName(name: string): string {
  if (isStreamName(name)) return name;
  throw usageError(
    `--stream ${JSON.stringify(name)} is no name of a stream`,
    'Give 1 to 128 letters, digits, _ . or -: --stream clicks',
  );
}

/** Whose signatures are taken; none: anybody's. */
function credentials(
  args: Arguments,
  environment: CommandIo['environment'],
): NonNullable<SimulatorOptions['credentials']> {
  const given = (texts(args, 'credentials') ?? []).map((pair) => {
    const [accessKeyId = '', ...rest] = pair.split(':');
    const secretAccessKey = rest.join(':');
    if (/^\w+$/.test(accessKeyId) && secretAccessKey !== '')
      return { accessKeyId, secretAccessKey };
    // Without the value: it would put a secret on the screen.
    throw usageError(
      '--credentials must be an access key id and its secret, with a colon between',
      'Give --credentials ID:SECRET, or --verify-signatures to take both from the environment.',
    );
  });
  if (!isOn(args, 'verify-signatures')) return given;
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'] ?? '';
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'] ?? '';
  if (accessKeyId !== '' && secretAccessKey !== '') {
    return [...given, { accessKeyId, secretAccessKey }];
  }
  throw usageError(
    '--verify-signatures needs credentials, and the environment has none',
    'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to what clients will sign with.',
  );
}

function tls(
  args: Arguments,
  readText: (flag: string, file: string) => string,
): NonNullable<SimulatorOptions['tls']> | null {
  const certFile = text(args, 'tls-cert');
  const keyFile = text(args, 'tls-key');
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw usageError(
      '--tls-cert and --tls-key go together',
      'Give both, or none to have one made.',
    );
  }
  const given = text(args, 'tls-port');
  const tlsPort = whole('tls-port', given ?? TLS_PORT, 0, PORT_MAX);
  if (certFile === undefined || keyFile === undefined) {
    if (isOn(args, 'tls')) return { port: tlsPort };
    if (given === undefined) return null;
    throw usageError(
      `--tls-port ${given} is given without --tls`,
      'Give --tls too, or --tls-cert and --tls-key, or leave the port out.',
    );
  }
  const pem = (flag: string, file: string) => {
    const content = readText(flag, file);
    if (content.trim() !== '') return content;
    throw usageError(`--${flag} ${file} is empty`, 'Give a PEM file with something in it.');
  };
  return {
    port: tlsPort,
    certificate: { cert: pem('tls-cert', certFile), key: pem('tls-key', keyFile) },
  };
}

/** The base, and with `OPERATION=` before them the operations that have a service time of their own. */
function latencyOf(values: readonly string[], base: LatencyPlan): LatencyPlan {
  let latency = base;
  const operations: Record<string, LatencyPlan> = {};
  for (const value of values) {
    const [, name, of = value] = /^([A-Z][A-Za-z]+)=(.*)$/.exec(value) ?? [];
    if (name === undefined) latency = parseLatency(value);
    else if (KINESIS_OPERATIONS.some((known) => known === name)) {
      operations[name] = parseLatency(of);
    } else {
      throw usageError(
        `--latency ${value}: ${name} is no operation`,
        `Give one of ${KINESIS_OPERATIONS.join(', ')}.`,
      );
    }
  }
  return Object.keys(operations).length === 0 ? latency : { ...latency, operations };
}

/** `zero`, `aws-like`, `5ms`, `6ms,30ms`, each with `,per100KiB=1ms` or not; `latency.hlog`, `latency.hlog:tag` */
function parseLatency(value: string): LatencyPlan {
  const [form = '', body] = value.split(',per100KiB=');
  const perBodyUs = body === undefined ? 0 : parseDurationUs(body);
  const plan = perBodyUs === null ? null : parseForm(form);
  if (plan !== null && perBodyUs !== null) return perBodyUs === 0 ? plan : { ...plan, perBodyUs };
  throw usageError(
    `--latency ${value} is no service time`,
    'Give zero, aws-like, one duration (5ms), median and p99 (6ms,30ms), or a histogram ' +
      '(latency.hlog:total.service), and what 100 KiB take: 5ms,per100KiB=500us.',
  );
}

function parseForm(form: string): LatencyPlan | null {
  if (form === 'zero' || form === 'aws-like') return { kind: form };
  const [, file, tag] = /^(.*\.hlog)(?::(.+))?$/.exec(form) ?? [];
  if (file !== undefined) return { kind: 'file', file, tag: tag ?? null };
  const [first, second, ...more] = form.split(',').map(parseDurationUs);
  if (first != null && second === undefined) return { kind: 'fixed', us: first };
  if (first != null && second != null && more.length === 0 && first > 0 && second >= first) {
    return { kind: 'lognormal', medianUs: first, p99Us: second };
  }
  return null;
}

/** `stall,at=20s,for=2s,shards=0+1` */
function parseFaultFlag(value: string): SimulatorOptions['faults'][number] {
  const [kind, ...parts] = value.split(',');
  const fault: Record<string, unknown> = { kind };
  for (const part of parts) {
    const [name = '', ...rest] = part.split('=');
    const given = rest.join('=');
    const isShards = name === 'shards' || name === 'shard';
    fault[isShards ? 'shards' : name] = isShards ? given.split('+').map(Number) : given;
  }
  try {
    return parseFault(fault);
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    throw usageError(
      `--fault ${value}: ${message}`,
      'Give a kind and its fields: --fault stall,at=20s,for=2s,shards=0+1',
    );
  }
}

function memory(value: string): number {
  const bytes = parseSizeBytes(value);
  if (bytes !== null && bytes >= MEMORY_MIN_BYTES) return bytes;
  throw usageError(
    `--memory ${value} is not allowed`,
    'Give a size of 1MiB or more: --memory 1GiB',
  );
}

function duration(args: Arguments, name: string, minUs: number, otherwise: number): number {
  const value = text(args, name);
  if (value === undefined) return otherwise;
  const us = parseDurationUs(value);
  if (us !== null && us >= minUs) return us;
  throw usageError(
    `--${name} ${value} is not allowed`,
    `Give a duration${minUs > 0 ? ' of 1ms or more' : ''}: --${name} 500ms`,
  );
}

function port(args: Arguments, name: string): number {
  return whole(name, text(args, name) ?? '', 0, PORT_MAX);
}

function whole(name: string, value: string, min: number, max: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= min && number <= max) return number;
  throw usageError(
    `--${name} ${value} is not allowed`,
    `Give a whole number from ${min} to ${max}: --${name} ${min}`,
  );
}

function oneOf<T extends string>(
  args: Arguments,
  name: string,
  allowed: readonly T[],
  otherwise: T,
): T {
  const value = text(args, name);
  if (value === undefined) return otherwise;
  const known = allowed.find((one) => one === value);
  if (known !== undefined) return known;
  throw usageError(`--${name} ${value} is not allowed`, `Give one of ${allowed.join(', ')}.`);
}

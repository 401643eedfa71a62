/** What a field of options may be. What is wrong is a ShardstormError SHARDSTORM_PRODUCER_USAGE that names it. */
import { ShardstormError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import {
  PUT_RECORDS_BYTES_MAX,
  PUT_RECORDS_COUNT_MAX,
  RECORD_BYTES_MAX,
} from '../kinesis/limits.ts';
import { usage } from './errors.ts';

/** Largest time: a hundred years, so that "for ever" (2^63-1) is no overflow. */
const MS_MAX = 3_155_760_000_000;

/** Smallest and largest value of each number. */
const BOUNDS: Readonly<Record<string, readonly [min: number, max: number]>> = {
  'aggregation.maxCount': [1, Number.MAX_SAFE_INTEGER],
  'aggregation.maxBytes': [64, RECORD_BYTES_MAX],
  'collection.maxCount': [1, PUT_RECORDS_COUNT_MAX],
  'collection.maxBytes': [52_224, PUT_RECORDS_BYTES_MAX],
  'collection.maxShardBytes': [1, PUT_RECORDS_BYTES_MAX],
  deadlineMs: [0, MS_MAX],
  maxBufferedMs: [0, MS_MAX],
  recordTtlMs: [100, MS_MAX],
  rateLimitPercent: [1, 1_000_000],
  maxConnections: [1, 256],
  requestTimeoutMs: [100, 600_000],
  connectTimeoutMs: [1, 600_000],
  maxBufferedBytes: [1, Number.MAX_SAFE_INTEGER],
  maxAttempts: [1, 65_535],
  maxWaiting: [0, 2 ** 31],
  maxWaitingBytes: [1, Number.MAX_SAFE_INTEGER],
  metricsUploadDelayMs: [1, 60_000],
  threads: [1, 1024],
  maxRecordBytes: [1, RECORD_BYTES_MAX],
};
const STREAM_NAME = /^[a-zA-Z0-9_.-]{1,128}$/;

/** A whole number within its bounds. */
export function whole(field: string, given: number | undefined, byDefault: number): number {
  if (given === undefined) return byDefault;
  const [min, max] = BOUNDS[field] ?? [0, Number.MAX_SAFE_INTEGER];
  if (Number.isInteger(given) && given >= min && given <= max) return given;
  throw usage(field, shown(given), `an integer from ${min} to ${max}`);
}

export function oneOf<T extends string>(field: string, given: T, allowed: readonly T[]): T {
  if (allowed.includes(given)) return given;
  throw usage(field, shown(given), allowed.join(', '));
}

export function flag(field: string, given: boolean | undefined, byDefault: boolean): boolean {
  if (given === undefined) return byDefault;
  if (typeof given === 'boolean') return given;
  throw usage(field, shown(given), 'true, false');
}

/** Text, or null where none is given. */
export function text(field: string, given: string | undefined): string | null {
  if (given === undefined || given === null) return null;
  if (typeof given === 'string' && given !== '') return given;
  throw usage(field, shown(given), 'text');
}

/** An http or https URL, or null where none is given. */
export function url(field: string, given: string | undefined): string | null {
  const named = text(field, given);
  if (named === null || (URL.canParse(named) && /^https?:/.test(named))) return named;
  throw usage(field, shown(named), 'an http:// or https:// URL, as http://127.0.0.1:4567');
}

/** Something that has these functions, or null where none is given. */
export function having<T extends object>(
  field: string,
  given: T | null | undefined,
  methods: readonly (keyof T & string)[],
): T | null {
  if (given === undefined || given === null) return null;
  if (methods.every((method) => typeof Object(given)[method] === 'function')) return given;
  throw usage(field, shown(given), `an object with ${methods.join('(), ')}()`);
}

export function list<T>(field: string, given: readonly T[] | undefined): readonly T[] {
  if (given === undefined) return [];
  if (Array.isArray(given)) return given;
  throw usage(field, shown(given), 'a list');
}

/** An object whose fields are among the known. */
export function objectOf(field: string, given: unknown, known: readonly string[]): object {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw usage(field, shown(given), 'an object');
  }
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || known.includes(name)) continue;
    throw new ShardstormError(
      'SHARDSTORM_PRODUCER_USAGE',
      `${field} has no "${name}"${didYouMean(name, known)}`,
      { hint: `Known are ${known.join(', ')}.` },
    );
  }
  return given;
}

/** Settings that belong together: what is given, checked by the defaults' types, and the defaults. */
export function group<T extends object>(name: string, byDefault: T, given: unknown): T {
  if (given === undefined) return byDefault;
  const chosen = new Map(Object.entries(objectOf(name, given, Object.keys(byDefault))));
  const check = ([field, usual]: [string, unknown]) => {
    const path = `${name}.${field}`;
    const value = chosen.get(field);
    const checked =
      typeof usual === 'number' ? whole(path, value, usual) : flag(path, value, usual as boolean);
    return [field, checked];
  };
  return Object.fromEntries(Object.entries(byDefault).map(check)) as T;
}

/** @throws ShardstormError SHARDSTORM_PRODUCER_USAGE when it is no stream's name */
export function checkStream(name: string): string {
  if (typeof name === 'string' && STREAM_NAME.test(name)) return name;
  throw usage('stream', shown(name), '1 to 128 letters, digits, ".", "_" and "-"');
}

/** Never of data, keys or credentials. */
function shown(given: unknown): string {
  if (typeof given === 'string') return JSON.stringify(given);
  if (typeof given === 'object' && given !== null)
    return Array.isArray(given) ? 'a list' : 'an object';
  return typeof given === 'function' ? 'a function' : String(given);
}

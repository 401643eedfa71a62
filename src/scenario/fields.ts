/**
 * Building blocks of the scenario schema. Each says what it expects as a phrase ("a duration such as 250ms"), in its
 * error and in the JSON Schema alike; problems.ts puts the phrase behind the field's path and value. A phrase that
 * starts with "one of " lists names, from which the nearest is suggested; one that starts with "! " stands alone.
 */
import { z } from 'zod';
import { parseDurationUs, parsePercent, parseRate, parseSizeBytes } from '../core/units.ts';
import { parseMetricName } from './thresholds.ts';

/** What a phrase that lists names starts with. */
export const ONE_OF = 'one of ';

/** What an error starts with that is a sentence of its own, not a phrase to put behind "expected". */
export const SENTENCE = '! ';

/** Bounds, in the unit that the text is parsed to; the phrase names them in words. */
interface Bounds {
  readonly min?: number;
  readonly max?: number;
  /** ` of at least 1ms`: ends the phrase. */
  readonly words?: string;
}

function quantity<T>(phrase: string, example: string, parse: (text: string) => T | null) {
  return z
    .string({ error: phrase })
    .meta({ description: phrase, examples: [example] })
    .transform((text, context): T => {
      const value = parse(text);
      if (value !== null) return value;
      context.addIssue({ code: 'custom', message: phrase });
      return z.NEVER;
    });
}

const within = (value: number | null, { min = 0, max = Number.POSITIVE_INFINITY }: Bounds) =>
  value === null || !Number.isFinite(value) || value < min || value > max ? null : value;

/** Text with a unit → whole microseconds. At least 1 ms unless bounded otherwise. */
export function duration(bounds: Bounds = { min: 1_000, words: ' of at least 1ms' }) {
  const phrase = `a duration such as 250ms, 10s or 1m30s${bounds.words ?? ''}`;
  return quantity(phrase, '10s', (text) => {
    const us = parseDurationUs(text);
    return within(us === null ? null : Math.round(us), bounds);
  });
}

/** Text with a unit → whole bytes. */
export function size(bounds: Bounds = { min: 0 }) {
  const phrase = `a size such as 200B, 50KiB or 5MiB${bounds.words ?? ''}`;
  return quantity(phrase, '50KiB', (text) => within(parseSizeBytes(text), bounds));
}

/** Rates beyond these are mistakes, and would not survive being written as decimals. */
const RATE_MIN = 0.001;
const RATE_MAX = 1e12;

/**
 * Text → a rate of user records or of bytes, above zero unless zero is allowed.
 * @param ofZero what a rate of zero means, where that is to be told
 */
export function rate(allowsZero = false, ofZero = '') {
  const isPlain = allowsZero && ofZero === '';
  const phrase = `a rate ${isPlain ? '' : 'above zero '}such as 5000/s, 600/m or 2 MB/s, at least ${RATE_MIN}/s${ofZero}`;
  return quantity(phrase, '5000/s', (text) => {
    const parsed = parseRate(text);
    if (allowsZero && parsed?.perSecond === 0) return parsed;
    const value = within(parsed?.perSecond ?? null, { min: RATE_MIN, max: RATE_MAX });
    return value === null ? null : parsed;
  });
}

/** A share of one: `0.1%` or `0.001`. */
export function fraction(bounds: Bounds & { readonly words: string }) {
  const phrase = `a percentage such as 0.5%, or a fraction such as 0.005,${bounds.words}`;
  return z.union(
    [
      quantity(phrase, '0.5%', (text) => within(parsePercent(text), bounds)),
      z
        .number({ error: phrase })
        .min(bounds.min ?? 0, { error: phrase })
        .max(bounds.max ?? Number.MAX_VALUE, { error: phrase }),
    ],
    { error: phrase },
  );
}

/** A percentage that may pass 100 %, as text only: `150` could be read two ways. */
export function percent() {
  return quantity('a percentage above zero such as 150%', '150%', (text) =>
    within(parsePercent(text), { min: 0.0001, max: 1e6 }),
  );
}

/** A whole number. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER) {
  const upper = max === Number.MAX_SAFE_INTEGER ? '2^53-1' : String(max);
  const error = `a whole number, ${min} to ${upper}`;
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error });
}

/** A finite number above zero. */
export function positive(max: number, example: string) {
  const error = `a number above 0 up to ${max}, such as ${example}`;
  return z.number({ error }).gt(0, { error }).max(max, { error });
}

export function text(phrase: string, lengthMin = 1, lengthMax = 1024) {
  return z
    .string({ error: phrase })
    .min(lengthMin, { error: phrase })
    .max(lengthMax, { error: phrase })
    .meta({ description: phrase });
}

/** Text of a fixed form. */
export function pattern(form: RegExp, phrase: string) {
  return z.string({ error: phrase }).regex(form, { error: phrase }).meta({ description: phrase });
}

export function flag() {
  return z.boolean({ error: 'true or false' });
}

/** One of a few names. */
export function choice<const T extends readonly [string, ...string[]]>(names: T) {
  return z.enum(names, { error: ONE_OF + names.join(', ') });
}

/** A mapping with exactly these fields; the error of an unknown one lists them. */
export function section<const T extends z.core.$ZodLooseShape>(shape: T) {
  const names = ONE_OF + Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? names
        : `a section with the fields ${names.slice(ONE_OF.length)}`,
  });
}

export function list<T extends z.ZodType>(items: T, phrase: string, lengthMin = 0) {
  return z.array(items, { error: phrase }).min(lengthMin, { error: phrase });
}

/** The full path of a metric of summary.json. */
export function metricName() {
  return z
    .string({ error: 'a metric of summary.json such as response.p99' })
    .meta({ description: 'a metric of summary.json', examples: ['response.p99'] })
    .transform((name, context): string => {
      const metric = parseMetricName(name);
      if (typeof metric === 'string') return metric;
      context.addIssue({ code: 'custom', message: SENTENCE + metric.problem });
      return z.NEVER;
    });
}

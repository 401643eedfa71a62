/** The recommended setting in the two forms that people take away: a scenario to run, and properties for the KPL. */
import { stringify } from 'yaml';
import { parseDurationUs, parsePercent, parseSizeBytes } from '../core/units.ts';

/** Fields of the stored scenario that belong to the comparison, not to the setting. */
const COMPARISON_FIELDS = ['matrix', 'variants', 'blocks', 'primary', 'margin'] as const;

/**
 * A scenario that runs with the recommended setting.
 * @param scenario a run's scenario.yaml, parsed
 * @param tags names of the tags that the sweep gave it
 * @param reason a sentence for its head
 */
export function recommendedScenario(
  scenario: Readonly<Record<string, unknown>>,
  tags: readonly string[],
  reason: string,
): string {
  const kept = Object.fromEntries(
    Object.entries(scenario).filter(
      ([field]) => !COMPARISON_FIELDS.some((dropped) => dropped === field),
    ),
  );
  const own = Object.entries(kept['tags'] ?? {}).filter(([name]) => !tags.includes(name));
  const head = reason.split('\n').map((line) => `# ${line}\n`);
  return `${head.join('')}${stringify({ ...kept, tags: Object.fromEntries(own) }, { lineWidth: 100 })}`;
}

/** A property of the KPL, where our setting stands, and how its value is written there. */
interface Property {
  readonly name: string;
  readonly field: string;
  readonly unit: 'count' | 'flag' | 'ms' | 'bytes' | 'percent';
  /** What the KPL allows (KinesisProducerConfiguration 1.0.7). */
  readonly min: number;
  readonly max: number;
}

const PROPERTIES: readonly Property[] = [
  { name: 'AggregationEnabled', field: 'aggregation.enabled', unit: 'flag', min: 0, max: 1 },
  property('AggregationMaxCount', 'aggregation.maxCount', 'count', 1),
  property('AggregationMaxSize', 'aggregation.maxSize', 'bytes', 64, 10_485_760),
  property('CollectionMaxCount', 'collection.maxCount', 'count', 1, 500),
  property('CollectionMaxSize', 'collection.maxSize', 'bytes', 52_224),
  { name: 'FailIfThrottled', field: 'failIfThrottled', unit: 'flag', min: 0, max: 1 },
  property('MaxConnections', 'maxConnections', 'count', 1, 256),
  property('RateLimit', 'rateLimit.percent', 'percent', 1),
  property('RecordMaxBufferedTime', 'maxBufferedTime', 'ms', 0),
  property('RecordTtl', 'recordTtl', 'ms', 100),
  property('RequestTimeout', 'requestTimeout', 'ms', 100, 600_000),
];

function property(
  name: string,
  field: string,
  unit: Property['unit'],
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): Property {
  return { name, field, unit, min, max };
}

/**
 * The producer's settings as a properties file of the KPL. What it cannot hold is said in comments.
 * @param scenario a run's scenario.yaml, parsed
 */
export function kplProperties(scenario: Readonly<Record<string, unknown>>, reason: string): string {
  const producer = scenario['producer'];
  const lines = PROPERTIES.flatMap((wanted) =>
    propertyLines(wanted, fieldAt(producer, wanted.field)),
  );
  return [
    ...reason.split('\n').map((line) => `# ${line}`),
    ...remarks(producer),
    ...lines,
    '',
  ].join('\n');
}

/** What the properties cannot say. */
function remarks(producer: unknown): string[] {
  const profile = fieldAt(producer, 'profile');
  const remark = (isDue: boolean, text: string) => (isDue ? [`# ${text}`] : []);
  return [
    ...remark(
      profile !== 'kpl',
      `Measured with the profile ${String(profile)}: expect other figures from the KPL, or measure with the profile kpl.`,
    ),
    ...remark(
      fieldAt(producer, 'rateLimit') === 'off',
      'Measured without a rate limit, which the KPL cannot do; its default is 150.',
    ),
    ...remark(
      fieldAt(producer, 'rateLimit.share') === 'process',
      'Measured with one rate limit for all producers together; in the KPL each has its own.',
    ),
  ];
}

function propertyLines({ name, unit, min, max }: Property, value: unknown): string[] {
  if (value === undefined) return [];
  if (unit === 'flag') return [`${name} = ${value === true}`];
  const number = numberOf(unit, value);
  if (number === null) return [`# ${name}: ${JSON.stringify(value)} has no counterpart in the KPL`];
  const allowed = Math.min(max, Math.max(min, number));
  const line = `${name} = ${allowed}`;
  return allowed === number
    ? [line]
    : [`# measured with ${number}; the KPL allows ${min} to ${max}`, line];
}

function numberOf(unit: Property['unit'], value: unknown): number | null {
  if (unit === 'count') return typeof value === 'number' ? value : null;
  if (typeof value !== 'string') return null;
  if (unit === 'bytes') return parseSizeBytes(value);
  if (unit === 'percent') {
    const fraction = parsePercent(value);
    return fraction === null ? null : Math.round(fraction * 100);
  }
  const us = parseDurationUs(value);
  return us === null ? null : Math.round(us / 1000);
}

function fieldAt(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (held, name) =>
        typeof held === 'object' && held !== null
          ? (held as Readonly<Record<string, unknown>>)[name]
          : undefined,
      value,
    );
}

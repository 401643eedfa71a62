import { parseDurationUs, parsePercent, parseSizeBytes } from '../core/units.ts';
import { importKplProperties } from '../scenario/kpl-properties.ts';
import type { ProducerOptions } from './options.ts';

export interface ImportedSettings {
  /** Options of a producer with the KPL's behaviour. */
  readonly options: ProducerOptions;
  /** Sentences for people: properties without meaning here, unknown ones, values that were capped. */
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

/** Reads a properties file of the KPL. Values that are wrong are refused by the producer that is made with them. */
export function settingsFromKplProperties(text: string): ImportedSettings {
  const { fields, notes } = importKplProperties(text);
  const options: Record<string, unknown> = { profile: 'kpl' };
  for (const { path, value } of fields) {
    const place = OPTIONS[path.join('.')];
    if (place === undefined) continue;
    const [group, name] = place;
    const number = typeof value === 'string' ? quantity(value) : null;
    const converted = number ?? value;
    if (group === null) options[name] = converted;
    else options[group] = { ...(options[group] as object | undefined), [name]: converted };
  }
  return { options, notes };
}

/** Milliseconds, bytes or percent; null when it is none of these. */
function quantity(text: string): number | null {
  const us = parseDurationUs(text);
  if (us !== null) return us / 1000;
  const fraction = parsePercent(text);
  return fraction === null ? parseSizeBytes(text) : fraction * 100;
}

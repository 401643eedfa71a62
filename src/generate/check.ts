import { ShardstormError } from '../core/errors.ts';
import { PARTITION_KEY_CHARACTERS_MAX, RECORD_BYTES_MAX } from '../kinesis/limits.ts';
import { STAMP_BYTES } from '../kinesis/stamp.ts';
import type { PartitionKey, Payload, PayloadSize, RecordKind } from './kinds.ts';
import { sizeBytesMax, sizeBytesMin } from './sizes.ts';
import { JSON_STAMP_PAYLOAD_BYTES } from './stamps.ts';
import { jsonTemplate, textTemplate } from './template.ts';

/** Ranks are kept in 32 bits. */
const CARDINALITY_MAX = 2 ** 31;

/** Everything that is wrong with the kinds of record of a scenario, each problem with its field, value and remedy. */
export function checkRecordKinds(records: readonly RecordKind[]): ShardstormError[] {
  if (records.length === 0) return [invalid('records', 'is empty', 'Give one kind of record.')];
  return records.flatMap((kind, index) => {
    const field = records.length === 1 ? 'records' : `records[${index}]`;
    const problems: ShardstormError[] = [];
    const check = (run: () => void) => {
      try {
        run();
      } catch (thrown) {
        if (!(thrown instanceof ShardstormError)) throw thrown;
        problems.push(thrown);
      }
    };
    check(() => requireNumber(`${field}.weight`, kind.weight, Number.MIN_VALUE));
    check(() => checkKey(kind.partitionKey, kind.payload, `${field}.partitionKey`));
    check(() => checkPayload(kind.payload, kind.stamp, `${field}.payload`));
    return problems;
  });
}

function checkKey(key: PartitionKey, payload: Payload, field: string): void {
  if (key.kind === 'column') {
    if (payload.kind === 'file') return;
    const hint = 'Use payload.kind: file, or another kind of partition key.';
    throw invalid(`${field}.kind`, `column needs a payload from a file, not ${payload.kind}`, hint);
  }
  if (key.kind === 'template') {
    checkKeyTemplate(key.template, `${field}.template`);
    return;
  }
  requireInteger(`${field}.cardinality`, key.cardinality, 1, CARDINALITY_MAX);
  if (key.kind === 'zipf') requireNumber(`${field}.exponent`, key.exponent, 0);
  if (key.kind === 'hot') {
    requireInteger(`${field}.keys`, key.keys, 1, CARDINALITY_MAX);
    requireNumber(`${field}.share`, key.share, 0, 1);
  }
  const ranks = key.cardinality + (key.kind === 'hot' ? key.keys : 0);
  const characters = [...key.prefix].length + String(ranks - 1).length;
  if (characters > PARTITION_KEY_CHARACTERS_MAX) {
    const what = `keys of ${characters} characters, at most ${PARTITION_KEY_CHARACTERS_MAX}`;
    throw invalid(`${field}.prefix`, what, 'Shorten the prefix.');
  }
}

function checkKeyTemplate(text: string, field: string): void {
  if (/\{\{\s*key\s*\}\}/.test(text)) {
    throw invalid(field, '{{key}} is this key itself', 'Use another generator.');
  }
  if (text === '') throw invalid(field, 'is empty', 'A partition key has at least 1 character.');
  const { bytesMax } = textTemplate(text, field);
  if (bytesMax > PARTITION_KEY_CHARACTERS_MAX) {
    const what = `up to ${bytesMax} bytes, at most ${PARTITION_KEY_CHARACTERS_MAX}`;
    throw invalid(field, what, 'Shorten the template.');
  }
}

function checkPayload(payload: Payload, isStamped: boolean, field: string): void {
  if (payload.kind === 'file') return;
  if (payload.kind === 'json') {
    const { template } = payload;
    jsonTemplate(template, `${field}.template`);
    const isObject = typeof template === 'object' && template !== null && !Array.isArray(template);
    if (!isObject && (isStamped || payload.size !== null)) {
      const what = `is not an object, so it cannot hold ${isStamped ? 'a stamp' : 'padding'}`;
      throw invalid(`${field}.template`, what, 'Use an object, or stamp: false and no size.');
    }
    if (payload.size === null) return;
  } else requireNumber(`${field}.compressible`, payload.compressible, 0, 1);
  const stampBytes = payload.kind === 'json' ? JSON_STAMP_PAYLOAD_BYTES : STAMP_BYTES;
  if (payload.size !== null) checkSize(payload.size, isStamped ? stampBytes : 0, `${field}.size`);
}

function checkSize(size: PayloadSize, bytesMin: number, field: string): void {
  if (size.kind === 'lognormal') {
    requireNumber(`${field}.median`, size.medianBytes, 1);
    requireNumber(`${field}.p99`, size.p99Bytes, size.medianBytes);
  }
  if (size.kind === 'empirical' && !size.sizes.some(({ weight }) => weight > 0)) {
    throw invalid(field, 'has no size with a weight above 0', 'Give at least one.');
  }
  const smallest = sizeBytesMin(size);
  if (smallest < bytesMin) {
    const hint = `Use at least ${bytesMin}B, or stamp: false.`;
    throw invalid(field, `${smallest} B is less than the ${bytesMin} B of the stamp`, hint);
  }
  requireInteger(field, sizeBytesMax(size), Math.ceil(smallest), RECORD_BYTES_MAX);
}

function requireInteger(field: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value)) throw invalid(field, `${value} is not whole`, `Allowed: integers.`);
  requireNumber(field, value, min, max);
}

function requireNumber(
  field: string,
  value: number,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): void {
  if (value >= min && value <= max) return;
  const least = min === Number.MIN_VALUE ? 'above 0' : `at least ${min}`;
  const most = max === Number.MAX_SAFE_INTEGER ? '' : `, at most ${max}`;
  throw invalid(field, `${value} is not allowed`, `Allowed: ${least}${most}.`);
}

function invalid(field: string, what: string, hint: string): ShardstormError {
  return new ShardstormError('SHARDSTORM_SCENARIO_INVALID', `${field}: ${what}`, { hint });
}

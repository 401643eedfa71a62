import { ShardstormError } from '../../core/errors.ts';
import { parseDurationUs, parsePercent } from '../../core/units.ts';
import { FAULT_KINDS } from '../../kinesis/faults.ts';
import type { FaultRule } from '../core/options.ts';
import { isRecord } from '../operations/input.ts';

const FIELDS = ['kind', 'rate', 'at', 'for', 'shard', 'shards', 'operation'] as const;
const EXAMPLE = '{"kind": "stall", "for": "2s", "shards": [0]}';

function wrong(message: string): ShardstormError {
  return new ShardstormError('SHARDSTORM_SIMULATOR_USAGE', message, {
    hint: `A fault is written as in a scenario, such as ${EXAMPLE}.`,
  });
}

/**
 * A fault as people write it: durations and percentages with their units.
 * @throws ShardstormError SHARDSTORM_SIMULATOR_USAGE naming the field, its value and what is allowed
 */
export function parseFault(value: unknown): FaultRule {
  if (!isRecord(value)) throw wrong('a fault must be an object');
  for (const name of Object.keys(value)) {
    if (FIELDS.every((field) => field !== name)) {
      throw wrong(`'${name}' is no field of a fault; the fields are ${FIELDS.join(', ')}`);
    }
  }
  const { kind, operation = null } = value;
  if (typeof kind !== 'string' || FAULT_KINDS.every((known) => known !== kind)) {
    throw wrong(`kind is ${JSON.stringify(kind)}; it must be one of ${FAULT_KINDS.join(', ')}`);
  }
  if (operation !== null && typeof operation !== 'string') {
    throw wrong('operation must be the name of an operation, such as PutRecords');
  }
  const rate = fraction(value['rate']);
  const forUs = duration('for', value['for']);
  const atUs = duration('at', value['at']);
  return { kind, rate, atUs, forUs, shards: shardList(value), operation };
}

function fraction(value: unknown): number | null {
  if (value === undefined) return null;
  const number = typeof value === 'string' ? parsePercent(value) : value;
  if (typeof number === 'number' && number >= 0 && number <= 1) return number;
  throw wrong(`rate is ${JSON.stringify(value)}; it must be 0 to 1, or a percentage such as "5%"`);
}

function duration(name: string, value: unknown): number | null {
  if (value === undefined) return null;
  const us = typeof value === 'string' ? parseDurationUs(value) : null;
  if (us !== null) return us;
  throw wrong(`${name} is ${JSON.stringify(value)}; it must be a duration such as "2s"`);
}

function shardList(value: Record<string, unknown>): readonly number[] | null {
  const list = value['shards'] ?? (value['shard'] === undefined ? null : [value['shard']]);
  if (list === null) return null;
  const isNumber = (item: unknown): item is number =>
    typeof item === 'number' && Number.isInteger(item) && item >= 0;
  if (Array.isArray(list) && list.length > 0 && list.every(isNumber)) return list;
  throw wrong(`shards is ${JSON.stringify(list)}; it must be a list of shard numbers`);
}

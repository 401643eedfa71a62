import { ShardstormError } from '../../core/errors.ts';
import { parseDurationUs, parsePercent } from '../../core/units.ts';
import { FAULT_KINDS, neverFires } from '../../kinesis/faults.ts';
import { KINESIS_OPERATIONS } from '../../kinesis/operations.ts';
import type { FaultRule } from '../core/options.ts';
import { PlannedReshards } from '../core/planned-reshards.ts';
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
  if (operation !== null && !isOperation(operation)) {
    throw wrong(
      `operation is ${JSON.stringify(operation)}; it must be one of ${KINESIS_OPERATIONS.join(', ')}`,
    );
  }
  const rate = fraction(value['rate']);
  const forUs = duration('for', value['for']);
  const atUs = duration('at', value['at']);
  const rule = { kind, rate, atUs, forUs, shards: shardList(value), operation };
  if (rate !== null && PlannedReshards.isOne(rule)) {
    throw wrong(`rate is ${JSON.stringify(value['rate'])}; ${kind} happens once and has none`);
  }
  const never = neverFires(rule);
  if (never !== null) throw wrong(`operation is ${JSON.stringify(operation)}; ${never}`);
  return rule;
}

function isOperation(value: unknown): value is string {
  return KINESIS_OPERATIONS.some((known) => known === value);
}

function fraction(value: unknown): number | null {
  if (value === undefined) return null;
  const number = typeof value === 'string' ? (parsePercent(value) ?? plainNumber(value)) : value;
  if (typeof number === 'number' && number > 0 && number <= 1) return number;
  throw wrong(
    `rate is ${JSON.stringify(value)}; it must be above 0, up to 1, or a percentage such as "5%"`,
  );
}

/** `0.01`, `1e-3` */
function plainNumber(text: string): number | null {
  return /^(\d+(\.\d*)?|\.\d+)(e-?\d+)?$/i.test(text) ? Number(text) : null;
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

/**
 * The two generic checks that the service makes of an input, in its order and words: types (SerializationException, the
 * first one found), then constraints (ValidationException, up to ten at once).
 */
import { ServiceError, validation } from '../core/service-error.ts';
import { isRecord } from '../operations/input.ts';
import type { Member, Members } from '../operations/member.ts';
import type { Protocol } from './protocol.ts';

const ERRORS_MAX = 10;

function serialization(message: string): ServiceError {
  return new ServiceError('SerializationException', message);
}

/**
 * The body with known members only, blobs as bytes and times as milliseconds.
 * @throws ServiceError SerializationException
 */
export function checkTypes(
  body: unknown,
  members: Members,
  protocol: Protocol,
): Record<string, unknown> {
  if (Array.isArray(body)) return {};
  if (!isRecord(body)) throw serialization('');
  const checked: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(members)) {
    const value = Object.hasOwn(body, name) ? body[name] : undefined;
    if (value !== undefined && value !== null) checked[name] = checkType(value, member, protocol);
  }
  return checked;
}

function checkType(value: unknown, member: Member, protocol: Protocol): unknown {
  switch (member.type) {
    case 'string':
      return typeof value === 'string' ? value : fail(value, 'an String');
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : fail(value, 'an Integer');
    case 'boolean':
      return typeof value === 'boolean' ? value : fail(value, 'an Boolean');
    case 'timestamp':
      return epochMs(value, protocol);
    case 'blob':
      return value instanceof Uint8Array ? value : decodeBlob(value);
    case 'list':
      if (!Array.isArray(value)) return failContainer(value, 'Expected list or null');
      return value.map((item) => checkType(item, member.of, protocol));
    case 'map':
      return isRecord(value) ? textMap(value) : failContainer(value, 'Expected map or null');
    case 'structure':
      if (!isRecord(value)) return failContainer(value, 'Expected null');
      return checkTypes(value, member.members, protocol);
  }
}

/** Maps of this API hold texts only; what is null is not there. */
function textMap(map: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(map).filter(([, value]) => value !== null);
  for (const [, value] of entries) if (typeof value !== 'string') fail(value, 'an String');
  return Object.fromEntries(entries);
}

function fail(value: unknown, wanted: string): never {
  if (Array.isArray(value)) throw serialization('Start of list found where not expected');
  if (isRecord(value)) throw serialization('Start of structure or map found where not expected.');
  throw serialization(`class ${javaClass(value)} can not be converted to ${wanted}`);
}

function failContainer(value: unknown, text: string): never {
  if (Array.isArray(value)) throw serialization('Start of list found where not expected');
  if (isRecord(value)) throw serialization('Start of structure or map found where not expected.');
  throw serialization(text);
}

function javaClass(value: unknown): string {
  if (typeof value === 'number') return 'com.amazon.coral.value.json.numbers.TruncatingBigNumber';
  return typeof value === 'boolean' ? 'java.lang.Boolean' : 'java.lang.String';
}

function epochMs(value: unknown, protocol: Protocol): number {
  if (typeof value !== 'number') return fail(value, 'milliseconds since epoch');
  return protocol === 'json' ? Math.round(value * 1000) : value;
}

function decodeBlob(text: unknown): Uint8Array {
  if (typeof text !== 'string') return fail(text, 'a Blob');
  const unfit = `'${text}' can not be converted to a Blob: `;
  if (text.length % 4 !== 0) {
    throw serialization(
      `${unfit}Base64 encoded length is expected a multiple of 4 bytes but found: ${text.length}`,
    );
  }
  const wrong = /[^A-Za-z0-9+/=]|=(?!=?$)/.exec(text);
  if (wrong !== null) {
    throw serialization(`${unfit}Invalid Base64 character: '${wrong[0]}'`);
  }
  const data = Buffer.from(text, 'base64');
  if (data.toString('base64') !== text) {
    throw serialization(`${unfit}Invalid last non-pad Base64 character dectected`);
  }
  return data;
}

/** @throws ServiceError ValidationException with every broken constraint, ten at the most */
export function checkConstraints(values: Record<string, unknown>, members: Members): void {
  const errors: string[] = [];
  collect(values, members, '', errors);
  if (errors.length === 0) return;
  const count = `${errors.length} validation error${errors.length > 1 ? 's' : ''} detected: `;
  throw validation(count + errors.join('; '));
}

function collect(
  values: Record<string, unknown>,
  members: Members,
  prefix: string,
  errors: string[],
): void {
  for (const [name, member] of Object.entries(members)) {
    if (errors.length >= ERRORS_MAX) return;
    const path = prefix + name.charAt(0).toLowerCase() + name.slice(1);
    const value = values[name];
    if (value === undefined) {
      if (member.isRequired === true) errors.push(violation(null, path, 'Member must not be null'));
    } else {
      for (const constraint of broken(value, member)) {
        if (errors.length < ERRORS_MAX) errors.push(violation(value, path, constraint));
      }
      descend(value, member, path, errors);
    }
  }
}

function descend(value: unknown, member: Member, path: string, errors: string[]): void {
  if (member.type === 'structure' && isRecord(value)) {
    collect(value, member.members, `${path}.`, errors);
  } else if (member.type === 'list' && Array.isArray(value) && !isTooLong(value, member)) {
    const element = member.of;
    if (element.type !== 'structure') {
      if (value.every((item) => isKept(item, element))) return;
      const constraint = `Member must satisfy constraint: [${constraintsOf(element)}]`;
      errors.push(violation(value, path, constraint));
      return;
    }
    for (const [i, item] of value.entries()) {
      if (errors.length >= ERRORS_MAX) return;
      if (isRecord(item)) collect(item, element.members, `${path}.${i + 1}.member.`, errors);
    }
  }
}

function isKept(value: unknown, member: Member): boolean {
  return broken(value, member).next().done === true;
}

/** The constraints on the elements of a list, as they are printed. */
function constraintsOf(member: Member): string {
  if (member.type !== 'string') return '';
  if (member.values !== undefined) {
    return `Member must satisfy enum value set: [${member.values.join(', ')}]`;
  }
  return lengthText(member.lengthMin ?? 0, member.lengthMax ?? 0);
}

function lengthText(min: number, max: number): string {
  return (
    `Member must have length less than or equal to ${max}, ` +
    `Member must have length greater than or equal to ${min}`
  );
}

function isTooLong(value: unknown[], member: { readonly lengthMax?: number }): boolean {
  return member.lengthMax !== undefined && value.length > member.lengthMax;
}

/** Texts of the constraints that the value breaks. */
function* broken(value: unknown, member: Member): Generator<string> {
  switch (member.type) {
    case 'string': {
      const text = String(value);
      if (member.pattern !== undefined && !new RegExp(`^(?:${member.pattern})$`).test(text)) {
        yield `Member must satisfy regular expression pattern: ${member.pattern}`;
      }
      yield* brokenLength([...text].length, member);
      if (member.values !== undefined && !member.values.includes(text)) {
        yield `Member must satisfy enum value set: [${member.values.join(', ')}]`;
      }
      return;
    }
    case 'integer': {
      const number = Number(value);
      if (member.min !== undefined && number < member.min) {
        yield `Member must have value greater than or equal to ${member.min}`;
      }
      if (member.max !== undefined && number > member.max) {
        yield `Member must have value less than or equal to ${member.max}`;
      }
      return;
    }
    case 'blob':
      if (value instanceof Uint8Array) yield* brokenLength(value.length, member);
      return;
    case 'list':
      if (Array.isArray(value)) yield* brokenLength(value.length, member);
      return;
    case 'map':
      if (isRecord(value)) yield* brokenMap(value, member);
      return;
    default:
  }
}

const TAG_KEY_LENGTH_MAX = 128;
const TAG_VALUE_LENGTH_MAX = 256;

function* brokenMap(map: Record<string, unknown>, member: Member): Generator<string> {
  if (member.type !== 'map') return;
  yield* brokenLength(Object.keys(map).length, member);
  if (Object.keys(map).some((key) => key.length < 1 || key.length > TAG_KEY_LENGTH_MAX)) {
    yield `Map keys must satisfy constraint: [${lengthText(1, TAG_KEY_LENGTH_MAX)}]`;
  }
  if (Object.values(map).some((value) => String(value).length > TAG_VALUE_LENGTH_MAX)) {
    yield `Map value must satisfy constraint: [${lengthText(0, TAG_VALUE_LENGTH_MAX)}]`;
  }
}

function* brokenLength(
  length: number,
  { lengthMin, lengthMax }: { readonly lengthMin?: number; readonly lengthMax?: number },
): Generator<string> {
  if (lengthMin !== undefined && length < lengthMin) {
    yield `Member must have length greater than or equal to ${lengthMin}`;
  }
  if (lengthMax !== undefined && length > lengthMax) {
    yield `Member must have length less than or equal to ${lengthMax}`;
  }
}

function violation(value: unknown, path: string, constraint: string): string {
  const shown = value === null ? 'null' : `'${javaValue(value)}'`;
  return `Value ${shown} at '${path}' failed to satisfy constraint: ${constraint}`;
}

/** A value as the service's Java prints it. */
function javaValue(value: unknown): string {
  if (value instanceof Uint8Array) {
    return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`;
  }
  if (Array.isArray(value)) {
    const entry = (item: unknown) =>
      isRecord(item) ? 'com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@1' : javaValue(item);
    return `[${value.map(entry).join(', ')}]`;
  }
  if (!isRecord(value)) return String(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${key}=${String(item)}`)
    .join(', ')}}`;
}

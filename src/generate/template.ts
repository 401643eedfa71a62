/**
 * Templates: text with `{{generator arguments}}` in it, read once into a list of literal bytes and generators, then written
 * as bytes for each record.
 */
import { ShardstormError } from '../core/errors.ts';
import type { RecordContext } from './record-context.ts';
import { TEMPLATE_GENERATORS, type TemplateGenerator } from './template-generators.ts';

/** Generators in one template at the most. */
const GENERATORS_MAX = 1000;

/** A template, ready to be written. */
export class Template {
  /** Bytes of its text at the most. */
  readonly bytesMax: number;
  /** Random draws that one record takes. */
  readonly draws: number;
  /** Literal bytes and generators in the order of the text. */
  readonly #parts: readonly (Uint8Array | TemplateGenerator)[];
  /** First draw of each part. */
  readonly #slots: Uint32Array;

  constructor(parts: readonly (Uint8Array | TemplateGenerator)[]) {
    this.#parts = parts;
    this.#slots = new Uint32Array(parts.length);
    let bytesMax = 0;
    let draws = 0;
    parts.forEach((part, i) => {
      this.#slots[i] = draws;
      bytesMax += part instanceof Uint8Array ? part.length : part.bytesMax;
      draws += part instanceof Uint8Array ? 0 : part.draws;
    });
    this.bytesMax = bytesMax;
    this.draws = draws;
  }

  /** Writes the text to `target[at …]`, which has room for `bytesMax`; returns the place after it. */
  write(target: Uint8Array, at: number, context: RecordContext): number {
    const parts = this.#parts;
    let place = at;
    for (let p = 0; p < parts.length; p++) {
      const part = parts[p] as Uint8Array | TemplateGenerator;
      if (part instanceof Uint8Array) {
        for (let i = 0; i < part.length; i++) target[place + i] = part[i] as number;
        place += part.length;
      } else place = part.write(target, place, context, this.#slots[p] as number);
    }
    return place;
  }
}

/**
 * A template of plain text.
 * @param field where it stands in the scenario, for messages
 * @throws SHARDSTORM_SCENARIO_INVALID
 */
export function textTemplate(text: string, field: string): Template {
  return new Template(compact(textParts(text, field, (literal) => literal)));
}

/**
 * A template of JSON: any value, with generators inside its strings. A string that is nothing but one generator of a number
 * or boolean becomes that number or boolean.
 * @throws SHARDSTORM_SCENARIO_INVALID
 */
export function jsonTemplate(value: unknown, field: string): Template {
  const parts: (string | TemplateGenerator)[] = [];
  appendJson(parts, value, field);
  return new Template(compact(parts));
}

function appendJson(parts: (string | TemplateGenerator)[], value: unknown, field: string): void {
  if (typeof value === 'string') {
    appendJsonString(parts, value, field);
  } else if (Array.isArray(value)) {
    value.forEach((item, i) => {
      parts.push(i === 0 ? '[' : ',');
      appendJson(parts, item, `${field}[${i}]`);
    });
    parts.push(value.length === 0 ? '[]' : ']');
  } else if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value);
    members.forEach(([name, member], i) => {
      parts.push(`${i === 0 ? '{' : ','}${JSON.stringify(name)}:`);
      appendJson(parts, member, `${field}.${name}`);
    });
    parts.push(members.length === 0 ? '{}' : '}');
  } else parts.push(JSON.stringify(value) ?? 'null');
}

function appendJsonString(
  parts: (string | TemplateGenerator)[],
  text: string,
  field: string,
): void {
  const inner = textParts(text, field, (literal) => JSON.stringify(literal).slice(1, -1));
  const only = inner.length === 1 ? inner[0] : undefined;
  if (typeof only === 'object' && only.isBare) parts.push(only);
  else parts.push('"', ...inner, '"');
}

function textParts(
  text: string,
  field: string,
  encode: (literal: string) => string,
): (string | TemplateGenerator)[] {
  const parts: (string | TemplateGenerator)[] = [];
  let at = 0;
  for (;;) {
    const open = text.indexOf('{{', at);
    if (open < 0) break;
    const close = text.indexOf('}}', open);
    if (close < 0) throw wrong(field, `{{ at character ${open + 1} is never closed`);
    if (open > at) parts.push(encode(text.slice(at, open)));
    parts.push(generator(text.slice(open + 2, close), field, encode));
    if (parts.length > GENERATORS_MAX) throw wrong(field, `more than ${GENERATORS_MAX} parts`);
    at = close + 2;
  }
  if (at < text.length) parts.push(encode(text.slice(at)));
  return parts;
}

function generator(
  call: string,
  field: string,
  encode: (literal: string) => string,
): TemplateGenerator {
  const words = [...call.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );
  const [name = '', ...args] = words;
  const type = Object.hasOwn(TEMPLATE_GENERATORS, name) ? TEMPLATE_GENERATORS[name] : undefined;
  if (type === undefined) throw wrong(field, `unknown generator "${name}"`);
  const made = type.make(args, (text) => Buffer.from(encode(text), 'utf8'));
  if (made === null) {
    throw new ShardstormError(
      'SHARDSTORM_SCENARIO_INVALID',
      `${field}: {{${call}}} has wrong arguments`,
      { hint: `Use ${type.usage}.` },
    );
  }
  return made;
}

function wrong(field: string, what: string): ShardstormError {
  return new ShardstormError('SHARDSTORM_SCENARIO_INVALID', `${field}: ${what}`, {
    hint: `Known generators: ${Object.keys(TEMPLATE_GENERATORS).join(', ')}.`,
  });
}

/** Neighbouring literals as one, in UTF-8. */
function compact(
  parts: readonly (string | TemplateGenerator)[],
): (Uint8Array | TemplateGenerator)[] {
  const result: (Uint8Array | TemplateGenerator)[] = [];
  let literal = '';
  for (const part of [...parts, null]) {
    if (typeof part === 'string') {
      literal += part;
      continue;
    }
    if (literal !== '') result.push(Buffer.from(literal, 'utf8'));
    literal = '';
    if (part !== null) result.push(part);
  }
  return result;
}

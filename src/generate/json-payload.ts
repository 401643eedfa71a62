import type { RecordBlock } from '../core/record-block.ts';
import type { Payload } from './kinds.ts';
import type { PayloadWriter } from './payload.ts';
import type { RecordContext } from './record-context.ts';
import { type SizeDraw, sizeBytesMax, sizeDraw } from './sizes.ts';
import { JSON_STAMP_HEAD_BYTES, type StampWriter } from './stamps.ts';
import { jsonTemplate, type Template } from './template.ts';

const PAD_OPEN = Buffer.from('"_pad":"', 'latin1');
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const COMMA = 0x2c;
const QUOTE = 0x22;
const SPACE = 0x20;
const PAD = 0x78;

/**
 * JSON from a template: `{"_stamp":"…", the template's members, "_pad":"xxx"}`. Padded to the size; where the gap is too
 * short for a member, with spaces before the closing brace.
 */
export class JsonPayload implements PayloadWriter {
  readonly bytesMax: number;
  readonly #template: Template;
  readonly #context: RecordContext;
  readonly #size: SizeDraw | null;
  readonly #stamps: StampWriter | null;

  /**
   * @param field where the template stands in the scenario, for messages
   * @throws SHARDSTORM_SCENARIO_INVALID
   */
  constructor(
    payload: Extract<Payload, { kind: 'json' }>,
    seed: number,
    context: RecordContext,
    stamps: StampWriter | null,
    field: string,
  ) {
    this.#template = jsonTemplate(payload.template, field);
    this.#context = context;
    this.#size = payload.size === null ? null : sizeDraw(payload.size, 0, seed);
    this.#stamps = stamps;
    const sizeMax = payload.size === null ? 0 : sizeBytesMax(payload.size);
    this.bytesMax = Math.max(sizeMax, this.#template.bytesMax + JSON_STAMP_HEAD_BYTES);
  }

  write(block: RecordBlock, i: number): void {
    const payloads = block.payloads;
    const start = payloads.length;
    payloads.reserve(this.bytesMax);
    const bytes = payloads.bytes;
    this.#context.moveTo(block, i, this.#template.draws);
    let end = this.#writeDocument(bytes, start, block, i);
    if (this.#size !== null) {
      end = padObject(bytes, start, end, start + this.#size(block.index[i] as number));
    }
    payloads.length = end;
    block.payloadStart[i] = start;
    block.payloadLength[i] = end - start;
  }

  #writeDocument(bytes: Uint8Array, start: number, block: RecordBlock, i: number): number {
    if (this.#stamps === null) return this.#template.write(bytes, start, this.#context);
    // The template's opening brace comes to stand where the stamp ends and becomes the comma after it.
    const body = this.#stamps.json(bytes, start, block, i);
    const end = this.#template.write(bytes, body, this.#context);
    if (bytes[body + 1] !== CLOSE_BRACE) bytes[body] = COMMA;
    else {
      bytes[body] = CLOSE_BRACE;
      return end - 1;
    }
    return end;
  }
}

/** Lengthens the object `bytes[start, end)` to end at `wanted`, if that is later; returns where it ends. */
function padObject(bytes: Uint8Array, start: number, end: number, wanted: number): number {
  if (wanted <= end) return end;
  const isEmpty = bytes[start] === OPEN_BRACE && end - start === 2;
  let at = end - 1;
  const memberBytes = PAD_OPEN.length + 1 + (isEmpty ? 0 : 1);
  if (wanted - end >= memberBytes) {
    if (!isEmpty) bytes[at++] = COMMA;
    for (let i = 0; i < PAD_OPEN.length; i++) bytes[at++] = PAD_OPEN[i] as number;
    bytes.fill(PAD, at, wanted - 2);
    bytes[wanted - 2] = QUOTE;
  } else bytes.fill(SPACE, at, wanted - 1);
  bytes[wanted - 1] = CLOSE_BRACE;
  return wanted;
}

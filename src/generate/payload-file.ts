import { copyBytes } from '../core/byte-buffer.ts';
import type { RecordBlock } from '../core/record-block.ts';
import { STAMP_BYTES } from '../kinesis/stamp.ts';
import type { PayloadWriter } from './payload.ts';
import { JSON_STAMP_HEAD_BYTES, type StampWriter } from './stamps.ts';

/** The rows of a file, ready to be sent: record i carries row i mod rows. */
export interface PayloadFile {
  /** At least 1. */
  readonly rows: number;
  /** The rows end to end, without what separated them. */
  readonly text: Uint8Array;
  /** Where each row ends in `text`. */
  readonly end: Uint32Array;
  /** 1 where the row is a JSON object, whose first byte is its brace. */
  readonly isObject: Uint8Array;
  /** The partition keys of the rows, end to end; empty if no column is one. */
  readonly keyText: Uint8Array;
  /** Where each row's key ends in `keyText`. */
  readonly keyEnd: Uint32Array;
  /** The longest row. */
  readonly rowBytesMax: number;
}

const CLOSE_BRACE = 0x7d;
const COMMA = 0x2c;

/** Sends the rows of a file as they are; a stamp goes into an object as its first member, before anything else as bytes. */
export class FilePayload implements PayloadWriter {
  readonly bytesMax: number;
  readonly #file: PayloadFile;
  readonly #stamps: StampWriter | null;

  constructor(file: PayloadFile, stamps: StampWriter | null) {
    this.#file = file;
    this.#stamps = stamps;
    this.bytesMax = file.rowBytesMax + (stamps === null ? 0 : JSON_STAMP_HEAD_BYTES);
  }

  write(block: RecordBlock, i: number): void {
    const { rows, text, end, isObject } = this.#file;
    const payloads = block.payloads;
    const row = (block.index[i] as number) % rows;
    let from = row === 0 ? 0 : (end[row - 1] as number);
    const to = end[row] as number;
    const start = payloads.length;
    payloads.reserve(to - from + Math.max(STAMP_BYTES, JSON_STAMP_HEAD_BYTES));
    let at = start;
    if (this.#stamps !== null && isObject[row] === 1) {
      at = this.#stamps.json(payloads.bytes, start, block, i);
      from++;
      if (firstByte(text, from) !== CLOSE_BRACE) payloads.bytes[at++] = COMMA;
    } else if (this.#stamps !== null) at = this.#stamps.binary(payloads.bytes, start, block, i);
    copyBytes(text, from, to, payloads.bytes, at);
    payloads.length = at + to - from;
    block.payloadStart[i] = start;
    block.payloadLength[i] = payloads.length - start;
  }
}

/** The first byte at or after `from` that is not white space. */
function firstByte(text: Uint8Array, from: number): number {
  let at = from;
  while ((text[at] as number) <= 0x20) at++;
  return text[at] as number;
}

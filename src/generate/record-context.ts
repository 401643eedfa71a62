import { RANDOM_STREAMS, randomStream, streamU32, streamUnit53 } from '../core/random.ts';
import type { RecordBlock } from '../core/record-block.ts';
import type { KeyTable } from '../kinesis/key-table.ts';

/** Draws of different kinds of record come from streams this far apart, clear of every other purpose. */
const KIND_STREAMS = 32;
const SECOND_US = 1_000_000;

/** What a template can say about the record it is rendered for. One for each kind, moved from record to record. */
export class RecordContext {
  index = 0;
  sequence = 0;
  producer = 0;
  /** Intended time, whole Unix microseconds. */
  epochUs = 0;
  readonly #stream: number;
  readonly #originEpochUs: number;
  readonly #keys: KeyTable;
  #keyId = 0;
  /** Number of the record's first draw. */
  #firstDraw = 0;
  /** `YYYY-MM-DDThh:mm:ss` of `#second`, made again when the second changes. */
  #secondText = new Uint8Array(19);
  #second = Number.NaN;

  /** @param kind place of the kind of record among all kinds */
  constructor(seed: number, kind: number, originEpochUs: number, keys: KeyTable) {
    this.#stream = randomStream(seed, RANDOM_STREAMS.template + kind * KIND_STREAMS);
    this.#originEpochUs = originEpochUs;
    this.#keys = keys;
  }

  /** @param draws draws that each record takes */
  moveTo(block: RecordBlock, i: number, draws: number): void {
    this.index = block.index[i] as number;
    this.sequence = block.sequence[i] as number;
    this.producer = block.producer[i] as number;
    this.epochUs = Math.round(this.#originEpochUs + (block.dueUs[i] as number));
    this.#keyId = block.keyId[i] as number;
    this.#firstDraw = this.index * draws;
  }

  u32(slot: number): number {
    return streamU32(this.#stream, this.#firstDraw + slot);
  }

  /** Uniform in [0, 1), 32 bits. */
  unit(slot: number): number {
    return this.u32(slot) / 0x1_0000_0000;
  }

  /** Uniform in [0, 1), 53 bits. */
  unit53(slot: number): number {
    return streamUnit53(this.#stream, this.#firstDraw + slot);
  }

  /** The partition key, escaped as in a JSON string. */
  writeKey(target: Uint8Array, at: number): number {
    const keys = this.#keys;
    const bytes = keys.bytesOf(this.#keyId);
    const from = keys.startOf(this.#keyId);
    const to = from + keys.lengthOf(this.#keyId);
    let place = at;
    for (let i = from; i < to; i++) {
      const byte = bytes[i] as number;
      if (byte >= 0x20 && byte !== 0x22 && byte !== 0x5c) {
        target[place++] = byte;
        continue;
      }
      target[place++] = 0x5c;
      if (byte >= 0x20) {
        target[place++] = byte;
        continue;
      }
      // \u00XX
      target[place++] = 0x75;
      target[place++] = 0x30;
      target[place++] = 0x30;
      target[place++] = 0x30 + (byte >> 4);
      target[place++] = (byte & 15) < 10 ? 0x30 + (byte & 15) : 0x57 + (byte & 15);
    }
    return place;
  }

  /** The intended time as `YYYY-MM-DDThh:mm:ss.mmmZ`. */
  writeIsoTime(target: Uint8Array, at: number): number {
    const second = Math.floor(this.epochUs / SECOND_US);
    if (second !== this.#second) {
      this.#second = second;
      const text = new Date(second * 1000).toISOString().slice(0, 19);
      this.#secondText = Uint8Array.from(Buffer.from(text, 'latin1'));
    }
    const text = this.#secondText;
    for (let i = 0; i < text.length; i++) target[at + i] = text[i] as number;
    const ms = Math.floor((this.epochUs - second * SECOND_US) / 1000);
    const place = at + text.length;
    target[place] = 46;
    target[place + 1] = 48 + Math.floor(ms / 100);
    target[place + 2] = 48 + (Math.floor(ms / 10) % 10);
    target[place + 3] = 48 + (ms % 10);
    target[place + 4] = 90;
    return place + 5;
  }
}

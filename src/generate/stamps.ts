import type { RecordBlock } from '../core/record-block.ts';
import {
  JSON_STAMP_MEMBER,
  JSON_STAMP_TEXT_BYTES,
  STAMP_BYTES,
  writeStamp,
} from '../kinesis/stamp.ts';

/** What all stamps of a run share. */
export interface StampOptions {
  /** Upper and lower 32 bits of the run id. */
  readonly runIdHigh: number;
  readonly runIdLow: number;
  /** Unix time of the run's origin, microseconds. */
  readonly originEpochUs: number;
}

/** `{"_stamp":"…"`, without what follows. */
export const JSON_STAMP_HEAD_BYTES = 1 + JSON_STAMP_MEMBER.length + 2 + JSON_STAMP_TEXT_BYTES;
/** The shortest stamped JSON payload: the stamp and nothing else. */
export const JSON_STAMP_PAYLOAD_BYTES = JSON_STAMP_HEAD_BYTES + 1;

const TWO_32 = 0x1_0000_0000;
const BASE64URL = Buffer.from(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
  'latin1',
);
const HEAD = Buffer.from(`{${JSON_STAMP_MEMBER}"`, 'latin1');

/** Writes the stamps of one run. */
export class StampWriter {
  readonly #options: StampOptions;
  /** The stamp and one zero byte: base64 reads groups of three. */
  readonly #raw = new Uint8Array(STAMP_BYTES + 1);

  constructor(options: StampOptions) {
    this.#options = options;
  }

  /** Writes the 32 bytes to `target[at …]`; returns the place after them. */
  binary(target: Uint8Array, at: number, block: RecordBlock, i: number): number {
    const { runIdHigh, runIdLow, originEpochUs } = this.#options;
    const producer = block.producer[i] as number;
    const sequence = block.sequence[i] as number;
    const dueEpochUs = Math.round(originEpochUs + (block.dueUs[i] as number));
    const high = Math.floor(dueEpochUs / TWO_32);
    writeStamp(target, at, runIdHigh, runIdLow, producer, sequence, high, dueEpochUs | 0);
    return at + STAMP_BYTES;
  }

  /** Writes `{"_stamp":"…"` to `target[at …]`; returns the place after it. */
  json(target: Uint8Array, at: number, block: RecordBlock, i: number): number {
    this.binary(this.#raw, 0, block, i);
    let place = at;
    for (let k = 0; k < HEAD.length; k++) target[place++] = HEAD[k] as number;
    const raw = this.#raw;
    for (let k = 0; k < STAMP_BYTES; k += 3) {
      const bits = ((raw[k] as number) << 16) | ((raw[k + 1] as number) << 8) | (raw[k + 2] ?? 0);
      target[place++] = BASE64URL[bits >>> 18] as number;
      target[place++] = BASE64URL[(bits >>> 12) & 63] as number;
      target[place++] = BASE64URL[(bits >>> 6) & 63] as number;
      target[place++] = BASE64URL[bits & 63] as number;
    }
    // 32 bytes are 43 characters; the 44th is the closing quote's place.
    target[at + JSON_STAMP_HEAD_BYTES - 1] = 34;
    return at + JSON_STAMP_HEAD_BYTES;
  }
}

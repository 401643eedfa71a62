/** The verifier's own reader of stamps; kinesis/stamp.ts tells what they look like. */

const BYTES = 32;
const TEXT_BYTES = 43;
const TEXT_HEAD = Buffer.from('{"_stamp":"', 'latin1');
/** "SSv1" */
const MAGIC = 0x5353_7631;

/** Values of base64url digits by character; 255 for what is none. */
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = String.fromCharCode(code);
  const at = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.indexOf(digit);
  return at < 0 ? 255 : at;
});

/** A stamp as it was found. One object is reused for all. */
export class StampReader {
  runHigh = 0;
  runLow = 0;
  producer = 0;
  sequence = 0;
  /** Unix microseconds. */
  intendedEpochUs = 0;
  readonly #decoded = new Uint8Array(33);

  /** Reads the stamp that `bytes[start, end)` begins with, as bytes or in JSON; false when there is none. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes[start] === 0x53) return end - start >= BYTES && this.#fields(bytes, start);
    const textStart = start + TEXT_HEAD.length;
    if (textStart + TEXT_BYTES > end) return false;
    for (let i = 0; i < TEXT_HEAD.length; i++) if (bytes[start + i] !== TEXT_HEAD[i]) return false;
    return this.#decode(bytes, textStart) && this.#fields(this.#decoded, 0);
  }

  #decode(bytes: Uint8Array, start: number): boolean {
    let to = 0;
    for (let i = 0; i < TEXT_BYTES + 1; i += 4) {
      let bits = 0;
      for (let k = 0; k < 4; k++) {
        // The 44th digit is not written: its bits are zero.
        const digit = i + k < TEXT_BYTES ? (DIGITS[bytes[start + i + k] as number] ?? 255) : 0;
        if (digit === 255) return false;
        bits = (bits << 6) | digit;
      }
      this.#decoded[to++] = bits >>> 16;
      this.#decoded[to++] = bits >>> 8;
      this.#decoded[to++] = bits;
    }
    return true;
  }

  #fields(bytes: Uint8Array, at: number): boolean {
    const zeros = ((bytes[at + 14] as number) << 8) | (bytes[at + 15] as number);
    const sequence = word(bytes, at + 16) * 0x1_0000_0000 + word(bytes, at + 20);
    if (word(bytes, at) !== MAGIC || zeros !== 0 || !Number.isSafeInteger(sequence)) return false;
    this.runHigh = word(bytes, at + 4);
    this.runLow = word(bytes, at + 8);
    this.producer = word(bytes, at + 12) >>> 16;
    this.sequence = sequence;
    this.intendedEpochUs = word(bytes, at + 24) * 0x1_0000_0000 + word(bytes, at + 28);
    return true;
  }
}

/** Whether a stamp of this run is anywhere in `bytes`, as bytes or in JSON; for what cannot be taken apart. */
export function holdsStampOf(bytes: Uint8Array, runHigh: number, runLow: number): boolean {
  const head = Buffer.alloc(12);
  head.writeUInt32BE(MAGIC, 0);
  head.writeUInt32BE(runHigh, 4);
  head.writeUInt32BE(runLow, 8);
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // Twelve bytes are sixteen whole digits.
  return whole.includes(head) || whole.includes(head.toString('base64url'), 0, 'latin1');
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

const ENCODER = new TextEncoder();

/** Bytes that grow. One owner; `bytes` changes identity when it grows, so never keep a copy across a call. */
export class ByteBuffer {
  bytes: Uint8Array;
  length = 0;

  constructor(initialBytes = 256) {
    this.bytes = new Uint8Array(initialBytes);
  }

  /** Room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(capacityFor(needed, this.bytes.length));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  /** Appends `source[start, end)`. */
  append(source: Uint8Array, start = 0, end = source.length): void {
    this.reserve(end - start);
    copyBytes(source, start, end, this.bytes, this.length);
    this.length += end - start;
  }

  /** Appends text as UTF-8. */
  appendText(text: string): void {
    this.reserve(text.length * 3);
    this.length += ENCODER.encodeInto(text, this.bytes.subarray(this.length)).written;
  }

  clear(): void {
    this.length = 0;
  }
}

/** A buffer of more bytes grows by a quarter: half of a large one would lie idle after doubling. */
const DOUBLED_BYTES_MAX = 256 * 1024;

function capacityFor(needed: number, capacity: number): number {
  if (needed > DOUBLED_BYTES_MAX) return Math.max(needed, Math.ceil(capacity * 1.25));
  return Math.max(64, 2 ** (32 - Math.clz32(needed - 1)));
}

/**
 * Up to this many bytes a plain loop, of about 1 ns a byte, beats `set`, which needs a view object for each call: 34 ns
 * at 10 to 400 bytes on Node 20.
 */
const LOOP_COPY_BYTES_MAX = 32;

/** Copies `source[start, end)` to `target[at …]`. */
export function copyBytes(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): void {
  const count = end - start;
  if (count <= LOOP_COPY_BYTES_MAX) {
    for (let i = 0; i < count; i++) target[at + i] = source[start + i] as number;
  } else if (count === source.length) {
    target.set(source, at);
  } else {
    target.set(source.subarray(start, end), at);
  }
}

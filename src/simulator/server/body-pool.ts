/** Bytes kept for reuse. */
const FREE_BYTES_MAX = 32 * 1024 * 1024;
const CLASS_MIN_BYTES = 4 * 1024;

/**
 * Buffers of request bodies, used again once nobody holds them: fresh memory of the system costs more than what is
 * written to it. Sizes are rounded up by a quarter at the most. Bounded: past so many free bytes a buffer is let go.
 */
export class BodyPool {
  readonly #free = new Map<number, ArrayBuffer[]>();
  #freeBytes = 0;

  /** A buffer of `bytes` bytes, of any content. */
  take(bytes: number): Buffer {
    const size = classOf(bytes);
    const buffer = this.#free.get(size)?.pop();
    if (buffer === undefined) return Buffer.from(Buffer.allocUnsafeSlow(size).buffer, 0, bytes);
    this.#freeBytes -= size;
    return Buffer.from(buffer, 0, bytes);
  }

  /** Takes a buffer of {@link take} back; nobody may use it any more. Any other is left alone. */
  readonly give = ({ buffer }: Uint8Array): void => {
    const size = buffer.byteLength;
    if (!(buffer instanceof ArrayBuffer) || size !== classOf(size)) return;
    if (this.#freeBytes + size > FREE_BYTES_MAX) return;
    const list = this.#free.get(size);
    if (list === undefined) this.#free.set(size, [buffer]);
    else list.push(buffer);
    this.#freeBytes += size;
  };
}

/** The next of 4, 5, 6, 7, 8, 10, 12, 14, 16 … KiB. */
function classOf(bytes: number): number {
  if (bytes <= CLASS_MIN_BYTES) return CLASS_MIN_BYTES;
  const step = 2 ** (Math.floor(Math.log2(bytes - 1)) - 2);
  return Math.ceil(bytes / step) * step;
}

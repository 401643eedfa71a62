import { ByteBuffer } from '../core/byte-buffer.ts';

const BODY_FIRST_BYTES = 64 * 1024;

/**
 * Buffers for the bodies of calls, the one used last first. A call has one while it is under way only: else each would in
 * the end hold as much as the largest body that it ever had.
 */
export class Bodies {
  readonly #free: ByteBuffer[] = [];
  readonly #keptBytesMax: number;
  #keptBytes = 0;

  /** @param keptBytesMax in buffers of no use */
  constructor(keptBytesMax: number) {
    this.#keptBytesMax = keptBytesMax;
  }

  take(): ByteBuffer {
    const body = this.#free.pop();
    if (body === undefined) return new ByteBuffer(BODY_FIRST_BYTES);
    this.#keptBytes -= body.bytes.length;
    return body;
  }

  give(body: ByteBuffer): void {
    if (this.#keptBytes + body.bytes.length > this.#keptBytesMax) return;
    this.#keptBytes += body.bytes.length;
    this.#free.push(body);
  }
}

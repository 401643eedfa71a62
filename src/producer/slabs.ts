/** Bytes of one slab: what a call of 500 small records holds. */
const SLAB_BYTES = 64 * 1024;
/** Larger records have buffers of their own: they would leave too much of a slab empty. */
export const SLAB_RECORD_BYTES_MAX = 4 * 1024;
/** Free slabs kept: 8 MiB. */
const FREE_SLABS_MAX = 128;

/** Bytes of many lone records, one behind the other; used again when the last of them has left. */
export class Slab {
  readonly bytes = new Uint8Array(SLAB_BYTES);
  used = 0;
  /** Records that lie in it. */
  count = 0;
}

/**
 * Memory of small records that leave soon, and together: no buffer for each, and what is sent together lies together, so it
 * is copied together. Whoever keeps one of them for long must move it out ({@link KinesisRecordPool.own}), or it holds
 * a whole slab.
 */
export class Slabs {
  #open = new Slab();
  readonly #free: Slab[] = [];

  /** A slab with at least `bytes` behind its `used`, {@link SLAB_RECORD_BYTES_MAX} at the most. One record goes there. */
  enter(bytes: number): Slab {
    if (this.#open.used + bytes > SLAB_BYTES) this.#open = this.#free.pop() ?? new Slab();
    const slab = this.#open;
    slab.count++;
    return slab;
  }

  /** One of its records has left. */
  leave(slab: Slab): void {
    if (--slab.count > 0) return;
    slab.used = 0;
    if (slab !== this.#open && this.#free.length < FREE_SLABS_MAX) this.#free.push(slab);
  }
}

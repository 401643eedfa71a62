// HOT PATH: 13 ns for 68 bytes, 50 ns for a kilobyte; no allocation for a stretch, see docs/performance.md.
import { RandomSequence } from '../core/random.ts';
import { MASK_MODULE } from './mask-module.ts';

/** 64 KiB of random words: fits a core's second cache. Power of two. */
export const POOL_WORDS = 1 << 14;
/** Where stretches are made in the module's memory: behind the pool, which is there twice. */
const STRETCH_START = 2 * POOL_WORDS * 4;
/** From so many words on, vectors and a copy are faster than a loop. */
const VECTOR_WORDS_MIN = 64;
/** Stretches are made and copied in whole units, so that few views serve all lengths. */
const UNIT_WORDS = 64;
const UNIT_BYTES = UNIT_WORDS * 4;

/** Words behind a stretch that may be overwritten. */
export const OVERRUN_WORDS = UNIT_WORDS;

interface MaskExports {
  readonly memory: WebAssembly.Memory;
  readonly mask: (source: number, target: number, bytes: number, mask: number) => void;
}

/**
 * Stretches of a fixed pool of random words, each changed by a mask: what two records have of the same part of the pool
 * differs in every word, so a compressor finds no repetition in one record nor between records. The words are the same
 * whether WebAssembly's vectors change them, sixteen bytes at a time, or a loop.
 */
export class MaskedPool {
  readonly #exports: MaskExports | null;
  /** Twice the pool, so that a stretch may start anywhere in its first half. */
  readonly #pool: Int32Array;
  /** The module's stretch in its first 1, 2, 3 … units. */
  readonly #views: (Uint8Array | undefined)[] = [];

  /** @param usesVectors false leaves all to the loop */
  constructor(seed: number, stream: number, usesVectors = true) {
    this.#exports = usesVectors ? vectors() : null;
    this.#pool =
      this.#exports === null
        ? new Int32Array(2 * POOL_WORDS)
        : new Int32Array(this.#exports.memory.buffer, 0, 2 * POOL_WORDS);
    const sequence = new RandomSequence(seed, stream);
    for (let i = 0; i < POOL_WORDS; i++) this.#pool[i] = sequence.u32();
    this.#pool.copyWithin(POOL_WORDS, 0, POOL_WORDS);
  }

  /**
   * Writes a stretch to `words[from, to)`, at most {@link POOL_WORDS}, and may write up to {@link OVERRUN_WORDS} behind it.
   * @param bytes the same memory as `words`
   * @param place where in the pool it starts, in words, below {@link POOL_WORDS}
   */
  write(
    words: Int32Array,
    bytes: Uint8Array,
    from: number,
    to: number,
    place: number,
    mask: number,
  ): void {
    if (this.#exports === null || to - from < VECTOR_WORDS_MIN) {
      this.#loop(words, from, to, place, mask);
      return;
    }
    const units = Math.ceil((to - from) / UNIT_WORDS);
    this.#exports.mask(place * 4, STRETCH_START, units * UNIT_BYTES, mask);
    bytes.set(this.#views[units] ?? this.#view(this.#exports, units), from * 4);
  }

  #loop(words: Int32Array, from: number, to: number, place: number, mask: number): void {
    const pool = this.#pool;
    let at = from;
    let source = place;
    // Eight words a turn are twice as fast as one.
    for (; at + 8 <= to; at += 8, source += 8) {
      words[at] = (pool[source] as number) ^ mask;
      words[at + 1] = (pool[source + 1] as number) ^ mask;
      words[at + 2] = (pool[source + 2] as number) ^ mask;
      words[at + 3] = (pool[source + 3] as number) ^ mask;
      words[at + 4] = (pool[source + 4] as number) ^ mask;
      words[at + 5] = (pool[source + 5] as number) ^ mask;
      words[at + 6] = (pool[source + 6] as number) ^ mask;
      words[at + 7] = (pool[source + 7] as number) ^ mask;
    }
    while (at < to) words[at++] = (pool[source++] as number) ^ mask;
  }

  #view({ memory }: MaskExports, units: number): Uint8Array {
    const view = new Uint8Array(memory.buffer, STRETCH_START, units * UNIT_BYTES);
    this.#views[units] = view;
    return view;
  }
}

/** null where there is no WebAssembly or no vectors in it: nothing is lost but speed. */
function vectors(): MaskExports | null {
  try {
    const module = new WebAssembly.Module(Buffer.from(MASK_MODULE, 'base64'));
    return new WebAssembly.Instance(module).exports as unknown as MaskExports;
  } catch {
    return null;
  }
}

/**
 * Sets of sequence numbers as bitmaps, in chunks that are made when first needed. A chunk of 65,536 numbers takes 8 KiB, so
 * a hundred million consecutive numbers take 12 MiB. Memory is bounded by a budget that several sets may share.
 */

/** Bytes that some sets may use together. */
export class ByteBudget {
  readonly bytesMax: number;
  bytesUsed = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** Takes `bytes`; false, and nothing is taken, when they are not there. */
  take(bytes: number): boolean {
    if (this.bytesUsed + bytes > this.bytesMax) return false;
    this.bytesUsed += bytes;
    return true;
  }
}

/** What became of a number that was added. */
export const ADDED = 1;
export const WAS_PRESENT = 0;
/** The budget is used up: the number is not in the set. */
export const NO_ROOM = -1;

const CHUNK_BITS = 65_536;
const CHUNK_WORDS = CHUNK_BITS / 32;
const CHUNK_BYTES = CHUNK_WORDS * 4;

/** Plain data: chunks by their number. */
export type SequenceSetData = readonly (readonly [chunk: number, words: Uint32Array])[];

/** A set of integers, 0 … 2^53-1. */
export class SequenceSet {
  /** Numbers in the set. */
  size = 0;
  readonly #budget: ByteBudget;
  readonly #chunks = new Map<number, Uint32Array>();
  /** The chunk that was used last: sequences come nearly in order. */
  #lastChunk = -1;
  #lastWords: Uint32Array | null = null;

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  /** @returns ADDED, WAS_PRESENT or NO_ROOM */
  add(sequence: number): number {
    const chunk = Math.floor(sequence / CHUNK_BITS);
    const words = chunk === this.#lastChunk ? this.#lastWords : this.#open(chunk);
    if (words === null) return NO_ROOM;
    const bit = sequence - chunk * CHUNK_BITS;
    const mask = 1 << (bit & 31);
    const word = words[bit >>> 5] as number;
    if ((word & mask) !== 0) return WAS_PRESENT;
    words[bit >>> 5] = word | mask;
    this.size++;
    return ADDED;
  }

  /** Adds `count` numbers from `first` on. @returns how many had no room */
  addRange(first: number, count: number): number {
    let refused = 0;
    for (let i = 0; i < count; i++) if (this.add(first + i) === NO_ROOM) refused++;
    return refused;
  }

  has(sequence: number): boolean {
    const chunk = Math.floor(sequence / CHUNK_BITS);
    const words = this.#chunks.get(chunk);
    if (words === undefined) return false;
    const bit = sequence - chunk * CHUNK_BITS;
    return ((words[bit >>> 5] as number) & (1 << (bit & 31))) !== 0;
  }

  /** Calls back for each stretch of consecutive numbers in the set, lowest first. */
  forEachRange(visit: (first: number, count: number) => void): void {
    let first = -1;
    let next = -1;
    for (const chunk of this.chunkNumbers()) {
      const words = this.#chunks.get(chunk) as Uint32Array;
      for (let i = 0; i < CHUNK_WORDS; i++) {
        let word = words[i] as number;
        while (word !== 0) {
          const bit = 31 - Math.clz32(word & -word);
          word &= word - 1;
          const sequence = chunk * CHUNK_BITS + i * 32 + bit;
          if (sequence === next) {
            next++;
            continue;
          }
          if (first >= 0) visit(first, next - first);
          first = sequence;
          next = sequence + 1;
        }
      }
    }
    if (first >= 0) visit(first, next - first);
  }

  /** Numbers of the chunks that exist, ascending. */
  chunkNumbers(): number[] {
    return [...this.#chunks.keys()].sort((a, b) => a - b);
  }

  /** 32 members from `32 · word` on, as bits; what {@link countMissing} and its like compare. */
  word(word: number): number {
    const chunk = Math.floor(word / CHUNK_WORDS);
    const words = chunk === this.#lastChunk ? this.#lastWords : this.#chunks.get(chunk);
    return words?.[word - chunk * CHUNK_WORDS] ?? 0;
  }

  toData(): SequenceSetData {
    return this.chunkNumbers().map((chunk) => [chunk, this.#chunks.get(chunk) as Uint32Array]);
  }

  /** Adds what another set's {@link toData} gave; for a set that is empty. */
  load(data: SequenceSetData): void {
    for (const [chunk, words] of data) {
      const own = this.#open(chunk);
      if (own === null) return;
      for (let i = 0; i < CHUNK_WORDS; i++) {
        own[i] = words[i] ?? 0;
        this.size += bitCount(own[i] as number);
      }
    }
  }

  #open(chunk: number): Uint32Array | null {
    let words = this.#chunks.get(chunk);
    if (words === undefined) {
      if (!this.#budget.take(CHUNK_BYTES)) return null;
      words = new Uint32Array(CHUNK_WORDS);
      this.#chunks.set(chunk, words);
    }
    this.#lastChunk = chunk;
    this.#lastWords = words;
    return words;
  }
}

function bitCount(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}

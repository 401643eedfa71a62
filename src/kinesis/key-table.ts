import { ByteBuffer, copyBytes } from '../core/byte-buffer.ts';
import { type HashKeyWords, hashKeyValue } from './hash-key.ts';
import { type Md5, type Md5Batch, openSslMd5 } from './md5.ts';

/**
 * Words of an entry:
 *
 * ```
 * 0 … 3   hash key, most significant word first
 * 4 … 6   the key itself, if it is short and has no explicit hash key; otherwise
 *         where it begins in the table's text, its base, the first id with its hash key
 * 7       bytes of the key, and the marks below
 * ```
 */
export const ENTRY_WORDS = 8;
const ENTRY_BYTES = ENTRY_WORDS * 4;
const START = 4;
const BASE = 5;
const FIRST_WITH_HASH = 6;
const LENGTH = 7;
const INLINE_AT = START * 4;
const INLINE_MAX = (LENGTH - START) * 4;
const LENGTH_MASK = 0xffff;
/** The key lies in the table's text. */
const OUTSIDE = 1 << 16;
/** The hash key was given by the caller. */
const EXPLICIT = 1 << 17;
const ENTRIES_FIRST = 1024;
/** See {@link KeyTable.copyTo}. */
export const COPY_OVERRUN_BYTES = INLINE_MAX;

/**
 * Partition keys of one thread, each interned once: its UTF-8 bytes and its hash key are computed at the first use and
 * then named by a small integer. Bounded: {@link clear} forgets every key and moves to a new `generation`; ids of an
 * older generation mean nothing. Owners of ids (a generator's rank cache, an aggregate's table of keys) compare
 * generations. Only {@link makeRoom} and {@link clear} forget, never {@link add}, so ids hold while a block is processed;
 * a key added when the table is full makes it grow until then.
 */
export class KeyTable {
  /** Grows by one each time the table is emptied. */
  generation = 0;
  /** Keys interned in this generation; ids are 0 … size-1. */
  size = 0;
  /**
   * {@link ENTRY_WORDS} a key, in the order of ids: what a record asks of a short key lies in one line of the processor's
   * cache. Changes identity when the table grows.
   */
  entries: Uint32Array;
  /** The thread's hashing: of these keys, and of the aggregates that carry them. */
  readonly md5: Md5;
  /** Of no meaning: what {@link warm} reads must lead somewhere. */
  warmed = 0;
  #entryBytes: Uint8Array;
  /** UTF-8 bytes of the keys that do not fit into their entries, one after the other. */
  #text = new ByteBuffer(ENTRIES_FIRST);
  readonly #firstIds = new Map<string, number>();
  readonly #capacity: number;
  readonly #overwrites: boolean;
  readonly #decimals: string[] = [];
  /** Ids from here on have no hash yet. */
  #hashedTo = 0;
  /** Those ids as messages. */
  readonly #unhashed: Md5Batch = {
    bytesOf: (i) => this.bytesOf(this.#hashedTo + i),
    startOf: (i) => this.startOf(this.#hashedTo + i),
    endOf: (i) => this.startOf(this.#hashedTo + i) + this.lengthOf(this.#hashedTo + i),
    finish: (i, digest) => this.#setHash(this.#hashedTo + i, digest),
  };

  /**
   * @param capacity keys that {@link makeRoom} lets be, 1 … 2^24; memory grows as keys come, 32 bytes each and long ones
   *   their length
   * @param overwrites whether the bytes of forgotten keys are written over; false: whoever still holds what
   *   {@link bytesOf} gave finds the key there
   */
  constructor(capacity = 1 << 20, md5: Md5 = openSslMd5(), overwrites = true) {
    this.#overwrites = overwrites;
    this.#capacity = capacity;
    this.md5 = md5;
    this.entries = new Uint32Array(Math.min(capacity, ENTRIES_FIRST) * ENTRY_WORDS);
    this.#entryBytes = new Uint8Array(this.entries.buffer);
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** Empties the table if fewer than `count` ids are free. Call it between blocks only. */
  makeRoom(count: number): void {
    if (this.size + count > this.#capacity) this.clear();
  }

  clear(): void {
    this.generation++;
    this.size = 0;
    this.#hashedTo = 0;
    if (this.#overwrites) this.#text.clear();
    else {
      this.entries = new Uint32Array(this.entries.length);
      this.#entryBytes = new Uint8Array(this.entries.buffer);
      this.#text = new ByteBuffer(ENTRIES_FIRST);
    }
    this.#decimals.length = 0;
    this.#firstIds.clear();
  }

  /**
   * Adds a key; the caller knows that it is not in the table, or does not care.
   * @param bytes `bytes[from, to)` is the key in UTF-8
   * @returns the key's id
   */
  add(bytes: Uint8Array, from = 0, to = bytes.length): number {
    const id = this.addUnhashed(bytes, from, to);
    this.hashAdded();
    return id;
  }

  /** As {@link add}, but the key has no hash until {@link hashAdded}: many keys are hashed together. */
  addUnhashed(bytes: Uint8Array, from: number, to: number): number {
    const length = to - from;
    const id = this.#next();
    if (length <= INLINE_MAX) {
      copyBytes(bytes, from, to, this.#entryBytes, id * ENTRY_BYTES + INLINE_AT);
      this.entries[id * ENTRY_WORDS + LENGTH] = length;
    } else this.#addText(id, bytes, from, to, OUTSIDE);
    return id;
  }

  /** Hashes the keys that have none yet. */
  hashAdded(): void {
    const count = this.size - this.#hashedTo;
    if (count === 0) return;
    this.md5.hashAll(this.#unhashed, count);
    this.#hashedTo = this.size;
  }

  /** Adds the key `base` once more under an explicit hash key. */
  addExplicit(base: number, hashKey: HashKeyWords): number {
    this.hashAdded();
    const id = this.#next();
    this.#hashedTo = this.size;
    const start = this.startOf(base);
    this.#addText(id, this.bytesOf(base), start, start + this.lengthOf(base), OUTSIDE | EXPLICIT);
    this.entries.set(hashKey, id * ENTRY_WORDS);
    this.entries[id * ENTRY_WORDS + BASE] = base;
    const decimal = this.decimalHashKey(id);
    const first = this.#firstIds.get(decimal) ?? id;
    if (first === id) this.#firstIds.set(decimal, id);
    this.entries[id * ENTRY_WORDS + FIRST_WITH_HASH] = first;
    return id;
  }

  /**
   * What the key lies in, in UTF-8, from {@link startOf} on; once another key was added it may lie elsewhere as well.
   */
  bytesOf(id: number): Uint8Array {
    return this.#isInside(id) ? this.#entryBytes : this.#text.bytes;
  }

  startOf(id: number): number {
    const at = id * ENTRY_WORDS;
    return this.#isInside(id) ? id * ENTRY_BYTES + INLINE_AT : (this.entries[at + START] as number);
  }

  /** Bytes of the key. */
  lengthOf(id: number): number {
    return (this.entries[id * ENTRY_WORDS + LENGTH] as number) & LENGTH_MASK;
  }

  /** Whether the hash key was given by the caller. */
  isExplicit(id: number): boolean {
    return ((this.entries[id * ENTRY_WORDS + LENGTH] as number) & EXPLICIT) !== 0;
  }

  /** The id of the same partition key without an explicit hash key. */
  baseOf(id: number): number {
    return this.isExplicit(id) ? (this.entries[id * ENTRY_WORDS + BASE] as number) : id;
  }

  /** The first id with the same explicit hash key; the key must have one. */
  firstWithHash(id: number): number {
    return this.entries[id * ENTRY_WORDS + FIRST_WITH_HASH] as number;
  }

  /** Word 0 … 3 of the hash key, the most significant first: the MD5, or the explicit one. */
  hashWord(id: number, word: number): number {
    return this.entries[id * ENTRY_WORDS + word] as number;
  }

  /**
   * Reads what records ask of their keys, for many in one short loop: entries that are not in the processor's cache then
   * come in side by side, where one record after the other would wait for each.
   */
  warm(ids: Uint32Array, from: number, to: number): void {
    const { entries } = this;
    let sum = 0;
    for (let i = from; i < to; i++) {
      sum ^= entries[(ids[i] as number) * ENTRY_WORDS + LENGTH] as number;
    }
    this.warmed = sum;
  }

  /** Copies the hash key to `words[0 … 3]`. */
  copyHashTo(id: number, words: HashKeyWords): void {
    const at = id * ENTRY_WORDS;
    for (let word = 0; word < 4; word++) words[word] = this.entries[at + word] as number;
  }

  /**
   * Copies the key's bytes to `target[at …]`, and may overwrite {@link COPY_OVERRUN_BYTES} behind them: a short key is copied
   * with all its entry has room for, because a loop that ends with the key is mispredicted where keys differ in length.
   */
  copyTo(id: number, target: Uint8Array, at: number): void {
    if (this.#isInside(id)) {
      copyInline(this.#entryBytes, id * ENTRY_BYTES + INLINE_AT, target, at);
      return;
    }
    const from = this.startOf(id);
    copyBytes(this.bytesOf(id), from, from + this.lengthOf(id), target, at);
  }

  /** The hash key as the decimal text the service takes; kept, because making it is slow. */
  decimalHashKey(id: number): string {
    let decimal = this.#decimals[id];
    if (decimal === undefined) {
      decimal = hashKeyValue(this.entries, id * ENTRY_WORDS).toString();
      this.#decimals[id] = decimal;
    }
    return decimal;
  }

  /** The key as text. For messages and tests. */
  keyText(id: number): string {
    return Buffer.from(this.bytesOf(id).buffer, this.startOf(id), this.lengthOf(id)).toString();
  }

  /** A digest is a number, most significant byte first. */
  #setHash(id: number, digest: Uint8Array): void {
    for (let word = 0; word < 4; word++) {
      const at = word * 4;
      this.entries[id * ENTRY_WORDS + word] =
        ((digest[at] as number) << 24) |
        ((digest[at + 1] as number) << 16) |
        ((digest[at + 2] as number) << 8) |
        (digest[at + 3] as number);
    }
  }

  #isInside(id: number): boolean {
    return ((this.entries[id * ENTRY_WORDS + LENGTH] as number) & OUTSIDE) === 0;
  }

  /** Puts a key into the text. */
  #addText(id: number, bytes: Uint8Array, from: number, to: number, marks: number): void {
    this.entries[id * ENTRY_WORDS + START] = this.#text.length;
    this.entries[id * ENTRY_WORDS + LENGTH] = (to - from) | marks;
    this.#text.append(bytes, from, to);
  }

  #next(): number {
    const id = this.size++;
    const words = id * ENTRY_WORDS;
    if (words === this.entries.length) {
      const wider = new Uint32Array(words * 2);
      wider.set(this.entries);
      this.entries = wider;
      this.#entryBytes = new Uint8Array(wider.buffer);
    }
    return id;
  }
}

/** {@link INLINE_MAX} bytes. */
function copyInline(source: Uint8Array, from: number, target: Uint8Array, at: number): void {
  target[at] = source[from] as number;
  target[at + 1] = source[from + 1] as number;
  target[at + 2] = source[from + 2] as number;
  target[at + 3] = source[from + 3] as number;
  target[at + 4] = source[from + 4] as number;
  target[at + 5] = source[from + 5] as number;
  target[at + 6] = source[from + 6] as number;
  target[at + 7] = source[from + 7] as number;
  target[at + 8] = source[from + 8] as number;
  target[at + 9] = source[from + 9] as number;
  target[at + 10] = source[from + 10] as number;
  target[at + 11] = source[from + 11] as number;
}

import { ByteBuffer, copyBytes } from '../core/byte-buffer.ts';
import { type HashKeyWords, hashKeyValue } from './hash-key.ts';
import { type Md5, type Md5Batch, openSslMd5 } from './md5.ts';

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
  /** UTF-8 bytes of all keys, key `id` at `start[id] … start[id]+length[id]`. */
  readonly text = new ByteBuffer(64 * 1024);
  start: Uint32Array;
  length: Uint16Array;
  /** Four words a key, most significant first: the MD5, or the explicit hash key. */
  hash: HashKeyWords;
  /** 1 where the hash key was given by the caller. */
  isExplicit: Uint8Array;
  /** For an explicit hash key: the id of the same partition key without one; otherwise the id itself. */
  base: Uint32Array;
  /** For an explicit hash key: the first id with the same one; meaningless otherwise. */
  firstWithHash: Uint32Array;
  /** The thread's hashing: of these keys, and of the aggregates that carry them. */
  readonly md5: Md5;
  readonly #firstIds = new Map<string, number>();
  readonly #capacity: number;
  readonly #decimals: string[] = [];
  /** Ids from here on have no hash yet. */
  #hashedTo = 0;
  /** Those ids as messages. */
  readonly #unhashed: Md5Batch = {
    bytesOf: () => this.text.bytes,
    startOf: (i) => this.start[this.#hashedTo + i] as number,
    endOf: (i) => {
      const id = this.#hashedTo + i;
      return (this.start[id] as number) + (this.length[id] as number);
    },
    finish: (i, digest) => this.#setHash(this.#hashedTo + i, digest),
  };

  /** @param capacity keys that {@link makeRoom} lets be, 1 … 2^24; memory grows as keys come, about 60 bytes each */
  constructor(capacity = 1 << 20, md5: Md5 = openSslMd5()) {
    this.#capacity = capacity;
    this.md5 = md5;
    const initial = Math.min(capacity, 1024);
    this.start = new Uint32Array(initial);
    this.length = new Uint16Array(initial);
    this.hash = new Uint32Array(initial * 4);
    this.isExplicit = new Uint8Array(initial);
    this.base = new Uint32Array(initial);
    this.firstWithHash = new Uint32Array(initial);
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
    this.text.clear();
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
    const id = this.#next();
    this.start[id] = this.text.length;
    this.length[id] = to - from;
    this.text.append(bytes, from, to);
    this.isExplicit[id] = 0;
    this.base[id] = id;
    return id;
  }

  /** Hashes the keys that have none yet. */
  hashAdded(): void {
    const count = this.size - this.#hashedTo;
    if (count === 0) return;
    this.md5.hashAll(this.#unhashed, count);
    this.#hashedTo = this.size;
  }

  /** Adds the key `base` once more under an explicit hash key; its text is shared. */
  addExplicit(base: number, hashKey: HashKeyWords): number {
    this.hashAdded();
    const id = this.#next();
    this.#hashedTo = this.size;
    this.start[id] = this.start[base] as number;
    this.length[id] = this.length[base] as number;
    this.hash.set(hashKey, id * 4);
    this.isExplicit[id] = 1;
    this.base[id] = base;
    const decimal = this.decimalHashKey(id);
    const first = this.#firstIds.get(decimal) ?? id;
    if (first === id) this.#firstIds.set(decimal, id);
    this.firstWithHash[id] = first;
    return id;
  }

  /** Copies the key's bytes to `target[at …]`. */
  copyTo(id: number, target: Uint8Array, at: number): void {
    const from = this.start[id] as number;
    copyBytes(this.text.bytes, from, from + (this.length[id] as number), target, at);
  }

  /** The hash key as the decimal text the service takes; kept, because making it is slow. */
  decimalHashKey(id: number): string {
    let decimal = this.#decimals[id];
    if (decimal === undefined) {
      decimal = hashKeyValue(this.hash, id * 4).toString();
      this.#decimals[id] = decimal;
    }
    return decimal;
  }

  /** The key as text. For messages and tests. */
  keyText(id: number): string {
    const from = this.start[id] as number;
    return Buffer.from(this.text.bytes.buffer, from, this.length[id] as number).toString('utf8');
  }

  /** A digest is a number, most significant byte first. */
  #setHash(id: number, digest: Uint8Array): void {
    for (let word = 0; word < 4; word++) {
      const at = word * 4;
      this.hash[id * 4 + word] =
        ((digest[at] as number) << 24) |
        ((digest[at + 1] as number) << 16) |
        ((digest[at + 2] as number) << 8) |
        (digest[at + 3] as number);
    }
  }

  #next(): number {
    if (this.size === this.start.length) this.#grow();
    return this.size++;
  }

  #grow(): void {
    const capacity = this.start.length * 2;
    const widen = <T extends Uint32Array | Uint16Array | Uint8Array>(wide: T, old: T): T => {
      wide.set(old);
      return wide;
    };
    this.start = widen(new Uint32Array(capacity), this.start);
    this.length = widen(new Uint16Array(capacity), this.length);
    this.hash = widen(new Uint32Array(capacity * 4), this.hash);
    this.isExplicit = widen(new Uint8Array(capacity), this.isExplicit);
    this.base = widen(new Uint32Array(capacity), this.base);
    this.firstWithHash = widen(new Uint32Array(capacity), this.firstWithHash);
  }
}

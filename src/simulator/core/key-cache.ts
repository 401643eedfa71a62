import { KeyTable } from '../../kinesis/key-table.ts';
import { createMd5 } from '../../kinesis/md5.ts';

const SLOTS_INITIAL = 4096;

/**
 * Partition keys seen, each hashed once: an open-addressing index over a key table. Bounded: at its capacity the table
 * forgets every key and moves to a new generation, which owners of ids compare.
 */
export class KeyCache {
  readonly table: KeyTable;
  #slots = new Int32Array(SLOTS_INITIAL);
  #hashes = new Uint32Array(SLOTS_INITIAL / 2);
  #generation = 0;

  /** @param capacity keys held at the most */
  constructor(capacity = 1 << 20) {
    this.table = new KeyTable(capacity, createMd5());
  }

  /** Id of the key `bytes[start, end)`. Call {@link makeRoom} before a call's first key. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
    hash ^= hash >>> 15;
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let probes = 0; probes <= mask; probes++) {
      const id = (this.#slots[slot] as number) - 1;
      if (id < 0) break;
      if (this.#hashes[id] === hash >>> 0 && this.#equals(id, bytes, start, end)) return id;
      slot = (slot + 1) & mask;
    }
    return this.#add(hash, slot, bytes, start, end);
  }

  /** Room for `count` keys whose ids then hold until the next call of this. */
  makeRoom(count: number): void {
    this.table.makeRoom(count);
    if (this.table.generation !== this.#generation) {
      this.#generation = this.table.generation;
      this.#slots.fill(0);
    }
  }

  #add(hash: number, slot: number, bytes: Uint8Array, start: number, end: number): number {
    const id = this.table.add(bytes, start, end);
    this.#slots[slot] = id + 1;
    this.#hashes[id] = hash;
    if (this.table.size * 2 >= this.#slots.length) this.#grow();
    return id;
  }

  #equals(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { table } = this;
    if (table.lengthOf(id) !== end - start) return false;
    const key = table.bytesOf(id);
    const from = table.startOf(id) - start;
    for (let at = start; at < end; at++) if (key[from + at] !== bytes[at]) return false;
    return true;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const hashes = new Uint32Array(slots.length / 2);
    hashes.set(this.#hashes);
    const mask = slots.length - 1;
    for (let id = 0; id < this.table.size; id++) {
      let slot = (hashes[id] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
    this.#hashes = hashes;
  }
}

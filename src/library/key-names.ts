import { hashKeyWords } from '../kinesis/hash-key.ts';
import type { KeyTable } from '../kinesis/key-table.ts';

/** Ids of partition keys by their text, with or without a hash key. Follows the key table, which bounds it. */
export class KeyNames {
  readonly #keys: KeyTable;
  readonly #plain = new Map<string, number>();
  readonly #explicit = new Map<string, number>();
  #generation: number;

  constructor(keys: KeyTable) {
    this.#keys = keys;
    this.#generation = keys.generation;
  }

  /** The id of a key in the table's current generation; adds at most two. */
  idOf(partitionKey: string, hashKey: bigint | null): number {
    const keys = this.#keys;
    if (this.#generation !== keys.generation) {
      this.#plain.clear();
      this.#explicit.clear();
      this.#generation = keys.generation;
    }
    if (hashKey === null) {
      const known = this.#plain.get(partitionKey);
      if (known !== undefined) return known;
      const id = keys.add(Buffer.from(partitionKey));
      this.#plain.set(partitionKey, id);
      return id;
    }
    const name = `${hashKey}/${partitionKey}`;
    const known = this.#explicit.get(name);
    if (known !== undefined) return known;
    const id = keys.addExplicit(this.idOf(partitionKey, null), hashKeyWords(hashKey));
    this.#explicit.set(name, id);
    return id;
  }
}

import { hashKeyWords } from '../kinesis/hash-key.ts';
import type { KeyTable } from '../kinesis/key-table.ts';
import { checkHashKey, checkPartitionKey } from './check.ts';

/**
 * Ids of partition keys by their text, with or without a hash key. Follows the key table, which bounds it. A key is
 * checked when it is not known: those in the table are right.
 */
export class KeyNames {
  readonly #keys: KeyTable;
  readonly #plain = new Map<string, number>();
  readonly #explicit = new Map<string, number>();
  #generation: number;

  constructor(keys: KeyTable) {
    this.#keys = keys;
    this.#generation = keys.generation;
  }

  /**
   * The id of a key in the table's current generation; adds at most two.
   * @throws ShardstormError SHARDSTORM_PRODUCER_USAGE
   */
  idOf(partitionKey: string, explicitHashKey: string | bigint | undefined): number {
    if (this.#generation !== this.#keys.generation) this.#forget();
    if (explicitHashKey !== undefined) return this.#explicitIdOf(partitionKey, explicitHashKey);
    return this.#plain.get(partitionKey) ?? this.#add(partitionKey);
  }

  #add(partitionKey: string): number {
    const id = this.#keys.add(Buffer.from(checkPartitionKey(partitionKey)));
    this.#plain.set(partitionKey, id);
    return id;
  }

  #explicitIdOf(partitionKey: string, explicitHashKey: string | bigint): number {
    const isText = typeof explicitHashKey === 'string' || typeof explicitHashKey === 'bigint';
    const hash = isText && typeof partitionKey === 'string' ? String(explicitHashKey) : '';
    // With its length before it, a hash key cannot run into a partition key; one of neither type is never known.
    const name = `${hash.length}/${hash}${partitionKey}`;
    const known = this.#explicit.get(name);
    if (known !== undefined) return known;
    const base = this.idOf(partitionKey, undefined);
    const id = this.#keys.addExplicit(base, hashKeyWords(checkHashKey(explicitHashKey)));
    this.#explicit.set(name, id);
    return id;
  }

  #forget(): void {
    this.#plain.clear();
    this.#explicit.clear();
    this.#generation = this.#keys.generation;
  }
}

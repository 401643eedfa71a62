import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HASH_KEY_MAX, hashKeyWords } from '../../src/kinesis/hash-key.ts';
import type { Shard } from '../../src/kinesis/shard.ts';
import { ShardIndex } from '../../src/producer/shard-index.ts';
import { evenShards } from './harness.ts';

const hashKey = fc.oneof(
  fc.bigInt(0n, HASH_KEY_MAX),
  // Boundaries that lie close together, so that a place of the table holds many.
  fc.bigInt(0n, 4000n).map((n) => (1n << 127n) + n * (1n << 80n)),
  fc.constantFrom(0n, HASH_KEY_MAX, 1n << 96n, (1n << 96n) - 1n),
);

/** Shards between these boundaries; some are left out, as in a listing that was cut short. */
const shards = fc
  .tuple(fc.uniqueArray(hashKey, { minLength: 0, maxLength: 200 }), fc.array(fc.boolean()))
  .map(([cuts, gaps]) => {
    const ends = [...cuts.filter((cut) => cut < HASH_KEY_MAX), HASH_KEY_MAX];
    ends.sort((a, b) => (a < b ? -1 : 1));
    const all = ends.map((endingHashKey, i): Shard => {
      const startingHashKey = i === 0 ? 0n : (ends[i - 1] ?? 0n) + 1n;
      return {
        id: `shardId-${1000 - i}`,
        number: 1000 - i,
        startingHashKey,
        endingHashKey,
        parentNumber: null,
        adjacentParentNumber: null,
        isOpen: true,
      };
    });
    return all.filter((_, i) => gaps[i] !== true);
  });

/** The obvious way: look at each. */
function slowShardOf(all: readonly Shard[], hash: bigint): number {
  const behind = all.filter(({ endingHashKey }) => endingHashKey >= hash);
  behind.sort((a, b) => (a.endingHashKey < b.endingHashKey ? -1 : 1));
  return behind[0]?.number ?? -1;
}

describe('the index of shards', () => {
  it('finds the shard that a look at each finds', () => {
    fc.assert(
      fc.property(shards, fc.array(hashKey, { maxLength: 50 }), (all, hashes) => {
        const index = new ShardIndex(all);
        const edges = all.flatMap(({ startingHashKey, endingHashKey }) => [
          startingHashKey,
          endingHashKey,
        ]);
        for (const hash of [...hashes, ...edges]) {
          expect(index.shardOf(hashKeyWords(hash), 0)).toBe(slowShardOf(all, hash));
        }
      }),
    );
  });

  it('knows none when there is none', () => {
    expect(new ShardIndex([]).shardOf(hashKeyWords(5n), 0)).toBe(-1);
  });

  it('finds each of ten thousand by its ends', () => {
    const all = evenShards(10_000);
    const index = new ShardIndex(all);
    const words = new Uint32Array(8);
    const found = all.map((shard) => {
      words.set(hashKeyWords(shard.startingHashKey), 4);
      const first = index.shardOf(words, 4);
      words.set(hashKeyWords(shard.endingHashKey), 4);
      return first === shard.number && index.shardOf(words, 4) === shard.number;
    });
    expect(found.every(Boolean)).toBe(true);
  });
});

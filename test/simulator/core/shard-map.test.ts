import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HASH_KEY_MAX } from '../../../src/kinesis/hash-key.ts';
import { CORE_DEFAULTS } from '../../../src/simulator/core/options.ts';
import { RecordStore } from '../../../src/simulator/core/record-store.ts';
import { ShardMap } from '../../../src/simulator/core/shard-map.ts';

it('rescales to equal ranges that cover every hash key, each shard with its parents', () => {
  const counts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 5 });
  fc.assert(
    fc.property(counts, ([first = 1, ...rest]) => {
      const map = new ShardMap(first, 0, CORE_DEFAULTS, new RecordStore(0));
      for (const count of rest) {
        map.rescale(count, 1000);
        const width = (HASH_KEY_MAX + 1n) / BigInt(count);
        expect(map.open.map(({ place }) => place.startingHashKey)).toEqual(
          Array.from({ length: count }, (_, i) => width * BigInt(i)),
        );
        expect(map.open.at(-1)?.place.endingHashKey).toBe(HASH_KEY_MAX);
      }
      for (const shard of map.shards) {
        const { parentNumber, adjacentParentNumber, startingHashKey, endingHashKey } = shard.place;
        if (parentNumber === null) continue;
        const parents = [parentNumber, adjacentParentNumber ?? parentNumber].map((number) => {
          const parent = map.shards[number];
          if (parent === undefined) throw new Error(`no shard ${number}`);
          expect(parent.isOpen).toBe(false);
          return parent.place;
        });
        const starts = parents.map((place) => place.startingHashKey);
        expect(starts.some((start) => start <= startingHashKey)).toBe(true);
        expect(parents.some((place) => place.endingHashKey >= endingHashKey)).toBe(true);
      }
    }),
  );
});

it('rescales thousands of shards', () => {
  const map = new ShardMap(5000, 0, CORE_DEFAULTS, new RecordStore(0));
  map.rescale(10_000, 1000);
  expect(map.open).toHaveLength(10_000);
  map.rescale(6000, 1000);
  expect(map.open).toHaveLength(6000);
});

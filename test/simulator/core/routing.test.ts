import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashKeyWords } from '../../../src/kinesis/hash-key.ts';
import { KeyCache } from '../../../src/simulator/core/key-cache.ts';
import { CORE_DEFAULTS } from '../../../src/simulator/core/options.ts';
import { RecordStore } from '../../../src/simulator/core/record-store.ts';
import { Stream } from '../../../src/simulator/core/stream.ts';

function md5(key: string): bigint {
  return BigInt(`0x${createHash('md5').update(key).digest('hex')}`);
}

function openShardOf(stream: Stream, hashKey: bigint): number {
  const owners = stream.shards.filter(
    ({ isOpen, place }) =>
      isOpen && place.startingHashKey <= hashKey && hashKey <= place.endingHashKey,
  );
  expect(owners).toHaveLength(1);
  return owners[0]?.place.number ?? -1;
}

describe('routing', () => {
  it('finds the one open shard whose range holds the hash key, after any splits and merges', () => {
    const change = fc.record({ split: fc.boolean(), shard: fc.nat(30) });
    const changes = fc.array(change, { maxLength: 12 });
    const keys = fc.array(fc.string({ minLength: 1, maxLength: 40 }), { minLength: 1 });
    const shardCount = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(shardCount, changes, keys, (count, list, names) => {
        const stream = new Stream('s', 'PROVISIONED', count, 0, CORE_DEFAULTS, new RecordStore(0));
        const cache = new KeyCache(1024);
        const check = () => {
          cache.makeRoom(names.length);
          for (const name of names) {
            const bytes = Buffer.from(name);
            const id = cache.intern(bytes, 0, bytes.length);
            expect(stream.map.routeKey(id, cache)).toBe(openShardOf(stream, md5(name)));
          }
        };
        check();
        for (const { split, shard: pick } of list) {
          const shard = stream.openShards[pick % stream.openShards.length];
          if (shard === undefined) throw new Error('no open shard');
          const above = stream.map.neighbourAbove(shard);
          const { startingHashKey, endingHashKey } = shard.place;
          if (split) stream.map.split(shard, (startingHashKey + endingHashKey + 1n) / 2n, 1000);
          else if (above !== undefined) stream.map.merge(shard, above, 1000);
          check();
        }
      }),
    );
  });

  it('covers the ends of the key space', () => {
    const stream = new Stream('s', 'PROVISIONED', 3, 0, CORE_DEFAULTS, new RecordStore(0));
    expect(stream.map.shardAt(hashKeyWords(0n), 0).place.number).toBe(0);
    expect(stream.map.shardAt(hashKeyWords((1n << 128n) - 1n), 0).place.number).toBe(2);
    const second = stream.shards[1]?.place.startingHashKey ?? 0n;
    expect(stream.map.shardAt(hashKeyWords(second - 1n), 0).place.number).toBe(0);
    expect(stream.map.shardAt(hashKeyWords(second), 0).place.number).toBe(1);
  });

  it('keeps the id of a key until the cache is full, and then forgets all', () => {
    const cache = new KeyCache(8);
    const intern = (key: string) => cache.intern(Buffer.from(key), 0, key.length);
    cache.makeRoom(4);
    expect(['a', 'b', 'a', 'ab'].map(intern)).toEqual([0, 1, 0, 2]);
    cache.makeRoom(4);
    expect(intern('b')).toBe(1);
    for (const key of ['c', 'd', 'e']) intern(key);
    cache.makeRoom(4);
    expect(intern('e')).toBe(0);
  });

  it('gives each of many keys an id of its own', () => {
    const cache = new KeyCache(1 << 15);
    cache.makeRoom(20_000);
    const ids = Array.from({ length: 20_000 }, (_, i) => {
      const key = Buffer.from(`key-${i}`);
      return cache.intern(key, 0, key.length);
    });
    expect(new Set(ids).size).toBe(20_000);
    const again = Buffer.from('key-12345');
    expect(cache.intern(again, 0, again.length)).toBe(ids[12_345]);
  });
});

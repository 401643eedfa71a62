import fc from 'fast-check';
import { expect, it } from 'vitest';
import { VirtualClock } from '../../src/core/virtual-clock.ts';
import { HASH_KEY_MAX } from '../../src/kinesis/hash-key.ts';
import type { Shard } from '../../src/kinesis/shard.ts';
import { fixedShardLister, nullTransport } from '../../src/transport/null.ts';
import { requestOf } from './put-records-builder.ts';

it('accepts every entry at the next turn and tells no shard', () => {
  const clock = new VirtualClock();
  const transport = nullTransport(clock);
  const value = { data: Buffer.of(1), key: 'k', explicitHashKey: '' };
  const request = requestOf([value, value]);
  request.answer.refuseEntry(0, 'Old', 'what the last call left');
  let calls = 0;
  transport.send(request, () => calls++);
  expect(calls).toBe(0);
  clock.runUntil(0);
  expect(calls).toBe(1);
  expect(request.answer).toMatchObject({ status: 'answered', resultCount: 2, refusedCount: 0 });
  expect([...request.answer.entryError.slice(0, 2)]).toEqual([0, 0]);
  expect([...request.answer.shardNumber.slice(0, 2)]).toEqual([-1, -1]);
});

it('lists shards that cover the hash keys without gap or overlap', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), (count) => {
      const clock = new VirtualClock();
      let shards: readonly Shard[] = [];
      fixedShardLister(count, clock)('any', (listed) => {
        shards = listed ?? [];
      });
      expect(shards).toEqual([]);
      clock.runUntil(0);
      expect(shards).toHaveLength(count);
      let next = 0n;
      for (const [number, shard] of shards.entries()) {
        expect(shard).toMatchObject({ number, startingHashKey: next, isOpen: true });
        next = shard.endingHashKey + 1n;
      }
      expect(next).toBe(HASH_KEY_MAX + 1n);
    }),
    { numRuns: 30 },
  );
});

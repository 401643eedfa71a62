import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShardBuckets } from '../../src/producer/buckets.ts';

/** One part in a hundred: ten records and a hundred kilobytes at once, so that a few takes empty a bucket. */
const PART = 0.01;
const OTHER_SHARD = 99;

/**
 * Few shards, so that an emptied one is asked again once another had no place; or many, so that places are looked
 * through. Small records empty the bucket of records, large ones that of bytes. Mostly at once: what was taken is back
 * within two seconds.
 */
const takes = fc
  .record({ shards: fc.constantFrom(3, 9, 80), bytesMax: fc.constantFrom(3, 50_000, 200_000) })
  .chain(({ shards, bytesMax }) => {
    const take = fc.record({
      shard: fc.nat(shards - 1),
      bytes: fc.nat(bytesMax),
      afterUs: fc.oneof(
        { weight: 6, arbitrary: fc.constant(0) },
        fc.nat(2000),
        { weight: shards > 9 ? 0 : 1, arbitrary: fc.nat(200_000) },
        { weight: shards > 9 ? 0 : 1, arbitrary: fc.nat(20_000_000) },
      ),
    });
    return fc.array(take, { minLength: 40, maxLength: 300, size: 'max' });
  });

describe('the buckets of shards', () => {
  it('give what they would if full ones were never forgotten', () => {
    fc.assert(
      fc.property(takes, (asked) => {
        const buckets = new ShardBuckets(1.5, PART);
        // A shard that was throttled keeps its share, and then no bucket is looked upon as full without a look at it.
        const kept = new Map<number, ShardBuckets>();
        let nowUs = 0;
        for (const { shard, bytes, afterUs } of asked) {
          nowUs += afterUs;
          let one = kept.get(shard);
          if (one === undefined) {
            one = new ShardBuckets(1.5, PART);
            one.slowDown(OTHER_SHARD, 0);
            kept.set(shard, one);
          }
          expect(buckets.take(shard, bytes, nowUs)).toBe(one.take(shard, bytes, nowUs));
        }
      }),
    );
  });
});

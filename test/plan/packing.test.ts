import { describe, expect, it } from 'vitest';
import { packer, rateIntoAggregate } from '../../src/plan/packing.ts';
import { PLAIN, packingOf } from './support.ts';

/** Fixed sizes: payloads of 200 bytes, keys of 8, no two the same. */
function packing(...set: string[]) {
  const input = { ...packingOf(...set), shards: 1, producers: 1 };
  const distinctAtPowers = Array.from({ length: 15 }, (_, i) => 2 ** i);
  return { ...input, sample: { ...input.sample, meanKeyBytes: 8, distinctAtPowers } };
}

describe('packer', () => {
  it('holds the first record and those of the buffering time, and knows how many come alone', () => {
    // 5 a second for 100 ms: half a record of company, none with a chance of e^-0.5.
    const { userRecordsPerRecord, loneShare, bytesPerRecord, aggregate } = packer(packing())(5);
    expect(userRecordsPerRecord).toBeCloseTo(1.5, 9);
    expect(loneShare).toBeCloseTo(0.60653, 5);
    expect(bytesPerRecord).toBeCloseTo(0.60653 * 208 + 0.39347 * aggregate.bytes, 2);
  });

  it('counts the bytes of three records with three keys, by hand', () => {
    // λ / (1 − e^−λ) = 2 companions, of those that have any.
    const { aggregate } = packer(packing())(15.936242600400401);
    // Magic and digest 20; a key 1 + 1 + 8; a record 1 + 2 + (2 + 1 + 2 + 200); the container's key 1.
    expect(aggregate.bytes).toBeCloseTo(20 + 3 * 10 + 3 * 208 + 1, 6);
  });

  it('counts a key once that all records share', () => {
    const { sample, ...input } = packing();
    const distinctAtPowers = sample.distinctAtPowers.map(() => 1);
    const { aggregate } = packer({ ...input, sample: { ...sample, distinctAtPowers } })(
      15.936242600400401,
    );
    expect(aggregate.bytes).toBeCloseTo(20 + 10 + 3 * 208 + 1, 6);
  });

  it('is one record each without aggregation, and as many as fit with much load', () => {
    expect(packer(packing(PLAIN))(1e6)).toMatchObject({ userRecordsPerRecord: 1, loneShare: 1 });
    const full = packer(packing())(1e6);
    expect(full.closedBy).toBe('size');
    // 218 bytes a record and its key, more where its index takes two bytes; half a record of gap.
    expect(full.userRecordsPerRecord * 218).toBeGreaterThan(50 * 1024 - 400);
    expect(full.userRecordsPerRecord * 218).toBeLessThan(50 * 1024);
  });

  it('divides a load over its producers', () => {
    expect(packer({ ...packing(), producers: 10 })(1000).userRecordsPerRecord).toBeCloseTo(11, 9);
  });
});

describe('rateIntoAggregate', () => {
  it('is that of a shard, but of the whole stream where aggregates are', () => {
    const input = { ...packing(), shards: 4 };
    expect(rateIntoAggregate(input, 1000)).toBe(250);
    expect(rateIntoAggregate({ ...input, profile: 'a8m' }, 1000)).toBe(1000);
  });
});

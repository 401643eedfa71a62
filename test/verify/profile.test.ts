import { describe, expect, it } from 'vitest';
import { RandomSequence } from '../../src/core/random.ts';
import { HyperLogLog } from '../../src/verify/hyper-log-log.ts';
import { keySkew } from '../../src/verify/key-skew.ts';
import { StreamProfile } from '../../src/verify/profile.ts';
import { aggregate, ORIGIN_US, stored } from './builders.ts';

/** Counts of keys that were drawn, descending. */
function drawn(draws: number, seed: number, draw: (unit: number) => number) {
  const random = new RandomSequence(seed, 0);
  const counts = new Map<number, number>();
  for (let i = 0; i < draws; i++) {
    const key = draw(random.unit());
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts.values()].sort((a, b) => b - a);
}

function zipfDraw(cardinality: number, exponent: number): (unit: number) => number {
  const upTo: number[] = [];
  let sum = 0;
  for (let rank = 1; rank <= cardinality; rank++) {
    sum += rank ** -exponent;
    upTo.push(sum);
  }
  return (unit) => {
    let low = 0;
    let high = cardinality - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((upTo[middle] as number) < unit * sum) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

const skewOf = (counts: readonly number[], draws: number) => keySkew(counts, counts.length, draws);

describe('keySkew', () => {
  it.each([
    [10_000, 12_000],
    [100, 50_000],
    [50_000, 20_000],
  ])('knows %i keys that are alike from %i draws, seen or not', (cardinality, draws) => {
    const counts = drawn(draws, cardinality, (unit) => Math.floor(unit * cardinality));
    const skew = skewOf(counts, draws);
    expect(skew.kind).toBe('uniform');
    expect(Math.abs(skew.cardinality / cardinality - 1)).toBeLessThan(0.05);
  });

  it.each([
    [0.8, 5_000],
    [1.07, 20_000],
    [1.4, 2_000],
  ])('finds the exponent %f of %i keys again', (exponent, cardinality) => {
    const skew = skewOf(drawn(60_000, 7, zipfDraw(cardinality, exponent)), 60_000);
    if (skew.kind !== 'zipf') throw new Error(skew.kind);
    expect(Math.abs(skew.exponent - exponent)).toBeLessThan(0.06);
    expect(skew.cardinality / cardinality).toBeGreaterThan(0.6);
    expect(skew.cardinality / cardinality).toBeLessThan(1.7);
  });

  it('finds hot keys among others that are alike', () => {
    const draw = (unit: number) =>
      unit < 0.3 ? Math.floor(unit * 10) : 10 + Math.floor(((unit - 0.3) / 0.7) * 5000);
    const skew = skewOf(drawn(40_000, 3, draw), 40_000);
    expect(skew).toMatchObject({ kind: 'hot', keys: 3 });
    if (skew.kind !== 'hot') return;
    expect(skew.share).toBeCloseTo(0.3, 1);
    expect(skew.cardinality / 5000).toBeCloseTo(1, 1);
  });

  it('takes keys that never come again for very many', () => {
    expect(keySkew(new Array(1000).fill(1), 1000, 1000)).toMatchObject({ kind: 'uniform' });
    expect(keySkew([1000], 1, 1000)).toEqual({ kind: 'uniform', cardinality: 1 });
  });
});

describe('HyperLogLog', () => {
  it.each([10, 1000, 50_000, 300_000])('estimates %i within 3 %%', (count) => {
    const log = new HyperLogLog();
    const random = new RandomSequence(count, 1);
    const prints = Array.from({ length: count }, () => [random.u32(), random.u32()] as const);
    for (const [high, low] of [...prints, ...prints]) log.add(high, low);
    expect(Math.abs(log.estimate / count - 1)).toBeLessThan(0.03);
  });
});

describe('StreamProfile', () => {
  const facts = {
    stream: 's',
    inspectedAt: '2026-01-02T00:00:00Z',
    openShards: 2,
    unreadShards: [],
    salt: Buffer.of(1),
    topKeys: 2,
  };
  const read = (profile: StreamProfile) => profile.data(facts);

  it('counts aggregates and lone records, sizes, keys and shards', () => {
    const profile = new StreamProfile();
    const user = (key: string, bytes: number) => ({ key, data: new Uint8Array(bytes) });
    profile.record(
      'shardId-0',
      stored(aggregate([user('a', 100), user('b', 100), user('a', 100)])),
    );
    profile.record('shardId-0', stored(new Uint8Array(1000), 'a'));
    profile.record('shardId-1', stored(Buffer.from('hello'), 'c'));
    const data = read(profile);
    expect(data).toMatchObject({ kinesisRecords: 3, userRecords: 5, aggregates: 1 });
    expect(data.sizes).toMatchObject({ min: 5, mean: 261, p50: 100, max: 1000 });
    expect(data.sizes.classes).toEqual([
      { bytes: 5, count: 1 },
      { bytes: 100, count: 3 },
      { bytes: 1000, count: 1 },
    ]);
    expect(data.keys).toMatchObject({ distinct: 3, isExact: true });
    expect(data.keys.top.map(({ share }) => share)).toEqual([0.6, 0.2]);
    expect(data.shards.map(({ id, userRecords }) => [id, userRecords])).toEqual([
      ['shardId-0', 4],
      ['shardId-1', 1],
    ]);
  });

  it('names keys by a hash that another salt changes, and shows neither key nor payload', () => {
    const profile = new StreamProfile();
    profile.record('shardId-0', stored(Buffer.from('secret payload'), 'customer-4711'));
    const one = profile.data(facts);
    const other = profile.data({ ...facts, salt: Buffer.of(2) });
    expect(one.keys.top[0]?.name).toMatch(/^[0-9a-f]{10}$/);
    expect(one.keys.top[0]?.name).not.toBe(other.keys.top[0]?.name);
    expect(JSON.stringify(one)).not.toMatch(/secret|4711/);
  });

  it('has the rate curve without the seconds at its edges, which were seen in part', () => {
    const profile = new StreamProfile();
    for (const [second, count] of [1, 5, 0, 7, 2].entries()) {
      const arrivalEpochMs = ORIGIN_US / 1000 + second * 1000 + 500;
      for (let i = 0; i < count; i++) {
        profile.record('shardId-0', { ...stored(Buffer.from('x')), arrivalEpochMs });
      }
    }
    expect(read(profile).perSecond).toEqual([5, 0, 7]);
    expect(read(profile).seconds).toBe(4);
  });

  it('ends the rate curve where a shard was not read any further, and rates that shard by what was seen', () => {
    const profile = new StreamProfile();
    for (let second = 0; second < 10; second++) {
      const arrivalEpochMs = ORIGIN_US / 1000 + second * 1000;
      const record = { ...stored(Buffer.from('x')), arrivalEpochMs };
      profile.record('shardId-0', record);
      if (second <= 4) for (let i = 0; i < 8; i++) profile.record('shardId-1', record);
    }
    const data = profile.data({ ...facts, unreadShards: ['shardId-1'] });
    expect(data.perSecond).toEqual([9, 9, 9]);
    expect(data.shards.map(({ recordsPerSecond }) => recordsPerSecond)).toEqual([10, 10 / 9]);
    expect(data).toMatchObject({ openShards: 2, unreadShards: ['shardId-1'] });
  });

  it('has nothing to say of nothing', () => {
    expect(read(new StreamProfile())).toMatchObject({ userRecords: 0, seconds: 0, perSecond: [] });
  });
});

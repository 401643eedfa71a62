import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/core/virtual-clock.ts';
import { hashKeyWords } from '../../src/kinesis/hash-key.ts';
import { KeyTable } from '../../src/kinesis/key-table.ts';
import type { Shard } from '../../src/kinesis/shard.ts';
import { ShardMap } from '../../src/producer/shard-map.ts';
import { evenShards, hashOf } from './harness.ts';

/** A map whose listings take a millisecond and are answered as told. */
function mapOf(answers: (listing: number) => readonly Shard[] | null) {
  const clock = new VirtualClock();
  const keys = new KeyTable(1024);
  const listedUs: number[] = [];
  const errors: string[] = [];
  let updates = 0;
  const map = new ShardMap({
    streamName: 'test',
    clock,
    keys,
    listOpenShards: (_stream, done) => {
      listedUs.push(clock.nowUs());
      const answer = answers(listedUs.length);
      clock.setTimer(clock.nowUs() + 1000, () => done(answer, answer === null ? 'Busy' : '', ''));
    },
    onUpdate: () => updates++,
    onError: (code) => errors.push(code),
  });
  map.start();
  return { clock, keys, map, listedUs, errors, updates: () => updates };
}

const SECOND_US = 1_000_000;

describe('the shard map', () => {
  it('tries a failed listing again after 1 s, then half as long again each time, 30 s at the most', () => {
    const { clock, listedUs, errors } = mapOf(() => null);
    clock.runUntil(300 * SECOND_US);
    const waits = listedUs.slice(1).map((us, i) => us - (listedUs[i] ?? 0) - 1000);
    const expected = waits.map((_, i) => Math.min(SECOND_US * 1.5 ** i, 30 * SECOND_US));
    expect(waits.map(Math.round)).toEqual(expected.map(Math.round));
    expect(waits.at(-1)).toBe(30 * SECOND_US);
    expect(errors.length).toBe(listedUs.length);
  });

  it('begins with 1 s again once a listing has succeeded', () => {
    const { clock, map, listedUs } = mapOf((listing) => (listing === 4 ? evenShards(2) : null));
    clock.runUntil(60 * SECOND_US);
    expect(listedUs.length).toBe(4);
    map.invalidate(clock.nowUs(), 0);
    clock.runUntil(clock.nowUs() + 1.5 * SECOND_US);
    expect((listedUs[5] ?? 0) - (listedUs[4] ?? 0)).toBe(SECOND_US + 1000);
  });

  it('leaves no timer behind when it is closed while it waits', () => {
    const { clock, map, listedUs } = mapOf(() => null);
    clock.runUntil(10_000);
    map.close();
    clock.runAll();
    expect(clock.nowUs()).toBeLessThan(SECOND_US);
    expect(listedUs.length).toBe(1);
  });

  it('is listed once for a storm of wrong predictions, and not for those older than the map', () => {
    const { clock, map, listedUs } = mapOf(() => evenShards(2));
    clock.runUntil(10_000);
    map.invalidate(500, 0);
    expect(listedUs.length).toBe(1);
    map.invalidate(1000, 0);
    expect(listedUs.length).toBe(1);
    map.invalidate(1001, 0);
    map.invalidate(5000, 1);
    expect(map.isUpdating).toBe(true);
    clock.runUntil(20_000);
    expect(listedUs.length).toBe(2);
    expect(map.isUpdating).toBe(false);
  });

  it('is listed ever more rarely for wrong predictions while listings find nothing new', () => {
    const { clock, map, listedUs } = mapOf((listing) => evenShards(listing < 10 ? 2 : 3));
    clock.runUntil(10_000);
    for (let us = 20_000; us < 200 * SECOND_US; us += 20_000) {
      map.invalidate(clock.nowUs(), 0);
      clock.runUntil(us);
    }
    const waits = listedUs.slice(2, 11).map((us, i) => (us - (listedUs[i + 1] ?? 0)) / SECOND_US);
    const expected = [1, 1.5, 2.25, 3.375, 5.0625, 7.59375, 11.390625, 17.0859375];
    expect(waits.slice(0, 8).map((wait, i) => Math.abs(wait - (expected[i] ?? 0)) < 0.03)).toEqual(
      expected.map(() => true),
    );
    // What is new is followed at once.
    expect(waits[8]).toBeLessThan(0.03);
  });

  it('is not listed for a shard that it no longer has open', () => {
    const { clock, map, listedUs } = mapOf(() => evenShards(2));
    clock.runUntil(10_000);
    map.invalidate(clock.nowUs(), 7);
    expect(listedUs.length).toBe(1);
    map.invalidate(clock.nowUs(), -1);
    expect(listedUs.length).toBe(2);
  });

  it('knows the range of a closed shard for a minute after it changed', () => {
    const { clock, map } = mapOf((listing) => (listing === 1 ? evenShards(1) : evenShards(2, 1)));
    clock.runUntil(10_000);
    map.invalidate(clock.nowUs(), 0);
    clock.runUntil(20_000);
    const hash = hashKeyWords(hashOf('any'));
    expect(map.isOpen(0)).toBe(false);
    clock.runUntil(59 * SECOND_US);
    expect(map.holds(0, hash)).toBe(true);
    clock.runUntil(61 * SECOND_US);
    expect(map.holds(0, hash)).toBe(false);
    expect(map.holds(1, hash) || map.holds(2, hash)).toBe(true);
  });

  it('predicts anew after a split', () => {
    const { clock, keys, map } = mapOf((listing) =>
      evenShards(listing === 1 ? 1 : 4, listing === 1 ? 0 : 1),
    );
    clock.runUntil(10_000);
    const ids = Array.from({ length: 64 }, (_, i) => keys.add(Buffer.from(`key ${i}`)));
    expect(new Set(ids.map((id) => map.predict(id)))).toEqual(new Set([0]));
    map.invalidate(clock.nowUs(), 0);
    clock.runUntil(20_000);
    const width = (1n << 128n) / 4n;
    expect(ids.map((id) => map.predict(id))).toEqual(
      ids.map((_, i) => 1 + Number(hashOf(`key ${i}`) / width)),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { Subscription } from '../../../src/simulator/core/subscription.ts';
import { put, records, STREAM, simulatorOf } from '../put.ts';

const SECOND = 1_000_000;

function subscribed(from = 0) {
  const { simulator, clock } = simulatorOf(1, { limits: 'off' });
  const shard = simulator.stream(STREAM).shards[0];
  if (shard === undefined) throw new Error('no shard');
  const events: { atUs: number; from: number; to: number; isEnd: boolean }[] = [];
  let endedUs = -1;
  const subscription = new Subscription(clock, shard, from, {
    deliver: (first, to, isEnd) => events.push({ atUs: clock.nowUs(), from: first, to, isEnd }),
    ended: () => {
      endedUs = clock.nowUs();
    },
  });
  return { simulator, clock, shard, events, subscription, endedUs: () => endedUs };
}

describe('a subscription', () => {
  it('delivers what is appended at once, and nothing twice', () => {
    const { simulator, clock, events } = subscribed();
    put(simulator, records(5, 10));
    put(simulator, records(5, 10));
    clock.advance(0);
    put(simulator, records(3, 10));
    clock.advance(0);
    expect(events.map(({ from, to }) => [from, to])).toEqual([
      [0, 10],
      [10, 13],
    ]);
  });

  it('sends an empty event every five seconds, and ends after five minutes', () => {
    const { clock, events, endedUs } = subscribed();
    clock.advance(12 * SECOND);
    expect(events.map(({ atUs }) => atUs / SECOND)).toEqual([0, 5, 10]);
    clock.advance(400 * SECOND);
    expect(endedUs()).toBe(300 * SECOND);
    expect(events).toHaveLength(61);
  });

  it('gives 2 MiB a second', () => {
    const { simulator, clock, events } = subscribed();
    for (let i = 0; i < 12; i++) put(simulator, records(1, 1024 * 1024 - 10));
    const delivered = () => events.at(-1)?.to ?? 0;
    clock.advance(0);
    expect(delivered()).toBeLessThanOrEqual(4);
    clock.advance(2 * SECOND);
    expect(delivered()).toBeGreaterThanOrEqual(6);
    expect(delivered()).toBeLessThanOrEqual(8);
    clock.advance(4 * SECOND);
    expect(delivered()).toBe(12);
  });

  it('waits while it is paused and goes on where it was', () => {
    const { simulator, clock, events, subscription } = subscribed();
    subscription.pause();
    put(simulator, records(5, 10));
    clock.advance(20 * SECOND);
    expect(events).toEqual([]);
    subscription.resume();
    clock.advance(0);
    expect(events).toMatchObject([{ from: 0, to: 5 }]);
  });

  it('ends with its shard, after everything in it', () => {
    const { simulator, clock, events, endedUs, shard } = subscribed();
    put(simulator, records(5, 10));
    simulator.stream(STREAM).map.split(shard, 1000n, simulator.nowMs());
    clock.advance(0);
    expect(events).toMatchObject([{ from: 0, to: 5, isEnd: true }]);
    expect(endedUs()).toBe(0);
  });

  it('skips what the store has dropped', () => {
    const { simulator, clock } = simulatorOf(1, { limits: 'off', storedBytesMax: 50_000 });
    for (let i = 0; i < 100; i++) put(simulator, records(1, 1000));
    const shard = simulator.stream(STREAM).shards[0];
    if (shard === undefined) throw new Error('no shard');
    const places: number[] = [];
    new Subscription(clock, shard, 0, {
      deliver: (from, to) => places.push(from, to),
      ended: () => {},
    });
    clock.advance(0);
    expect(places).toEqual([shard.log.first, 100]);
  });
});

import { expect, it } from 'vitest';
import { CORE_DEFAULTS } from '../../../src/simulator/core/options.ts';
import { Simulator } from '../../../src/simulator/core/simulator.ts';
import { ManualClock } from '../manual-clock.ts';
import { put, records, STREAM } from '../put.ts';

const SECOND = 1_000_000;

function onDemand(): { simulator: Simulator; clock: ManualClock } {
  const clock = new ManualClock();
  const simulator = new Simulator(clock, { ...CORE_DEFAULTS, scaleEveryUs: 60 * SECOND });
  simulator.addActiveStream(STREAM, 'ON_DEMAND', 4);
  simulator.startAt(0);
  return { simulator, clock };
}

function load(
  simulator: Simulator,
  clock: ManualClock,
  seconds: number,
  perSecond: number,
): number {
  let refused = 0;
  for (let second = 0; second < seconds; second++) {
    for (let tenth = 0; tenth < 10; tenth++) {
      const list = records(perSecond / 10, 1000, (i) => `${second}.${tenth}.${i}`);
      refused += put(simulator, list).refusedCount;
      clock.advance(SECOND / 10);
    }
  }
  return refused;
}

it('an on-demand stream grows to twice its peak, and a hot shard is split', () => {
  const { simulator, clock } = onDemand();
  load(simulator, clock, 61, 3000);
  const grown = simulator.stream(STREAM).openShards.length;
  expect(grown).toBeGreaterThanOrEqual(6);
  load(simulator, clock, 60, 4000);
  expect(load(simulator, clock, 30, 4000)).toBe(0);
  expect(simulator.stream(STREAM).openShards.length).toBeGreaterThanOrEqual(8);
});

it('an idle on-demand stream and a provisioned one stay as they are', () => {
  const { simulator, clock } = onDemand();
  simulator.addActiveStream('fixed', 'PROVISIONED', 2);
  clock.advance(600 * SECOND);
  expect(simulator.stream(STREAM).openShards).toHaveLength(4);
  expect(simulator.stream('fixed').openShards).toHaveLength(2);
});

it('a key that is hotter than a shard stays throttled', () => {
  const { simulator, clock } = onDemand();
  for (let i = 0; i < 200; i++) {
    put(
      simulator,
      records(200, 1000, () => 'one key'),
    );
    clock.advance(SECOND / 10);
    if (i % 10 === 0) clock.advance(60 * SECOND);
  }
  for (let i = 0; i < 20; i++)
    put(
      simulator,
      records(100, 1000, () => 'one key'),
    );
  expect(
    put(
      simulator,
      records(100, 1000, () => 'one key'),
    ).refusedCount,
  ).toBe(100);
});

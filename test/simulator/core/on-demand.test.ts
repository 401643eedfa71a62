import { expect, it } from 'vitest';
import { CORE_DEFAULTS } from '../../../src/simulator/core/options.ts';
import { Simulator } from '../../../src/simulator/core/simulator.ts';
import { Stream } from '../../../src/simulator/core/stream.ts';
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

it('what a restored shard held before is no traffic of the first interval', () => {
  const { simulator, clock } = onDemand();
  clock.advance(SECOND);
  const { options, store } = simulator;
  const bornMs = simulator.nowMs() - 3_600_000;
  const old = new Stream('old', 'ON_DEMAND', 4, bornMs, options, store);
  old.status = 'ACTIVE';
  for (const shard of old.shards) shard.writtenBytes = 1e12;
  simulator.streams.set('old', old);
  clock.advance(600 * SECOND);
  expect(old.openShards).toHaveLength(4);
});

it('a look that comes late counts by the time that passed', () => {
  const { simulator, clock } = onDemand();
  const [shard] = simulator.stream(STREAM).shards;
  if (shard === undefined) throw new Error('no shard');
  clock.advance(30 * SECOND);
  simulator.startAt(clock.nowUs());
  clock.delay(120 * SECOND);
  // 40 MB in 120 s are less than 500 KB/s; in the 60 s of an interval they would be more.
  shard.writtenBytes += 40_000_000;
  clock.advance(0);
  expect(simulator.stream(STREAM).openShards).toHaveLength(4);
});

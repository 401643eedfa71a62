import { afterEach, expect, it, vi } from 'vitest';
import { VirtualClock } from '../../src/core/virtual-clock.ts';
import { Collection } from '../../src/producer/collect.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { runPlan } from './harness.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Timers set and waiting calls gone through, for each attempt of an overload of that length. */
async function operations(duration: string) {
  const timers = vi.spyOn(VirtualClock.prototype, 'setTimer');
  const scans = vi.spyOn(Collection.prototype, 'takeWhere');
  const set = [
    'load.producers=20',
    'load.phases.warm-up.duration=100ms',
    'load.phases.hold.rate=1500/s',
    'producer.aggregation.enabled=false',
    // Of a profile that is not slowed down by refusals: it goes on as it began.
    'producer.profile=sdk-batch',
    'producer.recordTtl=1s',
    'target.simulator.shards=1',
    'target.simulator.faults=[{kind: throttle, rate: 0.7}]',
  ];
  const plan = loadScenario('scenarios/quickstart.yaml', { set, duration }, () => {});
  const { everywhere } = await runPlan(plan);
  const attempts = everywhere('attempts.records');
  const each = (calls: readonly unknown[]) => calls.length / attempts;
  const counted = { attempts, timers: each(timers.mock.calls), scans: each(scans.mock.calls) };
  vi.restoreAllMocks();
  return counted;
}

it('costs a few operations an attempt, however long a shard is overloaded', async () => {
  const short = await operations('1s');
  const long = await operations('5s');
  expect(long.attempts).toBeGreaterThan(3 * short.attempts);
  for (const { timers, scans } of [short, long]) {
    expect(timers).toBeLessThan(3);
    expect(scans).toBeLessThan(0.02);
  }
});

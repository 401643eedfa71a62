import { describe, expect, it } from 'vitest';
import type { VirtualRunOptions } from '../../src/virtual/run.ts';
import { planOf, runPlan, virtualRun } from '../virtual/harness.ts';

const SECOND_US = 1_000_000;
/** Plain records, so that the limiter's burst of a thousand records a shard is soon used up. */
const PLAIN = 'producer.aggregation.enabled=false';
/** The quickstart's warm-up and its hold, as `planOf` makes it. */
const SCHEDULE_US = 6 * SECOND_US;

async function figures(...set: string[]) {
  const { outcome, everywhere } = await runPlan(planOf(...set));
  const gap =
    everywhere('userRecords.offered') -
    everywhere('userRecords.accepted') -
    everywhere('userRecords.failed') -
    everywhere('userRecords.expired') -
    everywhere('userRecords.dropped');
  return { outcome, everywhere, gap };
}

describe('the end of a load', () => {
  it('comes as soon as the last records expire, not when the time to drain is over', async () => {
    const { outcome, everywhere, gap } = await figures(
      PLAIN,
      'producer.rateLimit=1%',
      'producer.recordTtl=2s',
      'load.drain=20s',
    );
    expect(everywhere('userRecords.expired')).toBeGreaterThan(0);
    expect(gap).toBe(0);
    expect(outcome.durationUs).toBeLessThan(SCHEDULE_US + 3 * SECOND_US);
  });

  it('comes when the time to drain is over, and what is out counts as failed and uncertain', async () => {
    const { outcome, everywhere, gap } = await figures(
      'target.simulator.faults=[{ kind: stall, at: 2s, for: 120s }]',
      'producer.requestTimeout=60s',
      'producer.recordTtl=60s',
      'load.drain=2s',
    );
    expect(everywhere('userRecords.failed')).toBeGreaterThan(0);
    expect(everywhere('userRecords.uncertain')).toBeGreaterThan(0);
    expect(gap).toBe(0);
    expect(outcome.durationUs).toBeLessThan(SCHEDULE_US + 3 * SECOND_US);
  });

  it('counts what a full buffer could not take as dropped, or waits, and loses nothing', async () => {
    const full = [
      PLAIN,
      'producer.maxBufferedMemory=1MiB',
      'producer.rateLimit=10%',
      'producer.recordTtl=60s',
    ];
    const dropping = await figures(
      ...full,
      'producer.overload=drop',
      'load.phases.hold.rate=20000/s',
    );
    expect(dropping.everywhere('userRecords.dropped')).toBeGreaterThan(0);
    expect(dropping.gap).toBe(0);
    const waiting = await figures(...full, 'load.phases.hold.rate=20000/s', 'load.drain=1s');
    expect(waiting.gap).toBe(0);
    expect(waiting.everywhere('userRecords.offered')).toBe(
      dropping.everywhere('userRecords.offered'),
    );
  });

  it('makes no spike of what settles just after the schedule', async () => {
    const rates: number[] = [];
    const lengths: number[] = [];
    const onInterval: VirtualRunOptions['onInterval'] = ({ phases, durationUs }) => {
      lengths.push(durationUs / 1e6);
      const accepted = phases.reduce((sum, { latency }) => sum + latency.response.count, 0);
      rates.push(accepted / (durationUs / 1e6));
    };
    await runPlan(planOf(), { onInterval });
    // The hold offers 2,000/s; a frame of the drain alone would show several times as much.
    expect(Math.max(...rates)).toBeLessThan(2300);
    expect(lengths.at(-1)).toBeGreaterThan(1);
    expect(lengths.at(-1)).toBeLessThan(1.25);
  });

  it('does not begin once it was stopped', async () => {
    const run = virtualRun(planOf());
    run.stop('drain');
    const outcome = await run.run();
    expect(outcome.durationUs).toBeGreaterThanOrEqual(0);
    expect(outcome.merger.measured().counters[0]).toBe(0);
  });
});

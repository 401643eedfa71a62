import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { liveLine, renderLiveFrame } from '../../src/report/live/frame.ts';
import {
  advanceLive,
  atStage,
  HISTORY_MAX,
  type LiveState,
  startLive,
  withWarning,
} from '../../src/report/live/state.ts';
import { visibleWidth } from '../../src/report/terminal/paint.ts';
import { hotShardTimeline } from '../fixtures/hot-shard-run.ts';

const PLAN = {
  name: 'clickstream',
  phases: [
    { name: 'warm-up', startMs: 0, endMs: 10_000 },
    { name: 'ramp', startMs: 10_000, endMs: 40_000 },
    { name: 'hold', startMs: 40_000, endMs: 100_000 },
  ],
};

function second(seconds: number): LiveState {
  return hotShardTimeline()
    .slice(0, seconds)
    .reduce((state, row) => advanceLive(state, [row]), startLive(PLAN));
}

describe('live view', () => {
  it('draws a throttled second as the golden file has it', async () => {
    const state = withWarning(second(71), 'shard 2 is offered more than its byte limit');
    const text = `${renderLiveFrame(state, 80, false)}\n${liveLine(state)}\n`;
    await expect(text).toMatchFileSnapshot('golden/live-frame.txt');
  });

  it('keeps within its width, in colour, with many shards, at every second', () => {
    const [row] = hotShardTimeline().slice(70);
    if (row === undefined) throw new Error('the fixture has 100 rows');
    const shards = Array.from({ length: 1_000 }, (_, i) => ({
      id: `shardId-${i}`,
      bytes: i * 1_100,
      records: 9,
      throttled: i,
    }));
    const wide = withWarning(
      advanceLive(startLive({ ...PLAN, name: 'n'.repeat(90) }), [{ ...row, shards }]),
      'w'.repeat(200),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 40, max: 200 }),
        fc.boolean(),
        fc.nat(100),
        (width, color, seconds) => {
          for (const state of [wide, second(seconds)]) {
            const lines = renderLiveFrame(state, width, color).split('\n');
            expect(lines.filter((line) => visibleWidth(line) > width)).toEqual([]);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('sums what settled and keeps a bounded history', () => {
    const rows = hotShardTimeline();
    const state = second(100);
    expect(state.totals.offered).toBe(rows.reduce((sum, row) => sum + row.userRecords.offered, 0));
    expect(state.totals.expired).toBe(rows.reduce((sum, row) => sum + row.userRecords.expired, 0));
    expect(state.history).toHaveLength(HISTORY_MAX);
  });

  it('adds up the phases of one second', () => {
    const [row] = hotShardTimeline();
    if (row === undefined) throw new Error('the fixture has 100 rows');
    const state = advanceLive(startLive(PLAN), [row, { ...row, phase: 'ramp' }]);
    expect(state.last?.offeredPerSecond).toBe(2 * row.userRecords.offered);
    expect(state.last?.shards[0]?.share).toBeCloseTo(
      (2 * (row.shards[0]?.bytes ?? 0)) / 1024 ** 2,
      9,
    );
    expect(state.last?.generator).toEqual(row.generator);
  });

  it('names the stage before, at and after the schedule', () => {
    expect(liveLine(startLive(PLAN))).toBe('0/100 s starting');
    expect(second(5).stage).toBe('running');
    const [row] = hotShardTimeline();
    if (row === undefined) throw new Error('the fixture has 100 rows');
    expect(advanceLive(second(100), [{ ...row, atMs: 101_000 }]).stage).toBe('draining');
    expect(advanceLive(atStage(second(5), 'stopping'), [row]).stage).toBe('stopping');
    expect(advanceLive(second(5), [])).toEqual(second(5));
  });

  it('keeps the latest warnings and no repeated one', () => {
    const state = ['a', 'b', 'b', 'c', 'd'].reduce(withWarning, startLive(PLAN));
    expect(state.warnings).toEqual(['b', 'c', 'd']);
  });
});

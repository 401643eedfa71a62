import { expect, it } from 'vitest';
import { backlogGrowth, generatorReasonsOf } from '../../src/cli/capacity-probe.ts';
import type { TimelineRow } from '../../src/results/timeline.ts';
import { hotShardTimeline } from '../fixtures/hot-shard-run.ts';
import { pretend } from '../results/builders.ts';

/** Seconds with so many records pending. */
function rows(pending: readonly number[], change: Partial<TimelineRow> = {}): TimelineRow[] {
  const [row] = hotShardTimeline();
  if (row === undefined) throw new Error('no row');
  return pending.map((outstandingRecords) => ({
    ...row,
    measured: true,
    intervalMs: 1000,
    generator: { ...row.generator, outstandingRecords },
    ...change,
  }));
}

it('tells a backlog that rises from one that only varies', () => {
  expect(backlogGrowth(rows([100, 130, 160, 190, 220, 250]), 1000)).toBe(30);
  expect(backlogGrowth(rows([100, 130, 90, 120, 100, 110]), 1000)).toBe(0);
});

it('leaves alone a rise that is small beside the rate, and seconds that are not measured', () => {
  expect(backlogGrowth(rows([100, 101, 102, 103, 104, 105]), 1000)).toBe(0);
  expect(backlogGrowth(rows([100, 130, 160, 190, 220, 250], { measured: false }), 1000)).toBe(0);
});

it('takes what was dropped for the rate that was too much, and not for the generator', () => {
  const dropping = { offered: 100, accepted: 40, dropped: 60 };
  const { summary } = pretend({ second: () => dropping });
  expect(summary.valid).toBe(false);
  expect(generatorReasonsOf(summary)).toEqual([]);
  const behind = pretend({ second: () => ({ ...dropping, offered: 90, accepted: 30 }) });
  expect(generatorReasonsOf(behind.summary)).toEqual([
    'The generator fell behind and never made 100 of 1,000 scheduled records.',
  ]);
});

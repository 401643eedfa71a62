import { describe, expect, it } from 'vitest';
import {
  backlogGrowth,
  failuresOf,
  generatorReasonsOf,
  planOfWindows,
  probeOf,
  stepsOf,
} from '../../src/cli/capacity-probe.ts';
import type { FinishedRun } from '../../src/cli/run-once.ts';
import { ShardstormError } from '../../src/core/errors.ts';
import type { Summary } from '../../src/results/summary.ts';
import type { TimelineRow } from '../../src/results/timeline.ts';
import { hotShardSummary, hotShardTimeline } from '../fixtures/hot-shard-run.ts';
import { pretend } from '../results/builders.ts';

/** Seconds of a settle phase and then of a window, with so many records pending at the end of each. */
function rows(
  settle: readonly number[],
  pending: readonly number[],
  change: Partial<TimelineRow['generator']> = {},
): TimelineRow[] {
  const [row] = hotShardTimeline();
  if (row === undefined) throw new Error('no row');
  return [...settle, ...pending].map((outstandingRecords, second) => ({
    ...row,
    atMs: second * 1000,
    measured: second >= settle.length,
    intervalMs: 1000,
    generator: { ...row.generator, outstandingRecords, backPressureMs: 0, ...change },
  }));
}

/** A window that a target takes with ease: 1,000 records a second, some of it changed. */
function calm(change: Partial<Summary> = {}, settleMs = 0, durationMs = 6000): Summary {
  const summary = hotShardSummary();
  const { throttle: _throttle, retryAmplification: _amplification, ...rates } = summary.rates;
  const [phase] = summary.phases;
  if (phase === undefined) throw new Error('no phase');
  return {
    ...summary,
    userRecords: { ...summary.userRecords, offered: 6000, accepted: 6000, offeredPerSecond: 1000 },
    rates: { ...rates, throttle: 0, retryAmplification: 1 },
    thresholds: [],
    invalidReasons: [],
    shards: summary.shards.map((shard) => ({ ...shard, utilisation: 1 })),
    phases: [{ ...phase, measured: true, startMs: settleMs, durationMs }],
    ...change,
  };
}
const STEADY = rows([], [100, 130, 90, 120, 100, 110]);

it('tells a backlog that rises from one that only varies', () => {
  expect(backlogGrowth([100, 130, 160, 190, 220, 250], 1000)).toBe(30);
  expect(backlogGrowth([100, 130, 90, 120, 100, 110], 1000)).toBe(0);
  // Twenty probes are a usual search: what happens by chance in one of twenty would spoil it.
  expect(backlogGrowth([100, 120, 110, 130, 125, 140], 1000)).toBe(0);
});

it('leaves alone a rise that is small beside the rate', () => {
  expect(backlogGrowth([100, 101, 102, 103, 104, 105], 1000)).toBe(0);
});

describe('what a sustainable rate keeps', () => {
  const { userRecords, rates, shards } = calm();
  const [shard] = shards;
  if (shard === undefined) throw new Error('no shard');
  const objective = { expression: 'response.p99 < 1s', actual: 2e6, held: false, note: '' };
  const throttle = { expression: 'throttle < 5%', actual: 0.02, held: true, note: '' };
  const dropped =
    '40.0 % of the records offered (2,400) were dropped, by a full buffer or at the end of the drain: x.';

  it.each<[string, Partial<Summary>, readonly string[]]>([
    ['nothing else', {}, []],
    ['its objectives', { thresholds: [objective] }, ['response.p99 < 1s (2.00s)']],
    ['every record', { invalidReasons: [dropped] }, [dropped]],
    ['98 %', { userRecords: { ...userRecords, accepted: 5880 } }, []],
    [
      '98 % of what was offered',
      { userRecords: { ...userRecords, accepted: 5879 } },
      ['accepted 98.0 % of what was offered'],
    ],
    [
      'a record at all',
      { userRecords: { ...userRecords, offered: 0, accepted: 0 } },
      ['no record was due in the window'],
    ],
    ['less than 0.1 % throttled', { rates: { ...rates, throttle: 0.00099 } }, []],
    ['0.1 % throttled', { rates: { ...rates, throttle: 0.001 } }, ['throttled 0.10 %']],
    [
      'the throttling that an objective allows',
      { rates: { ...rates, throttle: 0.02 }, thresholds: [throttle] },
      [],
    ],
    ['less than 1.05 attempts', { rates: { ...rates, retryAmplification: 1.0499 } }, []],
    [
      '1.05 attempts',
      { rates: { ...rates, retryAmplification: 1.05 } },
      ['retry amplification 1.05'],
    ],
    [
      'shards within their limits',
      { shards: [{ ...shard, utilisation: 1.01 }] },
      [`${shard.id} at 101.0 % of its limit, on its burst`],
    ],
  ])('%s', (_what, change, failed) => {
    expect(failuresOf(calm(change), STEADY)).toEqual(failed);
  });

  it('a backlog that does not grow while the load lasts, whatever the drain does after it', () => {
    const rising = [100, 140, 180, 220, 260, 300];
    const grows = ['backlog grew by 40 records a second'];
    expect(failuresOf(calm(), rows([], rising))).toEqual(grows);
    expect(failuresOf(calm(), rows([], [...rising, 150, 80, 40, 20, 10, 5, 2]))).toEqual(grows);
  });

  it('the same in a window of a second, told by the seconds before it', () => {
    const settled = [600, 620, 590, 640, 610];
    expect(failuresOf(calm({}, 5000, 1000), rows(settled, [630, 300, 10]))).toEqual([]);
    expect(failuresOf(calm({}, 5000, 1000), rows([100, 200, 300, 400, 500], [600]))).toEqual([
      'backlog grew by 100 records a second',
    ]);
    // A long window has seconds enough of its own: what filled before it is not a trend.
    expect(failuresOf(calm({}, 5000), rows([1, 2, 3, 4, 5], [6, 6, 6, 6, 6, 6]))).toEqual([]);
  });

  it('buffers that do not hold the load back', () => {
    const { run } = calm();
    const held = (backPressureMs: number) =>
      failuresOf(
        calm({ run: { ...run, workers: 2 } }),
        rows([], [9, 9, 9, 9, 9], { backPressureMs }),
      );
    expect(held(40)).toEqual([]);
    expect(held(60)).toEqual(['full buffers held the load back for 3.00 % of the time']);
  });
});

it('says what the target took in the window, and not how long the last of it lasted', () => {
  const summary = calm(
    { userRecords: { ...calm().userRecords, acceptedPerSecond: 700 } },
    2000,
    4000,
  );
  const timeline = rows([9, 9], [9, 9, 9, 9, 9]).map((row, second) => ({
    ...row,
    userRecords: { ...row.userRecords, accepted: second === 6 ? 600 : 1000 },
  }));
  // Records of the phase before it that are accepted in the window have rows of their own.
  const [, , second] = timeline;
  if (second === undefined) throw new Error('no row');
  const late = { ...second, measured: false };
  const run = finished(summary, [...timeline, late]);
  expect(probeOf(run, 1000, 4).acceptedPerSecond).toBe(1250);
  expect(probeOf({ ...run, timeline: [] }, 1000, 4).acceptedPerSecond).toBe(700);
  // A window of a second: its only interval goes on until 600 ms later, and has what was under way when it began.
  const only = {
    ...second,
    intervalMs: 1600,
    userRecords: { ...second.userRecords, accepted: 1600 },
  };
  const short = { ...run, summary: { ...summary, phases: calm({}, 2000, 1000).phases } };
  expect(probeOf({ ...short, timeline: [only] }, 1000, 1).acceptedPerSecond).toBe(1000);
  // One that began within a second has none of its own: never more than was offered.
  const part = {
    ...only,
    atMs: 2800,
    intervalMs: 400,
    userRecords: { ...only.userRecords, accepted: 500 },
  };
  expect(probeOf({ ...short, timeline: [part] }, 1000, 1).acceptedPerSecond).toBe(1000);
});

function finished(summary: Summary, timeline: readonly TimelineRow[]): FinishedRun {
  const none = { unwritten: null, pageless: null };
  return { summary, timeline, folder: '', exitCode: 0, wallMs: 0, ...none };
}

it('takes a target that accepted nothing for one that failed, and not for the generator', () => {
  const { summary } = pretend({ second: () => ({ offered: 100, accepted: 0 }) });
  expect(generatorReasonsOf(summary)).toEqual([]);
  expect(failuresOf(summary, [])).toContainEqual(expect.stringMatching(/^None of 1,000 records/));
});

it('tells an objective that cannot be judged from one that fails', () => {
  const { userRecords } = calm();
  const few = {
    expression: 'response.p99 < 1s',
    actual: 9,
    held: false,
    note: 'not enough data: x',
  };
  const none = { ...few, actual: null, note: 'no data' };
  const undecided = (change: Partial<Summary>) =>
    probeOf(finished(calm(change), STEADY), 1000, 6).undecided;
  expect(undecided({})).toBeNull();
  expect(undecided({ thresholds: [few] })).toBe('not enough data');
  expect(undecided({ thresholds: [few, { ...few, note: '' }] })).toBeNull();
  expect(undecided({ thresholds: [few, none] })).toBe('no data');
  const refused = { ...userRecords, accepted: 0 };
  expect(undecided({ thresholds: [none], userRecords: refused })).toBeNull();
});

it('leaves out the step of a sweep that was cut short', () => {
  const step = (durationMs: number) => calm({}, 0, durationMs).phases;
  const phases = [...step(5000), ...step(5000), ...step(1200)];
  const summary = calm({ phases });
  expect(stepsOf(summary, [800, 950, 1100], 5).map(({ perSecond }) => perSecond)).toEqual([
    800, 950,
  ]);
});

it.each([
  ['rate', '--from'],
  ['duration', '--window'],
])('refuses --%s and names %s', (flag, instead) => {
  const window = { perSecond: 10, settleSeconds: 1, windowSeconds: 1 };
  const args = { scenario: 'scenarios/quickstart.yaml', [flag]: '5s' };
  const refused = () => planOfWindows(args, [window], 0);
  expect(refused).toThrow(`--${flag} has no meaning here`);
  expect(thrownBy(refused).hint).toContain(instead);
});

it('plans a settle phase and a window at the same rate, and another seed for each probe', () => {
  const window = { perSecond: 1234.5, settleSeconds: 2, windowSeconds: 3.5 };
  const seeds = [0, 1, 2].map((count) => {
    const { load } = planOfWindows({ scenario: 'scenarios/quickstart.yaml' }, [window], count);
    const rate = { kind: 'constant', perSecond: 1234.5 };
    expect(load.phases).toMatchObject([
      { name: 'settle-1', durationUs: 2e6, measure: false, rate },
      { name: 'window-1', durationUs: 3.5e6, measure: true, rate },
    ]);
    return load.seed;
  });
  expect(seeds).toEqual([42, 43, 44]);
});

function thrownBy(work: () => unknown): ShardstormError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof ShardstormError) return thrown;
  }
  throw new Error('nothing was thrown');
}

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

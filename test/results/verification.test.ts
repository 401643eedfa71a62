import { describe, expect, it } from 'vitest';
import { concluded, type Verification } from '../../src/results/verification.ts';

type Figures = Parameters<typeof concluded>[0];
const latency = {} as Verification['latency'];
const delivery: Figures['delivery'] = {
  basis: 'sequences',
  problem: '',
  expected: 10,
  found: 10,
  lost: 0,
  uncertainFound: 0,
  uncertainAbsent: 0,
  duplicatesExpected: 0,
  duplicatesUnexplained: 0,
  foundThoughRefused: 0,
  impossible: 0,
  unchecked: 0,
};
const read: Figures['read'] = {
  shards: 1,
  kinesisRecords: 1,
  aggregates: 1,
  userRecords: 10,
  bytes: 100,
  durationMs: 1,
  own: 10,
  foreignUnstamped: 0,
  foreignRuns: 0,
  forgotten: 0,
};
const conclude = (
  rest: Partial<Figures['delivery']>,
  { own = 10, forgotten = 0, gaps = [] as Figures['gaps'] } = {},
) =>
  concluded({
    schema: 'shardstorm.verification/1',
    runId: 'r',
    stream: 's',
    verifiedAt: '',
    when: 'after',
    method: 'polling',
    status: 'complete',
    problem: '',
    read: { ...read, own, forgotten },
    delivery: { ...delivery, ...rest },
    order: { lateByKey: 0, lateByShard: 0, unfollowed: 0 },
    damage: {
      brokenAggregates: 0,
      malformedAggregates: 0,
      misplacedRecords: 0,
      compared: 0,
      wrongContents: 0,
      wrongKeys: 0,
      samples: [],
    },
    gaps,
    gapsJoinedWithin: 1,
    latency,
    backlog: { behindMsMax: 0, drainedAtMs: null, samples: [] },
  });
const gap = (from: number, lost: number) => ({
  producer: 0,
  worker: 0,
  from,
  to: from + lost - 1,
  lost,
});

describe('the conclusion of a verification', () => {
  it('is delivered without a word when all is there', () => {
    expect(conclude({})).toMatchObject({ verdict: 'delivered', findings: [] });
  });

  it('tells a stream that holds nothing of the run from one that forgot its beginning', () => {
    const none = conclude({ found: 0, lost: 10 }, { own: 0, gaps: [gap(0, 10)] });
    expect(none.verdict).toBe('lost');
    expect(none.findings[1]).toMatch(/created anew/);
    const first = conclude({ found: 7, lost: 3 }, { gaps: [gap(0, 3)] });
    expect(first.findings[1]).toMatch(/the run's first/);
    expect(conclude({ found: 7, lost: 3 }, { gaps: [gap(2, 3)] }).findings.length).toBe(1);
  });

  it('does not call lost what the target forgot for want of memory', () => {
    const forgot = conclude({ found: 7, lost: 3 }, { forgotten: 1, gaps: [gap(0, 3)] });
    expect(forgot.verdict).toBe('incomplete');
  });

  it('claims no reason for copies when the run could not list its failures', () => {
    const [known] = conclude({ duplicatesUnexplained: 2 }).findings;
    expect(known).toMatch(/no attempt of theirs went without an answer/);
    const { findings } = conclude({ duplicatesUnexplained: 2, basis: 'counts', problem: 'why' });
    expect(findings).toEqual([
      'Only counts could be compared: why.',
      '2 copies without a reason that the run could list.',
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { memberSentences } from '../../src/report/members.ts';
import type { MemberSummary, Summary } from '../../src/results/summary.ts';

const member = (index: number, changes: Partial<MemberSummary> = {}): MemberSummary => ({
  index,
  runId: `run-${index}`,
  status: 'completed',
  valid: true,
  startedLateUs: 100 + index,
  clockOffsetUs: null,
  offered: 1500,
  accepted: 1400,
  ...changes,
});
const of = (members: readonly MemberSummary[] | undefined, startSkewUs: number | null = 2160) =>
  memberSentences({ run: { members, startSkewUs } } as unknown as Summary);

describe('the members of a merged result', () => {
  it('are not told of in a run of one', () => {
    expect(of(undefined)).toEqual([]);
  });

  it('are told of with their starts, their clocks and what they did', () => {
    expect(of([member(0), member(1, { status: 'interrupted', valid: false })])).toEqual([
      '2 members began within 2.16ms of each other, by the clocks of their own machines, whose offsets are unknown',
      'share 0: 1,400 of 1,500 accepted, began 100us after time 0, completed',
      'share 1: 1,400 of 1,500 accepted, began 101us after time 0, interrupted, invalid',
    ]);
    const checked = of([member(0, { clockOffsetUs: -500 })]);
    expect(checked[0]).toContain('clocks checked against a time server');
    expect(checked[1]).toContain('clock off by 500us (behind), completed');
    const drifted = of([member(0, { clockOffsetUs: 500, clockDriftUs: -12_000 })]);
    expect(drifted[1]).toContain('clock off by 500us (ahead) and lost 12.0ms during the run');
    expect(of([member(0, { verdict: 'suspect' })])[1]).toMatch(/, completed, suspect$/);
    expect(of([member(0)], null)[0]).toContain('unknown');
  });

  it('and what their limiters come to together', () => {
    const run = { members: [member(0), member(1)], startSkewUs: 0, limiterShare: 3 };
    expect(memberSentences({ run } as unknown as Summary)[1]).toBe(
      "their limiters together let through 300.0 % of a shard's limits",
    );
  });

  it('of many, those that did worst, and how many more there are', () => {
    const many = Array.from({ length: 1000 }, (_, i) =>
      member(i, i === 7 ? { status: 'failed' } : {}),
    );
    const sentences = of(many);
    expect(sentences).toHaveLength(10);
    expect(sentences[1]).toContain('share 7:');
    expect(sentences[2]).toContain('share 993:');
    expect(sentences.at(-1)).toBe('992 more members, which began no later');
  });
});

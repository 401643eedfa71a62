import { describe, expect, it } from 'vitest';
import { checkShares, lateStartSentence } from '../../src/results/shares.ts';
import { share } from './builders.ts';

describe('shares of one run', () => {
  it('are accepted in any order', () => {
    const check = checkShares([share(2), share(0), share(1)]);
    expect(check.refusals).toEqual([]);
    expect(check.invalidReasons).toEqual([]);
    expect(check.shares.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(check.startSkewUs).toBe(0);
  });

  it.each([
    ['a missing share', [share(0), share(2)], /1 is missing: 1\./],
    [
      'a double share',
      [share(0), share(1), share(2), share(1, { runId: 'again' })],
      /\(again\) is there twice, first as run-1/,
    ],
    [
      'another scenario',
      [share(0), share(1), share(2, { scenarioHash: 'x', fleetId: 'x' })],
      /another scenario/,
    ],
    ['another count', [share(0), share(1), share(2, { count: 4, fleetId: 'x' })], /4 shares/],
    [
      'another start',
      [share(0), share(1), share(2, { fleetId: 'x', startAt: null })],
      /another start/,
    ],
    [
      'another region',
      [share(0), share(1), share(2, { target: 'aws (eu-west-1)' })],
      /Share 2\/3 \(run-2\) sent to aws \(eu-west-1\) by direct, Share 0\/3 \(run-0\) to http/,
    ],
    [
      'virtual time',
      [share(0), share(1), share(2, { isVirtual: true })],
      /run-2\) ran in virtual time, .*run-0\) in real time/,
    ],
    ['another version', [share(0), share(1), share(2, { version: '2.0.0' })], /version 2\.0\.0/],
  ])('name %s', (_, files, reason) => {
    expect(checkShares(files).refusals.join(' ')).toMatch(reason);
  });

  it('keep the first of two with one index, and none of another fleet', () => {
    const files = [share(0), share(1), share(1, { runId: 'again' }), share(2, { fleetId: 'x' })];
    expect(checkShares(files).shares.map(({ runId }) => runId)).toEqual(['run-0', 'run-1']);
  });

  it('are those of the most complete fleet, whatever is named first', () => {
    const stray = share(0, { fleetId: 'x', startAt: null });
    const check = checkShares([stray, share(0), share(1), share(2)]);
    expect(check.shares.map(({ fleetId }) => fleetId)).toEqual(['f', 'f', 'f']);
    expect(check.refusals).toEqual([
      'Share 0/3 (run-0) is of another start of the same scenario: no common start instead of 2026-11-23T18:00:00.000Z.',
    ]);
  });

  it('of two launches without a common start are told by their clocks, but in virtual time', () => {
    const alone = { startAt: null };
    const later = { ...alone, originEpochUs: 1_790_000_060_000_000 };
    expect(checkShares([share(0, alone), share(1, later), share(2, alone)]).invalidReasons).toEqual(
      [
        'The shares began apart, up to 60.0s, and no common start was agreed on: they may be of several launches.',
      ],
    );
    const virtual = { isVirtual: true };
    const shares = [
      { ...alone, ...virtual },
      { ...later, ...virtual },
      { ...alone, ...virtual },
    ];
    expect(checkShares(shares.map((own, i) => share(i, own))).invalidReasons).toEqual([]);
  });

  it('are suspect where one is, and it is named', () => {
    const suspect = { verdict: 'suspect' } as const;
    const one = checkShares([share(0), share(1, suspect), share(2)]);
    expect(one.isSuspect).toBe(true);
    expect(one.warnings).toEqual([
      "Share 1 is suspect: a generator or its machine strained there, as the share's own result tells.",
    ]);
    const two = checkShares([share(0, suspect), share(1, suspect), share(2)]);
    expect(two.warnings[0]).toMatch(/^Shares 0, 1 are suspect/);
    expect(checkShares([share(0), share(1), share(2)]).isSuspect).toBe(false);
  });

  it('are late beyond a second, which is told once', () => {
    const late = (startedLateUs: number) =>
      checkShares([
        share(0),
        share(1, {
          startedLateUs,
          invalidReasons: [lateStartSentence('then', startedLateUs) ?? []].flat(),
        }),
        share(2),
      ]);
    expect(late(1_000_000)).toMatchObject({ invalidReasons: [], isLateStart: false });
    expect(late(1_000_001)).toMatchObject({
      invalidReasons: ['Share 1 began 1.00s after the common start.'],
      isLateStart: true,
    });
    const silent = checkShares([share(0), share(1, { startedLateUs: null }), share(2)]);
    expect(silent.invalidReasons).toEqual(['Share 1 does not say when it began.']);
  });

  it('say which of them was interrupted, late, or invalid by itself', () => {
    const { refusals, invalidReasons } = checkShares([
      share(0, { status: 'interrupted', stoppedUs: 2_000_000 }),
      share(1, { startedLateUs: 1_500_000 }),
      share(2, { invalidReasons: ['worker 1 died'] }),
    ]);
    expect(refusals).toEqual([]);
    expect(invalidReasons).toEqual([
      'Share 0 was interrupted after 2.00s: its part of the load is not whole.',
      'Share 1 began 1.50s after the common start.',
      'Share 2: worker 1 died',
    ]);
  });

  it('of a thousand are told of in a few sentences', () => {
    const many = Array.from({ length: 1000 }, (_, i) =>
      share(i, { count: 1000, startedLateUs: 2e6, invalidReasons: [`${i} frames were lost.`] }),
    );
    const { invalidReasons } = checkShares(many);
    expect(invalidReasons).toHaveLength(12);
    expect(invalidReasons[10]).toContain('990 more shares');
    expect(invalidReasons[11]).toContain('Shares 0 to 999: 0 frames were lost.');
  });

  it('that were interrupted in their drain had offered all', () => {
    const phases = [
      {
        name: 'hold',
        isMeasured: true,
        startUs: 0,
        endUs: 2e6,
        scheduled: 10,
        isConstantRate: true,
      },
    ];
    const stopped = (stoppedUs: number) =>
      checkShares([
        share(0, { phases }),
        share(1, { phases, status: 'interrupted', stoppedUs }),
        share(2, { phases }),
      ]);
    expect(stopped(2e6).invalidReasons).toEqual([]);
    expect(stopped(2e6).warnings).toEqual([
      'Share 1 was interrupted in its drain: all was offered, and what it had sent and not heard of by then was given up.',
    ]);
    expect(stopped(1.9e6).invalidReasons).toEqual([
      'Share 1 was interrupted after 1.90s: its part of the load is not whole.',
    ]);
  });

  it('tell the skew of their starts, corrected by what a time server said of the clocks', () => {
    const clock = { source: 's', offsetUs: 5000, errorUs: 10, driftUs: null };
    expect(checkShares([share(0), share(1, { startedLateUs: 5300 }), share(2)]).startSkewUs).toBe(
      5000,
    );
    const corrected = [share(0), share(1, { startedLateUs: 5300, clock }), share(2)];
    expect(checkShares(corrected).startSkewUs).toBe(0);
    expect(
      checkShares([share(0), share(1, { startedLateUs: null }), share(2)]).startSkewUs,
    ).toBeNull();
  });
});

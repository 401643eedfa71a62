import { describe, expect, it } from 'vitest';
import { checkShares } from '../../src/results/shares.ts';
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
    ['another version', [share(0), share(1), share(2, { version: '2.0.0' })], /version 2\.0\.0/],
  ])('name %s', (_, files, reason) => {
    expect(checkShares(files).refusals.join(' ')).toMatch(reason);
  });

  it('keep the first of two with one index, and none of another fleet', () => {
    const files = [share(0), share(1), share(1, { runId: 'again' }), share(2, { fleetId: 'x' })];
    expect(checkShares(files).shares.map(({ runId }) => runId)).toEqual(['run-0', 'run-1']);
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

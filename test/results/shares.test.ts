import { describe, expect, it } from 'vitest';
import type { ShareFile } from '../../src/results/share-file.ts';
import { checkShares } from '../../src/results/shares.ts';

function share(index: number, changes: Partial<ShareFile> = {}): ShareFile {
  return {
    schema: 'shardstorm.share/1',
    runId: `run-${index}`,
    index,
    count: 3,
    fleetId: 'f',
    scenarioHash: 'h',
    version: '1.0.0',
    startAt: '2026-11-23T18:00:00.000Z',
    originEpochUs: 1_790_000_000_000_000,
    startedLateUs: 300,
    clock: null,
    workers: 2,
    producers: 6,
    phases: [],
    target: 'http://127.0.0.1:4567',
    mode: 'provisioned',
    transport: 'direct',
    protocol: 'cbor',
    isVirtual: false,
    offered: 10,
    accepted: 10,
    status: 'completed',
    invalidReasons: [],
    warnings: [],
    durationUs: 1e7,
    stoppedUs: null,
    openShards: [0],
    openShardStarts: [0],
    ...changes,
  };
}

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

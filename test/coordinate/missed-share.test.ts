import { describe, expect, it } from 'vitest';
import { missedShare } from '../../src/coordinate/missed-share.ts';
import { planOf } from '../virtual/harness.ts';

describe('what a lost worker leaves undone', () => {
  // The quickstart: 1,000/s for 3 s of warm-up, then 2,000/s for 3 s.
  const plan = planOf();

  it('is its own part of the schedule, to the record', () => {
    const lost = { worker: 1, workers: 2, producers: 4, plan };
    // Half of 1,000 that were left of the warm-up, and of 2,000 of the hold; record 0 of the hold is the other worker's.
    expect(missedShare(lost, 2_000_000, 4_000_000)).toBe(
      'it had 50.0 % of the load, of which 1,500 records were not offered since it told of itself for the last time, at 2.00s',
    );
  });

  it('is larger for a worker with more producers', () => {
    const first = missedShare({ worker: 0, workers: 2, producers: 3, plan }, 0, 3_000_000);
    const second = missedShare({ worker: 1, workers: 2, producers: 3, plan }, 0, 3_000_000);
    expect(first).toContain('66.7 % of the load, of which 2,000 records');
    expect(second).toContain('33.3 % of the load, of which 1,000 records');
  });

  it('cannot be counted in a closed loop', () => {
    const closed = planOf('load.phases.hold.rate={closed: {concurrency: 5}}');
    const lost = { worker: 0, workers: 1, producers: 1, plan: closed };
    expect(missedShare(lost, 1_000_000, 2_000_000)).toContain('nothing of that was offered since');
  });
});

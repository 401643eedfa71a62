import { describe, expect, it } from 'vitest';
import { RandomSequence } from '../../src/core/random.ts';
import { mannKendall } from '../../src/statistics/mann-kendall.ts';

describe('mannKendall', () => {
  it('has the statistic of a worked example', () => {
    // S = 10 − 0 for five rising values; Var = 5·4·15 / 18 = 16.67; Z = 9 / 4.082.
    expect(mannKendall([1, 2, 3, 5, 8])).toEqual({ z: expect.closeTo(2.2045, 4), slope: 1.625 });
    expect(mannKendall([8, 5, 3, 2, 1]).z).toBeCloseTo(-2.2045, 4);
  });

  it('counts ties, and says nothing of a flat or a short series', () => {
    // S = 5, one pair of equals: Var = (4·3·13 − 2·1·9) / 18 = 7.667.
    expect(mannKendall([1, 2, 2, 3]).z).toBeCloseTo(4 / Math.sqrt(7.6667), 3);
    expect(mannKendall([4, 4, 4, 4, 4])).toEqual({ z: 0, slope: 0 });
    expect(mannKendall([1, 2, 3])).toEqual({ z: 0, slope: 0 });
  });

  it('rarely calls noise a rise', () => {
    const random = new RandomSequence(7);
    let alarms = 0;
    for (let trial = 0; trial < 2000; trial++) {
      if (mannKendall(Array.from({ length: 10 }, () => random.normal())).z > 1.645) alarms++;
    }
    expect(alarms / 2000).toBeLessThan(0.06);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { missingSamples } from '../../src/report/percentiles.ts';

describe('percentiles that a sample supports', () => {
  it('needs ten values beyond the percentile', () => {
    expect(missingSamples(20, 0.5)).toBe(0);
    expect(missingSamples(19, 0.5)).toBe(1);
    expect(missingSamples(0, 0.99)).toBe(1_000);
    expect(missingSamples(9_999, 0.999)).toBe(1);
    expect(missingSamples(10_000, 0.999)).toBe(0);
    expect(missingSamples(0, 0.9999)).toBe(100_000);
  });

  it('is enough exactly when what is missing is added', () => {
    fc.assert(
      fc.property(fc.nat(200_000), fc.constantFrom(0.5, 0.9, 0.95, 0.99, 0.999), (count, rank) => {
        const missing = missingSamples(count, rank);
        expect(missingSamples(count + missing, rank)).toBe(0);
        if (missing > 0) expect(missingSamples(count + missing - 1, rank)).toBe(1);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slotHighestUs, slotOf } from '../../src/measure/hdr-slots.ts';
import { LatencyTotals } from '../../src/measure/latency-totals.ts';
import { latencyBuckets } from '../../src/results/latency-buckets.ts';

function totalsOf(values: readonly number[]): LatencyTotals {
  const totals = new LatencyTotals();
  for (const value of values) {
    const slots = Uint32Array.of(slotOf(value), 1);
    totals.addDelta({ slots, overflow: 0, sumUs: value, minUs: value, maxUs: value });
  }
  return totals;
}

describe('latency buckets', () => {
  it('counts the values up to each bound, the bound itself included', () => {
    const { counts, count, sumUs } = latencyBuckets(
      totalsOf([50, 100, 101, 900, 5_000_000]),
      [10, 100, 1000, 1_000_000],
    );
    expect(counts).toEqual([0, 2, 4, 4]);
    expect(count).toBe(5);
    expect(sumUs).toBe(50 + 100 + 101 + 900 + 5_000_000);
  });

  it('has empty buckets without values', () => {
    expect(latencyBuckets(new LatencyTotals(), [1, 2])).toEqual({
      counts: [0, 0],
      count: 0,
      sumUs: 0,
    });
  });

  it('agrees with counting one by one, and never falls from bound to bound', () => {
    const value = fc.integer({ min: 1, max: 3_600_000_000 });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 30 }), fc.array(value), (values, bounds) => {
        const ascending = [...bounds].sort((a, b) => a - b);
        const { counts } = latencyBuckets(totalsOf(values), ascending);
        expect(counts).toEqual(
          ascending.map(
            (bound) => values.filter((each) => slotHighestUs(slotOf(each)) <= bound).length,
          ),
        );
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatencyHeatBuilder } from '../../src/results/latency-heat.ts';

const SECOND = 1_000_000;

describe('the spread of response times over time', () => {
  it('has a column a second and six bands to a factor of ten', () => {
    const heat = new LatencyHeatBuilder();
    heat.add(0, 1000, 5);
    heat.add(0, 1001, 2);
    heat.add(2 * SECOND, 10_500, 3);
    const built = heat.build();
    expect(built).toMatchObject({ cellMs: 1000, columns: 3 });
    expect(built?.bands.map(({ counts }) => counts)).toEqual([
      [7, 0, 0],
      ...Array.from({ length: 5 }, () => [0, 0, 0]),
      [0, 0, 3],
    ]);
    expect(built?.bands[0]?.fromUs).toBeCloseTo(1000);
    expect(built?.bands[6]?.fromUs).toBeCloseTo(10_000);
    expect(built?.bands[6]?.toUs).toBeCloseTo(14_678, 0);
  });

  it('is null without a value', () => {
    expect(new LatencyHeatBuilder().build()).toBeNull();
  });

  it('keeps every value in at most 120 columns, whatever the length of the run', () => {
    const value = fc.record({
      second: fc.nat(200_000),
      us: fc.integer({ min: 0, max: 3_600_000_000 }),
      count: fc.integer({ min: 1, max: 1000 }),
    });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 50 }), (values) => {
        const heat = new LatencyHeatBuilder();
        for (const { second, us, count } of values) heat.add(second * SECOND, us, count);
        const built = heat.build();
        if (built === null) throw new Error('nothing was kept');
        const { cellMs, columns, bands } = built;
        expect(columns).toBeLessThanOrEqual(120);
        const at = (us: number, second: number) =>
          bands.find(({ fromUs, toUs }) => fromUs <= Math.max(1, us) * 1.000001 && us < toUs)
            ?.counts[Math.floor((second * 1000) / cellMs)];
        for (const { second, us, count } of values) {
          expect(at(us, second)).toBeGreaterThanOrEqual(count);
        }
        const kept = bands.flatMap(({ counts }) => counts).reduce((sum, count) => sum + count, 0);
        expect(kept).toBe(values.reduce((sum, { count }) => sum + count, 0));
      }),
      { numRuns: 100 },
    );
  });
});

import fc from 'fast-check';
import { build, type Histogram } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { toHistogram } from '../../src/measure/hdr-conversion.ts';
import {
  HIGHEST_US,
  SLOT_COUNT,
  slotHighestUs,
  slotLowestUs,
  slotOf,
} from '../../src/measure/hdr-slots.ts';
import { LatencyCounts } from '../../src/measure/latency-counts.ts';
import { LatencyTotals } from '../../src/measure/latency-totals.ts';

const PERCENTILES = [0.001, 1, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 100];

function oracle(): Histogram {
  return build({
    bitBucketSize: 64,
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
  });
}

interface Slots {
  countsArrayLength: number;
  countsArrayIndex(value: number): number;
  valueFromIndex(slot: number): number;
  getCountAtIndex(slot: number): number;
}

const slotsOf = (histogram: Histogram) => histogram as unknown as Slots;

function countsOf(histogram: Histogram): number[] {
  const slots = slotsOf(histogram);
  return Array.from({ length: slots.countsArrayLength }, (_, i) => slots.getCountAtIndex(i));
}

/** Values spread over all magnitudes, with the edges of the buckets among them. */
const valueUs = fc.oneof(
  fc.integer({ min: 0, max: HIGHEST_US }),
  fc.integer({ min: 0, max: 5000 }),
  fc
    .integer({ min: 0, max: 31 })
    .chain((bits) =>
      fc.integer({ min: -2, max: 2 }).map((d) => Math.min(HIGHEST_US, Math.max(0, 2 ** bits + d))),
    ),
);

function totalsOf(counts: LatencyCounts): LatencyTotals {
  const totals = new LatencyTotals();
  const delta = counts.takeDelta();
  if (delta !== null) totals.addDelta(delta);
  return totals;
}

describe('slots', () => {
  it('has as many as hdr-histogram-js', () => {
    expect(SLOT_COUNT).toBe(slotsOf(oracle()).countsArrayLength);
    expect(slotOf(HIGHEST_US)).toBeLessThan(SLOT_COUNT);
  });

  it('puts every value where hdr-histogram-js puts it', () => {
    const slots = slotsOf(oracle());
    fc.assert(
      fc.property(valueUs, (value) => {
        const slot = slotOf(value);
        expect(slot).toBe(slots.countsArrayIndex(value));
        expect(slotLowestUs(slot)).toBe(slots.valueFromIndex(slot));
        expect(slotLowestUs(slot)).toBeLessThanOrEqual(value);
        expect(slotHighestUs(slot)).toBeGreaterThanOrEqual(value);
      }),
      { numRuns: 2000 },
    );
  });

  it('covers the values without a gap', () => {
    for (let slot = 1; slot < SLOT_COUNT; slot++) {
      expect(slotLowestUs(slot)).toBe(slotHighestUs(slot - 1) + 1);
    }
  });
});

describe('LatencyCounts', () => {
  it('equals hdr-histogram-js slot by slot, and at every percentile', () => {
    const entry = fc.tuple(valueUs, fc.integer({ min: 1, max: 1000 }));
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 200 }), (entries) => {
        const expected = oracle();
        const counts = new LatencyCounts();
        for (const [value, count] of entries) {
          expected.recordValueWithCount(value, count);
          counts.recordCount(value, count);
        }
        const totals = totalsOf(counts);
        const converted = toHistogram(totals);
        expect(countsOf(converted)).toEqual(countsOf(expected));
        expect(converted.maxValue).toBe(expected.maxValue);
        if (totals.minUs > 0) expect(converted.minNonZeroValue).toBe(expected.minNonZeroValue);
        expect(totals.count).toBe(expected.totalCount);
        expect(totals.valuesAtPercentiles(PERCENTILES)).toEqual(
          PERCENTILES.map((p) => expected.getValueAtPercentile(p)),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('has the exact mean, minimum and maximum, and the deviation of hdr-histogram-js', () => {
    const counts = new LatencyCounts();
    const expected = oracle();
    for (const value of [1500, 2500, 2501, 900_000]) {
      counts.record(value);
      expected.recordValue(value);
    }
    const totals = totalsOf(counts);
    expect(totals.meanUs).toBe(226_625.25);
    expect([totals.minUs, totals.maxUs]).toEqual([1500, 900_000]);
    expect(totals.stddevUs).toBeCloseTo(expected.stdDeviation, -2);
  });

  it('rounds fractions to the nearest microsecond and keeps them in the mean', () => {
    const counts = new LatencyCounts();
    counts.record(10.4);
    counts.record(10.5);
    const totals = totalsOf(counts);
    expect(totals.valuesAtPercentiles([50, 100])).toEqual([10, 11]);
    expect(totals.meanUs).toBeCloseTo(10.45, 10);
  });

  it('counts values below zero and not-a-number as zero', () => {
    const counts = new LatencyCounts();
    counts.record(-3);
    counts.record(Number.NaN);
    expect(counts.takeDelta()).toMatchObject({ slots: Uint32Array.of(0, 2), sumUs: 0, minUs: 0 });
  });

  it('clamps values above an hour to the hour and counts them', () => {
    const counts = new LatencyCounts();
    counts.recordCount(HIGHEST_US + 1, 2);
    counts.record(HIGHEST_US);
    counts.record(Number.POSITIVE_INFINITY);
    const delta = counts.takeDelta();
    expect(delta).toMatchObject({ overflow: 3, maxUs: HIGHEST_US });
    expect(delta?.slots).toEqual(Uint32Array.of(slotOf(HIGHEST_US), 4));
  });

  it('counts times between places of arrays as it does one by one', () => {
    const us = fc.double({ min: -10, max: 2 * HIGHEST_US, noNaN: true });
    const times = fc.array(fc.record({ startUs: us, endUs: us, isCounted: fc.boolean() }));
    fc.assert(
      fc.property(times, us, (drawn, untilUs) => {
        const counted = drawn.flatMap(({ isCounted }, place) => (isCounted ? [place] : []));
        const at = Int32Array.from([...counted, 0]);
        const starts = Float64Array.from(drawn, ({ startUs }) => startUs);
        const ends = Float64Array.from(drawn, ({ endUs }) => endUs);
        const [blocks, single] = [new LatencyCounts(), new LatencyCounts()];
        blocks.recordUntil(untilUs, starts, at, counted.length);
        blocks.recordBetween(starts, ends, at, counted.length);
        for (const place of counted) single.record(untilUs - (starts[place] ?? 0));
        for (const place of counted) single.record((ends[place] ?? 0) - (starts[place] ?? 0));
        expect(blocks.count).toBe(single.count);
        expect(blocks.takeDelta()).toEqual(single.takeDelta());
      }),
    );
  });

  it('gives each value in exactly one delta', () => {
    fc.assert(
      fc.property(fc.array(fc.array(valueUs, { maxLength: 20 }), { maxLength: 10 }), (batches) => {
        const counts = new LatencyCounts();
        const inParts = new LatencyTotals();
        const atOnce = new LatencyCounts();
        for (const batch of batches) {
          for (const value of batch) {
            counts.record(value);
            atOnce.record(value);
          }
          const delta = counts.takeDelta();
          expect(delta === null).toBe(batch.length === 0);
          if (delta !== null) inParts.addDelta(delta);
        }
        expect(counts.takeDelta()).toBeNull();
        expectSame(inParts, totalsOf(atOnce));
      }),
      { numRuns: 50 },
    );
  });
});

describe('LatencyTotals', () => {
  it('does not skip a rank where the product of share and count is a bit too large', () => {
    const counts = new LatencyCounts();
    for (let value = 1; value <= 1000; value++) counts.record(value);
    // 99.9 / 100 * 1000 is 999.0000000000001.
    expect(totalsOf(counts).valuesAtPercentiles([50, 99, 99.9, 100])).toEqual([
      500, 990, 999, 1000,
    ]);
  });

  it('merges to the same whatever the order', () => {
    const part = fc.array(valueUs, { maxLength: 30 });
    fc.assert(
      fc.property(part, part, part, (a, b, c) => {
        const [ta, tb, tc] = [a, b, c].map((values) => {
          const counts = new LatencyCounts();
          for (const value of values) counts.record(value);
          return totalsOf(counts);
        }) as [LatencyTotals, LatencyTotals, LatencyTotals];
        const left = new LatencyTotals();
        const right = new LatencyTotals();
        for (const totals of [ta, tb, tc]) left.add(totals);
        for (const totals of [tc, ta, tb]) right.add(totals);
        expectSame(left, right);
        expect(left.count).toBe(a.length + b.length + c.length);
      }),
      { numRuns: 50 },
    );
  });

  it('is empty again after clear', () => {
    const counts = new LatencyCounts();
    counts.record(70_000);
    const totals = totalsOf(counts);
    totals.clear();
    expectSame(totals, new LatencyTotals());
    expect([totals.meanUs, totals.stddevUs]).toEqual([null, null]);
  });
});

function expectSame(a: LatencyTotals, b: LatencyTotals): void {
  const slots = (totals: LatencyTotals) => {
    const found: [number, number][] = [];
    totals.forEachSlot((slot, count) => found.push([slot, count]));
    return found;
  };
  expect(slots(a)).toEqual(slots(b));
  expect([a.count, a.overflow, a.minUs, a.maxUs]).toEqual([b.count, b.overflow, b.minUs, b.maxUs]);
  expect(a.sumUs).toBeCloseTo(b.sumUs, 3);
}

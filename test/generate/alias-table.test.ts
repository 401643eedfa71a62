import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AliasTable } from '../../src/generate/alias-table.ts';

/** Draws of each column, at evenly spaced places: what a table makes of a weight is then known to one in as many. */
const PLACES = 50;

/** Share of each outcome, by evenly spaced draws. */
function sharesOf(weights: readonly number[]): number[] {
  const table = new AliasTable(weights);
  const draws = weights.length * PLACES;
  const counts = weights.map(() => 0);
  for (let i = 0; i < draws; i++) {
    const outcome = table.draw((i + 0.5) / draws);
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts.map((count) => count / draws);
}

function expectExact(weights: readonly number[]): void {
  const sum = weights.reduce((a, b) => a + b, 0);
  const shares = sharesOf(weights);
  // More outcomes than weights: one that does not exist was drawn.
  expect(shares).toHaveLength(weights.length);
  weights.forEach((weight, i) => {
    // Each column misses an outcome's part of it by less than one place.
    expect(Math.abs((shares[i] ?? 0) - weight / sum)).toBeLessThanOrEqual(1 / PLACES);
  });
}

describe('AliasTable', () => {
  it.each([
    { weights: [0.3, 0.2, 0.4] },
    { weights: [0.6, 0.9, 0.3] },
    { weights: [1, 1, 3, 2, 8] },
    { weights: [1] },
    { weights: [0, 0, 5] },
    { weights: [1e-300, 1] },
  ])('gives each of $weights its share', ({ weights }) => {
    expectExact(weights);
  });

  it('gives weights in tenths and small integers their shares', () => {
    const tenths = fc.integer({ min: 1, max: 9 }).map((count) => count / 10);
    const weights = fc.oneof(
      fc.array(tenths, { minLength: 2, maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 2, maxLength: 6 }),
    );
    fc.assert(fc.property(weights, expectExact), { numRuns: 1_000 });
  });
});

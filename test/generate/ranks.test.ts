import { describe, expect, it } from 'vitest';
import { AliasTable } from '../../src/generate/alias-table.ts';
import { type RankedKey, rankDraw } from '../../src/generate/ranks.ts';
import { chiSquareAccepts } from './support.ts';

const DRAWS = 200_000;

function counts(key: RankedKey, cells: number, seed = 42): number[] {
  const draw = rankDraw(key, seed);
  const seen = new Array<number>(cells).fill(0);
  for (let i = 0; i < DRAWS; i++) seen[Math.min(draw(i), cells - 1)]! += 1;
  return seen;
}

/** Expected counts of Zipf ranks; the last cell holds all ranks from there on. */
function zipfExpected(cardinality: number, exponent: number, cells: number): number[] {
  let sum = 0;
  for (let k = 1; k <= cardinality; k++) sum += k ** -exponent;
  const expected = Array.from({ length: cells }, (_, k) => (DRAWS * (k + 1) ** -exponent) / sum);
  const head = expected.slice(0, -1).reduce((a, b) => a + b, 0);
  return [...expected.slice(0, -1), DRAWS - head];
}

describe('ranks', () => {
  it('are even for uniform keys', () => {
    const seen = counts({ kind: 'uniform', cardinality: 50, prefix: '' }, 50);
    expect(chiSquareAccepts(seen, new Array(50).fill(DRAWS / 50))).toBe(true);
  });

  it.each([0, 0.5, 1, 1.07, 2.5])('follow Zipf by table for exponent %d', (exponent) => {
    const seen = counts({ kind: 'zipf', cardinality: 1000, exponent, prefix: '' }, 1000);
    expect(chiSquareAccepts(seen, zipfExpected(1000, exponent, 1000))).toBe(true);
  });

  it.each([0.5, 1, 1.07, 2.5])('follow Zipf in bins for exponent %d', (exponent) => {
    const cardinality = 300_000;
    const seen = counts({ kind: 'zipf', cardinality, exponent, prefix: '' }, 500);
    expect(chiSquareAccepts(seen, zipfExpected(cardinality, exponent, 500))).toBe(true);
  });

  it.each([0, 0.3, 1, 1.3])('follow Zipf among the rare keys for exponent %d', (exponent) => {
    const cardinality = 20_000;
    const draw = rankDraw({ kind: 'zipf', cardinality, exponent, prefix: '' }, 7);
    const cell = (rank: number) => Math.max(0, Math.floor((rank - 1000) / 40));
    const seen = new Array<number>(475).fill(0);
    for (let i = 0; i < DRAWS; i++) seen[Math.min(cell(draw(i)), 474)]! += 1;
    const expected = new Array<number>(475).fill(0);
    zipfExpected(cardinality, exponent, cardinality).forEach((count, rank) => {
      expected[Math.min(cell(rank), 474)]! += count;
    });
    expect(chiSquareAccepts(seen, expected)).toBe(true);
  });

  it('stay in range for two billion keys, and reach far', () => {
    const draw = rankDraw({ kind: 'zipf', cardinality: 2 ** 31, exponent: 0, prefix: '' }, 1);
    const ranks = Array.from({ length: 20_000 }, (_, i) => draw(i));
    expect(Math.min(...ranks)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...ranks)).toBeLessThan(2 ** 31);
    expect(Math.max(...ranks)).toBeGreaterThan(2 ** 31 * 0.999);
  });

  it('give the hot keys their share and leave the rest to the others', () => {
    const key = { kind: 'hot', share: 0.8, keys: 4, cardinality: 16, prefix: '' } as const;
    const expected = [...new Array(4).fill(DRAWS * 0.2), ...new Array(16).fill(DRAWS * 0.0125)];
    expect(chiSquareAccepts(counts(key, 20), expected)).toBe(true);
    expect(counts({ ...key, share: 1 }, 20).slice(4)).toEqual(new Array(16).fill(0));
    expect(counts({ ...key, share: 0 }, 20).slice(0, 4)).toEqual([0, 0, 0, 0]);
  });

  it('go round for sequential keys', () => {
    const draw = rankDraw({ kind: 'sequential', cardinality: 3, prefix: '' }, 1);
    expect([0, 1, 2, 3, 10].map(draw)).toEqual([0, 1, 2, 0, 1]);
  });
});

describe('alias table', () => {
  it('keeps every probability exactly', () => {
    const weights = [5, 0, 1, 0.25, 17, 3];
    const table = new AliasTable(weights);
    const steps = 60_000;
    const seen = new Array<number>(weights.length).fill(0);
    for (let i = 0; i < steps; i++) seen[table.draw((i + 0.5) / steps)]! += 1;
    weights.forEach((weight, i) => {
      expect(Math.abs(seen[i]! / steps - weight / 26.25)).toBeLessThan(12 / steps);
    });
  });
});

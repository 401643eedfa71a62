import { describe, expect, it } from 'vitest';
import { judge, ratioMargin } from '../../src/statistics/verdict.ts';

const MARGIN = { low: -0.05, high: 0.05 };
const verdict = (estimate: number, interval: readonly [number, number] | null, n = 8) =>
  judge({ estimate, interval, n }, MARGIN, 6);

describe('verdict', () => {
  it('keeps its three states apart', () => {
    expect(verdict(0.1, [0.06, 0.14])).toMatchObject({ isDifferent: true, matters: true });
    expect(verdict(-0.1, [-0.14, -0.06])).toMatchObject({ matters: true, moreBlocks: null });
    expect(verdict(0.06, [0.01, 0.11])).toMatchObject({ isDifferent: true, matters: false });
    expect(verdict(0.02, [0.01, 0.03])).toMatchObject({ isDifferent: true, isEquivalent: true });
    expect(verdict(0, [-0.01, 0.01])).toMatchObject({ isDifferent: false, isEquivalent: true });
    expect(verdict(0, [-0.1, 0.1])).toMatchObject({ isDifferent: false, isEquivalent: false });
  });

  it('says how many blocks more would do', () => {
    // Twice as wide as the margin: four times the blocks.
    expect(verdict(0, [-0.1, 0.1]).moreBlocks).toBe(24);
    // 0.1 away from the edge with a half-width of 0.15: (1.5)² times the blocks.
    expect(verdict(0.15, [0, 0.3]).moreBlocks).toBe(10);
    expect(verdict(0.05, [-0.9, 0.9], 20).moreBlocks).toBeNull();
    expect(verdict(0.1, null, 4).moreBlocks).toBe(2);
  });

  it('takes a share as the same factor up and down', () => {
    expect(Math.exp(ratioMargin(0.05).high)).toBeCloseTo(1.05, 12);
    expect(Math.exp(ratioMargin(0.05).low)).toBeCloseTo(1 / 1.05, 12);
  });
});

import { describe, expect, it } from 'vitest';
import { percentileCells } from '../../src/report/percentiles.ts';
import { curveRanks } from '../../src/report/timeline.ts';
import { emptyLatency, latencyOf } from '../fixtures/hot-shard-run.ts';

describe('percentiles that a sample supports', () => {
  it('says how many values each percentile needs', () => {
    const missing = (count: number) =>
      percentileCells(latencyOf(count, 5_000, 9_000)).map((cell) => cell.missing);
    expect(missing(10_000)).toEqual([0, 0, 0, 0, 0]);
    expect(missing(9_999)).toEqual([0, 0, 0, 0, 1]);
    expect(missing(19)).toEqual([1, 81, 181, 981, 9_981]);
    expect(percentileCells(emptyLatency()).map((cell) => cell.valueUs)).toEqual(
      Array(5).fill(null),
    );
  });

  it('draws a curve no further than its sample reaches', () => {
    expect(curveRanks(0)).toEqual([0]);
    expect(Math.max(...curveRanks(1_000))).toBeCloseTo(0.99, 6);
    expect(curveRanks(1_000_000).every((rank) => rank >= 0 && rank <= 0.99999)).toBe(true);
    expect(curveRanks(1e12).length).toBeLessThanOrEqual(141);
  });
});

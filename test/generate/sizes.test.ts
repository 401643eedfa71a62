import { describe, expect, it } from 'vitest';
import { normalQuantile, sizeBytesMax, sizeBytesMin, sizeDraw } from '../../src/generate/sizes.ts';
import { chiSquareAccepts, kolmogorov, range } from './support.ts';

describe('payload sizes', () => {
  it('know the normal quantile', () => {
    const known = [
      [0.5, 0],
      [0.975, 1.959963984540054],
      [0.99, 2.3263478740408408],
      [0.999, 3.090232306167813],
      [0.001, -3.090232306167813],
      [0.02, -2.053748910631823],
    ];
    for (const [p, z] of known) expect(normalQuantile(p!)).toBeCloseTo(z!, 8);
    expect(Number.isFinite(normalQuantile(0))).toBe(true);
  });

  it('are log-normal with the median and the p99 that were asked for', () => {
    const size = { kind: 'lognormal', medianBytes: 4000, p99Bytes: 40_000, maxBytes: 1e6 } as const;
    const sample = range(20_000).map(sizeDraw(size, 0, 7));
    const sorted = [...sample].sort((a, b) => a - b);
    expect(Math.abs(sorted[10_000]! / 4000 - 1)).toBeLessThan(0.03);
    expect(Math.abs(sorted[19_800]! / 40_000 - 1)).toBeLessThan(0.15);
    // Quantiles of the normal distribution, turned round by bisection, are the reference.
    const sigma = Math.log(10) / 2.3263478740408408;
    const cumulative = (bytes: number) => {
      const z = Math.log(bytes / 4000) / sigma;
      let [low, high] = [0, 1];
      for (let i = 0; i < 40; i++) {
        const middle = (low + high) / 2;
        if (normalQuantile(middle) < z) low = middle;
        else high = middle;
      }
      return low;
    };
    expect(kolmogorov(sample, cumulative)).toBeLessThan(1.95);
  });

  it('cut a log-normal at its maximum and at what the stamp needs', () => {
    const size = { kind: 'lognormal', medianBytes: 100, p99Bytes: 2000, maxBytes: 500 } as const;
    const sample = range(5000).map(sizeDraw(size, 32, 7));
    expect([Math.min(...sample), Math.max(...sample)]).toEqual([32, 500]);
  });

  it('are even between both ends of a uniform size', () => {
    const draw = sizeDraw({ kind: 'uniform', minBytes: 10, maxBytes: 19 }, 0, 7);
    const seen = new Array<number>(10).fill(0);
    for (let i = 0; i < 50_000; i++) seen[draw(i) - 10]! += 1;
    expect(chiSquareAccepts(seen, new Array(10).fill(5000))).toBe(true);
  });

  it('have the weights of an empirical distribution', () => {
    const sizes = [
      { bytes: 100, weight: 6 },
      { bytes: 1000, weight: 3 },
      { bytes: 9000, weight: 1 },
    ];
    const draw = sizeDraw({ kind: 'empirical', sizes }, 0, 7);
    const seen = sizes.map(() => 0);
    for (let i = 0; i < 50_000; i++) seen[sizes.findIndex(({ bytes }) => bytes === draw(i))]! += 1;
    expect(chiSquareAccepts(seen, [30_000, 15_000, 5000])).toBe(true);
    const all = { kind: 'empirical', sizes } as const;
    expect([sizeBytesMin(all), sizeBytesMax(all)]).toEqual([100, 9000]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomSequence } from '../../src/core/random.ts';
import { changePoints, divergence, summedDistances } from '../../src/statistics/change-point.ts';

const indexes = (values: readonly number[]) => changePoints(values).map(({ index }) => index);

/** `levels` of `length` nights each around 100 × level, with that share of noise. */
function steps(seed: number, levels: readonly number[], length: number, noise = 0.01): number[] {
  const random = new RandomSequence(seed);
  return levels.flatMap((level) =>
    Array.from({ length }, () => 100 * level * (1 + noise * random.normal())),
  );
}

describe('change points', () => {
  it('has the statistic of the formula, pair by pair', () => {
    const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(values, fc.nat(), fc.nat(), (x, a, b) => {
        const split = 1 + (a % (x.length - 1));
        const end = split + 1 + (b % (x.length - split));
        expect(divergence(summedDistances(x), 0, split, end)).toBeCloseTo(
          byPairs(x, split, end),
          9,
        );
      }),
    );
  });

  it('finds nothing where nothing changes', () => {
    expect(indexes([])).toEqual([]);
    expect(indexes([7])).toEqual([]);
    expect(indexes(Array.from({ length: 40 }, () => 7))).toEqual([]);
    expect(indexes(steps(1, [1], 60))).toEqual([]);
  });

  it('finds a step where it is, and says what it was from and to', () => {
    const [point, ...others] = changePoints([...Array(12).fill(100), ...Array(12).fill(110)]);
    expect(others).toEqual([]);
    expect(point).toMatchObject({ index: 12, before: 100, after: 110, p: 0 });
    expect(point?.magnitude).toBeCloseTo(0.1, 12);
    expect(indexes(steps(2, [1, 1.2], 20))).toEqual([20]);
  });

  it('finds a step down by the same magnitude as the step up', () => {
    const up = changePoints([...Array(12).fill(100), ...Array(12).fill(125)]);
    const down = changePoints([...Array(12).fill(125), ...Array(12).fill(100)]);
    expect(down[0]?.magnitude).toBe(up[0]?.magnitude);
  });

  it('finds several steps, there and back too, and across windows', () => {
    expect(indexes(steps(3, [1, 1.2, 1.4], 20))).toEqual([20, 40]);
    expect(indexes(steps(4, [1, 1.3, 1], 20))).toEqual([20, 40]);
    expect(indexes(steps(5, [1, 1.1, 1.25, 1.05, 1.2], 40))).toEqual([40, 80, 120, 160]);
  });

  it('leaves out what is too small to matter, however sure', () => {
    expect(indexes(steps(6, [1, 1.02], 40, 0.002))).toEqual([]);
    const options = { pMax: 0.001, magnitudeMin: 0.01, windowLength: 50 };
    expect(changePoints(steps(6, [1, 1.02], 40, 0.002), options)).toMatchObject([{ index: 40 }]);
  });

  it('is not fooled by one night', () => {
    const values = steps(7, [1], 40);
    values[20] = 150;
    expect(indexes(values)).toEqual([]);
  });

  it('does not depend on the unit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1000 }),
        fc.integer({ min: -8, max: 8 }),
        (seed, power) => {
          const values = steps(seed, [1, 1.15], 15, 0.03);
          expect(indexes(values.map((value) => value * 2 ** power))).toEqual(indexes(values));
        },
      ),
      { numRuns: 30 },
    );
  });
});

/** As written: mn/(m+n) · (2/(mn)·Σ|x−y| − 2/(m(m−1))·Σ_{i<j}|x−x'| − 2/(n(n−1))·Σ_{i<j}|y−y'|). */
function byPairs(values: readonly number[], split: number, end: number): number {
  const x = values.slice(0, split);
  const y = values.slice(split, end);
  const [m, n] = [x.length, y.length];
  let between = 0;
  for (const a of x) for (const b of y) between += Math.abs(a - b);
  const within = (side: readonly number[]) => {
    let sum = 0;
    side.forEach((a, i) => {
      for (const b of side.slice(i + 1)) sum += Math.abs(a - b);
    });
    return side.length < 2 ? 0 : (2 * sum) / (side.length * (side.length - 1));
  };
  return ((m * n) / (m + n)) * ((2 * between) / (m * n) - within(x) - within(y));
}

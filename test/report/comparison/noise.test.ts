import { describe, expect, it } from 'vitest';
import { effectsOf, sidesOf } from '../../../src/report/comparison/effects.ts';
import { comparedMetrics } from '../../../src/report/comparison/metrics.ts';
import { noiseOf } from '../../../src/report/comparison/noise.ts';
import { madeUpRuns } from './made-up-runs.ts';

const METRICS = comparedMetrics([], {});
const P99 = 'latency.response.p99';

function noiseAt(noise: number, isPaired: boolean, blocks = 60) {
  const variants = [{ name: 'a' }, { name: 'b', latency: 2 }];
  const runs = madeUpRuns({ variants, blocks, noise, isPaired });
  const of = (name: string) => runs.filter(({ variant }) => variant === name);
  const sides = sidesOf(of('a'), of('b'));
  return noiseOf([sides], METRICS, effectsOf('b', sides, METRICS));
}

describe('noise from run to run', () => {
  it.each([
    ['in pairs', true],
    ['without blocks', false],
  ])('is found again whatever the variants do, %s', (_name, isPaired) => {
    const found = noiseAt(0.05, isPaired).find(({ metric }) => metric === P99);
    expect(found?.sd).toBeGreaterThan(0.042);
    expect(found?.sd).toBeLessThan(0.058);
  });

  it('is told of primary metrics only, with the width of their intervals', () => {
    const noise = noiseAt(0.03, true, 8);
    expect(noise.map(({ metric }) => metric)).toEqual(
      METRICS.filter(({ isPrimary }) => isPrimary).map(({ path }) => path),
    );
    for (const { halfWidth } of noise) expect(halfWidth).toBeGreaterThan(0);
  });

  it('has no width where there are too few blocks, and no spread with one', () => {
    expect(noiseAt(0.03, true, 3).every(({ halfWidth }) => halfWidth === null)).toBe(true);
    expect(noiseAt(0.03, true, 1)).toEqual([]);
  });
});

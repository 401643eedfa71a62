import { describe, expect, it } from 'vitest';
import { acceptedRates, responseMeansUs, SecondSeries } from '../../src/measure/second-series.ts';

function seriesOf(count: number): SecondSeries {
  const series = new SecondSeries();
  for (let i = 0; i < count; i++) {
    series.add({ endUs: (i + 1) * 1e6, seconds: 1, accepted: 10 + i, responseSumUs: 1000 });
  }
  return series;
}

describe('SecondSeries', () => {
  it('keeps each second of a run of an hour', () => {
    const series = seriesOf(3600);
    expect(series.pointSeconds).toBe(1);
    expect(series.points()).toHaveLength(3600);
  });

  it('adds neighbours together in a long run and loses nothing of them', () => {
    const series = seriesOf(16_384);
    expect(series.pointSeconds).toBe(8);
    const points = series.points();
    expect(points.length).toBeLessThan(4096);
    const sum = points.reduce((total, { accepted }) => total + accepted, 0);
    expect(sum).toBe((16_384 * (10 + 10 + 16_383)) / 2);
    expect(acceptedRates(points)[0]).toBe((10 + 17) / 2);
  });

  it('leaves out what ends after the load was stopped', () => {
    expect(seriesOf(10).points(4.5e6)).toHaveLength(4);
  });

  it('has no mean response for a second without one', () => {
    const points = [
      { endUs: 1e6, seconds: 1, accepted: 0, responseSumUs: 0 },
      { endUs: 2e6, seconds: 1, accepted: 4, responseSumUs: 100 },
    ];
    expect(responseMeansUs(points)).toEqual([25]);
    expect(acceptedRates(points)).toEqual([0, 4]);
  });
});

import { describe, expect, it } from 'vitest';
import { ServiceTime } from '../../../src/simulator/core/latency.ts';

function sorted(time: ServiceTime, operation: string, count = 20_000): number[] {
  return Array.from({ length: count }, () => time.drawUs(operation, 0)).sort((a, b) => a - b);
}

describe('the service time', () => {
  it('of a log-normal model has its median and its 99th percentile', () => {
    const times = sorted(
      new ServiceTime({ kind: 'lognormal', medianUs: 6000, p99Us: 30_000 }, 1),
      'PutRecords',
    );
    expect(times[10_000]).toBeGreaterThan(5800);
    expect(times[10_000]).toBeLessThan(6200);
    expect(times[19_800]).toBeGreaterThan(27_500);
    expect(times[19_800]).toBeLessThan(32_500);
  });

  it('of the AWS-like model depends on the operation and the size of the body', () => {
    const time = new ServiceTime({ kind: 'aws-like' }, 1);
    const median = (operation: string) => sorted(time, operation)[10_000] ?? 0;
    expect(Math.round(median('PutRecords') / 1000)).toBe(12);
    expect(Math.round(median('GetRecords') / 1000)).toBe(10);
    expect(Math.round(median('ListShards') / 1000)).toBe(60);
    const small = new ServiceTime({ kind: 'aws-like' }, 2).drawUs('PutRecords', 0);
    const large = new ServiceTime({ kind: 'aws-like' }, 2).drawUs('PutRecords', 1024 * 1024);
    expect(large - small).toBeCloseTo(5120, 3);
  });

  it('of the plain models is what they say', () => {
    expect(new ServiceTime({ kind: 'zero' }, 1).drawUs('PutRecords', 1e6)).toBe(0);
    expect(new ServiceTime({ kind: 'fixed', us: 700 }, 1).drawUs('PutRecords', 1e6)).toBe(700);
  });
});

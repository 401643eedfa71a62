import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fullMetricPath,
  MEASURE_PATHS,
  metricNames,
  RUN_PATHS,
} from '../../src/kinesis/metric-paths.ts';
import { parseThreshold } from '../../src/scenario/thresholds.ts';

const WHOLE = { phase: null, shard: null };

describe('a threshold expression', () => {
  it.each([
    ['response.p99 < 250ms', 'latency.response.p99', '<', 250_000],
    ['latency.response.p99<=1m30s', 'latency.response.p99', '<=', 90_000_000],
    ['response.p99.9 < 1s', 'latency.response.p99_9', '<', 1_000_000],
    ['service.p99.99 < 1s', 'latency.service.p99_99', '<', 1_000_000],
    ['response.count > 0', 'latency.response.count', '>', 0],
    ['throttle < 0.5%', 'rates.throttle', '<', 0.005],
    ['throttle < 0.005', 'rates.throttle', '<', 0.005],
    ['retryAmplification <= 1.2', 'rates.retryAmplification', '<=', 1.2],
    ['userRecords.failed == 0', 'userRecords.failed', '==', 0],
    ['acceptedPerSecond >= 1000/s', 'userRecords.acceptedPerSecond', '>=', 1_000],
    ['acceptedPerSecond >= 1000', 'userRecords.acceptedPerSecond', '>=', 1_000],
    ['kinesisRecords.bytesPerRecord > 40KiB', 'kinesisRecords.bytesPerRecord', '>', 40_960],
    ['generator.gcMs < 2s', 'generator.gcMs', '<', 2_000],
    ['generator.cpuSeconds < 2s', 'generator.cpuSeconds', '<', 2],
    ['cost.perHourUsd != 0', 'cost.perHourUsd', '!=', 0],
  ])('%s', (expression, metric, operator, limit) => {
    expect(parseThreshold(expression, WHOLE)).toEqual({ expression, metric, operator, limit });
  });

  it('of a shard looks at what a shard has', () => {
    const scope = { phase: null, shard: 'shardId-000000000000' };
    expect(parseThreshold('peakBytesPerSecond < 1 MiB/s', scope)).toMatchObject({
      metric: 'shards.peakBytesPerSecond',
      limit: 1_048_576,
    });
    expect(parseThreshold('utilisation < 80%', WHOLE)).toEqual({
      problem: expect.stringContaining('is one of a shard: add the shard'),
    });
  });

  it('of a phase does not look at what only the run has', () => {
    const scope = { phase: 'hold', shard: null };
    expect(parseThreshold('generator.gcMs < 1s', scope)).toHaveProperty('problem');
    expect(parseThreshold('response.max < 1s', scope)).not.toHaveProperty('problem');
  });

  it('names every metric by its full path and by its short name', () => {
    const known = { ...MEASURE_PATHS, ...RUN_PATHS };
    fc.assert(
      fc.property(fc.constantFrom(...metricNames(known)), (name) => {
        const path = fullMetricPath(name, known);
        expect(path === name || path?.endsWith(`.${name}`)).toBe(true);
      }),
    );
  });

  it('has no two metrics of one short name', () => {
    const names = metricNames({ ...MEASURE_PATHS, ...RUN_PATHS });
    expect(new Set(names).size).toBe(names.length);
  });
});

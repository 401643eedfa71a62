import { describe, expect, it } from 'vitest';
import { formatMetric, formatShort, formatUsd, shardName } from '../../src/report/quantity.ts';

describe('quantities by the name of the metric', () => {
  it.each([
    ['response.p99', 250_000, '250ms'],
    ['latency.service.p99_9', 1_500, '1.50ms'],
    ['latency.response.count', 1_500, '1,500'],
    ['throttle', 0.005, '0.50 %'],
    ['rates.retryAmplification', 1.0123, '×1.012'],
    ['userRecords.failed', 1_234, '1,234'],
    ['userRecords.acceptedPerSecond', 19_840.4, '19,840/s'],
    ['userRecords.bytesAccepted', 2048, '2.00 KiB'],
    ['kinesisRecords.bytesPerRecord', 51_200, '50.0 KiB'],
    ['kinesisRecords.userRecordsPerRecord', 117.25, '117.25'],
    ['shards.peakBytesPerSecond', 1024, '1.00 KiB/s'],
    ['cost.perMillionRecordsUsd', 0.00265, '$0.00265'],
    ['generator.gcMs', 148, '148ms'],
    ['generator.eventLoopDelayP99Us', 1_620, '1.62ms'],
    ['generator.rssMaxBytes', 1024 ** 2, '1.00 MiB'],
  ])('%s', (metric, value, text) => {
    expect(formatMetric(metric, value)).toBe(text);
  });

  it('keeps columns narrow', () => {
    expect([9_999, 10_000, 123_456, 1_234_567, 5e9].map(formatShort)).toEqual([
      '9,999',
      '10.0k',
      '123k',
      '1.2M',
      '5.0G',
    ]);
    expect([0, 12.345, 1_234.5].map(formatUsd)).toEqual(['$0.00', '$12.35', '$1,234.50']);
    expect(['shardId-000000000012', 'other'].map(shardName)).toEqual(['shard 12', 'other']);
  });
});

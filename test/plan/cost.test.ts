import { describe, expect, it } from 'vitest';
import { costOf, formatUsd } from '../../src/plan/cost.ts';
import { defaultPrices, type PriceList } from '../../src/plan/prices.ts';

const ROUND: PriceList = {
  ...defaultPrices(),
  region: 'nowhere',
  provisioned: { shardHourUsd: 1, perMillionPutUnitsUsd: 10 },
  onDemand: { streamHourUsd: 2, perGBInUsd: 4 },
};

/** Ten minutes, two shards, a million user records of 1 kB in 100,000 Kinesis records. */
const LOAD = {
  seconds: 600,
  shards: 2,
  putUnits: 100_000,
  roundedKib: 1024 ** 2,
  bytes: 1e9,
  userRecords: 1e6,
};

describe('costOf', () => {
  it('adds shard-hours and PUT units of a provisioned stream', () => {
    // 10 minutes of 2 shards at $1 an hour: 1/3; 0.1 million units at $10: 1.
    expect(costOf(LOAD, 'provisioned', ROUND)).toMatchObject({
      perHourUsd: expect.closeTo((1 / 3 + 1) * 6, 9),
      perGBUsd: expect.closeTo(4 / 3, 9),
      perMillionRecordsUsd: expect.closeTo(4 / 3, 9),
      priceListDate: defaultPrices().date,
    });
  });

  it('adds stream-hours and rounded gigabytes of an on-demand stream', () => {
    expect(costOf(LOAD, 'on-demand', ROUND)).toMatchObject({
      perHourUsd: expect.closeTo((2 / 6 + 4) * 6, 9),
      perMillionRecordsUsd: expect.closeTo(13 / 3, 9),
    });
  });

  it('says what it rests on, and which prices are not verified', () => {
    expect(costOf(LOAD, 'provisioned')?.assumptions).toBe(
      'us-east-1, provisioned with 2 shards, $0.0150 a shard-hour and $0.0140 a million PUT units of 25 KB; writing only, at the measured load',
    );
    const confidence = { ...defaultPrices().confidence, onDemand: 'recalled' as const };
    const doubtful = { ...defaultPrices(), confidence };
    expect(costOf(LOAD, 'on-demand', doubtful)?.assumptions).toContain('(prices not verified)');
    expect(costOf(LOAD, 'on-demand')?.assumptions).not.toContain('not verified');
  });

  it('has no price for nothing', () => {
    expect(costOf({ ...LOAD, userRecords: 0 }, 'provisioned')).toBeNull();
    expect(costOf({ ...LOAD, seconds: 0 }, 'provisioned')).toBeNull();
  });
});

describe('formatUsd', () => {
  it.each([
    [0, '$0'],
    [12.345, '$12.35'],
    [1, '$1.00'],
    [0.015, '$0.0150'],
    [0.5, '$0.500'],
    [0.000014, '$0.0000140'],
    [1234.5, '$1234.50'],
  ])('%d is %s', (usd, text) => {
    expect(formatUsd(usd)).toBe(text);
  });
});

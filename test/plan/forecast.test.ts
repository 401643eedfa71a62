import { describe, expect, it } from 'vitest';
import { type Forecast, forecastLoad } from '../../src/plan/forecast.ts';
import { evenRanges, rangesOf, sharesOf } from '../../src/plan/heat.ts';
import { defaultPrices, parsePriceList } from '../../src/plan/prices.ts';
import { ratesOf, sampleLoad } from '../../src/plan/sample.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { planOf, runPlan } from '../virtual/harness.ts';

function forecastOf(...set: string[]): Forecast {
  const plan = loadScenario('scenarios/quickstart.yaml', { set }, () => {});
  const sample = sampleLoad(plan, 1 << 14);
  const { shards } = plan.target.simulator;
  return forecastLoad({
    sample,
    rates: ratesOf(plan),
    ranges: evenRanges(shards),
    packing: { ...plan.producer, sample, producers: 2, shards },
    headRoom: 0.2,
    growthPerMonth: 0.08,
    prices: defaultPrices(),
  });
}

describe('forecastLoad', () => {
  it('tells batch sizes as a virtual run measures them', async () => {
    const predicted = forecastOf().hottest;
    const { count } = await runPlan(planOf());
    const sent = count('kinesisRecords.sent');
    const perRecord = count('kinesisRecords.userRecords') / sent;
    const bytes = count('kinesisRecords.bytes') / sent;
    expect(predicted.userRecordsPerRecord / perRecord).toBeCloseTo(1, 1);
    expect(predicted.bytesPerRecord / bytes).toBeCloseTo(1, 1);
  });

  it('finds the hot shard of a hot key, and that its records bind', () => {
    const { hottest, hottestKeys, firstLimitPerSecond } = forecastOf(
      'producer.aggregation.enabled=false',
      'records.partitionKey={kind: hot, share: 30%, keys: 1, cardinality: 1000}',
    );
    expect(hottest.boundBy).toBe('records');
    expect(hottest.share).toBeCloseTo(0.3 + 0.7 / 4, 1);
    expect(hottestKeys[0]?.share).toBeCloseTo(0.3, 1);
    expect(firstLimitPerSecond).toBeCloseTo(1000 / hottest.share, -1);
    expect(hottest.throttleChance).toBeLessThan(0.5);
  });

  it('refuses a load whose hottest key no shard takes, with the nearest rate', () => {
    const load = () =>
      forecastOf(
        'producer.aggregation.enabled=false',
        'records.partitionKey={kind: hot, share: 80%, keys: 1, cardinality: 1000}',
      );
    expect(load).toThrow('no number of shards');
    try {
      load();
    } catch (error) {
      expect(error).toHaveProperty(
        'hint',
        expect.stringMatching(/nearest possible rate is (9\d\d|1,0\d\d)\/s/),
      );
    }
  });

  it('counts the months until the first limit', () => {
    const { firstLimitPerSecond, peakPerSecond, monthsToLimit } = forecastOf();
    expect(peakPerSecond * 1.08 ** (monthsToLimit ?? 0)).toBeCloseTo(firstLimitPerSecond, 0);
  });

  it('bills each Kinesis record rounded up, by hand', () => {
    const { costs, meanPerSecond } = forecastOf('producer.aggregation.enabled=false');
    const onDemand = costs.find(({ mode }) => mode === 'on-demand standard');
    const hours = (365 / 12) * 24;
    const gigabytes = (meanPerSecond * hours * 3600) / 1024 ** 2;
    expect(onDemand?.usd).toBeCloseTo(gigabytes * 0.08 + hours * 0.04, 2);
    expect(onDemand?.billedOverPayload).toBeCloseTo(1024 / 200, 5);
  });

  it('tells batches of each number of producers, by hand', () => {
    const { batches } = forecastOf();
    const at = (producers: number) =>
      batches.find((b) => b.producers === producers && b.maxBufferedTimeMs === 100);
    // 500/s into each of four shards for 100 ms.
    expect(at(1)?.userRecordsPerRecord).toBeCloseTo(51, 9);
    expect(at(2)?.userRecordsPerRecord).toBeCloseTo(26, 9);
    expect(at(20)?.userRecordsPerRecord).toBeCloseTo(3.5, 9);
  });

  it('pays for the shards of a peak however low the mean is', () => {
    const bursts = '{burst: {base: 0/s, peak: 20000/s, on: 100ms, off: 9900ms}}';
    const { breakEven } = forecastOf(`load.phases.hold.rate=${bursts}`);
    expect(breakEven.cheaperNow).toBe('on-demand standard');
    expect(forecastOf('load.phases.hold.rate=200/s').breakEven.cheaperNow).toBe('provisioned');
  });

  it('finds the nearest rate from which the other mode is cheaper, by hand', () => {
    const at = (peak: number) => {
      const bursts = `{burst: {base: 0/s, peak: ${peak}/s, on: 100ms, off: 9900ms}}`;
      const forecast = forecastOf(
        `load.phases.hold.rate=${bursts}`,
        'producer.aggregation.enabled=false',
      );
      expect(forecast.meanPerSecond).toBeCloseTo(peak / 100, 6);
      expect(forecast.breakEven.cheaperNow).toBe('on-demand standard');
      return forecast.breakEven.otherFromPerSecond;
    };
    // Peaks of 100 times the mean: two shards take those of 16/s at 80 %, $21.90 and $0.59 of units; on demand that is
    // $29.20 and $3.21. The third shard turns the scale, $32.85; keys that are not quite even do so a little earlier.
    expect(at(1700)).toBeGreaterThan(15);
    expect(at(1700)).toBeLessThan(16.1);
    // From 22.3/s to the fourth shard at 24/s provisioned is cheaper once more.
    expect(at(2000)).toBeGreaterThan(21.5);
    expect(at(2000)).toBeLessThan(22.8);
    expect(at(8000)).toBeGreaterThan(23);
    expect(at(8000)).toBeLessThan(24.1);
  });

  it('puts keys into the ranges of a live stream', () => {
    const sample = sampleLoad(planOf(), 4096);
    const live = rangesOf([
      { number: 7, startingHashKey: 1n << 127n },
      { number: 3, startingHashKey: 0n },
    ]);
    expect(live.numbers).toEqual([3, 7]);
    expect(sharesOf(sample, live)).toEqual(sharesOf(sample, evenRanges(2)));
  });
});

describe('parsePriceList', () => {
  const text = JSON.stringify(defaultPrices());

  it('takes what --show-prices prints, also behind a byte order mark', () => {
    expect(parsePriceList(text, 'p.json')).toEqual(defaultPrices());
    expect(parsePriceList(`\uFEFF${text}`, 'p.json')).toEqual(defaultPrices());
  });

  it.each([
    ['', 'p.json: the file is empty'],
    ['no', 'p.json: not JSON: '],
    ['[]', 'expected object'],
    [text.replace(':0.015', ':"free"'), 'provisioned.shardHourUsd is "free": '],
    [text.replace(':0.015', ':-1'), 'provisioned.shardHourUsd is -1: '],
    [text.replace(':0.015', ':1e300'), 'provisioned.shardHourUsd is 1e+300: '],
    [text.replace('"region":"us-east-1",', ''), 'region is missing: '],
    [text.replace('"region"', '"zone":1,"region"'), 'zone'],
    [text.replace(/"date":"[^"]*"/, '"date":"2026-13-40"'), 'date is "2026-13-40": '],
  ])('names what is wrong with %j', (wrong, message) => {
    expect(() => parsePriceList(wrong, 'p.json')).toThrow(`--prices p.json: `);
    expect(() => parsePriceList(wrong, 'p.json')).toThrow(message);
  });
});

import { describe, expect, it } from 'vitest';
import { EvenStreams } from '../../src/plan/even-streams.ts';
import { type MonthlyCost, monthlyCosts } from '../../src/plan/monthly-cost.ts';
import { defaultPrices } from '../../src/plan/prices.ts';
import { planOf, runPlan } from '../virtual/harness.ts';
import { forecastOf, PLAIN, packingOf } from './support.ts';

const HOURS = (365 / 12) * 24;
const SECONDS = HOURS * 3600;

function costOf(costs: readonly MonthlyCost[], mode: MonthlyCost['mode'], isAggregated = true) {
  const found = costs.find((cost) => cost.mode === mode && cost.isAggregated === isAggregated);
  if (found === undefined) throw new Error(`no ${mode}`);
  return found;
}

describe('the monthly cost of a load', () => {
  it('is that of the shards it is priced for, however many were looked at', () => {
    const set = ['load.phases.hold.rate=50000/s'];
    const [one, many] = [1, 64].map((shards) => {
      return forecastOf([...set, `target.simulator.shards=${shards}`]).costs;
    });
    expect(many).toEqual(one);
  });

  it.each([
    ['of one size', []],
    [
      'of many sizes, plain',
      [PLAIN, 'records.payload={kind: random, size: {kind: uniform, min: 100B, max: 2000B}}'],
    ],
    [
      'of many sizes, aggregated',
      ['records.payload={kind: random, size: {kind: lognormal, median: 400B, p99: 4KiB}}'],
    ],
    ['that fills its aggregates', ['load.phases.hold.rate=14000/s', 'producer.maxBufferedTime=5s']],
  ])('counts units of records %s as a virtual run does', async (_, set) => {
    const plan = planOf(...set);
    const { count } = await runPlan(plan);
    const accepted = count('kinesisRecords.userRecords');
    const rate = plan.load.phases[1]?.rate;
    const perSecond = rate?.kind === 'constant' ? rate.perSecond : 0;
    const traffic = new EvenStreams(packingOf(...set), new Map()).traffic(4, perSecond);
    expect(
      traffic.roundedKib / perSecond / (count('kinesisRecords.roundedKib') / accepted),
    ).toBeCloseTo(1, 1);
    expect(
      traffic.putUnits / perSecond / (count('kinesisRecords.putUnits') / accepted),
    ).toBeCloseTo(1, 1);
  });

  it('rounds each record, not their mean', () => {
    // Half of the records are 100 bytes, one kilobyte; the others 1,100 bytes, two.
    const sizes =
      'records.payload={kind: random, size: {kind: empirical, sizes: [{bytes: 100B, weight: 1}, {bytes: 1100B, weight: 1}]}}';
    const { roundedKib } = new EvenStreams(packingOf(PLAIN, sizes), new Map()).traffic(4, 1000);
    expect(roundedKib).toBeCloseTo(1500, -1.5);
  });

  it('counts a PUT unit for each started 25 KB', () => {
    const size = (text: string) => `records.payload={kind: random, size: ${text}}`;
    const units = (text: string) =>
      new EvenStreams(packingOf(PLAIN, size(text)), new Map()).traffic(4, 10).putUnits;
    expect(units('25KiB')).toBeCloseTo(20, 9);
    expect(units('60KiB')).toBeCloseTo(30, 9);
    expect(units('25000B')).toBeCloseTo(10, 9);
  });

  it('fills aggregates of 50 KB into two PUT units and 50 kilobytes', () => {
    const full = ['producer.maxBufferedTime=5s', 'load.phases.hold.rate=40000/s'];
    const streams = new EvenStreams(packingOf(...full), new Map());
    const { putUnits, roundedKib } = streams.traffic(4, 40_000);
    expect(roundedKib / putUnits).toBeGreaterThan(24.9);
    expect(roundedKib / putUnits).toBeLessThanOrEqual(25.5);
  });

  it('adds shards and traffic of a month, by hand', () => {
    const traffic = { shards: 3, putUnits: 2, roundedKib: 40_000 };
    const load = { perSecond: 1000, meanPayloadBytes: 1024, isAggregated: true };
    const costs = monthlyCosts(
      { ...load, provisioned: traffic, onDemand: traffic },
      defaultPrices(),
    );
    const provisioned = costOf(costs, 'provisioned');
    expect(provisioned.usd).toBeCloseTo(3 * HOURS * 0.015 + ((2 * SECONDS) / 1e6) * 0.014, 6);
    const standard = costOf(costs, 'on-demand standard');
    const gigabytes = (40_000 * SECONDS) / 1024 ** 2;
    expect(standard.usd).toBeCloseTo(gigabytes * 0.08 + HOURS * 0.04, 6);
    expect(standard.billedOverPayload).toBeCloseTo(40, 9);
    // 40,000 KiB/s are above the floor of writing; that of reading is billed whether or not anybody reads.
    const out = ((25 * 1024 * SECONDS) / 1024 ** 2) * 0.016;
    expect(costOf(costs, 'on-demand advantage').usd).toBeCloseTo(gigabytes * 0.032 + out, 6);
  });

  it('bills on-demand advantage 25 MiB/s in and out at the least', () => {
    const traffic = { shards: 4, putUnits: 1, roundedKib: 1 };
    const load = { perSecond: 1, meanPayloadBytes: 1024, isAggregated: true };
    const costs = monthlyCosts({ ...load, provisioned: null, onDemand: traffic }, defaultPrices());
    const floor = ((25 * 1024 * SECONDS) / 1024 ** 2) * (0.032 + 0.016);
    expect(costOf(costs, 'on-demand advantage').usd).toBeCloseTo(floor, 6);
    expect(costOf(costs, 'provisioned')).toMatchObject({ usd: null, shards: null });
  });
});

describe('an on-demand stream', () => {
  it('has four shards, and more so that none gets 500 KB a second', () => {
    const plain = new EvenStreams(
      packingOf(
        PLAIN,
        'records.payload={kind: random, size: 1000B}',
        'records.partitionKey={kind: uniform, cardinality: 1000000}',
      ),
      new Map(),
    );
    expect(plain.onDemand(1000)).toBe(4);
    // 477 records of 1,007 bytes a second are 500 KB as the record limit counts them.
    expect(plain.onDemand(47_600)).toBeGreaterThanOrEqual(100);
    expect(plain.onDemand(47_600)).toBeLessThan(115);
  });

  it('takes no key that one shard cannot take', () => {
    const hot = 'records.partitionKey={kind: hot, share: 80%, keys: 1, cardinality: 1000}';
    expect(new EvenStreams(packingOf(PLAIN, hot), new Map()).onDemand(2000)).toBeNull();
    expect(new EvenStreams(packingOf(PLAIN, hot), new Map()).onDemand(1100)).toBeGreaterThan(3);
  });
});

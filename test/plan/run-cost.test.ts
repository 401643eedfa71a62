import { describe, expect, it } from 'vitest';
import { defaultPrices, type PriceList } from '../../src/plan/prices.ts';
import { estimateRunCost } from '../../src/plan/run-cost.ts';
import { compileScenario } from '../../src/scenario/compile.ts';
import { scenarioSource } from '../../src/scenario/load.ts';
import type { Plan } from '../../src/scenario/plan.ts';

const PRICES: PriceList = {
  ...defaultPrices(),
  provisioned: { shardHourUsd: 1, perMillionPutUnitsUsd: 1 },
  onDemand: { streamHourUsd: 1, perGBInUsd: 1 },
};

function planOf(load: string, more = '', create = 'create: { shards: 4 }'): Plan {
  const text = `
version: 1
name: cost
target: { kind: aws, stream: s, region: us-east-1${create === '' ? '' : `, ${create}`} }
records: { partitionKey: { kind: uniform, cardinality: 10 }, payload: { kind: random, size: 988B } }
load: ${load}
${more}`;
  return compileScenario(scenarioSource(text, 'cost.yaml'), {});
}

const PLAIN = 'producer: { aggregation: { enabled: false } }';
const HOUR = '{ phases: [{ duration: 1h, rate: 1000/s }] }';

describe('estimateRunCost', () => {
  it('counts a unit and a kilobyte for each small record, and the shards of a stream it creates', () => {
    const cost = estimateRunCost(planOf(HOUR, PLAIN), PRICES);
    expect(cost).toMatchObject({ records: 3.6e6, bytes: 3.6e6 * 988, seconds: 3600 });
    expect(cost.provisionedUsd).toBeCloseTo(3.6 + 4, 9);
    // 988 bytes and a key are just 1 KB.
    expect(cost.onDemandUsd).toBeCloseTo(3.6e6 / 1024 ** 2 + 1, 9);
    expect(cost.usd).toBe(cost.provisionedUsd);
  });

  it('rounds a record up with its key', () => {
    const plan = planOf(HOUR, PLAIN);
    // One byte more than a kilobyte with the 36 bytes of a key: 3.6 million records of two each.
    const [kind] = plan.records;
    if (kind === undefined) throw new Error('no records');
    const payload = { kind: 'random', size: { kind: 'fixed', bytes: 989 } };
    const larger = { ...plan, records: [{ ...kind, payload } as typeof kind] };
    const { onDemandUsd } = estimateRunCost(larger, PRICES);
    expect(onDemandUsd).toBeCloseTo(7.2e6 / 1024 ** 2 + 1, 9);
  });

  it('leaves the stream out that stands already', () => {
    const cost = estimateRunCost(planOf(HOUR, PLAIN, ''), PRICES);
    expect(cost.provisionedUsd).toBeCloseTo(3.6, 9);
    expect(cost.assumptions.at(-1)).toContain('stands already');
  });

  it('knows that aggregation saves units, and that time closes aggregates of thin load', () => {
    const rate = '{ producers: 1, phases: [{ duration: 1h, rate: 1000/s }] }';
    const thin = '{ producers: 1, phases: [{ duration: 1h, rate: 10/s }] }';
    // 1000/s in 4 shards for 100 ms: 25 records of 1 KB, one unit.
    expect(estimateRunCost(planOf(rate), PRICES).provisionedUsd).toBeCloseTo(3.6 / 25 + 4, 3);
    expect(estimateRunCost(planOf(thin), PRICES).provisionedUsd).toBeCloseTo(0.036 + 4, 9);
  });

  it('adds up ramps, and never counts more than the shards can take', () => {
    const ramp = '{ phases: [{ duration: 10s, rate: { from: 0/s, to: 1000/s } }] }';
    expect(estimateRunCost(planOf(ramp), PRICES).records).toBeCloseTo(5000, 6);
    const flood = '{ phases: [{ duration: 10s, rate: 1000000/s }] }';
    expect(estimateRunCost(planOf(flood, PLAIN), PRICES).records).toBe(4 * 1000 * 10);
  });

  it('takes a closed loop as dear as its shards allow', () => {
    const closed = '{ phases: [{ duration: 10s, rate: { closed: { concurrency: 10 } } }] }';
    expect(estimateRunCost(planOf(closed, PLAIN), PRICES).records).toBe(4 * 1000 * 10);
  });
});

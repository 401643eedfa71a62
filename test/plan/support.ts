import { type Forecast, type ForecastInput, forecastLoad } from '../../src/plan/forecast.ts';
import { evenRanges } from '../../src/plan/heat.ts';
import type { PackingInput } from '../../src/plan/packing.ts';
import { defaultPrices } from '../../src/plan/prices.ts';
import { ratesOf, sampleLoad } from '../../src/plan/sample.ts';
import { loadScenario } from '../../src/scenario/load.ts';

export const PLAIN = 'producer.aggregation.enabled=false';

/** The quickstart with fields set, as formulas see it. */
export function packingOf(...set: string[]): PackingInput {
  const plan = loadScenario('scenarios/quickstart.yaml', { set }, () => {});
  const sample = sampleLoad(plan, 1 << 14);
  return { ...plan.producer, sample, producers: 2, shards: plan.target.simulator.shards };
}

export function forecastOf(set: readonly string[], change: Partial<ForecastInput> = {}): Forecast {
  const plan = loadScenario('scenarios/quickstart.yaml', { set: [...set] }, () => {});
  const packing = packingOf(...set);
  return forecastLoad({
    sample: packing.sample,
    rates: ratesOf(plan),
    ranges: evenRanges(packing.shards),
    packing,
    headRoom: 0.2,
    growthPerMonth: 0.08,
    prices: defaultPrices(),
    ...change,
  });
}

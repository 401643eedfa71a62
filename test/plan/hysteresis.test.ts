import { expect, it } from 'vitest';
import { hysteresisOf, type SweepStep, sweepRates } from '../../src/plan/hysteresis.ts';

const step = (perSecond: number, responseP99Us: number, throttle = 0): SweepStep => ({
  perSecond,
  acceptedPerSecond: perSecond,
  responseP99Us,
  throttle,
});

it('goes up to clear overload and down through the same rates', () => {
  const rates = sweepRates(1000);
  expect(rates).toEqual([800, 950, 1100, 1250, 1100, 950, 800]);
  const healthy = hysteresisOf(rates.map((rate) => step(rate, rate > 1000 ? 900_000 : 100_000)));
  expect(healthy.worseAt).toEqual([]);
  expect(healthy.steps.map(({ down }) => down?.perSecond ?? null)).toEqual([800, 950, 1100, null]);
});

it('names the rates at which the overload outlasts its cause', () => {
  const rates = sweepRates(1000);
  const late = rates.map((rate, i) => step(rate, 100_000, i === 5 ? 0.2 : 0));
  expect(hysteresisOf(late).worseAt).toEqual([950]);
  const slow = rates.map((rate, i) => step(rate, i === 6 ? 200_000 : 100_000));
  expect(hysteresisOf(slow).worseAt).toEqual([800]);
});

it('takes a sweep that was cut short', () => {
  const cut = hysteresisOf(
    sweepRates(10)
      .slice(0, 5)
      .map((rate) => step(rate, 1000)),
  );
  expect(cut.steps.filter(({ down }) => down !== null)).toHaveLength(1);
});

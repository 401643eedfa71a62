import { describe, expect, it } from 'vitest';
import { renderSearch } from '../../src/cli/capacity-text.ts';
import type { CapacitySearch } from '../../src/plan/capacity-search.ts';
import type { Hysteresis } from '../../src/plan/hysteresis.ts';

const FOUND: CapacitySearch = {
  perSecond: 970,
  status: 'confirmed',
  passed: 1000,
  failed: null,
  kneePerSecond: null,
  probes: [],
  hysteresis: null,
};
const step = (perSecond: number) => ({
  perSecond,
  acceptedPerSecond: perSecond,
  responseP99Us: 100,
  throttle: 0,
});
/** As many of the steps up as there are, the first of them measured again on the way down. */
function steps(ups: readonly number[], downs: readonly number[]): Hysteresis {
  const pairs = ups.map((rate) => ({
    up: step(rate),
    down: downs.includes(rate) ? step(rate) : null,
  }));
  return { steps: pairs, worseAt: [] };
}
const last = (hysteresis: Hysteresis) =>
  renderSearch({ ...FOUND, hysteresis })
    .split('\n')
    .at(-1);

describe('what a search came to, in a line', () => {
  it.each<[Partial<CapacitySearch>, string]>([
    [{}, 'Capacity: 970/s (confirmed), bracket 1,000/s … -'],
    [{ status: 'interrupted' }, '970/s (confirmed, then interrupted)'],
    [{ status: 'interrupted', perSecond: null }, 'Capacity: - (interrupted)'],
    [{ status: 'broken off' }, '970/s (confirmed, then broken off)'],
    [{ status: 'at least', perSecond: 1e7 }, 'at least 10,000,000/s'],
    [{ status: 'no rate', perSecond: null, passed: null }, 'Capacity: no rate'],
    [{ passed: 0.125 }, 'bracket 0.125/s … -'],
  ])('%j', (change, text) => {
    expect(renderSearch({ ...FOUND, ...change }).split('\n')[0]).toContain(text);
  });
});

describe('the way down', () => {
  it('is as the way up only where it was measured', () => {
    expect(last(steps([8, 9, 11, 12], [8, 9, 11]))).toContain('no hysteresis');
    expect(last(steps([8, 9], []))).toBe('  the way down was not measured');
    expect(last(steps([8, 9, 11, 12], [11]))).toContain('as the way up at 11/s; further down');
  });
});

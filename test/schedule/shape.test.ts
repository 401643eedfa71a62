import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LinearShape, PiecewiseShape, ReplayShape, SineShape } from '../../src/schedule/shape.ts';
import { phase, scheduleOf, walkWhole } from './support.ts';

describe('shapes', () => {
  it('inverts a ramp: the count at the time of x is x', () => {
    fc.assert(
      fc.property(
        fc.nat(5000),
        fc.nat(5000),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (from, to, u) => {
          fc.pre(from + to > 0);
          const shape = new LinearShape(from, to, 3e6);
          const seconds = shape.timeUs(u * shape.total) / 1e6;
          const count = from * seconds + ((to - from) / 6) * seconds * seconds;
          expect(count).toBeCloseTo(u * shape.total, 6);
        },
      ),
    );
  });

  it('knows the ramp of 0 to 100 a second over 10 s: record 125 is due at 5 s', () => {
    const shape = new LinearShape(0, 100, 10e6);
    expect(shape.total).toBe(500);
    expect(shape.timeUs(125)).toBe(5e6);
    expect(shape.timeUs(0)).toBe(0);
  });

  it('inverts a sine, down to a rate of zero', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (mean, share, u) => {
          const shape = new SineShape(mean, mean * share, 7e6, 25e6);
          const seconds = shape.timeUs(u * shape.total) / 1e6;
          const swing = (mean * share * 7) / (2 * Math.PI);
          const count = mean * seconds + swing * (1 - Math.cos((2 * Math.PI * seconds) / 7));
          expect(Math.abs(count - u * shape.total)).toBeLessThan(1e-8 * shape.total + 1e-6);
        },
      ),
    );
  });

  it('sends as many in a whole period of a sine as its mean', () => {
    const rate = {
      kind: 'sine',
      meanPerSecond: 100,
      amplitudePerSecond: 100,
      periodUs: 2e6,
    } as const;
    const arrivals = walkWhole(scheduleOf([phase(rate, 4)]));
    expect(arrivals.length).toBe(400);
    // The upper half wave carries 100 (1 + 2/π) records of the 200 of a period.
    expect(arrivals.filter(({ dueUs }) => dueUs < 1e6).length).toBe(164);
  });

  it('climbs steps and stays on the last', () => {
    const rate = {
      kind: 'steps',
      fromPerSecond: 10,
      toPerSecond: 35,
      stepPerSecond: 10,
      everyUs: 1e6,
    } as const;
    const arrivals = walkWhole(scheduleOf([phase(rate, 6)]));
    const bySecond = [0, 1, 2, 3, 4, 5].map(
      (second) => arrivals.filter(({ dueUs }) => Math.floor(dueUs / 1e6) === second).length,
    );
    expect(bySecond).toEqual([10, 20, 30, 35, 35, 35]);
    const down = walkWhole(scheduleOf([phase({ ...rate, fromPerSecond: 35, toPerSecond: 10 }, 3)]));
    expect(down.length).toBe(35 + 25 + 15);
  });

  it('bursts: times the base while on, the base while off', () => {
    const rate = { kind: 'burst', basePerSecond: 10, times: 5, onUs: 1e6, offUs: 2e6 } as const;
    const arrivals = walkWhole(scheduleOf([phase(rate, 7)]));
    const bySecond = [0, 1, 2, 3, 4, 5, 6].map(
      (second) => arrivals.filter(({ dueUs }) => Math.floor(dueUs / 1e6) === second).length,
    );
    expect(bySecond).toEqual([50, 10, 10, 50, 10, 10, 50]);
  });

  it('is silent while a burst is off, and on time when it is on again', () => {
    // 33.3/s for 0.3 s is 9.99 records, 1000/3 for 0.3 s is 100 but for rounding.
    for (const onPerSecond of [10, 33.3, 1000 / 3, 700]) {
      const onUs = 300_000;
      const rate = { kind: 'onOff', onPerSecond, offPerSecond: 0, onUs, offUs: 1_700_000 } as const;
      const arrivals = walkWhole(scheduleOf([phase(rate, 9)]));
      expect(arrivals.length).toBe(Math.ceil(onPerSecond * 0.3 * 5 - 1e-6));
      for (const { dueUs } of arrivals) expect(dueUs % 2_000_000).toBeLessThanOrEqual(onUs);
      const first = arrivals.find(({ dueUs }) => dueUs >= 2_000_000);
      const wholeBurst = Math.abs((onPerSecond * 0.3) % 1) < 1e-9;
      if (wholeBurst) expect(first?.dueUs).toBeCloseTo(2_000_000, 3);
    }
  });

  it('starts with the piece that has a rate', () => {
    const shape = new PiecewiseShape(
      [
        { perSecond: 0, durationUs: 3e6 },
        { perSecond: 1, durationUs: 1e6 },
      ],
      8e6,
    );
    expect([shape.total, shape.timeUs(0), shape.timeUs(1)]).toEqual([2, 3e6, 7e6]);
  });

  it('leaves out recorded times past the end', () => {
    const shape = new ReplayShape(Float64Array.of(0, 5, 5, 9, 20), 10);
    expect([shape.total, shape.timeUs(0.5), shape.timeUs(3)]).toEqual([4, 0, 9]);
  });
});

/** What the nightly gate promises, simulated with its confirmation: how often it cries wolf, and how soon it sees a change. */
import { describe, expect, it } from 'vitest';
import { RandomSequence } from '../../src/core/random.ts';
import { pairedShift } from '../../src/statistics/hodges-lehmann.ts';
import { NIGHTS_MIN, screenNight } from '../../src/statistics/night.ts';
import {
  BLOCK_ALPHA,
  isProven,
  NIGHT_ALPHA,
  nightShift,
} from '../../src/statistics/night-shift.ts';
import { ratioMargin } from '../../src/statistics/verdict.ts';

const MARGIN = 0.03;
const BLOCKS = 8;
const NOISE = 0.03;

describe('a night', () => {
  const flat = [100, 101, 99, 100, 102, 98, 100, 101, 99, 100, 100, 101];

  it('is like the others', () => {
    expect(screenNight([...flat, 101], MARGIN)).toEqual({
      suspicion: null,
      level: { from: 0, to: 12 },
    });
  });

  it('is suspicious once it stands out, and a change point when it lasts', () => {
    expect(screenNight([...flat, 108], MARGIN).suspicion).toMatchObject({ since: 12 });
    const third = screenNight([...flat, 108, 109, 107], MARGIN);
    expect(third.suspicion).toMatchObject({ rule: 'change-point', since: 12 });
    expect(third.suspicion?.change).toBeCloseTo(0.079, 2);
    expect(third.level).toEqual({ from: 0, to: 12 });
  });

  it('is suspicious for a change that single nights do not show', () => {
    const noisy = flat.map((value) => 100 + 3 * (value - 100)).with(-1, 97);
    expect(screenNight([...noisy, 105], MARGIN).suspicion).toBeNull();
    expect(screenNight([...noisy, 105, 106], MARGIN).suspicion).toMatchObject({
      rule: 'recent-nights',
      since: 12,
    });
  });

  it('forgets a change that began more than three nights ago, and judges by the level since', () => {
    expect(screenNight([...flat, 120, 121, 119, 120, 120], MARGIN)).toEqual({
      suspicion: null,
      level: { from: 12, to: 16 },
    });
  });

  it('goes by the spread while nights are few', () => {
    expect(screenNight([100, 101, 99, 100, 102, 101], MARGIN).suspicion).toBeNull();
    expect(screenNight([100, 101, 99, 100, 102, 125], MARGIN)).toEqual({
      suspicion: { rule: 'spread', since: 5, change: 0.25, p: null },
      level: { from: 0, to: 5 },
    });
    // Beyond the spread, and yet too little to matter.
    expect(screenNight([100, 100, 100, 100, 100, 101], MARGIN).suspicion).toBeNull();
  });
});

describe('runs of tonight against nights', () => {
  it('is Student’s interval of two means where nights are no noisier than runs', () => {
    const runs = { level: [10, 12, 11, 9, 13], since: [], tonight: [15, 11, 19, 15] };
    const shift = nightShift(runs, 0.05);
    // Variances 2.5 of nights, 10.67 of runs: error √(2.5/5 + 10.67/4), 2.776 with 4 degrees.
    expect(shift.estimate).toBe(4);
    expect(shift.betweenNights).toBe(0);
    expect(shift.interval[1] - 4).toBeCloseTo(2.7764 * Math.sqrt(0.5 + 32 / 12), 3);
  });

  it('does not get surer than one night by many runs', () => {
    const level = [90, 110, 100, 95, 105, 92, 108];
    const few = nightShift({ level, since: [], tonight: [110, 111] }, 0.05);
    const many = nightShift({ level, since: [], tonight: Array(50).fill([110, 111]).flat() }, 0.05);
    const width = (shift: typeof few) => shift.interval[1] - shift.interval[0];
    expect(width(many)).toBeGreaterThan(0.98 * width(few));
    // A second night does make it surer.
    const second = nightShift({ level, since: [110], tonight: [110, 111] }, 0.05);
    expect(width(second)).toBeLessThan(0.85 * width(few));
  });

  it('is proof only beyond the margin, and with no change left out of the interval', () => {
    const margin = ratioMargin(MARGIN);
    expect(isProven({ estimate: 0.08, interval: [0.01, 0.15] }, margin)).toBe(true);
    expect(isProven({ estimate: -0.08, interval: [-0.15, -0.01] }, margin)).toBe(true);
    expect(isProven({ estimate: 0.08, interval: [-0.01, 0.17] }, margin)).toBe(false);
    expect(isProven({ estimate: 0.02, interval: [0.01, 0.03] }, margin)).toBe(false);
    expect(isProven({ estimate: 0.08, interval: null }, margin)).toBe(false);
  });
});

/** A machine: what nights do to it, and what single runs add; both shares make up `NOISE`. */
class Machine {
  readonly #random: RandomSequence;
  readonly #nightly: number;
  readonly #single: number;
  #tonight = 0;

  constructor(seed: number, nightly: number) {
    this.#random = new RandomSequence(seed, 99);
    this.#nightly = nightly;
    this.#single = Math.sqrt(NOISE ** 2 - nightly ** 2);
  }

  nextNight(): void {
    this.#tonight = this.#nightly * this.#random.normal();
  }

  /** @param change of the program, as a share */
  run(change: number): number {
    return 100 * (1 + change) * (1 + this.#tonight + this.#single * this.#random.normal());
  }
}

type Way = 'blocks' | 'nights';

/** The gate of one night, as `shardstorm gate` does it: screen, and only when that is suspicious, confirm. */
function isAlarm(
  earlier: readonly number[],
  value: number,
  machine: Machine,
  change: number,
  way: Way,
): boolean {
  const values = [...earlier, value];
  const { suspicion, level } = screenNight(values, MARGIN);
  if (suspicion === null || suspicion.change < 0) return false;
  const runs = Array.from({ length: BLOCKS }, () => Math.log(machine.run(change)));
  if (way === 'blocks') {
    // The program before the change, on the same machine in the same night.
    const differences = runs.map((run) => run - Math.log(machine.run(0)));
    return isProven(pairedShift(differences, BLOCK_ALPHA), ratioMargin(MARGIN));
  }
  const logs = values.map(Math.log);
  const samples = {
    level: logs.slice(level.from, level.to),
    since: logs.slice(level.to, -1),
    tonight: runs,
  };
  return isProven(nightShift(samples, NIGHT_ALPHA), ratioMargin(MARGIN));
}

/** Share of histories of so many nights, the change after `before` of them, in which an alarm is raised. */
function shareOfAlarms(
  trials: number,
  nights: { readonly before: number; readonly after: number; readonly change: number },
  nightly: number,
  way: Way,
): number {
  const machine = new Machine(2026, nightly);
  let alarms = 0;
  for (let trial = 0; trial < trials; trial++) {
    const values: number[] = [];
    for (let night = 0; night < nights.before + nights.after; night++) {
      const change = night < nights.before ? 0 : nights.change;
      machine.nextNight();
      const value = machine.run(change);
      // Nights before a change are not gated in the trials of finding it: their alarms are the other trials' business.
      const isGated = values.length >= NIGHTS_MIN && (nights.change === 0 || change !== 0);
      if (isGated && isAlarm(values, value, machine, change, way)) {
        alarms++;
        break;
      }
      values.push(value);
    }
  }
  return alarms / trials;
}

/** What nights add to the noise: nothing, a fifth of its variance, two thirds. The promises hold for all. */
const NIGHTLY = [0, 0.0134, 0.0245];

describe('the gate over nights', () => {
  it.each(NIGHTLY)(
    'with blocks of old and new: at most 5 in 100 flat histories alarm, nightly noise %f',
    (nightly) => {
      const flat = { before: 0, after: 60, change: 0 };
      expect(shareOfAlarms(200, flat, nightly, 'blocks')).toBeLessThanOrEqual(0.05);
    },
  );

  it.each(NIGHTLY)(
    'with blocks of old and new: 95 in 100 shifts within three nights, nightly noise %f',
    (nightly) => {
      const shifted = { before: 40, after: 3, change: 0.08 };
      expect(shareOfAlarms(600, shifted, nightly, 'blocks')).toBeGreaterThanOrEqual(0.95);
    },
  );

  it.each(NIGHTLY)(
    'with runs against nights: at most 5 in 100 flat histories alarm, nightly noise %f',
    (nightly) => {
      const flat = { before: 0, after: 60, change: 0 };
      expect(shareOfAlarms(200, flat, nightly, 'nights')).toBeLessThanOrEqual(0.05);
    },
  );

  it.each(NIGHTLY)(
    'with runs against nights: two of three shifts within three nights, nightly noise %f',
    (nightly) => {
      const shifted = { before: 40, after: 3, change: 0.08 };
      expect(shareOfAlarms(600, shifted, nightly, 'nights')).toBeGreaterThanOrEqual(0.67);
    },
  );
});

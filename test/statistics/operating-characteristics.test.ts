/** What the comparison promises, simulated: how often it cries wolf, and how often it sees a change that is there. */
import { describe, expect, it } from 'vitest';
import { RandomSequence } from '../../src/core/random.ts';
import { alphaOf } from '../../src/report/comparison/effects.ts';
import { pairedShift, unpairedShift } from '../../src/statistics/hodges-lehmann.ts';
import { holm } from '../../src/statistics/holm.ts';
import { judge, ratioMargin } from '../../src/statistics/verdict.ts';

const TRIALS = 4000;
const ALPHA = 0.05;
/** Three standard errors of a share of 5 % in that many trials. */
const SLACK = 3 * Math.sqrt((ALPHA * (1 - ALPHA)) / TRIALS);

/** Log ratios of blocks: both runs of a block have their own noise. */
function logRatios(blocks: number, change: number, noise: number, random: RandomSequence) {
  return Array.from(
    { length: blocks },
    () => Math.log1p(change) + noise * (random.normal() - random.normal()),
  );
}

function share(trial: () => boolean, trials = TRIALS): number {
  let hits = 0;
  for (let i = 0; i < trials; i++) if (trial()) hits++;
  return hits / trials;
}

function verdictOf(blocks: number, change: number, noise: number, random: RandomSequence) {
  const shift = pairedShift(logRatios(blocks, change, noise, random), ALPHA);
  return judge({ ...shift, n: blocks }, ratioMargin(0.05), 6);
}

/** Whether the first of several metrics is called different after Holm's correction over all. */
function firstFound(
  blocks: number,
  changes: readonly number[],
  alpha: number,
  random: RandomSequence,
): boolean {
  const ps = changes.map((change) => pairedShift(logRatios(blocks, change, 0.03, random), alpha).p);
  return holm(ps, alpha)[0]?.isRejected === true;
}

describe('operating characteristics', () => {
  it.each([6, 8, 12])('A against A is called different in at most 5 %% at %i blocks', (blocks) => {
    const random = new RandomSequence(2026, blocks);
    const alarms = share(() => verdictOf(blocks, 0, 0.03, random).isDifferent);
    expect(alarms).toBeLessThanOrEqual(ALPHA + SLACK);
    // A test that never speaks would pass the line above.
    expect(alarms).toBeGreaterThan(0.02);
  });

  it('A against A is called different in at most 5 % without blocks', () => {
    const random = new RandomSequence(7);
    const sample = () => Array.from({ length: 8 }, () => 0.03 * random.normal());
    const alarms = share(() => unpairedShift(sample(), sample(), ALPHA).p <= ALPHA);
    expect(alarms).toBeLessThanOrEqual(ALPHA + SLACK);
    expect(alarms).toBeGreaterThan(0.02);
  });

  it('asks three metrics at once and still cries wolf in at most 5 %', () => {
    const random = new RandomSequence(9);
    const alarms = share(() => {
      const ps = [0, 1, 2].map(() => pairedShift(logRatios(8, 0, 0.03, random), ALPHA).p);
      return holm(ps, ALPHA).some(({ isRejected }) => isRejected);
    });
    expect(alarms).toBeLessThanOrEqual(ALPHA + SLACK);
  });

  it('finds a change of 10 % of the only primary metric at 3 % noise in at least 98 % at 8 blocks', () => {
    const random = new RandomSequence(11);
    const found = share(() => verdictOf(8, 0.1, 0.03, random).isDifferent);
    expect(found).toBeGreaterThanOrEqual(0.98);
  });

  // With the other two unchanged the metric must pass alpha/3: the least that Holm's correction leaves of the power.
  it('finds it in about 98 % when it is one of three primary metrics, of which the others did not change', () => {
    const random = new RandomSequence(19);
    const found = share(() => firstFound(8, [0.1, 0, 0], ALPHA, random));
    expect(found).toBeGreaterThan(0.98 - 3 * Math.sqrt((0.98 * 0.02) / TRIALS));
    expect(found).toBeLessThan(0.995);
  });

  it('finds it in more than 99 % when all three primary metrics changed', () => {
    const random = new RandomSequence(23);
    expect(share(() => firstFound(8, [0.1, 0.1, 0.1], ALPHA, random))).toBeGreaterThan(0.99);
  });

  it('looks twice, at 8 and at 12 blocks, and still cries wolf in at most 5 %', () => {
    const random = new RandomSequence(29);
    const alpha = alphaOf(2);
    const alarms = share(() => {
      const all = [0, 1, 2].map(() => logRatios(12, 0, 0.03, random));
      return [8, 12].some((blocks) =>
        holm(
          all.map((ratios) => pairedShift(ratios.slice(0, blocks), alpha).p),
          alpha,
        ).some(({ isRejected }) => isRejected),
      );
    });
    expect(alarms).toBeLessThanOrEqual(ALPHA + SLACK);
    expect(alarms).toBeGreaterThan(0.02);
  });

  it('looks twice and finds a change of one of three metrics: less often at 8 blocks, nearly always by 12', () => {
    const random = new RandomSequence(31);
    const alpha = alphaOf(2);
    expect(share(() => firstFound(8, [0.1, 0, 0], alpha, random))).toBeGreaterThan(0.88);
    expect(share(() => firstFound(12, [0.1, 0, 0], alpha, random))).toBeGreaterThan(0.995);
  });

  it('calls one of 16 unchanged variants different more often, but nearly never better or worse', () => {
    const random = new RandomSequence(37);
    const variants = (isHit: (differences: number[]) => boolean) => {
      const baseline = Array.from({ length: 8 }, () => 0.03 * random.normal());
      return Array.from({ length: 16 }, () =>
        isHit(baseline.map((value) => 0.03 * random.normal() - value)),
      ).some(Boolean);
    };
    const margin = ratioMargin(0.03);
    const different = share(() => variants((d) => pairedShift(d, ALPHA).p <= ALPHA), 500);
    expect(different).toBeGreaterThan(0.2);
    expect(different).toBeLessThan(1 - (1 - ALPHA) ** 16);
    const mattering = share(
      () => variants((d) => judge({ ...pairedShift(d, ALPHA), n: 8 }, margin, 6).matters),
      500,
    );
    expect(mattering).toBeLessThan(0.02);
  });

  it('calls A and A equivalent when the noise is a fifth of the margin, and seldom claims a change matters', () => {
    const random = new RandomSequence(13);
    expect(share(() => verdictOf(8, 0, 0.01, random).isEquivalent, 1000)).toBeGreaterThan(0.99);
    expect(share(() => verdictOf(8, 0, 0.03, random).matters, 1000)).toBeLessThan(0.01);
  });

  it('reaches a verdict with about the number of blocks that it asked for', () => {
    const random = new RandomSequence(17);
    const asked: number[] = [];
    while (asked.length < 200) {
      const { moreBlocks } = verdictOf(8, 0.2, 0.08, random);
      if (moreBlocks !== null) asked.push(moreBlocks);
    }
    asked.sort((a, b) => a - b);
    const blocks = 8 + (asked[100] ?? 0);
    expect(share(() => verdictOf(blocks, 0.2, 0.08, random).matters, 1000)).toBeGreaterThan(0.5);
  });
});

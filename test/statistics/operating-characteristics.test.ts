/** What the comparison promises, simulated: how often it cries wolf, and how often it sees a change that is there. */
import { describe, expect, it } from 'vitest';
import { RandomSequence } from '../../src/core/random.ts';
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

  it('finds a change of 10 % at 3 % noise in at least 98 % at 8 blocks', () => {
    const random = new RandomSequence(11);
    const found = share(() => verdictOf(8, 0.1, 0.03, random).isDifferent);
    expect(found).toBeGreaterThanOrEqual(0.98);
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

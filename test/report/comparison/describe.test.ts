import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/report/comparison/analyse.ts';
import type { Effect } from '../../../src/report/comparison/comparison.ts';
import {
  cautions,
  changeText,
  intervalText,
  variantVerdicts,
  verdictText,
} from '../../../src/report/comparison/describe.ts';
import { madeUpRuns } from './made-up-runs.ts';

const EFFECT: Effect = {
  variant: 'b',
  metric: 'latency.response.p99',
  scale: 'ratio',
  estimate: 0.69,
  interval: [0.65, 0.73],
  confidence: 0.95,
  p: 0.01,
  n: 8,
  method: 'paired',
  isDifferent: true,
  matters: true,
  isEquivalent: false,
  verdict: 'better',
  moreBlocks: null,
  cliffsDelta: -1,
};
/** Blanks before a percent sign do not break. */
const spaced = (text: string) => text.replaceAll('\u00a0', ' ');

describe('an effect in words', () => {
  it.each([
    [0.69, '−31 %'],
    [1.052, '+5.2 %'],
    [0.9996, '±0.0 %'],
    [4.2, '×4.20'],
    [0.005, '−100 %'],
  ])('says a ratio of %f as %s', (estimate, text) => {
    expect(spaced(changeText({ ...EFFECT, estimate }))).toBe(text);
  });

  it('says a difference in the unit of its metric', () => {
    const effect = {
      ...EFFECT,
      scale: 'difference',
      estimate: -2_500,
      interval: [-3_000, 0],
    } as const;
    expect(changeText(effect)).toBe('−2.50ms');
    expect(intervalText(effect)).toBe('[−3.00ms, ±0us]');
    expect(intervalText({ ...EFFECT, interval: null })).toBe('-');
  });

  it('says what is missing to a verdict', () => {
    expect(verdictText({ ...EFFECT, verdict: 'inconclusive', moreBlocks: 6 })).toBe(
      'inconclusive, about 6 more blocks needed',
    );
    expect(
      verdictText({ ...EFFECT, verdict: 'inconclusive', moreBlocks: 1, method: 'unpaired' }),
    ).toBe('inconclusive, about 1 more run needed');
    expect(verdictText({ ...EFFECT, verdict: 'equivalent' })).toContain('different, but within');
    expect(verdictText({ ...EFFECT, verdict: 'different', moreBlocks: 4 })).toContain(
      'about 4 more',
    );
  });
});

describe('a comparison in words', () => {
  const compare = (blocks: number, variant: Readonly<Record<string, number>>) =>
    analyse({
      title: 't',
      runs: madeUpRuns({
        variants: [{ name: 'a' }, { name: 'b', ...variant }],
        blocks,
        noise: 0.005,
      }),
      baseline: null,
      isForced: false,
      looks: 1,
      createdAt: '2026-11-23T15:00:00.000Z',
      seed: 1,
    });

  it.each([
    [8, { latency: 0.8 }, 'better'],
    [8, { latency: 1.3 }, 'worse'],
    [8, { latency: 0.8, cost: 1.2 }, 'trade-off'],
    [8, {}, 'equivalent'],
    [4, { latency: 0.8 }, 'estimate only'],
  ])('sums %i blocks up as one word', (blocks, variant, word) => {
    expect(variantVerdicts(compare(blocks, variant))[0]?.word).toBe(word);
  });

  it('warns of runs that count only by force', () => {
    const runs = madeUpRuns({ variants: [{ name: 'a' }, { name: 'b' }], blocks: 8, noise: 0.01 });
    const [first, second, ...rest] = runs;
    if (first === undefined || second === undefined) throw new Error('no runs');
    const bad = [
      { ...first, summary: { ...first.summary, valid: false, verdict: 'invalid' } as const },
      { ...second, summary: { ...second.summary, status: 'interrupted' } as const },
      ...rest,
    ];
    const of = (isForced: boolean) =>
      cautions(
        analyse({
          title: 't',
          runs: bad,
          baseline: null,
          isForced,
          looks: 1,
          createdAt: '2026-11-23T15:00:00.000Z',
          seed: 1,
        }),
      );
    expect(of(true).slice(0, 2)).toEqual([
      expect.stringContaining('1 invalid run counted because of --force'),
      expect.stringContaining('1 run that ended early counted because of --force'),
    ]);
    expect(of(false).filter((text) => text.startsWith('Not counted'))).toHaveLength(2);
  });

  it('warns of too few blocks, in both degrees', () => {
    expect(cautions(compare(4, {}))[0]).toContain('Estimates only: 4 blocks');
    expect(cautions(compare(6, {}))[0]).toContain('6 blocks cannot give a verdict on all');
    expect(cautions(compare(7, {}))).toEqual([]);
  });
});

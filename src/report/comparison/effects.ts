/**
 * Each metric of each variant against the baseline. In: the runs that count. Out: effects with intervals and verdicts.
 * The unit is the run, never the request. Primary metrics are corrected by Holm for each variant; the others are judged
 * one by one and marked as exploratory.
 */
import { pairedShift, type Shift, unpairedShift } from '../../statistics/hodges-lehmann.ts';
import { type HolmStep, holm } from '../../statistics/holm.ts';
import { cliffsDelta, mannWhitneyIndex } from '../../statistics/mann-whitney.ts';
import { median } from '../../statistics/order-statistics.ts';
import { signedRankIndex } from '../../statistics/signed-rank.ts';
import { judge, type Margin, ratioMargin, type Verdict } from '../../statistics/verdict.ts';
import type { ComparedMetric, Effect, VerdictWord } from './comparison.ts';
import type { RunInput } from './input.ts';
import { metricValue } from './metrics.ts';

export const ALPHA = 0.05;
/**
 * The level of each of two looks (Pocock), so that a sweep that goes on when its first look settles nothing still calls
 * no change "different" in more than 5 %.
 */
const ALPHA_OF_TWO_LOOKS = 0.03;

/** The level that each look is judged at. @param looks 1, or 2: some of the blocks first, all of them if need be */
export function alphaOf(looks: 1 | 2): number {
  return looks === 1 ? ALPHA : ALPHA_OF_TWO_LOOKS;
}

/** More than anybody declares metrics for. */
const SEARCHED_MAX = 60;

/**
 * Least number of blocks that can give a verdict on so many primary metrics: the first is judged at alpha/m. Six for
 * one (2/2^6 < 5 %), seven for two or three.
 */
export function blocksForVerdict(primaryMetrics: number, alpha = ALPHA): number {
  return leastCount(primaryMetrics, alpha, signedRankIndex);
}

/** The same without blocks, in runs of each variant: four for one (2/C(8, 4) < 5 %), five for three. */
export function runsForVerdict(primaryMetrics: number, alpha = ALPHA): number {
  return leastCount(primaryMetrics, alpha, (n, level) => mannWhitneyIndex(n, n, level));
}

function leastCount(
  metrics: number,
  alpha: number,
  indexOf: (n: number, alpha: number) => number,
): number {
  let n = 1;
  while (n < SEARCHED_MAX && indexOf(n, alpha / Math.max(1, metrics)) === 0) n++;
  return n;
}

/** The runs of a variant and of the baseline, in the same order where they are paired. */
export interface Sides {
  readonly baseline: readonly RunInput[];
  readonly variant: readonly RunInput[];
  readonly isPaired: boolean;
}

/** Pairs by block where every run knows its block; else all runs of both. */
export function sidesOf(baseline: readonly RunInput[], variant: readonly RunInput[]): Sides {
  const all = [...baseline, ...variant];
  if (all.every(({ block }) => block !== null)) {
    const byBlock = new Map(baseline.map((run) => [blockKey(run), run]));
    const pairs = variant.flatMap((run) => {
      const partner = byBlock.get(blockKey(run));
      return partner === undefined ? [] : [{ run, partner }];
    });
    if (pairs.length > 0) {
      return {
        baseline: pairs.map(({ partner }) => partner),
        variant: pairs.map(({ run }) => run),
        isPaired: true,
      };
    }
  }
  return { baseline, variant, isPaired: false };
}

function blockKey({ block }: RunInput): string {
  return block === null ? '' : `${block.sweep}/${block.number}`;
}

/** All effects of one variant; metrics that one side lacks are left out. */
export function effectsOf(
  name: string,
  sides: Sides,
  metrics: readonly ComparedMetric[],
  alpha = ALPHA,
): Effect[] {
  const samples = metrics.flatMap((metric) => sampleOf(metric, sides));
  const primaries = samples.filter(({ metric }) => metric.isPrimary);
  const steps = holm(
    primaries.map((sample) => shiftOf(sample, alpha).p),
    alpha,
  );
  const leastFor = sides.isPaired ? blocksForVerdict : runsForVerdict;
  return samples.map((sample) => {
    const step = steps[primaries.indexOf(sample)];
    const least = leastFor(sample.metric.isPrimary ? primaries.length : 1, alpha);
    return effectOf(name, sample, { alpha, step: step ?? null }, least);
  });
}

interface Sample {
  readonly metric: ComparedMetric;
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly isPaired: boolean;
  readonly isRatio: boolean;
}

function sampleOf(metric: ComparedMetric, sides: Sides): Sample[] {
  const values = (runs: readonly RunInput[]) =>
    runs.map(({ summary }) => metricValue(summary, metric.path));
  let first = values(sides.baseline);
  let second = values(sides.variant);
  if (sides.isPaired) {
    const whole = first.map((value, i) => value !== null && second[i] !== null);
    first = first.filter((_, i) => whole[i]);
    second = second.filter((_, i) => whole[i]);
  }
  const known = (value: number | null): value is number => value !== null;
  const a = first.filter(known);
  const b = second.filter(known);
  if (a.length === 0 || b.length === 0) return [];
  const isRatio = [...a, ...b].every((value) => value > 0);
  return [{ metric, first: a, second: b, isPaired: sides.isPaired, isRatio }];
}

function shiftOf({ first, second, isPaired, isRatio }: Sample, alpha: number): Shift {
  const scaled = (values: readonly number[]) => (isRatio ? values.map(Math.log) : values);
  const a = scaled(first);
  const b = scaled(second);
  if (!isPaired) return unpairedShift(a, b, alpha);
  return pairedShift(
    b.map((value, i) => value - (a[i] as number)),
    alpha,
  );
}

function effectOf(
  variant: string,
  sample: Sample,
  level: { readonly alpha: number; readonly step: HolmStep | null },
  blocksMin: number,
): Effect {
  const { metric, first, second, isPaired, isRatio } = sample;
  const n = Math.min(first.length, second.length);
  const { step } = level;
  const atLevel = shiftOf(sample, step?.alpha ?? level.alpha);
  const verdict = judge({ ...atLevel, n }, marginOf(sample), blocksMin);
  // Without an interval at the corrected level the plain one is still worth showing; it decides nothing.
  const shown = atLevel.interval === null ? shiftOf(sample, level.alpha) : atLevel;
  const unscaled = (value: number) => (isRatio ? Math.exp(value) : value);
  const interval = shown.interval;
  return {
    variant,
    metric: metric.path,
    scale: isRatio ? 'ratio' : 'difference',
    estimate: unscaled(shown.estimate),
    interval: interval === null ? null : [unscaled(interval[0]), unscaled(interval[1])],
    confidence: shown.confidence,
    p: step?.adjustedP ?? shown.p,
    n,
    method: isPaired ? 'paired' : 'unpaired',
    ...verdict,
    verdict: wordOf(verdict, metric, shown, atLevel.interval === null),
    cliffsDelta: cliffsDelta(first, second),
  };
}

/** Where there is no ratio the margin is that share of the baseline, or of one for rates. */
function marginOf({ metric, first, isRatio }: Sample): Margin {
  if (isRatio) return ratioMargin(metric.margin);
  const whole = metric.path.startsWith('rates.') ? 1 : Math.abs(median(first));
  return { low: -metric.margin * whole, high: metric.margin * whole };
}

/** Without an interval even for a single metric it is an estimate; with one for that only, it is inconclusive. */
function wordOf(
  verdict: Verdict,
  metric: ComparedMetric,
  shown: Shift,
  isWithoutVerdict: boolean,
): VerdictWord {
  if (shown.interval === null) return 'estimate';
  if (isWithoutVerdict) return 'inconclusive';
  if (verdict.matters) {
    return shown.estimate > 0 === (metric.better === 'higher') ? 'better' : 'worse';
  }
  if (verdict.isEquivalent) return 'equivalent';
  return verdict.isDifferent ? 'different' : 'inconclusive';
}

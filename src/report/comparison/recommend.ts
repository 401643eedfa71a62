import type { ComparedMetric, ComparedVariant, Effect, Recommendation } from './comparison.ts';

/** What the choice is made from. */
interface Candidates {
  readonly baseline: string;
  readonly variants: readonly ComparedVariant[];
  readonly metrics: readonly ComparedMetric[];
  readonly effects: readonly Effect[];
  readonly isEstimateOnly: boolean;
}

/**
 * The setting to take: of the variants on the Pareto front whose runs held every threshold, the one that gains most over
 * the primary metrics together. Only what was shown counts as a gain or a loss; of estimates alone, the estimate.
 */
export function recommend(candidates: Candidates): Recommendation {
  const { variants, baseline, isEstimateOnly } = candidates;
  const holding = variants.filter(({ thresholds }) => thresholds.held === thresholds.of);
  if (holding.length === 0) {
    return { variant: null, sentence: 'No variant held every threshold in every run.' };
  }
  const onFront = holding.filter(({ isOnFront }) => isOnFront);
  const ranked = (onFront.length > 0 ? onFront : holding)
    .map(({ name }) => ({ name, gain: gainOf(name, candidates) }))
    .sort((a, b) => b.gain - a.gain);
  const [best] = ranked;
  const held = holding.some(({ name }) => name === baseline);
  if (best === undefined || (held && best.gain <= 0)) {
    const shown = isEstimateOnly ? 'looks' : 'was shown to be';
    return { variant: baseline, sentence: `Keep ${baseline}: no variant ${shown} better.` };
  }
  const doubt = isEstimateOnly ? ' By estimates from too few blocks: not shown.' : '';
  const thresholds = best.name === baseline ? 'holds the thresholds' : 'gains most';
  return {
    variant: best.name,
    sentence: `${best.name} ${thresholds} over ${primaryNames(candidates)} together.${doubt}`,
  };
}

function primaryNames({ metrics }: Candidates): string {
  const names = metrics.filter(({ isPrimary }) => isPrimary).map(({ name }) => name);
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** Sum of log ratios in the better direction; the baseline's is 0. */
function gainOf(name: string, { metrics, effects, isEstimateOnly }: Candidates): number {
  return effects
    .filter(({ variant, scale }) => variant === name && scale === 'ratio')
    .reduce((sum, effect) => {
      const metric = metrics.find(({ path }) => path === effect.metric);
      const counts = isEstimateOnly || (effect.isDifferent && !effect.isEquivalent);
      if (metric === undefined || !metric.isPrimary || !counts) return sum;
      return sum + Math.log(effect.estimate) * (metric.better === 'higher' ? 1 : -1);
    }, 0);
}

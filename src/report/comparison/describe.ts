/** A comparison in words, alike in the terminal and on the page. Plain text: a renderer escapes it. */
import { formatPercent } from '../../core/units.ts';
import { formatMetric } from '../quantity.ts';
import { plural } from '../view-model.ts';
import type { ComparedMetric, Comparison, Effect, VerdictWord } from './comparison.ts';

/** What a variant comes to over its primary metrics. */
export interface VariantVerdict {
  readonly variant: string;
  readonly tone: 'good' | 'warn' | 'bad' | 'plain';
  readonly word:
    | 'better'
    | 'worse'
    | 'trade-off'
    | 'equivalent'
    | 'different'
    | 'inconclusive'
    | 'estimate only';
  /** `response p99 −31 % [−35 %, −27 %] better, cost of a million records +12 % [+11 %, +13 %] worse`. */
  readonly sentence: string;
  /** Thresholds that did not hold, first of all. */
  readonly failures: string;
}

const TONES: Readonly<Record<VariantVerdict['word'], VariantVerdict['tone']>> = {
  better: 'good',
  worse: 'bad',
  'trade-off': 'warn',
  equivalent: 'plain',
  different: 'warn',
  inconclusive: 'plain',
  'estimate only': 'plain',
};

/** One for each variant but the baseline. */
export function variantVerdicts(comparison: Comparison): VariantVerdict[] {
  return comparison.variants
    .filter(({ name }) => name !== comparison.baseline)
    .map(({ name, thresholds }) => {
      const effects = primaryEffects(comparison, name);
      const word = wordOf(effects.map(({ effect }) => effect.verdict));
      const parts = effects.map(
        ({ metric, effect }) =>
          `${metric.name} ${changeText(effect)}${bracketed(effect)}${spoken(effect)}`,
      );
      const failed = thresholds.of - thresholds.held;
      return {
        variant: name,
        word,
        tone: TONES[word],
        sentence: parts.join(', '),
        failures:
          failed === 0 ? '' : `${failed} of ${plural(thresholds.of, 'threshold check')} broken`,
      };
    });
}

/** The effects of a variant on the primary metrics, in the declared order. */
export function primaryEffects(
  comparison: Comparison,
  variant: string,
): readonly { readonly metric: ComparedMetric; readonly effect: Effect }[] {
  return comparison.metrics
    .filter(({ isPrimary }) => isPrimary)
    .flatMap((metric) =>
      comparison.effects
        .filter((effect) => effect.variant === variant && effect.metric === metric.path)
        .map((effect) => ({ metric, effect })),
    );
}

/** Primary effects that more blocks could settle. */
export function unsettledEffects({ metrics, effects }: Comparison): readonly Effect[] {
  const primary = new Set(metrics.filter(({ isPrimary }) => isPrimary).map(({ path }) => path));
  return effects.filter(({ metric, moreBlocks }) => primary.has(metric) && moreBlocks !== null);
}

function wordOf(verdicts: readonly VerdictWord[]): VariantVerdict['word'] {
  const has = (word: VerdictWord) => verdicts.includes(word);
  if (has('better') && has('worse')) return 'trade-off';
  if (has('better')) return 'better';
  if (has('worse')) return 'worse';
  if (verdicts.length > 0 && verdicts.every((word) => word === 'equivalent')) return 'equivalent';
  if (has('different')) return 'different';
  return verdicts.length > 0 && verdicts.every((word) => word === 'estimate')
    ? 'estimate only'
    : 'inconclusive';
}

function bracketed(effect: Effect): string {
  return effect.interval === null ? '' : ` ${intervalText(effect)}`;
}

/** One verdict goes without saying where all figures are estimates. */
function spoken({ verdict }: Effect): string {
  return verdict === 'estimate' ? '' : ` ${verdict}`;
}

/** `−31 %`, `×4.2`, or a difference in the metric's unit. */
export function changeText(effect: Effect): string {
  return effect.scale === 'ratio'
    ? ratioText(effect.estimate)
    : differenceText(effect.metric, effect.estimate);
}

/** `[−35 %, −27 %]`; `-` where there is none. */
export function intervalText({ scale, interval, metric }: Effect): string {
  if (interval === null) return '-';
  const text = (value: number) =>
    scale === 'ratio' ? ratioText(value) : differenceText(metric, value);
  return `[${text(interval[0])}, ${text(interval[1])}]`;
}

/** From here on a factor says more than a percentage. */
const FACTOR_FROM = 3;

function ratioText(ratio: number): string {
  if (ratio >= FACTOR_FROM) return `×${ratio.toPrecision(3)}`;
  const percent = (ratio - 1) * 100;
  const digits = Math.abs(percent) < 10 ? 1 : 0;
  // A no-break space: a sign of its own on the next line reads badly.
  return `${signed(percent, Math.abs(percent).toFixed(digits))}\u00a0%`;
}

function differenceText(metric: string, difference: number): string {
  return signed(difference, formatMetric(metric, Math.abs(difference)));
}

/** A true minus sign is as wide as the plus. */
function signed(value: number, text: string): string {
  if (/^[0.,\s]*(%|us|ms|s|B|\/s)?$/.test(text)) return `±${text}`;
  return `${value < 0 ? '−' : '+'}${text}`;
}

/** The verdict with what is missing to a better one: `inconclusive, about 6 more blocks needed`. */
export function verdictText(effect: Effect): string {
  const { verdict, moreBlocks, method } = effect;
  const unit = method === 'paired' ? 'block' : 'run';
  if (verdict === 'estimate') return 'estimate only';
  if (verdict === 'different') {
    const more = moreBlocks === null ? '' : `, about ${plural(moreBlocks, `more ${unit}`)} to tell`;
    return `different; whether it matters is open${more}`;
  }
  if (verdict !== 'inconclusive') {
    return effect.isDifferent && verdict === 'equivalent'
      ? 'equivalent (different, but within the margin)'
      : verdict;
  }
  return moreBlocks === null
    ? 'inconclusive: too noisy to settle'
    : `inconclusive, about ${plural(moreBlocks, `more ${unit}`)} needed`;
}

/** How it was done, in one line. */
export function designSentence({
  design,
  variants,
  baseline,
  runs,
  priceListDates,
}: Comparison): string {
  const how = design.isPaired
    ? `${plural(design.blocks, 'block')}, compared in pairs`
    : `${plural(design.blocks, 'run')} or more of each, not paired`;
  const looks =
    design.looks === 1 ? '' : `; two looks, each judged at ${formatPercent(design.alpha)}`;
  const prices = priceListDates.length === 0 ? '' : `; prices of ${priceListDates.join(' and ')}`;
  return `${plural(variants.length, 'variant')}, ${plural(runs.length, 'run')}, ${how}; baseline ${baseline}${looks}${prices}`;
}

/** What makes the whole doubtful, worst first; empty when nothing does. */
export function cautions(comparison: Comparison): string[] {
  const { design, excluded, differences, runs } = comparison;
  const list: string[] = [];
  const noun = plural(design.blocks, design.isPaired ? 'block' : 'run');
  const count = design.isPaired ? noun : `${noun} of each variant`;
  const invalid = runs.filter(({ verdict }) => verdict === 'invalid').length;
  if (design.isForced && invalid > 0) {
    list.push(`${plural(invalid, 'invalid run')} counted because of --force: do not quote this.`);
  }
  const broken = runs.filter(
    ({ verdict, status }) => verdict !== 'invalid' && status !== 'completed',
  );
  if (design.isForced && broken.length > 0) {
    list.push(
      `${plural(broken.length, 'run')} that ended early counted because of --force: their figures are of another length.`,
    );
  }
  for (const { run, reason } of excluded) list.push(`Not counted: ${run}, ${reason}`);
  if (design.isEstimateOnly) {
    list.push(
      `Estimates only: ${count} cannot tell a change from noise; ${design.blocksMin} are needed.`,
    );
  } else if (design.blocks < design.blocksMin) {
    list.push(
      `${count} cannot give a verdict on all primary metrics at once; ${design.blocksMin} are needed.`,
    );
  }
  const suspect = runs.filter(({ verdict }) => verdict === 'suspect').length;
  if (suspect > 0) {
    list.push(
      `${plural(suspect, 'run')} of ${runs.length} ${suspect === 1 ? 'is' : 'are'} suspect: the generator or its machine strained, see the warnings of each run.`,
    );
  }
  const unsteady = runs.filter(({ isSteady }) => isSteady === false).length;
  if (unsteady > 0) {
    list.push(
      `${plural(unsteady, 'run')} of ${runs.length} never settled: no single figure describes them.`,
    );
  }
  const confounded = differences.filter(({ isConfounded }) => isConfounded).length;
  if (confounded > 0) {
    list.push(
      `The variants differ in more than their settings (${confounded} more, see below): what each does cannot be told apart.`,
    );
  }
  return list;
}

/** A difference in one line. */
export function differenceSentence({ what, values }: Comparison['differences'][number]): string {
  return `${what}: ${values.map(({ value, where }) => `${value} (${where})`).join(', ')}`;
}

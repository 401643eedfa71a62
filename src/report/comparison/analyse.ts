/**
 * From runs to a comparison. In: runs, each with its variant and, where known, its block. Out: comparison.json as data.
 * Invariant: an invalid run is never counted unless it is asked for by force, and then the comparison says so.
 */
import { ShardstormError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { ComparedMetric, ComparedRun, Comparison, Design, Effect } from './comparison.ts';
import { differencesOf } from './differences.ts';
import {
  alphaOf,
  blocksForVerdict,
  effectsOf,
  runsForVerdict,
  type Sides,
  sidesOf,
} from './effects.ts';
import type { ComparisonInput, RunInput } from './input.ts';
import { comparedMetrics, metricValue } from './metrics.ts';
import { noiseOf } from './noise.ts';
import { recommend } from './recommend.ts';
import { variantsOf } from './variants.ts';

/** @throws SHARDSTORM_CLI_USAGE when there is nothing to compare */
export function analyse(input: ComparisonInput): Comparison {
  const counted = input.runs.filter((run) => refusalOf(run, input.isForced) === null);
  const groups = groupByVariant(counted);
  const baseline = baselineName(input, groups);
  const byVariant = baselineFirst(groups, baseline);
  const metrics = declaredMetrics(byVariant.get(baseline) ?? []);
  const base = byVariant.get(baseline) ?? [];
  const sides = new Map(
    [...byVariant].flatMap(([name, runs]): [string, Sides][] =>
      name === baseline ? [] : [[name, sidesOf(base, runs)]],
    ),
  );
  const alpha = alphaOf(input.looks);
  const effects = [...sides].flatMap(([name, side]) => effectsOf(name, side, metrics, alpha));
  const variants = variantsOf(byVariant, sides, metrics, input.seed);
  const design = designOf([...sides.values()], effects, metrics, input);
  return {
    schema: 'shardstorm.comparison/1',
    title: input.title,
    createdAt: input.createdAt,
    baseline,
    design,
    differences: differencesOf(counted),
    excluded: input.runs.flatMap((run) => {
      const reason = refusalOf(run, input.isForced);
      return reason === null ? [] : [{ run: run.summary.run.id, variant: run.variant, reason }];
    }),
    metrics,
    variants,
    effects,
    noise: noiseOf([...sides.values()], metrics, effects),
    runs: counted
      .map((run) => runOf(run, metrics))
      .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1)),
    priceListDates: [
      ...new Set(counted.flatMap(({ summary }) => summary.cost?.priceListDate ?? [])),
    ].sort(),
    recommendation: recommend({
      baseline,
      variants,
      metrics,
      effects,
      isEstimateOnly: design.isEstimateOnly,
    }),
  };
}

/** Why a run is not counted; null: it is. */
export function refusalOf(
  { summary }: Pick<RunInput, 'summary'>,
  isForced: boolean,
): string | null {
  if (isForced) return null;
  if (!summary.valid) return `invalid: ${summary.invalidReasons.join(' ')}`;
  return summary.status === 'completed' ? null : `${summary.status} before its end`;
}

function groupByVariant(runs: readonly RunInput[]): ReadonlyMap<string, readonly RunInput[]> {
  const groups = new Map<string, RunInput[]>();
  for (const run of runs) groups.set(run.variant, [...(groups.get(run.variant) ?? []), run]);
  return groups;
}

/** The baseline, then the others as people count: 50ms before 400ms. */
function baselineFirst<T>(groups: ReadonlyMap<string, T>, baseline: string): Map<string, T> {
  const isBase = (name: string) => Number(name === baseline);
  return new Map(
    [...groups].sort(
      ([a], [b]) => isBase(b) - isBase(a) || a.localeCompare(b, 'en', { numeric: true }),
    ),
  );
}

function baselineName(
  { baseline, runs }: ComparisonInput,
  byVariant: ReadonlyMap<string, unknown>,
): string {
  const names = [...byVariant.keys()];
  if (names.length < 2) {
    const message =
      names.length === 0
        ? `none of ${runs.length} runs can be counted`
        : `all runs that can be counted are of the variant "${names[0]}"`;
    throw new ShardstormError('SHARDSTORM_CLI_USAGE', `nothing to compare: ${message}`, {
      hint: 'Compare valid runs of two variants or more; --by says how runs are told apart, --force counts invalid ones.',
    });
  }
  const wanted = baseline ?? names[0] ?? '';
  if (!byVariant.has(wanted)) {
    const choice = didYouMean(wanted, names) || `; the variants are ${names.join(', ')}`;
    const message = `no variant "${wanted}" has a run that can be counted${choice}`;
    throw new ShardstormError('SHARDSTORM_CLI_USAGE', message, {
      hint: 'Name one of them with --baseline.',
    });
  }
  return wanted;
}

/** What the baseline's scenario declares. */
function declaredMetrics(runs: readonly RunInput[]): ComparedMetric[] {
  const { primary, margin } = runs[0]?.scenario ?? {};
  const paths = Array.isArray(primary) ? primary.map(String) : [];
  const margins = typeof margin === 'object' && margin !== null ? Object.entries(margin) : [];
  return comparedMetrics(
    paths,
    Object.fromEntries(
      margins.flatMap(([path, share]) => {
        const number = typeof share === 'string' ? Number.parseFloat(share) / 100 : Number(share);
        return Number.isFinite(number) ? [[path, number]] : [];
      }),
    ),
  );
}

function designOf(
  sides: readonly Sides[],
  effects: readonly Effect[],
  metrics: readonly ComparedMetric[],
  { isForced, looks }: ComparisonInput,
): Design {
  const primary = new Set(metrics.filter(({ isPrimary }) => isPrimary).map(({ path }) => path));
  const judged = effects.filter(({ metric }) => primary.has(metric));
  const isPaired = sides.every((side) => side.isPaired);
  const alpha = alphaOf(looks);
  return {
    isPaired,
    blocks: Math.min(...sides.map((side) => Math.min(side.baseline.length, side.variant.length))),
    blocksMin: (isPaired ? blocksForVerdict : runsForVerdict)(primary.size, alpha),
    isEstimateOnly: judged.every(({ verdict }) => verdict === 'estimate'),
    alpha,
    looks,
    isForced,
  };
}

function runOf(run: RunInput, metrics: readonly ComparedMetric[]): ComparedRun {
  const { summary } = run;
  const { generator } = summary;
  return {
    id: summary.run.id,
    folder: run.folder,
    variant: run.variant,
    block: run.block?.number ?? null,
    startedAt: summary.run.startedAt,
    verdict: summary.verdict,
    status: summary.status,
    warnings: summary.warnings.length,
    thresholdsHeld: summary.thresholds.every(({ held }) => held),
    isSteady: summary.steadyState?.reached ?? null,
    latenessP99Us: summary.latency.lateness.p99,
    eventLoopDelayP99Us: generator.eventLoopDelayP99Us,
    cpuSeconds: generator.cpuSeconds,
    gcMs: generator.gcMs,
    values: Object.fromEntries(metrics.map(({ path }) => [path, metricValue(summary, path)])),
  };
}

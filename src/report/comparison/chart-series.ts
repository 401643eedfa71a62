/** Charts of a comparison as columns of numbers. In: the comparison and its runs. Out: what the page's program draws. */
import type { ChartData, HeatData, Series } from '../html/chart-data.ts';
import { chartData, heatOf } from '../html/chart-series.ts';
import { shardName } from '../quantity.ts';
import type { Band, ComparisonData, ForestPanel, LoadPanel, ParetoPoint } from './chart-data.ts';
import type { ComparedVariant, Comparison } from './comparison.ts';
import { changeText, intervalText } from './describe.ts';
import type { RunInput } from './input.ts';

/** More variants than this are told in tables only. */
export const VARIANTS_DRAWN_MAX = 24;
/** Shards a variant; the hottest are drawn. */
const SHARDS_DRAWN_MAX = 40;
/** Shards and cells of a variant's map over time: with many variants a page would grow large otherwise. */
const HEAT_SHARDS_MAX = 16;
const HEAT_COLUMNS_MAX = 48;
const POINTS_MAX = 90;
const RUNS_DRAWN_MAX = 12;

/** The charts of a comparison. @param runs those that count */
export function comparisonData(comparison: Comparison, runs: readonly RunInput[]): ComparisonData {
  const variants = drawnVariants(comparison);
  return {
    variants: variants.map(({ name }) => name),
    forest: forestOf(comparison),
    pareto: variants.flatMap(paretoOf),
    load: variants.map(({ name }) =>
      loadOf(
        name,
        runs.filter(({ variant }) => variant === name),
      ),
    ),
    percentiles: variants.map(({ name, percentiles }) => ({
      variant: name,
      points: percentiles.map(({ percentile, us, low, high }) => ({
        beyond: round(100 / (100 - percentile)),
        ...milliseconds(us, low, high),
      })),
    })),
    shifts: variants
      .filter(({ shifts }) => shifts.length > 0)
      .map(({ name, shifts }) => ({
        variant: name,
        points: shifts.map(({ percentile, us, low, high }) => ({
          percentile,
          ...milliseconds(us, low, high),
        })),
      })),
    ...compositionOf(variants),
    shards: shardsOf(variants),
    heat: heatPanels(variants, runs),
    cost: variants.flatMap(({ name, medians }) => {
      const usd = medians['cost.perMillionRecordsUsd'];
      return typeof usd === 'number' ? [{ variant: name, usd }] : [];
    }),
    runs: comparison.runs.map((run, i) => ({
      order: i + 1,
      variant: run.variant,
      block: run.block === null ? '' : String(run.block),
      p99Ms: inMs(run.values['latency.response.p99'] ?? null),
      latenessMs: inMs(run.latenessP99Us),
    })),
  };
}

/** Those that charts show, in the comparison's order: the baseline first. */
export function drawnVariants({ variants }: Comparison): readonly ComparedVariant[] {
  return variants.slice(0, VARIANTS_DRAWN_MAX);
}

function round(value: number): number {
  return Number(value.toPrecision(5));
}

function inMs(us: number | null): number | null {
  return us === null ? null : round(us / 1000);
}

function milliseconds(us: number, low: number, high: number): Omit<Band<'x'>, 'x'> {
  return { ms: round(us / 1000), low: round(low / 1000), high: round(high / 1000) };
}

function forestOf(comparison: Comparison): ForestPanel[] {
  const names = drawnVariants(comparison).map(({ name }) => name);
  return comparison.metrics
    .filter(({ isPrimary }) => isPrimary)
    .flatMap(({ path, name, margin, better }) => {
      const effects = names.flatMap((variant) =>
        comparison.effects.filter((effect) => effect.metric === path && effect.variant === variant),
      );
      const isRatio = effects.every(({ scale }) => scale === 'ratio');
      const drawn = effects.filter(({ scale }) => (scale === 'ratio') === isRatio);
      if (drawn.length === 0) return [];
      return [
        {
          metric: name,
          isRatio,
          better,
          margin: isRatio
            ? ([1 / (1 + margin), 1 + margin] as const)
            : ([-margin, margin] as const),
          rows: drawn.map((effect) => ({
            variant: effect.variant,
            estimate: effect.estimate,
            low: effect.interval?.[0] ?? null,
            high: effect.interval?.[1] ?? null,
            verdict: effect.verdict,
            text: `${changeText(effect)} ${intervalText(effect)}`,
          })),
        },
      ];
    });
}

function paretoOf({ name, medians, isOnFront }: ComparedVariant): ParetoPoint[] {
  const usd = medians['cost.perMillionRecordsUsd'];
  const p99 = medians['latency.response.p99'];
  const perCpuSecond = medians['generator.userRecordsPerCpuSecond'];
  if (typeof usd !== 'number' || typeof p99 !== 'number') return [];
  const cpuSeconds = typeof perCpuSecond === 'number' && perCpuSecond > 0 ? 1e6 / perCpuSecond : 0;
  return [
    {
      variant: name,
      usd: round(usd),
      p99Ms: round(p99 / 1000),
      cpuSeconds: round(cpuSeconds),
      isOnFront,
    },
  ];
}

function loadOf(variant: string, runs: readonly RunInput[]): LoadPanel {
  const charts = runs.map(({ summary, timeline }) => chartData(summary, timeline, []));
  const longest = charts.reduce<ChartData | undefined>(
    (best, chart) =>
      best === undefined || chart.atSeconds.length > best.atSeconds.length ? chart : best,
    undefined,
  );
  const step = Math.max(1, Math.ceil((longest?.atSeconds.length ?? 0) / POINTS_MAX));
  const mean = (read: (chart: ChartData) => Series) => thin(meanSeries(charts.map(read)), step);
  const sum = (...parts: readonly Series[]): Series =>
    (parts[0] ?? []).map((_, i) => parts.reduce((total, part) => total + (part[i] ?? 0), 0));
  return {
    variant,
    atSeconds: (longest?.atSeconds ?? []).filter((_, i) => i % step === 0),
    pointSeconds: (longest?.pointSeconds ?? 1) * step,
    offered: mean(({ load }) => load.offered),
    sent: mean(({ load }) => load.sent),
    accepted: mean(({ load }) => load.accepted),
    lost: mean(({ load }) => sum(load.failed, load.expired, load.dropped)),
    attempts: mean(({ attempts }) => sum(...Object.values(attempts))),
    throttled: mean(({ attempts }) => attempts.throttled),
    refused: mean(({ attempts: { internalFailure, wrongShard, requestError, unknown } }) =>
      sum(internalFailure, wrongShard, requestError, unknown),
    ),
    runs: charts.slice(0, RUNS_DRAWN_MAX).map(({ load }) => thin(load.accepted, step)),
  };
}

function meanSeries(series: readonly Series[]): Series {
  const length = Math.max(0, ...series.map((one) => one.length));
  return Array.from({ length }, (_, i) => {
    const values = series.map((one) => one[i]).filter((value) => typeof value === 'number');
    return values.length === 0
      ? null
      : values.reduce((total, value) => total + value, 0) / values.length;
  });
}

/** Every `step` points as one: their mean, since all series are rates. */
function thin(series: Series, step: number): Series {
  return Array.from({ length: Math.ceil(series.length / step) }, (_, i) => {
    const values = series
      .slice(i * step, (i + 1) * step)
      .filter((value) => typeof value === 'number');
    return values.length === 0
      ? null
      : round(values.reduce((total, value) => total + value, 0) / values.length);
  });
}

function compositionOf(
  variants: readonly ComparedVariant[],
): Pick<ComparisonData, 'parts' | 'batches' | 'closed'> {
  return {
    parts: variants.flatMap(({ name, parts }) =>
      Object.entries(parts).map(([part, us]) => ({ variant: name, part, ms: round(us / 1000) })),
    ),
    batches: variants.map(({ name, batches: { userRecordsPerRecord, recordsPerRequest } }) => ({
      variant: name,
      userRecordsPerRecord: round(userRecordsPerRecord),
      recordsPerRequest: round(recordsPerRequest),
    })),
    closed: variants.flatMap(({ name, batches }) =>
      Object.entries(batches.closedBy).map(([reason, share]) => ({
        variant: name,
        reason,
        share: round(share),
      })),
    ),
  };
}

/** Ids of the shards that got hottest in any variant, hottest first. */
function hottestShards(variants: readonly ComparedVariant[]): string[] {
  const hottest = new Map<string, number>();
  for (const { shards } of variants) {
    for (const { id, utilisation } of shards) {
      hottest.set(id, Math.max(hottest.get(id) ?? 0, utilisation));
    }
  }
  return [...hottest].sort(([, a], [, b]) => b - a).map(([id]) => id);
}

/** The same shards in every panel, so that variants can be held against each other. */
function heatPanels(
  variants: readonly ComparedVariant[],
  runs: readonly RunInput[],
): ComparisonData['heat'] {
  const ids = hottestShards(variants);
  const drawn = ids.slice(0, HEAT_SHARDS_MAX).map((id) => ({ id }));
  if (drawn.length === 0) return [];
  return variants.flatMap(({ name }) => {
    const maps = runs
      .filter(({ variant }) => variant === name)
      .map(({ timeline }) => heatOf(ids.length, drawn, timeline, HEAT_COLUMNS_MAX));
    const [first] = maps;
    if (first === undefined) return [];
    const mean = (shard: number, read: (row: HeatData['shards'][number]) => Series) =>
      thin(
        meanSeries(maps.flatMap(({ shards }) => (shards[shard] ? [read(shards[shard])] : []))),
        1,
      );
    const shards = first.shards.map(({ name: shard }, i) => ({
      name: shard,
      share: mean(i, ({ share }) => share),
      throttled: mean(i, ({ throttled }) => throttled),
    }));
    const columns = Math.max(...maps.map((map) => map.columns));
    return [{ ...first, variant: name, columns, shards }];
  });
}

function shardsOf(variants: readonly ComparedVariant[]): ComparisonData['shards'] {
  const drawn = new Set(hottestShards(variants).slice(0, SHARDS_DRAWN_MAX));
  return variants.flatMap(({ name, shards }) =>
    shards
      .filter(({ id }) => drawn.has(id))
      .map(({ id, utilisation, throttled }) => ({
        variant: name,
        shard: shardName(id),
        utilisation: round(utilisation),
        throttled: round(throttled),
      })),
  );
}

/** What each variant came to over its runs: medians, percentiles with bands, parts, batches, shards. */
import { samplesNeeded } from '../../results/latency-summary.ts';
import {
  type Banded,
  bootstrapPercentiles,
  bootstrapShifts,
  type Histogram,
} from '../../statistics/bootstrap.ts';
import { median } from '../../statistics/order-statistics.ts';
import { paretoFront } from '../../statistics/pareto.ts';
import type { BandedPercentile, ComparedMetric, ComparedVariant } from './comparison.ts';
import { variantSettings } from './differences.ts';
import { ALPHA, type Sides } from './effects.ts';
import type { RunInput } from './input.ts';
import { metricValue } from './metrics.ts';

const DRAWS = 4000;
/** 5 % steps, then the tail on the axis of rarity. */
const PERCENTILES = [
  ...Array.from({ length: 19 }, (_, i) => (i + 1) * 5),
  97.5,
  99,
  99.5,
  99.9,
  99.95,
  99.99,
];
/** Better is less: what a setting costs, how late it is, how hard it works. */
const FRONT_METRICS = ['cost.perMillionRecordsUsd', 'latency.response.p99'] as const;

/**
 * One for each variant.
 * @param sides of each variant but the baseline
 * @param seed of the bootstrap
 */
export function variantsOf(
  byVariant: ReadonlyMap<string, readonly RunInput[]>,
  sides: ReadonlyMap<string, Sides>,
  metrics: readonly ComparedMetric[],
  seed: number,
): ComparedVariant[] {
  const settings = variantSettings([...byVariant.values()].flat());
  const front = frontOf([...byVariant.values()]);
  return [...byVariant].map(([name, runs], i) => {
    const side = sides.get(name);
    const outcomes = runs.flatMap(({ summary }) => summary.thresholds);
    return {
      name,
      runs: runs.length,
      settings: settings.get(name) ?? {},
      medians: Object.fromEntries(metrics.map(({ path }) => [path, medianOf(runs, path)])),
      thresholds: { held: outcomes.filter(({ held }) => held).length, of: outcomes.length },
      isOnFront: front[i] ?? false,
      percentiles: percentilesOf(runs, seed),
      shifts: side === undefined ? [] : shiftsOf(side, seed),
      parts: partsOf(runs),
      batches: batchesOf(runs),
      shards: shardsOf(runs),
    };
  });
}

function medianOf(runs: readonly RunInput[], path: string): number | null {
  const values = runs
    .map(({ summary }) => metricValue(summary, path))
    .filter((value) => value !== null);
  return values.length === 0 ? null : median(values);
}

function frontOf(variants: readonly (readonly RunInput[])[]): boolean[] {
  const points = variants.map((runs) => [
    // Without a price (a null target) cost is the same for all.
    ...FRONT_METRICS.map((path) => medianOf(runs, path) ?? 0),
    -(medianOf(runs, 'generator.userRecordsPerCpuSecond') ?? 0),
  ]);
  return paretoFront(points);
}

function isHistogram(histogram: Histogram | null): histogram is Histogram {
  return histogram !== null && histogram.counts.length > 0;
}

function countOf({ counts }: Histogram): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i] as number;
  return sum;
}

/** Percentiles that a sample of that size supports. */
function supported(histograms: readonly Histogram[]): number[] {
  const count = histograms.reduce((sum, histogram) => sum + countOf(histogram), 0);
  return PERCENTILES.filter((percentile) => samplesNeeded(percentile, count) === 0);
}

function percentilesOf(runs: readonly RunInput[], seed: number): BandedPercentile[] {
  const histograms = runs.map(({ response }) => response).filter(isHistogram);
  const percentiles = supported(histograms);
  if (percentiles.length === 0) return [];
  const bands = bootstrapPercentiles(histograms, bootstrapOptions(percentiles, seed));
  return named(percentiles, bands);
}

function shiftsOf({ baseline, variant, isPaired }: Sides, seed: number): BandedPercentile[] {
  const first = baseline.map(({ response }) => response).filter(isHistogram);
  const second = variant.map(({ response }) => response).filter(isHistogram);
  const before = supported(first);
  const percentiles = supported(second).filter((percentile) => before.includes(percentile));
  if (percentiles.length === 0) return [];
  const stillPaired = isPaired && first.length === second.length;
  const options = bootstrapOptions(percentiles, seed);
  return named(percentiles, bootstrapShifts(first, second, stillPaired, options));
}

function bootstrapOptions(percentiles: readonly number[], seed: number) {
  const ranks = percentiles.map((percentile) => percentile / 100);
  return { ranks, alpha: ALPHA, draws: DRAWS, seed };
}

function named(percentiles: readonly number[], bands: readonly Banded[]): BandedPercentile[] {
  return bands.map(({ value, low, high }, i) => ({
    percentile: percentiles[i] ?? 0,
    us: value,
    low,
    high,
  }));
}

function meanOver(runs: readonly RunInput[], read: (run: RunInput) => number): number {
  return runs.reduce((sum, run) => sum + read(run), 0) / Math.max(1, runs.length);
}

function partsOf(runs: readonly RunInput[]): ComparedVariant['parts'] {
  const mean = (part: keyof ComparedVariant['parts']) =>
    meanOver(runs, ({ summary }) => summary.latency[part].mean ?? 0);
  return {
    lateness: mean('lateness'),
    buffering: mean('buffering'),
    retry: mean('retry'),
    service: mean('service'),
  };
}

function batchesOf(runs: readonly RunInput[]): ComparedVariant['batches'] {
  const share = (reason: 'size' | 'time' | 'count' | 'flush') =>
    meanOver(runs, ({ summary }) => {
      const { closedBy } = summary.kinesisRecords;
      const all = closedBy.size + closedBy.time + closedBy.count + closedBy.flush;
      return all === 0 ? 0 : closedBy[reason] / all;
    });
  return {
    userRecordsPerRecord: meanOver(runs, (run) => run.summary.kinesisRecords.userRecordsPerRecord),
    recordsPerRequest: meanOver(runs, (run) => run.summary.requests.recordsPerRequest),
    closedBy: {
      size: share('size'),
      time: share('time'),
      count: share('count'),
      flush: share('flush'),
    },
  };
}

function shardsOf(runs: readonly RunInput[]): ComparedVariant['shards'] {
  const ids = new Set(runs.flatMap(({ summary }) => summary.shards.map(({ id }) => id)));
  const of = (run: RunInput, id: string) => run.summary.shards.find((shard) => shard.id === id);
  return [...ids].sort().map((id) => ({
    id,
    utilisation: meanOver(runs, (run) => of(run, id)?.utilisation ?? 0),
    throttled: meanOver(runs, (run) => of(run, id)?.throttled ?? 0),
  }));
}

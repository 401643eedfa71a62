/** What a gate is asked to judge. In: a word of the command line and flags. Out: series of runs, metrics with margins. */
import { didYouMean } from '../core/nearest.ts';
import { parsePercent } from '../core/units.ts';
import { fullMetricPath, MEASURE_PATHS, metricNames, RUN_PATHS } from '../kinesis/metric-paths.ts';
import type { ComparedMetric } from '../report/comparison/comparison.ts';
import type { RunInput } from '../report/comparison/input.ts';
import { comparedMetrics } from '../report/comparison/metrics.ts';
import type { Arguments } from './command.ts';
import { readRuns, SWEEP_TAGS } from './compare-inputs.ts';
import { usageError } from './errors.ts';
import { text, texts } from './flags.ts';

/** Tonight's runs of one variant. */
export interface GatedSeries {
  /** The variant of a sweep; else the run's name. */
  readonly name: string;
  readonly valid: readonly RunInput[];
  readonly invalid: readonly RunInput[];
}

/** @throws SHARDSTORM_CLI_USAGE, SHARDSTORM_RESULTS_UNREADABLE */
export function readSeries(word: string): GatedSeries[] {
  const runs = readRuns([word], 'auto');
  const names = runs.map(({ summary: { run } }) => run.tags[SWEEP_TAGS.variant] ?? run.name);
  const sweeps = new Set(runs.map(({ block }) => block?.sweep ?? null));
  if (runs.length > 1 && (sweeps.size > 1 || sweeps.has(null))) {
    throw usageError(
      `${word} holds ${runs.length} runs that are not of one sweep`,
      'A night is one run, or one sweep: name that folder.',
    );
  }
  return [...new Set(names)].map((name) => {
    const own = runs.filter((_, i) => names[i] === name);
    const isValid = ({ summary }: RunInput) => summary.valid && summary.status === 'completed';
    return { name, valid: own.filter(isValid), invalid: own.filter((run) => !isValid(run)) };
  });
}

const KNOWN = { ...MEASURE_PATHS, ...RUN_PATHS };

/** --metric, or what the scenario declares as primary, or what a comparison would take. @throws SHARDSTORM_CLI_USAGE */
export function gatedMetrics(
  args: Arguments,
  scenario: Readonly<Record<string, unknown>>,
): ComparedMetric[] {
  const { primary, margin } = scenario;
  const given = texts(args, 'metric')?.map((name) => metricPath(name, '--metric'));
  const declared = given ?? (Array.isArray(primary) ? primary.map(String) : []);
  const stored = typeof margin === 'object' && margin !== null ? Object.entries(margin) : [];
  const margins = new Map<string, number>();
  for (const [path, share] of stored) margins.set(path, shareOf(String(share), 'margin'));
  let forAll: number | null = null;
  for (const word of texts(args, 'margin') ?? []) {
    const at = word.lastIndexOf('=');
    if (at < 0) forAll = shareOf(word, '--margin');
    else
      margins.set(
        metricPath(word.slice(0, at), '--margin'),
        shareOf(word.slice(at + 1), '--margin'),
      );
  }
  return comparedMetrics(declared, Object.fromEntries(margins))
    .filter(({ isPrimary }) => isPrimary)
    .map((metric) =>
      forAll === null || margins.has(metric.path) ? metric : { ...metric, margin: forAll },
    );
}

function metricPath(name: string, flag: string): string {
  const path = fullMetricPath(name, KNOWN);
  if (path !== null) return path;
  throw usageError(
    `${flag} ${name}: no such metric${didYouMean(name, metricNames(KNOWN))}`,
    'A metric is a path in summary.json, such as response.p99 or acceptedPerSecond.',
  );
}

function shareOf(word: string, flag: string): number {
  const share = word.endsWith('%') ? parsePercent(word) : Number(word);
  if (share !== null && Number.isFinite(share) && share > 0 && share < 1) return share;
  throw usageError(`${flag} ${word} is no share between 0 and 100 %`, 'Such as --margin 5%.');
}

/** --confirm. @param least fewest that can prove anything */
export function confirmCount(args: Arguments, least: number): number {
  const word = text(args, 'confirm') ?? '8';
  const count = Number(word);
  if (Number.isInteger(count) && count <= 100 && (count === 0 || count >= least)) return count;
  throw usageError(
    `--confirm ${word} is not allowed; expected 0, or a whole number from ${least} to 100`,
    `Fewer than ${least} prove nothing; 0 never measures again.`,
  );
}

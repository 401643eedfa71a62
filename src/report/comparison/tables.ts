/** The comparison's tables that stand for themselves: all effects, settings, differences, runs. */
import { formatDurationUs, formatPercent } from '../../core/units.ts';
import type { Table } from '../html/table.ts';
import { formatMetric } from '../quantity.ts';
import { timeOrDash } from '../view-model.ts';
import type { Comparison } from './comparison.ts';
import { changeText, intervalText, verdictText } from './describe.ts';

const RUN_ROWS_MAX = 300;

/** Every metric of every variant beside its baseline. */
export function effectTable(comparison: Comparison): Table {
  const medians = new Map(comparison.variants.map(({ name, medians: held }) => [name, held]));
  const metrics = new Map(comparison.metrics.map((metric) => [metric.path, metric]));
  const value = (variant: string, path: string) => {
    const held = medians.get(variant)?.[path];
    return typeof held === 'number' ? formatMetric(path, held) : '-';
  };
  return {
    caption:
      'Primary metrics in bold. The others are exploratory: judged one by one, without correction, so that of many some differ by chance.',
    heads: ['variant', 'metric', 'change', 'interval', 'verdict', 'baseline', 'this', 'Cliff’s δ'],
    words: [1, 4],
    rows: comparison.effects.map((effect) => {
      const metric = metrics.get(effect.metric);
      return {
        cells: [
          effect.variant,
          metric?.name ?? effect.metric,
          changeText(effect),
          intervalText(effect),
          verdictText(effect),
          value(comparison.baseline, effect.metric),
          value(effect.variant, effect.metric),
          effect.cliffsDelta.toFixed(2).replace('-', '−'),
        ],
        ...(metric?.isPrimary === true ? { kind: 'total' as const } : {}),
      };
    }),
  };
}

/** Settings that are not alike in all variants. */
export function settingTable({ variants }: Comparison): Table {
  const paths = [...new Set(variants.flatMap(({ settings }) => Object.keys(settings)))].sort();
  return {
    caption:
      paths.length === 0
        ? 'All variants have the same settings.'
        : 'Everything else is alike in all variants.',
    heads: ['setting', ...variants.map(({ name }) => name)],
    rows: paths.map((path) => ({
      cells: [path, ...variants.map(({ settings }) => settings[path] ?? '-')],
    })),
  };
}

/** What differs beside the settings. */
export function differenceTable({ differences }: Comparison): Table {
  return {
    caption: 'Confounded: it goes along with the variants, so their effects cannot be told apart.',
    heads: ['what', 'kind', 'values', 'confounded'],
    words: [1, 2, 3],
    rows: differences.map(({ kind, what, values, isConfounded }) => ({
      cells: [
        what,
        kind,
        values.map(({ value, where }) => `${value} (${where})`).join('; '),
        isConfounded ? 'yes' : 'no',
      ],
    })),
  };
}

/** What runs of the same setting differ by, beside the margin that was declared. */
export function noiseTable({ noise, metrics, design }: Comparison): Table {
  const unit = design.isPaired ? 'blocks' : 'runs';
  return {
    caption:
      'An interval wider than the margin can show neither “equivalent” nor, near the margin, “matters”: take more blocks, or a margin that this machine can resolve.',
    heads: [
      'metric',
      'noise from run to run',
      `interval at ${design.blocks} ${unit}`,
      'margin',
      'resolved',
    ],
    names: [4],
    rows: noise.map(({ metric, sd, halfWidth }) => {
      const declared = metrics.find(({ path }) => path === metric);
      const margin = declared?.margin ?? 0;
      return {
        cells: [
          declared?.name ?? metric,
          `±${formatPercent(sd)}`,
          halfWidth === null ? '-' : `±${formatPercent(Math.expm1(halfWidth))}`,
          `±${formatPercent(margin)}`,
          halfWidth === null ? '-' : Math.expm1(halfWidth) < margin ? 'yes' : 'NO',
        ],
      };
    }),
  };
}

/** Could each run be trusted? */
export function runTable({ runs }: Comparison): Table {
  return {
    caption:
      runs.length > RUN_ROWS_MAX
        ? `The first ${RUN_ROWS_MAX} of ${runs.length} runs; comparison.json has all.`
        : 'In the order in which they were made.',
    heads: [
      'variant',
      'block',
      'verdict',
      'thresholds',
      'settled',
      'lateness p99',
      'event loop p99',
      'GC',
      'CPU-seconds',
      'warnings',
      'run',
    ],
    names: [2, 3, 4, 10],
    rows: runs.slice(0, RUN_ROWS_MAX).map((run) => ({
      cells: [
        run.variant,
        run.block === null ? '-' : String(run.block),
        run.verdict,
        run.thresholdsHeld ? 'held' : 'BROKEN',
        run.isSteady === null ? '-' : run.isSteady ? 'yes' : 'NO',
        timeOrDash(run.latenessP99Us),
        formatDurationUs(run.eventLoopDelayP99Us),
        formatDurationUs(run.gcMs * 1000),
        run.cpuSeconds.toFixed(1),
        String(run.warnings),
        run.id,
      ],
    })),
  };
}

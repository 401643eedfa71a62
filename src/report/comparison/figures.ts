/** The comparison's charts in words: title, what to see, and the table that holds the same figures. */
import { formatPercent } from '../../core/units.ts';
import type { Figure } from '../html/figures.ts';
import { formatNumber, formatUsd } from '../quantity.ts';
import type { ComparisonData } from './chart-data.ts';
import type { Comparison } from './comparison.ts';
import { changeText, intervalText, primaryEffects, verdictText } from './describe.ts';

/** Rows of a table over time; comparison.json and timeline.jsonl have them all. */
const TIME_ROWS_MAX = 30;

export function forestFigure(comparison: Comparison): Figure {
  const { design, baseline } = comparison;
  const level = `${Math.round(design.alpha * 100)} %`;
  return {
    chart: 'forest',
    title: 'What each variant changes',
    caption: `Each primary metric against ${baseline}: a dot is the estimate, a line its interval (at the level that Holm’s correction leaves it: the chance that any unchanged metric of a variant is called different stays at ${level}), the band what would not matter. A line wholly outside the band matters; wholly inside is equivalent; one that leaves out the middle is different.`,
    table: {
      caption: '',
      heads: ['variant', 'metric', 'change', 'interval', 'verdict', 'p (Holm)', 'n'],
      words: [1, 4],
      rows: comparison.variants.flatMap(({ name }) =>
        primaryEffects(comparison, name).map(({ metric, effect }) => ({
          cells: [
            name,
            metric.name,
            changeText(effect),
            intervalText(effect),
            verdictText(effect),
            effect.p.toFixed(4),
            String(effect.n),
          ],
        })),
      ),
    },
  };
}

export function paretoFigure(data: ComparisonData): Figure {
  return {
    chart: 'pareto',
    title: 'Cost, response time and CPU',
    caption:
      'Down and left is better; a smaller circle needs less CPU. Filled circles are on the front: nothing else is better in all three.',
    table: {
      caption: '',
      heads: ['variant', 'cost of a million records', 'p99 ms', 'CPU-seconds a million', 'front'],
      words: [4],
      rows: data.pareto.map(({ variant, usd, p99Ms, cpuSeconds, isOnFront }) => ({
        cells: [
          variant,
          formatUsd(usd),
          formatNumber(p99Ms),
          formatNumber(cpuSeconds),
          isOnFront ? 'yes' : 'no',
        ],
      })),
    },
  };
}

export function costFigure(data: ComparisonData): Figure {
  return {
    chart: 'cost',
    title: 'Cost of a million records',
    caption: 'By the list prices of the run’s date, for writing only; median over runs.',
    table: {
      caption: '',
      heads: ['variant', 'USD'],
      rows: data.cost.map(({ variant, usd }) => ({ cells: [variant, formatUsd(usd)] })),
    },
  };
}

export function throughputFigure(data: ComparisonData): Figure {
  return {
    chart: 'throughput',
    title: 'Offered, sent, accepted and lost',
    caption:
      'User records a second, all panels on one scale: dashed what was offered, dotted what first left then, filled what was accepted (mean over runs; thin lines: each run), stacked on top what failed, expired or was dropped.',
    table: loadTable(data, [
      ['offered/s', ({ offered }) => offered],
      ['sent/s', ({ sent }) => sent],
      ['accepted/s', ({ accepted }) => accepted],
      ['lost/s', ({ lost }) => lost],
    ]),
  };
}

export function refusalsFigure(data: ComparisonData): Figure {
  return {
    chart: 'refusals',
    title: 'Attempts and refusals',
    caption:
      'Tries a second to write a Kinesis record: dashed all that were sent, retries included; filled those that were throttled, or refused for another reason, and tried again. Mean over runs.',
    table: loadTable(data, [
      ['attempts/s', ({ attempts }) => attempts],
      ['throttled/s', ({ throttled }) => throttled],
      ['other refusals/s', ({ refused }) => refused],
    ]),
  };
}

type LoadColumn = readonly [
  head: string,
  read: (panel: ComparisonData['load'][number]) => readonly (number | null)[],
];

function loadTable(data: ComparisonData, columns: readonly LoadColumn[]): Figure['table'] {
  return {
    caption: 'Some of the points; each variant’s runs together.',
    heads: ['variant', 'second', ...columns.map(([head]) => head)],
    rows: data.load.flatMap((panel) => {
      const step = Math.max(1, Math.ceil(panel.atSeconds.length / TIME_ROWS_MAX));
      return panel.atSeconds.flatMap((at, i) => {
        if (i % step !== 0) return [];
        const values = columns.map(([, read]) => read(panel)[i]);
        const cells = values.map((value) =>
          typeof value === 'number' ? formatNumber(value) : '-',
        );
        return [{ cells: [panel.variant, formatNumber(at), ...cells] }];
      });
    }),
  };
}

export function percentilesFigure(data: ComparisonData): Figure {
  return {
    chart: 'percentiles',
    title: 'Percentile curves',
    caption:
      'Response times of all runs’ records together; the band is what other runs would give (bootstrap over runs). Each step to the right is ten times rarer.',
    table: {
      caption: '',
      heads: ['variant', 'percentile', 'ms', 'from', 'to'],
      rows: data.percentiles.flatMap(({ variant, points }) =>
        points.map(({ beyond, ms, low, high }) => ({
          cells: [
            variant,
            `${formatNumber(100 * (1 - 1 / beyond))} %`,
            ...[ms, low, high].map(formatNumber),
          ],
        })),
      ),
    },
  };
}

export function shiftFigure(data: ComparisonData, baseline: string): Figure {
  return {
    chart: 'shift',
    title: 'Which part of the distribution moved',
    caption: `How many milliseconds each percentile lies above ${baseline} (below zero: faster), with its band; every panel has its own scale. A level line moves everything alike; one that bends at the right changes the tail.`,
    table: {
      caption: '',
      heads: ['variant', 'percentile', 'shift ms', 'from', 'to'],
      rows: data.shifts.flatMap(({ variant, points }) =>
        points.map(({ percentile, ms, low, high }) => ({
          cells: [variant, `${percentile} %`, ...[ms, low, high].map(formatNumber)],
        })),
      ),
    },
  };
}

export function partsFigure(data: ComparisonData): Figure {
  return {
    chart: 'variantParts',
    title: 'Where the mean response time goes',
    caption:
      'Lateness is the generator’s, buffering is the batching’s, retry is the price of refusals, service is the target’s.',
    table: {
      caption: '',
      heads: ['variant', 'part', 'mean ms'],
      words: [1],
      rows: data.parts.map(({ variant, part, ms }) => ({
        cells: [variant, part, formatNumber(ms)],
      })),
    },
  };
}

export function shardsFigure(data: ComparisonData): Figure {
  return {
    chart: 'shards',
    title: 'Shard heat',
    caption:
      'The share of its limit (bytes or records, whichever is nearer) that each shard used on average; behind it, where there were any, the attempts throttled in a run.',
    table: {
      caption: '',
      heads: ['variant', 'shard', 'of limit', 'throttled a run'],
      words: [1],
      rows: data.shards.map(({ variant, shard, utilisation, throttled }) => ({
        cells: [variant, shard, formatPercent(utilisation), formatNumber(throttled)],
      })),
    },
  };
}

export function heatPanelsFigure(data: ComparisonData): Figure {
  const hidden = data.heat[0]?.hidden ?? 0;
  const rest = hidden === 0 ? '' : ` The hottest shards; ${hidden} cooler ones are not drawn.`;
  return {
    chart: 'heatPanels',
    title: 'Shard heat over time',
    caption: `The busiest second of each cell as a share of the shard’s limit, mean over the variant’s runs; a stripe marks throttling.${rest}`,
    table: {
      caption: '',
      heads: ['variant', 'shard', 'mean share', 'highest share', 'throttled a run'],
      words: [1],
      rows: data.heat.flatMap(({ variant, shards }) =>
        shards.map(({ name, share, throttled }) => {
          const known = share.filter((value) => value !== null);
          const sum = (values: readonly (number | null)[]) =>
            values.reduce<number>((total, value) => total + (value ?? 0), 0);
          return {
            cells: [
              variant,
              name,
              formatPercent(sum(known) / Math.max(1, known.length)),
              formatPercent(Math.max(0, ...known)),
              formatNumber(sum(throttled)),
            ],
          };
        }),
      ),
    },
  };
}

export function batchesFigure(data: ComparisonData): Figure {
  return {
    chart: 'batches',
    title: 'How full batches were',
    caption:
      'User records a Kinesis record, and Kinesis records a PutRecords call: more means fewer billed records and calls.',
    table: {
      caption: '',
      heads: ['variant', 'user records a Kinesis record', 'Kinesis records a request'],
      rows: data.batches.map(({ variant, userRecordsPerRecord, recordsPerRequest }) => ({
        cells: [variant, formatNumber(userRecordsPerRecord), formatNumber(recordsPerRequest)],
      })),
    },
  };
}

export function closedFigure(data: ComparisonData): Figure {
  return {
    chart: 'variantClosed',
    title: 'Why Kinesis records were closed',
    caption:
      'Closed by time means the load was too thin to fill a record within its buffering time.',
    table: {
      caption: '',
      heads: ['variant', 'reason', 'share'],
      words: [1],
      rows: data.closed.map(({ variant, reason, share }) => ({
        cells: [variant, reason, formatPercent(share)],
      })),
    },
  };
}

export function runsFigure(data: ComparisonData): Figure {
  return {
    chart: 'runOrder',
    title: 'Runs in the order they were made',
    caption:
      'Response p99 of each run. Points that climb or fall together show drift of the machine or the target; blocks take it out of the comparison.',
    table: {
      caption: '',
      heads: ['order', 'variant', 'block', 'p99 ms', 'lateness p99 ms'],
      words: [1],
      rows: data.runs.map(({ order, variant, block, p99Ms, latenessMs }) => ({
        cells: [
          String(order),
          variant,
          block,
          p99Ms === null ? '-' : formatNumber(p99Ms),
          latenessMs === null ? '-' : formatNumber(latenessMs),
        ],
      })),
    },
  };
}

/** The charts of the page in words: title, what to see, and the table that holds the same figures. */

import { formatNumber } from '../quantity.ts';
import type { ChartData, Series } from './chart-data.ts';
import { type Html, html } from './html.ts';
import { dataTable, type Table } from './table.ts';

/** Rows of a table over time; more would be a file, and timeline.jsonl is that file. */
const TIME_ROWS_MAX = 60;

export interface Figure {
  /** Name of the chart in `page/charts.ts`. */
  readonly chart: string;
  readonly title: string;
  readonly caption: string;
  readonly table: Table;
}

/** A figure: heading, chart, caption, table. */
export function figureHtml(figure: Figure): Html {
  return html`<figure><h3>${figure.title}</h3><figcaption>${figure.caption}</figcaption><div class="chart" data-chart="${figure.chart}" role="group" aria-label="${figure.title}. ${figure.caption} The table below holds the figures."><p class="note">Drawing it needs JavaScript; the table holds the same figures.</p></div>${dataTable(figure.table, figure.title)}</figure>`;
}

type Column = readonly [head: string, values: Series];

/** Every n-th point, so that the table stays readable; its caption says so. */
function timeTable(data: ChartData, columns: readonly Column[]): Table {
  const step = Math.max(1, Math.ceil(data.atSeconds.length / TIME_ROWS_MAX));
  const kept = data.atSeconds.flatMap((at, i) => (i % step === 0 ? [{ at, i }] : []));
  const every = Math.round(step * data.pointSeconds);
  return {
    caption:
      step === 1
        ? `One row every ${formatNumber(every)} s.`
        : `One row every ${formatNumber(every)} s, each the point at that time; timeline.jsonl has them all.`,
    heads: ['second', ...columns.map(([head]) => head)],
    rows: kept.map(({ at, i }) => ({
      cells: [at.toFixed(0), ...columns.map(([, values]) => cell(values[i]))],
    })),
  };
}

function cell(value: number | null | undefined): string {
  return value === null || value === undefined ? '-' : formatNumber(value);
}

function pointNote(data: ChartData, what: string): string {
  const seconds = Math.round(data.pointSeconds);
  return seconds > 1 ? ` Each point is ${what} of ${formatNumber(seconds)} s.` : '';
}

/** Offered, sent and accepted. */
export function loadFigure(data: ChartData): Figure {
  const { offered, sent, accepted, expired, failed, dropped } = data.load;
  return {
    chart: 'load',
    title: 'Offered, sent and accepted',
    caption: `User records a second: offered when they were due, sent when they first left, the rest when they settled; what did not become accepted is stacked on top. A gap under the dashed line is backlog.${pointNote(data, 'the mean')}`,
    table: timeTable(data, [
      ['offered/s', offered],
      ['sent/s', sent],
      ['accepted/s', accepted],
      ['expired/s', expired],
      ['failed/s', failed],
      ['dropped/s', dropped],
    ]),
  };
}

/** Response percentiles over time. */
export function responseFigure(data: ChartData): Figure {
  const { p50, p90, p99, p99_9, max } = data.response;
  return {
    chart: 'response',
    title: 'Response time over time',
    caption: `Percentiles of the records that settled in each interval, from the time they were due; logarithmic.${pointNote(data, 'the worst interval')}`,
    table: timeTable(data, [
      ['p50 ms', p50],
      ['p90 ms', p90],
      ['p99 ms', p99],
      ['p99.9 ms', p99_9],
      ['max ms', max],
    ]),
  };
}

/** The percentile curve. */
export function curveFigure(data: ChartData): Figure {
  const rows = data.curves.flatMap(({ name, points }) =>
    points
      .filter((_, i) => i % Math.max(1, Math.ceil(points.length / 20)) === 0)
      .map(({ beyond, ms }) => ({
        cells: [name, `${formatNumber(100 * (1 - 1 / beyond))} %`, formatNumber(ms)],
      })),
  );
  return {
    chart: 'curve',
    title: 'Percentile curve',
    caption:
      'Each step to the right is ten times rarer. A curve that turns up sharply has a tail of its own cause.',
    table: { caption: '', heads: ['time', 'percentile', 'ms'], rows },
  };
}

/** Where the mean response time goes. */
export function partsFigure(data: ChartData): Figure {
  return {
    chart: 'parts',
    title: 'Where the mean response time goes',
    caption:
      'Lateness is the generator’s, buffering is the batching’s, retry is the price of refusals, service is the target’s.',
    table: {
      caption: '',
      heads: ['part', 'mean ms', 'share'],
      rows: data.parts.map(({ name, ms, share }) => ({
        cells: [name, formatNumber(ms), `${(share * 100).toFixed(1)} %`],
      })),
    },
  };
}

/** Shards over time. */
export function heatFigure(data: ChartData): Figure {
  const { shards, hidden, cellSeconds } = data.heat;
  const rest =
    hidden === 0
      ? ''
      : ` The ${shards.length} hottest shards; ${hidden} cooler ones are not drawn.`;
  return {
    chart: 'heat',
    title: 'Shard heat',
    caption: `The highest share of each shard’s limit (bytes or records, whichever is nearer) in each ${formatNumber(Math.max(1, Math.round(cellSeconds)))} s; a stripe marks throttling.${rest}`,
    table: {
      caption: '',
      heads: ['shard', 'mean share', 'highest share', 'throttled'],
      rows: shards.map(({ name, share, throttled }) => {
        const values = share.map((value) => value ?? 0);
        const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
        const refused = throttled.reduce<number>((sum, value) => sum + (value ?? 0), 0);
        return {
          cells: [name, percent(mean), percent(Math.max(0, ...values)), formatNumber(refused)],
        };
      }),
    },
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** How full Kinesis records were. */
export function fillFigure(data: ChartData): Figure {
  return {
    chart: 'fill',
    title: 'User records a Kinesis record',
    caption: 'How many share one record of the service: more means fewer billed records.',
    table: timeTable(data, [['user records a Kinesis record', data.batches.userRecordsPerRecord]]),
  };
}

/** How full requests were. */
export function requestFillFigure(data: ChartData): Figure {
  return {
    chart: 'requestFill',
    title: 'Kinesis records a request',
    caption: 'How many share one PutRecords call, 500 at the most: more means fewer calls.',
    table: timeTable(data, [['Kinesis records a request', data.batches.recordsPerRequest]]),
  };
}

/** Why they were closed. */
export function closedFigure(data: ChartData): Figure {
  const { size, time, count, flush } = data.batches;
  return {
    chart: 'closed',
    title: 'Why Kinesis records were closed',
    caption:
      'Closed by time means the load was too thin to fill a record within its buffering time.',
    table: timeTable(data, [
      ['size/s', size],
      ['time/s', time],
      ['count/s', count],
      ['flush/s', flush],
    ]),
  };
}

/** What became of attempts. */
export function attemptsFigure(data: ChartData): Figure {
  const { accepted, throttled, internalFailure, wrongShard, requestError, unknown } = data.attempts;
  return {
    chart: 'attempts',
    title: 'Attempts and refusals',
    caption: `Every try to write a Kinesis record, by what became of it; refused ones are tried again.${pointNote(data, 'the mean')}`,
    table: timeTable(data, [
      ['accepted/s', accepted],
      ['throttled/s', throttled],
      ['internal failure/s', internalFailure],
      ['wrong shard/s', wrongShard],
      ['request error/s', requestError],
      ['no answer/s', unknown],
    ]),
  };
}

/** The generator's lateness. */
export function latenessFigure(data: ChartData): Figure {
  return {
    chart: 'lateness',
    title: 'Was the generator on time?',
    caption: 'How late records were generated, and how long the event loop was held up.',
    table: timeTable(data, [
      ['lateness p99 ms', data.generator.latenessP99Ms],
      ['event-loop delay p99 ms', data.generator.eventLoopP99Ms],
    ]),
  };
}

/** The generator's CPU. */
export function cpuFigure(data: ChartData): Figure {
  return {
    chart: 'cpu',
    title: 'Generator CPU',
    caption: 'CPU-seconds a second: 1 is one core busy.',
    table: timeTable(data, [['cores', data.generator.cpuCores]]),
  };
}

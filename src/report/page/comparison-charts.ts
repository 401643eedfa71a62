/** The charts of a comparison's page, by the name in `data-chart`. */
import * as Plot from '@observablehq/plot';
import type { ComparisonData } from '../comparison/chart-data.ts';
import { compact, type Place, precise, TIP, time, withLegend } from './axes.ts';
import { layersOfVariants, percentiles, shift } from './distribution-charts.ts';
import { forest } from './forest.ts';
import { heatPanels } from './heat.ts';
import { refusals, throughput } from './load-panels.ts';
import { pareto } from './pareto.ts';
import {
  bars,
  dollars,
  labelRoom,
  lookOf,
  PLAIN,
  panels,
  shortened,
  stackedBars,
} from './variants.ts';

type Draw = (data: ComparisonData, place: Place) => Element;

/** Every chart that a comparison's page can ask for. */
export const comparisonCharts: Readonly<Record<string, Draw>> = {
  forest,
  pareto,
  cost,
  throughput,
  refusals,
  percentiles,
  shift,
  variantParts,
  shards,
  heatPanels,
  batches,
  variantClosed,
  runOrder,
};

function cost(data: ComparisonData, place: Place): Element {
  const values = data.cost.map(({ variant, usd }) => ({ variant, value: usd }));
  return bars(data, place, { values, unit: 'US dollars', format: dollars });
}

function variantParts(data: ComparisonData, place: Place): Element {
  return stackedBars(data, place, {
    values: data.parts.map(({ variant, part, ms }) => ({ variant, name: part, value: ms })),
    names: ['lateness', 'buffering', 'retry', 'service'],
    colors: ['var(--c-grey)', 'var(--c-sky)', 'var(--c-warm)', 'var(--c-accepted)'],
    unit: 'mean response time',
    format: time,
  });
}

function variantClosed(data: ComparisonData, place: Place): Element {
  return stackedBars(data, place, {
    values: data.closed.map(({ variant, reason, share }) => ({
      variant,
      name: reason,
      value: share,
    })),
    names: ['size', 'time', 'count', 'flush'],
    colors: ['var(--c-accepted)', 'var(--c-sky)', 'var(--c-purple)', 'var(--c-grey)'],
    unit: 'share of Kinesis records',
    format: (share) => `${Math.round(share * 100)} %`,
  });
}

function batches(data: ComparisonData, place: Place): Element {
  const draw = (
    read: (row: ComparisonData['batches'][number]) => number,
    unit: string,
  ): ((width: number) => Element) => {
    const values = data.batches.map((row) => ({ variant: row.variant, value: read(row) }));
    return (width) => bars(data, { ...place, width }, { values, unit, format: precise });
  };
  const charts = [
    draw((row) => row.userRecordsPerRecord, 'user records'),
    draw((row) => row.recordsPerRequest, 'Kinesis records'),
  ];
  const titles = ['User records a Kinesis record', 'Kinesis records a request'];
  return panels(place, titles, (i, width) => charts[i]?.(width) ?? document.createElement('div'));
}

/** Shares of a shard's limit where the colour changes; the same steps as in the page of a run. */
const STEPS = [0.1, 0.25, 0.5, 0.75, 0.9, 1];
const HEAT = Array.from({ length: STEPS.length + 1 }, (_, i) => `var(--heat-${i})`);

function shards(data: ComparisonData, place: Place): Element {
  const names = [...new Set(data.shards.map(({ shard }) => shard))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  const { margin, letters } = labelRoom(data, place);
  type Row = ComparisonData['shards'][number];
  const cellWidth = (place.width - margin - 14) / Math.max(1, names.length);
  // What is below its limit is never written as 100 %.
  const percent = ({ utilisation }: Row) => {
    const whole = Math.round(utilisation * 100);
    return `${utilisation < 1 ? Math.min(99, whole) : whole} %`;
  };
  const number = (row: Row) =>
    row.throttled > 0 ? `${percent(row)} · ${compact(Math.round(row.throttled))}` : percent(row);
  return Plot.plot({
    width: place.width,
    height: data.variants.length * 30 + 44,
    marginLeft: margin,
    marginRight: 14,
    marginTop: 24,
    marginBottom: 8,
    ariaLabel: place.label,
    style: PLAIN,
    x: {
      domain: names,
      axis: 'top',
      label: null,
      tickSize: 0,
      tickFormat: (name: string) => (cellWidth < 56 ? name.replace('shard ', '') : name),
    },
    y: {
      domain: [...data.variants],
      label: null,
      tickSize: 0,
      tickFormat: (name: string) => shortened(name, letters),
    },
    color: { type: 'threshold', domain: STEPS, range: HEAT },
    marks: [
      Plot.cell([...data.shards], { x: 'shard', y: 'variant', fill: 'utilisation', inset: 1 }),
      Plot.text(cellWidth < 44 ? [] : [...data.shards], {
        x: 'shard',
        y: 'variant',
        text: cellWidth < 90 ? percent : number,
        fill: 'var(--ink)',
        stroke: 'var(--card)',
        strokeWidth: 3,
        paintOrder: 'stroke',
      }),
      Plot.tip(
        [...data.shards],
        Plot.pointer({
          ...TIP,
          x: 'shard',
          y: 'variant',
          title: (row: Row) =>
            `${row.variant}, ${row.shard}\n${precise(row.utilisation * 100)} % of its limit\n${precise(row.throttled)} throttled a run`,
        }),
      ),
    ],
  });
}

function runOrder(data: ComparisonData, place: Place): Element {
  const rows = data.runs.flatMap(({ p99Ms, ...run }) =>
    p99Ms === null ? [] : [{ ...run, p99Ms }],
  );
  const chart = Plot.plot({
    width: place.width,
    height: 260,
    marginLeft: 60,
    marginRight: 16,
    marginTop: 12,
    marginBottom: 38,
    ariaLabel: place.label,
    style: PLAIN,
    x: {
      label: 'run',
      ticks: Math.min(12, rows.length),
      tickFormat: precise,
      domain: [0.5, data.runs.length + 0.5],
    },
    y: { label: null, grid: true, tickFormat: time, ticks: 5, nice: true },
    marks: [
      ...data.variants.flatMap((variant) => {
        const own = rows.filter((row) => row.variant === variant);
        const { color, dash } = lookOf(data, variant);
        return [
          Plot.lineY(own, {
            x: 'order',
            y: 'p99Ms',
            stroke: color,
            strokeDasharray: dash,
            strokeOpacity: 0.6,
          }),
          Plot.dot(own, { x: 'order', y: 'p99Ms', fill: color, r: 4 }),
        ];
      }),
      Plot.tip(
        rows,
        Plot.pointer({
          ...TIP,
          x: 'order',
          y: 'p99Ms',
          title: ({ variant, block, p99Ms, order }: (typeof rows)[number]) =>
            `run ${order}${block === '' ? '' : `, block ${block}`}\n${variant}\np99 ${time(p99Ms)}`,
        }),
      ),
    ],
  });
  return withLegend(
    layersOfVariants(data, data.variants),
    { unit: 'response p99', kind: 'line' },
    chart,
  );
}

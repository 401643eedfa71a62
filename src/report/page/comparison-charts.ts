/** The charts of a comparison's page, by the name in `data-chart`. */
import * as Plot from '@observablehq/plot';
import type { ComparisonData, LoadPanel } from '../comparison/chart-data.ts';
import {
  clock,
  compact,
  type Layer,
  logAxis,
  NARROW,
  type Place,
  precise,
  TIP,
  time,
  timeTicks,
  withLegend,
} from './axes.ts';
import { forest } from './forest.ts';
import { bars, labelRoom, lookOf, panels, shortened, stackedBars } from './variants.ts';

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
  batches,
  variantClosed,
  runOrder,
};

const PLAIN = { background: 'transparent', fontSize: '12px', overflow: 'visible' } as const;

function dollars(usd: number): string {
  return `$${precise(usd)}`;
}

/** A domain around values with room on both sides; values that are all alike get some too. */
function roomyDomain(values: readonly number[]): [number, number] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = high > low ? (high - low) * 0.15 : Math.max(high, 1e-9) * 0.2;
  return [Math.max(0, low - room), high + room];
}

function pareto(data: ComparisonData, place: Place): Element {
  const front = data.pareto.filter(({ isOnFront }) => isOnFront);
  const line = [...front].sort((a, b) => a.usd - b.usd || a.p99Ms - b.p99Ms);
  const letters = place.width < NARROW ? 14 : 34;
  type Row = ComparisonData['pareto'][number];
  const color = ({ variant }: Row) => lookOf(data, variant).color;
  const middle = roomyDomain(data.pareto.map(({ usd }) => usd));
  const isRight = ({ usd }: Row) => usd > (middle[0] + middle[1]) / 2;
  const label = (rows: readonly Row[], anchor: 'start' | 'end') =>
    Plot.text([...rows], {
      x: 'usd',
      y: 'p99Ms',
      text: ({ variant }: Row) => shortened(variant, letters),
      textAnchor: anchor,
      dx: anchor === 'start' ? 14 : -14,
      fill: 'var(--ink)',
    });
  return Plot.plot({
    width: place.width,
    height: 340,
    marginLeft: 62,
    marginRight: 24,
    marginTop: 26,
    marginBottom: 42,
    ariaLabel: place.label,
    style: PLAIN,
    x: {
      label: 'cost of a million records',
      grid: true,
      tickFormat: dollars,
      ticks: 5,
      domain: middle,
    },
    y: {
      label: '↑ response p99',
      labelArrow: 'none',
      grid: true,
      tickFormat: time,
      ticks: 6,
      domain: roomyDomain(data.pareto.map(({ p99Ms }) => p99Ms)),
    },
    r: {
      range: [4, 14],
      domain: [0, Math.max(1e-9, ...data.pareto.map(({ cpuSeconds }) => cpuSeconds))],
    },
    marks: [
      Plot.line(line, { x: 'usd', y: 'p99Ms', stroke: 'var(--muted)', strokeDasharray: '3 3' }),
      Plot.dot([...data.pareto], {
        x: 'usd',
        y: 'p99Ms',
        r: 'cpuSeconds',
        stroke: color,
        strokeWidth: 2,
        fill: (row: Row) => (row.isOnFront ? color(row) : 'var(--card)'),
        fillOpacity: 0.75,
      }),
      label(
        data.pareto.filter((row) => !isRight(row)),
        'start',
      ),
      label(data.pareto.filter(isRight), 'end'),
      Plot.tip(
        [...data.pareto],
        Plot.pointer({
          ...TIP,
          x: 'usd',
          y: 'p99Ms',
          title: ({ variant, usd, p99Ms, cpuSeconds, isOnFront }: Row) =>
            `${variant}\n${dollars(usd)} a million, p99 ${time(p99Ms)}\n${precise(cpuSeconds)} CPU-seconds a million${isOnFront ? '\non the front' : ''}`,
        }),
      ),
    ],
  });
}

function cost(data: ComparisonData, place: Place): Element {
  const values = data.cost.map(({ variant, usd }) => ({ variant, value: usd }));
  return bars(data, place, { values, unit: 'US dollars', format: dollars });
}

/** The scale that all panels share, so that their heights can be compared. */
function commonTop(
  data: ComparisonData,
  read: (panel: LoadPanel) => readonly (number | null)[],
): number {
  const values = data.load.flatMap((panel) => read(panel).map((value) => value ?? 0));
  return Math.max(1, ...values) * 1.06;
}

interface At {
  readonly at: number;
  readonly value: number;
}

function pointsAt(panel: LoadPanel, series: readonly (number | null)[]): At[] {
  return panel.atSeconds.flatMap((at, i) => {
    const value = series[i];
    return typeof value === 'number' ? [{ at, value }] : [];
  });
}

function timePanel(
  panel: LoadPanel,
  width: number,
  top: number,
  label: string,
  marks: Plot.Markish[],
): Element {
  const last = (panel.atSeconds.at(-1) ?? 0) + panel.pointSeconds;
  return Plot.plot({
    width,
    height: 150,
    marginLeft: 46,
    marginRight: 12,
    marginTop: 8,
    marginBottom: 32,
    ariaLabel: `${panel.variant}. ${label}`,
    style: PLAIN,
    x: { domain: [0, last], label: null, tickFormat: clock, ticks: timeTicks(last, width) },
    y: { domain: [0, top], label: null, grid: true, tickFormat: compact, ticks: 4 },
    marks: [...marks, Plot.ruleY([0], { stroke: 'var(--rule)' })],
  });
}

function stacked(panel: LoadPanel, layers: readonly Layer[]): Plot.Markish {
  const rows = layers.flatMap(({ name, values }) =>
    pointsAt(panel, values).map((point) => ({ ...point, name })),
  );
  const colors = new Map(layers.map(({ name, color }) => [name, color]));
  return Plot.areaY(
    rows,
    Plot.stackY({
      x: 'at',
      y: 'value',
      z: 'name',
      order: layers.map(({ name }) => name),
      fill: ({ name }: { name: string }) => colors.get(name) ?? 'var(--ink)',
    }),
  );
}

function throughput(data: ComparisonData, place: Place): Element {
  const top = commonTop(data, ({ offered, accepted, lost, runs }) => [
    ...offered,
    ...accepted.map((value, i) => (value ?? 0) + (lost[i] ?? 0)),
    ...runs.flat(),
  ]);
  const layersOf = ({ accepted, lost }: LoadPanel): Layer[] => [
    { name: 'accepted', color: 'var(--c-accepted)', dash: '', values: accepted },
    { name: 'failed, expired, dropped', color: 'var(--c-bad)', dash: '', values: lost },
  ];
  const offered: Layer = { name: 'offered', color: 'var(--ink)', dash: '5 3', values: [] };
  const titles = data.load.map(({ variant }) => variant);
  const body = panels(place, titles, (i, width) => {
    const panel = data.load[i] as LoadPanel;
    return timePanel(panel, width, top, place.label, [
      stacked(panel, layersOf(panel)),
      ...panel.runs.map((run) =>
        Plot.lineY(pointsAt(panel, run), {
          x: 'at',
          y: 'value',
          stroke: 'var(--card)',
          strokeOpacity: 0.45,
          strokeWidth: 1,
        }),
      ),
      Plot.lineY(pointsAt(panel, panel.offered), {
        x: 'at',
        y: 'value',
        stroke: 'var(--ink)',
        strokeDasharray: offered.dash,
        strokeWidth: 1.5,
      }),
    ]);
  });
  const [first] = data.load;
  const layers = first === undefined ? [] : layersOf(first);
  return withLegend([offered, ...layers], { unit: 'user records a second', kind: 'area' }, body);
}

function refusals(data: ComparisonData, place: Place): Element {
  const top = commonTop(data, ({ throttled, refused }) =>
    throttled.map((value, i) => (value ?? 0) + (refused[i] ?? 0)),
  );
  const layersOf = ({ throttled, refused }: LoadPanel): Layer[] => [
    { name: 'throttled', color: 'var(--c-warm)', dash: '', values: throttled },
    { name: 'other refusals', color: 'var(--c-bad)', dash: '', values: refused },
  ];
  const total = data.load.reduce(
    (sum, { throttled, refused }) =>
      sum + [...throttled, ...refused].reduce<number>((all, value) => all + (value ?? 0), 0),
    0,
  );
  if (total === 0) {
    const nothing = document.createElement('p');
    nothing.className = 'note';
    nothing.textContent = 'No attempt was refused in any run.';
    const mark = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    mark.setAttribute('height', '0');
    nothing.append(mark);
    return nothing;
  }
  const titles = data.load.map(({ variant }) => variant);
  const body = panels(place, titles, (i, width) => {
    const panel = data.load[i] as LoadPanel;
    return timePanel(panel, width, top, place.label, [stacked(panel, layersOf(panel))]);
  });
  const layers = layersOf(data.load[0] as LoadPanel);
  return withLegend(layers, { unit: 'Kinesis records a second', kind: 'area' }, body);
}

function layersOfVariants(data: ComparisonData, drawn: readonly string[]): Layer[] {
  return drawn.map((variant) => ({ name: variant, values: [], ...lookOf(data, variant) }));
}

/** 1/(1−p) as the percentile: 1,000 is 99.9 %. */
function percentileOf(beyond: number): string {
  const percent = 100 * (1 - 1 / beyond);
  return `${Number(percent.toFixed(Math.max(0, Math.ceil(Math.log10(beyond)) - 1)))} %`;
}

function percentiles(data: ComparisonData, place: Place): Element {
  const all = data.percentiles.flatMap(({ variant, points }) =>
    points.map((point) => ({ ...point, variant })),
  );
  const chart = Plot.plot({
    width: place.width,
    height: 340,
    marginLeft: 60,
    marginRight: 20,
    marginTop: 14,
    marginBottom: 40,
    ariaLabel: place.label,
    style: PLAIN,
    x: {
      type: 'log',
      label: 'percentile',
      grid: true,
      ticks: [2, 10, 100, 1_000, 10_000].filter(
        (beyond) => beyond <= Math.max(10, ...all.map((point) => point.beyond)),
      ),
      tickFormat: percentileOf,
    },
    y: { ...logAxis(all.flatMap(({ low, high }) => [low, high])), tickFormat: time },
    marks: [
      ...data.percentiles.flatMap(({ variant, points }) => {
        const { color, dash } = lookOf(data, variant);
        const place2 = { x: 'beyond' } as const;
        return [
          Plot.areaY([...points], {
            ...place2,
            y1: 'low',
            y2: 'high',
            fill: color,
            fillOpacity: 0.18,
          }),
          Plot.lineY([...points], {
            ...place2,
            y: 'ms',
            stroke: color,
            strokeDasharray: dash,
            strokeWidth: 2,
          }),
        ];
      }),
      Plot.tip(
        all,
        Plot.pointer({
          ...TIP,
          x: 'beyond',
          y: 'ms',
          title: ({ variant, beyond, ms, low, high }: (typeof all)[number]) =>
            `${variant}\n${percentileOf(beyond)}: ${time(ms)}\n${time(low)} to ${time(high)}`,
        }),
      ),
    ],
  });
  return withLegend(
    layersOfVariants(data, data.variants),
    { unit: 'logarithmic', kind: 'line' },
    chart,
  );
}

function signedTime(ms: number): string {
  if (ms === 0) return '0';
  return `${ms < 0 ? '−' : '+'}${time(Math.abs(ms))}`;
}

function shift(data: ComparisonData, place: Place): Element {
  const titles = data.shifts.map(({ variant }) => variant);
  return panels(place, titles, (i, width) => {
    const { variant, points } = data.shifts[i] ?? { variant: '', points: [] };
    const { color } = lookOf(data, variant);
    const rows = points.map((point) => ({ ...point, name: `${point.percentile}` }));
    return Plot.plot({
      width,
      height: 190,
      marginLeft: 62,
      marginRight: 12,
      marginTop: 10,
      marginBottom: 36,
      ariaLabel: `${variant}. ${place.label}`,
      style: PLAIN,
      x: {
        type: 'point',
        domain: rows.map(({ name }) => name),
        label: 'percentile',
        ticks: ['5', '25', '50', '75', '95', '99', '99.9', '99.99'].filter((name) =>
          rows.some((row) => row.name === name),
        ),
      },
      y: { label: null, grid: true, tickFormat: signedTime, ticks: 5, nice: true },
      marks: [
        Plot.areaY(rows, { x: 'name', y1: 'low', y2: 'high', fill: color, fillOpacity: 0.22 }),
        Plot.ruleY([0], { stroke: 'var(--ink)', strokeOpacity: 0.6 }),
        Plot.lineY(rows, { x: 'name', y: 'ms', stroke: color, strokeWidth: 2 }),
        Plot.dot(rows, { x: 'name', y: 'ms', fill: color, r: 2.5 }),
        Plot.tip(
          rows,
          Plot.pointerX({
            ...TIP,
            x: 'name',
            y: 'ms',
            title: ({ percentile, ms, low, high }: (typeof rows)[number]) =>
              `p${percentile}: ${signedTime(ms)}\n${signedTime(low)} to ${signedTime(high)}`,
          }),
        ),
      ],
    });
  });
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
  const number = ({ utilisation, throttled }: Row) =>
    throttled > 0
      ? `${Math.round(utilisation * 100)} % · ${compact(throttled)}`
      : `${Math.round(utilisation * 100)} %`;
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
        text: (row: Row) =>
          cellWidth < 90 ? `${Math.round(row.utilisation * 100)} %` : number(row),
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

/** Charts of whole distributions: the percentile curve, and the parts of the mean response time. */
import * as Plot from '@observablehq/plot';
import { formatPercent } from '../../core/units.ts';
import type { ChartData } from '../html/chart-data.ts';
import { compact, type Layer, logAxis, NARROW, type Place, TIP, time, withLegend } from './axes.ts';

/** Each measured time looks the same in every chart; dashes tell them apart in grey. */
const LOOKS: Readonly<Record<string, { readonly color: string; readonly dash: string }>> = {
  response: { color: 'var(--ink)', dash: '' },
  lateness: { color: 'var(--c-pink)', dash: '2 2' },
  buffering: { color: 'var(--c-sky)', dash: '6 3' },
  retry: { color: 'var(--c-warm)', dash: '8 3 2 3' },
  service: { color: 'var(--c-accepted)', dash: '4 2' },
};
const OTHER_LOOK = { color: 'var(--c-purple)', dash: '1 3' };

const PERCENTILE_TICKS = [2, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

/** Time against rarity, both logarithmic; times of zero have no place on such an axis and are left out. */
export function curve(data: ChartData, place: Place): Element {
  const layers: Layer[] = data.curves.map(({ name }) => ({
    name,
    values: [],
    ...(LOOKS[name] ?? OTHER_LOOK),
  }));
  const points = data.curves.flatMap(({ name, points: own }) =>
    own.filter(({ ms }) => ms > 0).map((point) => ({ ...point, name })),
  );
  const rarest = Math.max(10, ...points.map(({ beyond }) => beyond));
  const ticks = PERCENTILE_TICKS.filter((beyond) => beyond <= rarest);
  const axis = logAxis(points.map(({ ms }) => ms));
  const chart = Plot.plot({
    width: place.width,
    height: 300,
    marginLeft: 60,
    marginRight: 20,
    marginTop: 14,
    marginBottom: 40,
    ariaLabel: place.label,
    style: { background: 'transparent', fontSize: '12px', overflow: 'visible' },
    x: { type: 'log', domain: [1, rarest], label: 'percentile', axis: null },
    y: axis.scale,
    marks: [
      ...axis.marks,
      Plot.gridX(ticks),
      Plot.axisX(ticks, { text: percentileOf, label: 'percentile' }),
      ...layers.map(({ name, color, dash }) =>
        Plot.lineY(
          points.filter((point) => point.name === name),
          { x: 'beyond', y: 'ms', stroke: color, strokeDasharray: dash, strokeWidth: 2 },
        ),
      ),
      Plot.tip(
        points,
        Plot.pointer({
          ...TIP,
          x: 'beyond',
          y: 'ms',
          title: (point: (typeof points)[number]) =>
            `${point.name}\n${percentileOf(point.beyond)}: ${time(point.ms)}`,
        }),
      ),
    ],
  });
  return withLegend(layers, { unit: 'logarithmic', kind: 'line' }, chart);
}

/** 1/(1−p) as the percentile: 1,000 is 99.9 %. */
export function percentileOf(beyond: number): string {
  const percent = 100 * (1 - 1 / beyond);
  return `${Number(percent.toFixed(Math.max(0, Math.ceil(Math.log10(beyond)) - 1)))} %`;
}

/** A bar for each part, with its figure and share. */
export function parts(data: ChartData, place: Place): Element {
  const isNarrow = place.width < NARROW;
  const names = data.parts.map(({ name }) => name);
  return Plot.plot({
    width: place.width,
    height: 40 * data.parts.length + 52,
    marginLeft: 78,
    marginRight: isNarrow ? 118 : 140,
    marginTop: 8,
    marginBottom: 42,
    ariaLabel: place.label,
    style: { background: 'transparent', fontSize: '13px', overflow: 'visible' },
    x: {
      label: 'mean, milliseconds',
      grid: true,
      tickFormat: compact,
      ticks: isNarrow ? 2 : 4,
    },
    y: { label: null, domain: names },
    color: { domain: names, range: names.map((name) => (LOOKS[name] ?? OTHER_LOOK).color) },
    marks: [
      Plot.barX(data.parts, { x: 'ms', y: 'name', fill: 'name', insetTop: 4, insetBottom: 4 }),
      Plot.text(data.parts, {
        x: 'ms',
        y: 'name',
        text: (part: ChartData['parts'][number]) =>
          `${time(part.ms)} · ${formatPercent(part.share)}`,
        textAnchor: 'start',
        dx: 6,
        fill: 'var(--ink)',
      }),
      Plot.ruleX([0], { stroke: 'var(--rule)' }),
    ],
  });
}

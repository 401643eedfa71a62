/** Response times of a comparison as distributions: curves over all variants, shifts against the baseline. */
import * as Plot from '@observablehq/plot';
import type { ComparisonData } from '../comparison/chart-data.ts';
import { type Layer, logAxis, type Place, TIP, time, withLegend } from './axes.ts';
import { percentileOf } from './latency-charts.ts';
import { lookOf, PLAIN, panels } from './variants.ts';

/** Every variant as a line of the key. */
export function layersOfVariants(data: ComparisonData, drawn: readonly string[]): Layer[] {
  return drawn.map((variant) => ({ name: variant, values: [], ...lookOf(data, variant) }));
}

/** Percentile curves with their bands, all variants in one chart. */
export function percentiles(data: ComparisonData, place: Place): Element {
  const all = data.percentiles.flatMap(({ variant, points }) =>
    points.map((point) => ({ ...point, variant })),
  );
  // Many bands over each other hide the lines.
  const bandOpacity = data.percentiles.length > 4 ? 0.09 : 0.18;
  const axis = logAxis(all.flatMap(({ low, high }) => [low, high]));
  const rarest = Math.max(10, ...all.map((point) => point.beyond));
  const ticks = [2, 10, 100, 1_000, 10_000].filter((beyond) => beyond <= rarest);
  const chart = Plot.plot({
    width: place.width,
    height: 340,
    marginLeft: 60,
    marginRight: 20,
    marginTop: 14,
    marginBottom: 40,
    ariaLabel: place.label,
    style: PLAIN,
    x: { type: 'log', domain: [1, rarest], label: 'percentile', axis: null },
    y: axis.scale,
    marks: [
      ...axis.marks,
      Plot.gridX(ticks),
      Plot.axisX(ticks, { text: percentileOf, label: 'percentile' }),
      ...data.percentiles.flatMap(({ variant, points }) => {
        const { color, dash } = lookOf(data, variant);
        return [
          Plot.areaY([...points], {
            x: 'beyond',
            y1: 'low',
            y2: 'high',
            fill: color,
            fillOpacity: bandOpacity,
          }),
          Plot.lineY([...points], {
            x: 'beyond',
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

/** Shifts of percentiles from the baseline, one panel a variant. */
export function shift(data: ComparisonData, place: Place): Element {
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
        ticks: ['5', '25', '50', '75', '95', '99.9'].filter((name) =>
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

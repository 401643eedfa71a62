/** What a setting costs, how late it is and how hard it works, in one picture. */
import * as Plot from '@observablehq/plot';
import type { ComparisonData } from '../comparison/chart-data.ts';
import { NARROW, type Place, precise, TIP, time } from './axes.ts';
import { dollars, lookOf, PLAIN, shortened } from './variants.ts';

/** From a circle's middle to its name: past the largest circle. */
const LABEL_AWAY = 20;

/** A domain around values with room on both sides; values that are all alike get some too. */
function roomyDomain(values: readonly number[]): [number, number] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = high > low ? (high - low) * 0.15 : Math.max(high, 1e-9) * 0.2;
  return [Math.max(0, low - room), high + room];
}

/** The front in what the axes show: ever dearer, ever faster. Some on the front of all three are there for their CPU. */
function staircase({ pareto: points }: ComparisonData): ComparisonData['pareto'] {
  let best = Number.POSITIVE_INFINITY;
  return [...points]
    .sort((a, b) => a.usd - b.usd || a.p99Ms - b.p99Ms)
    .filter(({ p99Ms }) => {
      const isFaster = p99Ms < best;
      best = Math.min(best, p99Ms);
      return isFaster;
    });
}

/** Cost against p99, CPU as size, the front marked. */
export function pareto(data: ComparisonData, place: Place): Element {
  const line = staircase(data);
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
      dx: anchor === 'start' ? LABEL_AWAY : -LABEL_AWAY,
      fill: 'var(--ink)',
      stroke: 'var(--card)',
      strokeWidth: 4,
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
      Plot.line([...line], {
        x: 'usd',
        y: 'p99Ms',
        stroke: 'var(--muted)',
        strokeDasharray: '3 3',
      }),
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

/** What a setting costs, how late it is and how hard it works, in one picture. */
import * as Plot from '@observablehq/plot';
import type { ComparisonData } from '../comparison/chart-data.ts';
import { NARROW, type Place, precise, TIP, time } from './axes.ts';
import { dollars, lookOf, PLAIN, shortened } from './variants.ts';

type Point = ComparisonData['pareto'][number];

const HEIGHT = 340;
const MARGIN_TOP = 26;
const MARGIN_BOTTOM = 42;
/** Between the middles of two lines of text. */
const LINE = 15;
/** From a circle's middle to its name: past the largest circle. */
const LABEL_AWAY = 20;

/** A domain around values with room on both sides; values that are all alike get some too. */
function roomyDomain(values: readonly number[]): [number, number] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = high > low ? (high - low) * 0.15 : Math.max(high, 1e-9) * 0.2;
  return [Math.max(0, low - room), high + room];
}

/** Where the names stand: beside their circles, but apart from each other, from the top down. */
function spread(
  rows: readonly Point[],
  [low, high]: readonly [number, number],
): (Point & { readonly at: number })[] {
  const step = ((high - low) * LINE) / (HEIGHT - MARGIN_TOP - MARGIN_BOTTOM);
  let before = Number.POSITIVE_INFINITY;
  const placed = [...rows]
    .sort((a, b) => b.p99Ms - a.p99Ms)
    .map((row) => {
      before = Math.min(row.p99Ms, before - step);
      return { ...row, at: before };
    });
  // What was pushed out below moves up again, and those above it.
  let after = low - step;
  for (const row of placed.reverse()) {
    row.at = Math.max(row.at, after + step);
    after = row.at;
  }
  return placed;
}

/** The front in what the axes show: ever dearer, ever faster. Some on the front of all three are there for their CPU. */
function staircase({ pareto: points }: ComparisonData): Point[] {
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
  const costs = roomyDomain(data.pareto.map(({ usd }) => usd));
  const heights = roomyDomain(data.pareto.map(({ p99Ms }) => p99Ms));
  const color = ({ variant }: Point) => lookOf(data, variant).color;
  const busiest = Math.max(1e-9, ...data.pareto.map(({ cpuSeconds }) => cpuSeconds));
  return Plot.plot({
    width: place.width,
    height: HEIGHT,
    marginLeft: 62,
    marginRight: 24,
    marginTop: MARGIN_TOP,
    marginBottom: MARGIN_BOTTOM,
    ariaLabel: place.label,
    style: PLAIN,
    x: {
      label: 'cost of a million records',
      grid: true,
      tickFormat: dollars,
      ticks: place.width < NARROW ? 3 : 5,
      domain: costs,
    },
    y: {
      label: '↑ response p99',
      labelArrow: 'none',
      grid: true,
      tickFormat: time,
      ticks: 6,
      domain: heights,
    },
    r: { range: [4, 14], domain: [0, busiest] },
    marks: [
      // Below the circles, so that no name hides one.
      ...nameMarks(data, place, costs, heights),
      Plot.line([...staircase(data)], {
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
        fill: (row: Point) => (row.isOnFront ? color(row) : 'var(--card)'),
        fillOpacity: 0.75,
      }),
      Plot.tip([...data.pareto], Plot.pointer({ ...TIP, x: 'usd', y: 'p99Ms', title: readoutOf })),
    ],
  });
}

/** Names to the right of circles on the left half, and the other way round. */
function nameMarks(
  data: ComparisonData,
  place: Place,
  costs: readonly [number, number],
  heights: readonly [number, number],
): Plot.Markish[] {
  const letters = place.width < NARROW ? 14 : 34;
  const isRight = ({ usd }: Point) => usd > (costs[0] + costs[1]) / 2;
  const names = (rows: readonly Point[], anchor: 'start' | 'end') =>
    Plot.text(spread(rows, heights), {
      x: 'usd',
      y: 'at',
      text: ({ variant }: Point) => shortened(variant, letters),
      textAnchor: anchor,
      dx: anchor === 'start' ? LABEL_AWAY : -LABEL_AWAY,
      fill: 'var(--ink)',
      stroke: 'var(--card)',
      strokeWidth: 4,
    });
  return [
    names(
      data.pareto.filter((row) => !isRight(row)),
      'start',
    ),
    names(data.pareto.filter(isRight), 'end'),
  ];
}

function readoutOf({ variant, usd, p99Ms, cpuSeconds, isOnFront }: Point): string {
  const front = isOnFront ? '\non the front' : '';
  return `${variant}\n${dollars(usd)} a million, p99 ${time(p99Ms)}\n${precise(cpuSeconds)} CPU-seconds a million${front}`;
}

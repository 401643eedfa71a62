/** The heat map of shards over time: colour in steps that survive grey print, a stripe where the service throttled. */
import * as Plot from '@observablehq/plot';
import type { ComparisonData } from '../comparison/chart-data.ts';
import type { ChartData, HeatData } from '../html/chart-data.ts';
import { clock, NARROW, type Place, precise, TIP, timeTicks } from './axes.ts';
import { panels } from './variants.ts';

/** Shares of a shard's limit where the colour changes. */
const STEPS = [0.1, 0.25, 0.5, 0.75, 0.9, 1] as const;
const COLORS = STEPS.map((_, i) => `var(--heat-${i})`).concat(`var(--heat-${STEPS.length})`);
const LABELS = ['< 10 %', '10–25', '25–50', '50–75', '75–90', '90–100', '≥ 100 %'];

/** Share of a row above and below the stripe. */
const STRIPE = 0.4;

interface Cell {
  readonly from: number;
  readonly to: number;
  readonly shard: string;
  readonly share: number;
  readonly throttled: number;
}

/** The map of a run, with its key. */
export function heat(data: ChartData, place: Place): Element {
  return withKey(heatMap(data.heat, place));
}

/** The maps of a comparison, one a variant: the same shards in the same rows. */
export function heatPanels(data: ComparisonData, place: Place): Element {
  const titles = data.heat.map(({ variant }) => variant);
  const body = panels(place, titles, (i, width) => {
    const panel = data.heat[i] as ComparisonData['heat'][number];
    return heatMap(panel, { width, label: `${panel.variant}. ${place.label}` });
  });
  return withKey(body);
}

function heatMap(map: HeatData, place: Place): Element {
  const { shards, cellSeconds, columns } = map;
  const cells: Cell[] = shards.flatMap(({ name, share, throttled }) =>
    share.map((value, i) => ({
      from: i * cellSeconds,
      to: (i + 1) * cellSeconds,
      shard: name,
      share: value ?? 0,
      throttled: throttled[i] ?? 0,
    })),
  );
  const rowHeight = shards.length > 16 ? 14 : 26;
  return Plot.plot({
    width: place.width,
    height: shards.length * rowHeight + 44,
    marginLeft: place.width < NARROW ? 64 : 76,
    marginRight: 14,
    marginTop: 6,
    marginBottom: 36,
    ariaLabel: place.label,
    style: { background: 'transparent', fontSize: '12px', overflow: 'visible' },
    x: {
      label: 'since the start of the load',
      tickFormat: clock,
      ticks: timeTicks(columns * cellSeconds, place.width),
    },
    y: { label: null, domain: shards.map(({ name }) => name), tickSize: 0, padding: 0.08 },
    color: { type: 'threshold', domain: [...STEPS], range: COLORS },
    marks: [
      Plot.barX(cells, { x1: 'from', x2: 'to', y: 'shard', fill: 'share', insetRight: 0.5 }),
      Plot.barX(
        cells.filter(({ throttled }) => throttled > 0),
        {
          x1: 'from',
          x2: 'to',
          y: 'shard',
          fill: 'var(--heat-mark)',
          insetTop: STRIPE * rowHeight,
          insetBottom: STRIPE * rowHeight,
        },
      ),
      Plot.tip(
        cells,
        Plot.pointer({
          ...TIP,
          x: (cell: Cell) => (cell.from + cell.to) / 2,
          y: 'shard',
          title: (cell: Cell) =>
            `${cell.shard}, ${clock(cell.from)}\n${(cell.share * 100).toFixed(1)} % of its limit\n${precise(cell.throttled)} throttled`,
        }),
      ),
    ],
  });
}

function withKey(chart: Element): Element {
  const box = document.createElement('div');
  box.append(key(), chart);
  return box;
}

function key(): HTMLElement {
  const list = document.createElement('div');
  list.className = 'legend heat-key';
  LABELS.forEach((label, i) => {
    const item = document.createElement('span');
    const swatch = document.createElement('i');
    swatch.style.background = COLORS[i] ?? '';
    item.append(swatch, label);
    list.append(item);
  });
  const stripe = document.createElement('span');
  stripe.textContent = '━ throttled';
  list.append(stripe);
  return list;
}

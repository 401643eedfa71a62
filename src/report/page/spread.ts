/** The heat map of response times over time: one hue, paler for fewer, so that grey print keeps the order. */
import * as Plot from '@observablehq/plot';
import type { ChartData, SpreadData } from '../html/chart-data.ts';
import { clock, logAxis, type Place, phaseMarks, precise, TIP, time, timeOptions } from './axes.ts';

/** Shares of a column's records where the colour changes: a thousandth is seen, because tails are what people look for. */
const STEPS = [0.001, 0.01, 0.05, 0.2, 0.5] as const;
const LABELS = ['< 0.1 %', '0.1–1', '1–5', '5–20', '20–50', '≥ 50 %'];
/** Percent of the full colour. */
const DEPTHS = [14, 28, 46, 64, 82, 100] as const;
const COLORS = DEPTHS.map(
  (depth) => `color-mix(in srgb, var(--c-accepted) ${depth}%, var(--card))`,
);

interface Cell {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
  readonly count: number;
  readonly share: number;
}

/** The map of a run, with its key. */
export function spread(data: ChartData, place: Place): Element {
  const box = document.createElement('div');
  if (data.spread === null) return box;
  const last = (data.atSeconds.at(-1) ?? 0) + data.pointSeconds;
  const cells = cellsOf(data.spread, last);
  const axis = logAxis(cells.flatMap(({ low, high }) => [low, high]));
  const chart = Plot.plot({
    ...timeOptions(data, place, 300),
    marginLeft: 60,
    y: axis.scale,
    color: { type: 'threshold', domain: [...STEPS], range: COLORS },
    marks: [
      ...phaseMarks(data, place),
      Plot.rect(cells, { x1: 'from', x2: 'to', y1: 'low', y2: 'high', fill: 'share', inset: 0.25 }),
      ...axis.marks,
      Plot.tip(
        cells,
        Plot.pointer({
          ...TIP,
          x: (cell: Cell) => (cell.from + cell.to) / 2,
          y: (cell: Cell) => Math.sqrt(cell.low * cell.high),
          title: (cell: Cell) =>
            `${clock(cell.from)}, ${time(cell.low)} to ${time(cell.high)}\n${precise(cell.count)} records\n${precise(cell.share * 100)} % of those that settled then`,
        }),
      ),
    ],
  });
  box.append(key(), chart);
  return box;
}

/** Only cells with a record: most of the grid is empty. */
function cellsOf({ cellSeconds, bands }: SpreadData, last: number): Cell[] {
  const columns = bands[0]?.counts.length ?? 0;
  const sums = Array.from({ length: columns }, (_, i) =>
    bands.reduce((sum, { counts }) => sum + (counts[i] ?? 0), 0),
  );
  return bands.flatMap(({ fromMs, toMs, counts }) =>
    counts.flatMap((count, i) => {
      if (count === 0) return [];
      const from = i * cellSeconds;
      const to = Math.min(last, from + cellSeconds);
      const share = count / (sums[i] ?? count);
      return [{ from, to, low: fromMs, high: toMs, count, share }];
    }),
  );
}

function key(): HTMLElement {
  const list = document.createElement('div');
  list.className = 'legend heat-key';
  const unit = document.createElement('span');
  unit.className = 'unit';
  unit.textContent = '↑ logarithmic; share of the records of that time';
  list.append(unit);
  LABELS.forEach((label, i) => {
    const item = document.createElement('span');
    const swatch = document.createElement('i');
    swatch.style.background = COLORS[i] ?? '';
    item.append(swatch, label);
    list.append(item);
  });
  return list;
}

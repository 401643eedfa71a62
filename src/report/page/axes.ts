/** What the charts share: sizes, number formats, the time axis with its phases, and lines that need no colour vision. */
import * as Plot from '@observablehq/plot';
import type { ChartData, Series } from '../html/chart-data.ts';

/** Where and how wide to draw. */
export interface Place {
  readonly width: number;
  readonly label: string;
}

/** One value of one series at one time. */
export interface Point {
  readonly at: number;
  readonly value: number;
  readonly name: string;
}

/** A series with a name, a colour of the page's palette, and a dash pattern that tells it apart without colour. */
export interface Layer {
  readonly name: string;
  readonly color: string;
  readonly dash: string;
  readonly values: Series;
}

/** Below this width labels move out of the margins. */
export const NARROW = 520;

const COUNT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });
const PLAIN = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });

/** `12.5k` */
export function compact(value: number): string {
  return COUNT.format(value);
}

/** Four digits, with separators. */
export function precise(value: number): string {
  return PLAIN.format(value);
}

/** Milliseconds as people read them: `850 µs`, `12 ms`, `1.5 s`, `2 min`. */
export function time(ms: number): string {
  if (ms === 0) return '0';
  if (ms < 1) return `${precise(ms * 1000)} µs`;
  if (ms < 1_000) return `${precise(ms)} ms`;
  return ms < 120_000 ? `${precise(ms / 1_000)} s` : `${precise(ms / 60_000)} min`;
}

/** Seconds since the start: `45 s`, `2:30`. */
export function clock(seconds: number): string {
  if (seconds < 120) return `${precise(seconds)} s`;
  const rest = Math.floor(seconds % 60);
  return `${Math.floor(seconds / 60)}:${String(rest).padStart(2, '0')}`;
}

/** The points of layers, nulls left out. */
export function pointsOf(data: ChartData, layers: readonly Layer[]): Point[] {
  return layers.flatMap(({ name, values }) =>
    data.atSeconds.flatMap((at, i) => {
      const value = values[i];
      return value === null || value === undefined ? [] : [{ at, value, name }];
    }),
  );
}

/** The color scale of layers, with its legend. */
export function colorOf(layers: readonly Layer[]): Plot.ScaleOptions & { legend?: boolean } {
  return {
    domain: layers.map(({ name }) => name),
    range: layers.map(({ color }) => color),
  };
}

/** Options alike in every chart over time. */
export function timeOptions(data: ChartData, place: Place, height: number): Plot.PlotOptions {
  const last = data.atSeconds.at(-1) ?? 0;
  return {
    width: place.width,
    height,
    marginLeft: 52,
    marginRight: 14,
    marginTop: 24,
    marginBottom: 34,
    ariaLabel: place.label,
    style: { background: 'transparent', fontSize: '12px', overflow: 'visible' },
    x: {
      domain: [0, last + data.pointSeconds],
      label: 'since the start of the load',
      tickFormat: clock,
      ticks: Math.max(3, Math.floor(place.width / 110)),
    },
  };
}

/** Shading under what is not counted, and a line with a name where a phase starts. */
export function phaseMarks(data: ChartData): Plot.Markish[] {
  const last = (data.atSeconds.at(-1) ?? 0) + data.pointSeconds;
  const shown = data.phases.filter(({ fromSeconds }) => fromSeconds < last);
  return [
    Plot.rectX(
      shown.filter(({ measured }) => !measured),
      { x1: 'fromSeconds', x2: 'toSeconds', fill: 'var(--shade)' },
    ),
    Plot.ruleX(shown, { x: 'fromSeconds', stroke: 'var(--rule)', strokeDasharray: '2 3' }),
    Plot.text(shown, {
      x: 'fromSeconds',
      text: 'name',
      frameAnchor: 'top',
      textAnchor: 'start',
      dx: 4,
      dy: -16,
      fill: 'var(--muted)',
    }),
  ];
}

/** A line for each layer, in its colour and dash. */
export function lineMarks(data: ChartData, layers: readonly Layer[]): Plot.Markish[] {
  return layers.map((layer) =>
    Plot.lineY(pointsOf(data, [layer]), {
      x: 'at',
      y: 'value',
      stroke: layer.color,
      strokeDasharray: layer.dash,
      strokeWidth: 1.75,
    }),
  );
}

/** The values of every layer at the time under the pointer. */
export function readout(
  data: ChartData,
  layers: readonly Layer[],
  format: (value: number) => string,
): Plot.Markish[] {
  const rows = data.atSeconds.map((at, i) => {
    const texts = layers.map(({ name, values }) => {
      const value = values[i];
      return `${name}: ${value === null || value === undefined ? '-' : format(value)}`;
    });
    return { at, text: [clock(at), ...texts].join('\n') };
  });
  return [
    Plot.ruleX(rows, Plot.pointerX({ x: 'at', stroke: 'var(--ink)', strokeOpacity: 0.4 })),
    Plot.tip(
      rows,
      Plot.pointerX({ x: 'at', title: 'text', frameAnchor: 'top', fill: 'var(--card)' }),
    ),
  ];
}

/** A legend with the line's own dash, so that it can be read in grey. */
export function legend(layers: readonly Layer[], kind: 'line' | 'area'): HTMLElement {
  const list = document.createElement('div');
  list.className = 'legend';
  for (const { name, color, dash } of layers) {
    const item = document.createElement('span');
    const key = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    key.setAttribute('width', '26');
    key.setAttribute('height', '12');
    key.setAttribute('aria-hidden', 'true');
    const mark = document.createElementNS(key.namespaceURI as 'http://www.w3.org/2000/svg', 'line');
    const thick = kind === 'area' && dash === '';
    for (const [attribute, value] of Object.entries({
      x1: '1',
      x2: '25',
      y1: '6',
      y2: '6',
      stroke: color,
      'stroke-width': thick ? '11' : '2.5',
      'stroke-dasharray': dash,
    })) {
      mark.setAttribute(attribute, value);
    }
    key.append(mark);
    item.append(key, name);
    list.append(item);
  }
  return list;
}

/** A legend above a chart. */
export function withLegend(
  layers: readonly Layer[],
  kind: 'line' | 'area',
  chart: Element,
): HTMLElement {
  const box = document.createElement('div');
  box.append(legend(layers, kind), chart);
  return box;
}

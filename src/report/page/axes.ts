/** What the charts share: sizes, number formats, the time axis with its phases, and lines that need no colour vision. */
import * as Plot from '@observablehq/plot';
import type { ChartData, Series } from '../html/chart-data.ts';

/** Where and how wide to draw. */
export interface Place {
  readonly width: number;
  readonly label: string;
  /** Which of several charts of one kind; '' where there is one. */
  readonly part?: string;
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

/** A logarithmic upright axis of times: its scale, and the marks that draw it. */
export interface LogAxis {
  readonly scale: Plot.ScaleOptions;
  readonly marks: readonly Plot.Markish[];
}

/**
 * Ticks at 1, 2 and 5 of each decade, or only at 1 where those would crowd the axis. Labels are given as texts, because
 * the library leaves out some labels of a logarithmic axis that it formats itself.
 */
export function logAxis(values: readonly number[]): LogAxis {
  const above = values.filter((value) => value > 0);
  const low = above.length === 0 ? 1 : Math.min(...above) / 1.1;
  const high = above.length === 0 ? 10 : Math.max(...above) * 1.1;
  const from = Math.floor(Math.log10(low));
  const to = Math.ceil(Math.log10(high));
  const steps = to - from > 3 ? [1] : [1, 2, 5];
  const ticks = Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i))
    .flatMap((decade) => steps.map((step) => step * decade))
    .filter((tick) => tick >= low && tick <= high);
  return {
    scale: { type: 'log', domain: [low, high], label: null, axis: null },
    marks: [Plot.gridY(ticks), Plot.axisY(ticks, { text: time, label: null })],
  };
}

/** The points of layers, nulls left out; each holds until the next, so the last is given its end. */
export function stepsOf(data: ChartData, layers: readonly Layer[]): Point[] {
  return layers.flatMap((layer) => {
    const points = pointsOf(data, [layer]);
    const last = points.at(-1);
    return last === undefined ? [] : [...points, { ...last, at: last.at + data.pointSeconds }];
  });
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

/** Steps that read well on a clock, in seconds. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600];
/** Columns that a label and the gap before the next take. */
const TICK_SPACING = 90;

/** Ticks at whole steps of a clock, as many as fit. */
export function timeTicks(seconds: number, width: number): number[] {
  const room = Math.max(2, Math.floor(width / TICK_SPACING));
  const step = TIME_STEPS.find((candidate) => seconds / candidate <= room) ?? 86_400;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => i * step);
}

/** Options alike in every chart over time. */
export function timeOptions(data: ChartData, place: Place, height: number): Plot.PlotOptions {
  const last = data.atSeconds.at(-1) ?? 0;
  return {
    width: place.width,
    height,
    marginLeft: 52,
    marginRight: 14,
    marginTop: 22,
    marginBottom: 36,
    ariaLabel: place.label,
    style: { background: 'transparent', fontSize: '12px', overflow: 'visible' },
    x: {
      domain: [0, last + data.pointSeconds],
      label: 'since the start of the load',
      tickFormat: clock,
      ticks: timeTicks(last + data.pointSeconds, place.width),
    },
  };
}

/** Columns that a letter of a phase's name takes at most. */
const LETTER = 7;

/** Shading under what is not counted, and a line where a phase starts, with its name if there is room. */
export function phaseMarks(data: ChartData, place: Place): Plot.Markish[] {
  const last = (data.atSeconds.at(-1) ?? 0) + data.pointSeconds;
  const pixelsPerSecond = (place.width - 66) / Math.max(1, last);
  const shown = data.phases.filter(({ fromSeconds }) => fromSeconds < last);
  const named = shown.filter(({ name, fromSeconds, toSeconds }) => {
    const pixels = (Math.min(last, toSeconds) - fromSeconds) * pixelsPerSecond;
    return name.length * LETTER + 14 < pixels;
  });
  return [
    Plot.rectX(
      shown.filter(({ measured }) => !measured),
      {
        x1: 'fromSeconds',
        x2: (phase: { toSeconds: number }) => Math.min(last, phase.toSeconds),
        fill: 'var(--shade)',
      },
    ),
    Plot.ruleX(shown, { x: 'fromSeconds', stroke: 'var(--rule)', strokeDasharray: '2 3' }),
    ...settledMarks(shown),
    Plot.text(named, {
      x: 'fromSeconds',
      text: 'name',
      frameAnchor: 'top',
      textAnchor: 'start',
      dx: 4,
      dy: -15,
      fill: 'var(--muted)',
    }),
  ];
}

/** Where a phase's transient was over. */
function settledMarks(phases: ChartData['phases']): Plot.Markish[] {
  const settled = phases.flatMap(({ settledSeconds }) =>
    settledSeconds === null ? [] : [{ at: settledSeconds }],
  );
  return [
    Plot.ruleX(settled, { x: 'at', stroke: 'var(--c-purple)', strokeWidth: 1.5 }),
    Plot.text(settled, {
      x: 'at',
      text: () => 'settled',
      frameAnchor: 'top',
      textAnchor: 'start',
      dx: 4,
      dy: 4,
      fill: 'var(--c-purple)',
      stroke: 'var(--card)',
      strokeWidth: 3,
      paintOrder: 'stroke',
    }),
  ];
}

/** A line for each layer, in its colour and dash. */
export function lineMarks(
  data: ChartData,
  layers: readonly Layer[],
  curve: 'linear' | 'step-after' = 'linear',
): Plot.Markish[] {
  return layers.map((layer) =>
    Plot.lineY(curve === 'linear' ? pointsOf(data, [layer]) : stepsOf(data, [layer]), {
      curve,
      x: 'at',
      y: 'value',
      stroke: layer.color,
      strokeDasharray: layer.dash,
      strokeWidth: 1.75,
    }),
  );
}

/** How a read-out under the pointer looks. */
export const TIP = { fill: 'var(--card)', stroke: 'var(--rule)', lineHeight: 1.35, textPadding: 9 };

/** The values of every layer at the time under the pointer. */
export function readout(
  data: ChartData,
  layers: readonly Layer[],
  format: (value: number) => string,
): Plot.Markish[] {
  const rows = data.atSeconds.map((from, i) => {
    const at = from + data.pointSeconds / 2;
    const texts = layers.map(({ name, values }) => {
      const value = values[i];
      return `${name}: ${value === null || value === undefined ? '-' : format(value)}`;
    });
    return { at, text: [clock(from), ...texts].join('\n') };
  });
  return [
    Plot.ruleX(rows, Plot.pointerX({ x: 'at', stroke: 'var(--ink)', strokeOpacity: 0.4 })),
    Plot.tip(rows, Plot.pointerX({ ...TIP, x: 'at', title: 'text', frameAnchor: 'top' })),
  ];
}

/** What a chart's key says. */
export interface LegendOptions {
  /** Unit of the upright axis, in words; it stands first. */
  readonly unit: string;
  readonly kind: 'line' | 'area';
}

/** A key above a chart, with each line's own dash, so that it can be read in grey. */
export function withLegend(
  layers: readonly Layer[],
  options: LegendOptions,
  chart: Element,
): HTMLElement {
  const list = document.createElement('div');
  list.className = 'legend';
  const unit = document.createElement('span');
  unit.className = 'unit';
  unit.textContent = `↑ ${options.unit}`;
  list.append(unit);
  const isNamed = layers.length > 1 || options.kind === 'area';
  for (const layer of isNamed ? layers : []) {
    const item = document.createElement('span');
    item.append(swatch(layer, options.kind), layer.name);
    list.append(item);
  }
  const box = document.createElement('div');
  box.append(list, chart);
  return box;
}

const SVG = 'http://www.w3.org/2000/svg';

function swatch({ color, dash }: Layer, kind: LegendOptions['kind']): Element {
  const key = document.createElementNS(SVG, 'svg');
  const mark = document.createElementNS(SVG, 'line');
  const isArea = kind === 'area' && dash === '';
  const shape = { x1: 1, x2: 25, y1: 6, y2: 6, stroke: color, 'stroke-dasharray': dash };
  for (const [name, value] of Object.entries({ ...shape, 'stroke-width': isArea ? 11 : 2.5 })) {
    mark.setAttribute(name, String(value));
  }
  key.setAttribute('width', '26');
  key.setAttribute('height', '12');
  key.setAttribute('aria-hidden', 'true');
  key.append(mark);
  return key;
}

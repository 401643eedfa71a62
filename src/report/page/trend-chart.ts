/** A metric over nights: a dot a night, the means of the levels, and the change points with what they changed. */
import * as Plot from '@observablehq/plot';
import type { TrendChart, TrendData, TrendNight } from '../trend/trend-data.ts';
import { compact, type Place, precise, TIP, time } from './axes.ts';

/** Columns that a date and the gap before the next take. */
const DATE_SPACING = 76;
const HEIGHT = 260;
const SYMBOLS: Readonly<Record<string, string>> = { regression: 'times', suspected: 'triangle' };

/** Of the chart that `place.part` numbers. */
export function trend(data: TrendData, place: Place): Element {
  const chart = data.charts[Number(place.part)];
  if (chart === undefined) return document.createElement('div');
  const box = document.createElement('div');
  box.append(legendOf(chart), plotOf(chart, place));
  return box;
}

function plotOf(chart: TrendChart, place: Place): Element {
  const { nights, levels, points } = chart;
  const format = formatOf(chart);
  const room = Math.max(2, Math.floor((place.width - 70) / DATE_SPACING));
  const step = Math.max(1, Math.ceil(nights.length / room));
  const ticks = nights.flatMap((_, i) => (i % step === 0 ? [i] : []));
  return Plot.plot({
    width: place.width,
    height: HEIGHT,
    marginLeft: 62,
    marginRight: 24,
    marginTop: 26,
    marginBottom: 34,
    ariaLabel: place.label,
    style: { background: 'transparent', fontSize: '12px', overflow: 'visible' },
    x: {
      domain: [-0.5, Math.max(1, nights.length) - 0.5],
      label: null,
      ticks,
      tickFormat: (at: number) => dateOf(nights[at]),
    },
    y: { domain: domainOf(nights), grid: true, label: null, tickFormat: format, ticks: 5 },
    marks: [
      Plot.ruleX(points, {
        x: ({ at }) => at - 0.5,
        stroke: ({ isBetter }) => (isBetter ? 'var(--good)' : 'var(--bad)'),
        strokeWidth: 1.5,
        strokeDasharray: '4 3',
      }),
      Plot.text(points, {
        x: ({ at }) => at - 0.5,
        text: ({ change, isBetter }) => `${isBetter ? '✔' : '✘'} ${signed(change)}`,
        frameAnchor: 'top',
        dy: -14,
        fill: ({ isBetter }) => (isBetter ? 'var(--good)' : 'var(--bad)'),
        fontWeight: 600,
      }),
      Plot.link(levels, {
        x1: ({ from }) => from - 0.5,
        x2: ({ to }) => to - 0.5,
        y1: 'mean',
        y2: 'mean',
        stroke: 'var(--c-accepted)',
        strokeWidth: 2,
      }),
      Plot.dot(nights, {
        x: (_, i) => i,
        y: 'value',
        r: nights.length > 120 ? 2.5 : 4,
        symbol: ({ verdict }: TrendNight) => SYMBOLS[verdict] ?? 'circle',
        stroke: colorOf,
        fill: colorOf,
        fillOpacity: 0.75,
      }),
      Plot.tip(
        nights,
        Plot.pointerX({
          ...TIP,
          x: (_: TrendNight, i: number) => i,
          y: 'value',
          title: (night: TrendNight) => readout(night, format),
        }),
      ),
    ],
    symbol: { type: 'identity' },
    color: { type: 'identity' },
  } as Plot.PlotOptions);
}

function colorOf({ verdict, accepted }: TrendNight): string {
  if (accepted !== null) return 'var(--c-purple)';
  if (verdict === 'regression') return 'var(--c-bad)';
  return verdict === 'suspected' ? 'var(--c-warm)' : 'var(--c-accepted)';
}

function readout({ startedAt, value, verdict, accepted, run }: TrendNight, format: Format): string {
  const lines = [startedAt.slice(0, 16).replace('T', ' '), format(value), verdict];
  if (accepted !== null) lines.push(`accepted: ${accepted}`);
  return [...lines, run].join('\n');
}

type Format = (value: number) => string;

function formatOf({ kind }: TrendChart): Format {
  if (kind === 'time') return time;
  if (kind === 'share') return (value) => `${precise(value * 100)} %`;
  return (value) => (Math.abs(value) >= 10_000 ? compact(value) : precise(value));
}

/** Not from zero: what is looked for is a few percent. At least 10 % high, so that noise does not look like a mountain. */
function domainOf(nights: readonly TrendNight[]): [number, number] {
  const values = nights.map(({ value }) => value);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const least = Math.max(Math.abs(high), Number.MIN_VALUE) * 0.1;
  const pad = Math.max((high - low) * 0.12, (least - (high - low)) / 2, 0);
  return [low >= 0 ? Math.max(0, low - pad) : low - pad, high + pad];
}

function dateOf(night: TrendNight | undefined): string {
  if (night === undefined) return '';
  return new Date(night.startedAt).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  });
}

function signed(change: number): string {
  if (Math.abs(change) > 1000) return 'from 0';
  return `${change < 0 ? '−' : '+'}${Math.abs(change * 100).toFixed(Math.abs(change) < 0.1 ? 1 : 0)} %`;
}

function legendOf({ unit, nights }: TrendChart): HTMLElement {
  const list = document.createElement('div');
  list.className = 'legend';
  const add = (text: string, color: string, className = '') => {
    const item = document.createElement('span');
    item.className = className;
    item.textContent = text;
    item.style.color = color;
    list.append(item);
  };
  add(`↑ ${unit}`, '', 'unit');
  const verdicts = new Set(nights.map(({ verdict }) => verdict));
  if (verdicts.has('regression')) add('✕ regression', 'var(--c-bad)');
  if (verdicts.has('suspected')) add('▲ suspected', 'var(--c-warm)');
  if (nights.some(({ accepted }) => accepted !== null)) add('● accepted', 'var(--c-purple)');
  return list;
}

/** What the charts of a comparison share: each variant's colour and dash, and panels side by side. */
import * as Plot from '@observablehq/plot';
import type { ComparisonData } from '../comparison/chart-data.ts';
import { NARROW, type Place, precise } from './axes.ts';

/** A variant's look: told apart without colour by its dash, and by its label everywhere. */
export interface Look {
  readonly color: string;
  readonly dash: string;
}

const COLORS = [
  'var(--c-accepted)',
  'var(--c-warm)',
  'var(--c-purple)',
  'var(--c-bad)',
  'var(--c-sky)',
  'var(--c-pink)',
  'var(--c-grey)',
  'var(--ink)',
] as const;
const DASHES = ['', '6 3', '2 2', '8 3 2 3', '1 3'] as const;

/** The look of a variant by its place among all. */
export function lookOf(data: ComparisonData, variant: string): Look {
  const place = Math.max(0, data.variants.indexOf(variant));
  return {
    color: COLORS[place % COLORS.length] ?? 'var(--ink)',
    dash: DASHES[(place + Math.floor(place / COLORS.length)) % DASHES.length] ?? '',
  };
}

/** What every chart of a comparison has alike. */
export const PLAIN = { background: 'transparent', fontSize: '12px', overflow: 'visible' } as const;

/** `$0.01234` */
export function dollars(usd: number): string {
  return `$${precise(usd)}`;
}

/** Columns that a letter takes at 12 px. */
const LETTER = 7;
/** Between a name and its bar. */
const LABEL_GAP = 20;
const LABEL_SHARE = 0.36;
/** Columns that a tick's label needs. */
const TICK_ROOM = 72;

/** How wide a margin the variants' names need, and how many letters fit in it. */
export function labelRoom(
  data: ComparisonData,
  { width }: Place,
): { readonly margin: number; readonly letters: number } {
  const longest = Math.max(4, ...data.variants.map((name) => name.length));
  const margin = Math.min(longest * LETTER + LABEL_GAP, width * LABEL_SHARE);
  return { margin, letters: Math.floor((margin - LABEL_GAP) / LETTER) };
}

/** A name cut in its middle: its ends tell it apart. */
export function shortened(name: string, letters: number): string {
  if (name.length <= letters) return name;
  const head = Math.ceil((letters - 1) / 2);
  return `${name.slice(0, head)}…${name.slice(name.length - (letters - 1 - head))}`;
}

/** Charts with a heading each, as many side by side as there is room for. */
export function panels(
  place: Place,
  titles: readonly string[],
  draw: (index: number, width: number) => Element,
): HTMLElement {
  const box = document.createElement('div');
  box.className = 'panels';
  const columns = Math.min(titles.length, place.width < 2 * NARROW ? 1 : 2);
  const width = columns <= 1 ? place.width : Math.floor((place.width - 18) / 2);
  box.style.gridTemplateColumns = `repeat(${Math.max(1, columns)}, minmax(0, 1fr))`;
  titles.forEach((title, i) => {
    const panel = document.createElement('div');
    const head = document.createElement('h4');
    head.textContent = title;
    panel.append(head, draw(i, width));
    box.append(panel);
  });
  return box;
}

/** As many ticks as have room beside the names. */
function tickCount({ width }: Place, margin: number): number {
  return Math.max(2, Math.min(6, Math.floor((width - margin) / TICK_ROOM) - 1));
}

/** A bar for each variant, with its value. */
export function bars(
  data: ComparisonData,
  place: Place,
  options: {
    readonly values: readonly { readonly variant: string; readonly value: number }[];
    readonly unit: string;
    readonly format: (value: number) => string;
  },
): Element {
  const { margin, letters } = labelRoom(data, place);
  return Plot.plot({
    width: place.width,
    height: 26 * options.values.length + 46,
    marginLeft: margin,
    marginRight: 76,
    marginTop: 4,
    marginBottom: 38,
    ariaLabel: place.label,
    style: PLAIN,
    x: {
      label: options.unit,
      grid: true,
      ticks: tickCount(place, margin),
      tickFormat: options.format,
    },
    y: {
      label: null,
      domain: options.values.map(({ variant }) => variant),
      tickFormat: (name: string) => shortened(name, letters),
      tickSize: 0,
    },
    marks: [
      Plot.barX(options.values, {
        x: 'value',
        y: 'variant',
        fill: (row: { variant: string }) => lookOf(data, row.variant).color,
        inset: 3,
      }),
      Plot.text(options.values, {
        x: 'value',
        y: 'variant',
        text: (row: { value: number }) => options.format(row.value),
        textAnchor: 'start',
        dx: 6,
        fill: 'var(--ink)',
      }),
      Plot.ruleX([0], { stroke: 'var(--rule)' }),
    ],
  });
}

/** A bar for each variant, cut into named shares or lengths. */
export function stackedBars(
  data: ComparisonData,
  place: Place,
  options: {
    readonly values: readonly {
      readonly variant: string;
      readonly name: string;
      readonly value: number;
    }[];
    readonly names: readonly string[];
    readonly colors: readonly string[];
    readonly unit: string;
    readonly format: (value: number) => string;
  },
): Element {
  const { margin, letters } = labelRoom(data, place);
  const chart = Plot.plot({
    width: place.width,
    height: 26 * data.variants.length + 46,
    marginLeft: margin,
    marginRight: 22,
    marginTop: 4,
    marginBottom: 38,
    ariaLabel: place.label,
    style: PLAIN,
    x: {
      label: options.unit,
      grid: true,
      ticks: tickCount(place, margin),
      tickFormat: options.format,
    },
    y: {
      label: null,
      domain: [...data.variants],
      tickFormat: (name: string) => shortened(name, letters),
      tickSize: 0,
    },
    color: { domain: [...options.names], range: [...options.colors] },
    marks: [
      Plot.barX(
        options.values,
        Plot.stackX({
          x: 'value',
          y: 'variant',
          fill: 'name',
          order: [...options.names],
          insetTop: 3,
          insetBottom: 3,
        }),
      ),
      Plot.ruleX([0], { stroke: 'var(--rule)' }),
      Plot.tip(
        options.values,
        Plot.pointer(
          Plot.stackX({
            x: 'value',
            y: 'variant',
            order: [...options.names],
            z: 'name',
            fill: 'var(--card)',
            stroke: 'var(--rule)',
            title: (row: { variant: string; name: string; value: number }) =>
              `${row.variant}\n${row.name}: ${options.format(row.value)}`,
          }),
        ),
      ),
    ],
  });
  const box = document.createElement('div');
  box.append(areaKey(options.names, options.colors), chart);
  return box;
}

function areaKey(names: readonly string[], colors: readonly string[]): HTMLElement {
  const list = document.createElement('div');
  list.className = 'legend heat-key';
  names.forEach((name, i) => {
    const item = document.createElement('span');
    const swatch = document.createElement('i');
    swatch.style.background = colors[i] ?? '';
    item.append(swatch, name);
    list.append(item);
  });
  return list;
}

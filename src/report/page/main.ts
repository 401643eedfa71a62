/**
 * The program inside a report page. In: the JSON block of the page. Out: one SVG in each `[data-chart]`. It fetches
 * nothing; without it the page still has every figure in its tables. Charts are drawn at the width of their place and
 * drawn again when that changes; colours are CSS variables, so light, dark and print need no redraw.
 */
import type { Place } from './axes.ts';
import { charts } from './charts.ts';
import { comparisonCharts } from './comparison-charts.ts';
import { trend } from './trend-chart.ts';

/** The page's kind of data is that of the charts it asks for. */
const ALL: Readonly<Record<string, (data: never, place: Place) => Element>> = {
  ...charts,
  ...comparisonCharts,
  trend,
};

function start(): void {
  const block = document.getElementById('chart-data');
  if (block === null) return;
  const data = JSON.parse(block.textContent ?? '') as never;
  const places = [...document.querySelectorAll<HTMLElement>('[data-chart]')];
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) drawInto(target as HTMLElement, data);
  });
  for (const place of places) {
    drawInto(place, data);
    observer.observe(place);
  }
}

/** Narrower places get a chart of this width, scaled down: margins alone take half of it. */
const WIDTH_MIN = 220;

function drawInto(place: HTMLElement, data: never): void {
  const width = Math.max(WIDTH_MIN, Math.floor(place.clientWidth));
  // A height change after drawing reports again with the same width; drawing then would never end.
  if (place.clientWidth === 0 || place.getAttribute('data-width') === String(width)) return;
  place.setAttribute('data-width', String(width));
  // `trend/2`: the third of several charts of one kind.
  const [name = '', part = ''] = (place.getAttribute('data-chart') ?? '').split('/');
  const chart = ALL[name]?.(data, { width, label: place.getAttribute('aria-label') ?? '', part });
  if (chart === undefined) return;
  place.replaceChildren(chart);
  for (const picture of place.querySelectorAll('svg[aria-label]')) describe(picture);
}

/**
 * One picture to a screen reader, with the words of its figure: the library labels each layer ("rule", "area"), which says
 * nothing. The table below holds the figures.
 */
function describe(picture: Element): void {
  picture.setAttribute('role', 'img');
  for (const layer of picture.querySelectorAll('g[aria-label]')) {
    if (layer.getAttribute('aria-label') === 'tip') layer.setAttribute('role', 'group');
    else layer.removeAttribute('aria-label');
  }
}

start();

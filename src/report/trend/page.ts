/**
 * The page over all nights. In: a history, the metrics of each series, and the page's program. Out: one HTML file: what the
 * last night was, then a chart for each metric of each series with its change points, and a table below each.
 */

import type { History, Night } from '../../results/history.ts';
import type { ComparedMetric } from '../comparison/comparison.ts';
import { shareText, toneOf, valueText } from '../gate/words.ts';
import { figureHtml } from '../html/figures.ts';
import { type Html, html, NOTHING } from '../html/html.ts';
import { type PageSection, pageHtml, tableFigure } from '../html/shell.ts';
import { formatNumber } from '../quantity.ts';
import { plural } from '../view-model.ts';
import { type TrendSeries, trendCharts, trendSeries } from './series.ts';
import type { TrendChart, TrendData } from './trend-data.ts';

const SIGNS = { good: '✔', warn: '▲', bad: '✘', plain: '●' } as const;
const STYLE = `
.strip{list-style:none;margin:18px 0 0;padding:0;display:grid;gap:8px}
.strip li{padding:10px 16px;border-left:6px solid;border-radius:6px}.strip span{color:var(--ink)}
.strip li.plain{color:var(--ink);background:var(--card);border-color:var(--c-grey)}.strip b{margin-right:6px}
`;
/** Rows of a table below a chart; the history has them all. */
const ROWS_MAX = 60;

export interface TrendPageInput {
  readonly history: History;
  /** Name of the folder, for the title. */
  readonly title: string;
  readonly createdAt: string;
  /** What is drawn of a series, by a night of it. */
  readonly metricsOf: (night: Night) => readonly ComparedMetric[];
}

/** @param script the page's program, from `readPageScript` */
export function renderTrendPage(input: TrendPageInput, script: string): string {
  const series = trendSeries(input.history.nights);
  const charts = series.map((one) => chartsOf(one, input));
  const data: TrendData = { charts: charts.flat() };
  let drawn = 0;
  const sections = series.map((one, i): PageSection => {
    const own = charts[i] ?? [];
    const body = own.map((chart) => figureHtml(figureOf(chart, drawn++)));
    return {
      id: `series-${i}`,
      title: titleOf(one, series),
      body: html`<p class="note">${factsOf(one)}</p>${body}${tableFigure('Change points', pointTable(own))}`,
    };
  });
  return pageHtml({
    title: input.title,
    header: html`<header><h1>${input.title}</h1><p class="sub">${plural(input.history.nights.length, 'night')} in ${series.length} series</p>${unreadableHtml(input.history)}</header>`,
    lead: html`<ul class="strip" aria-label="Last nights">${series.map((one) => lastNightHtml(one, series))}</ul>`,
    sections,
    footer: `Made by Shardstorm on ${input.createdAt} (shardstorm.night/1).`,
    data,
    script,
    style: STYLE,
  });
}

function chartsOf(series: TrendSeries, { metricsOf }: TrendPageInput): TrendChart[] {
  const last = series.nights.at(-1);
  return last === undefined ? [] : trendCharts(series, metricsOf(last));
}

function unreadableHtml({ unreadable }: History): Html {
  if (unreadable.length === 0) return NOTHING;
  return html`<div class="verdict warn" role="status"><b>▲ Nights that cannot be read are left out</b><ul>${unreadable.map((text) => html`<li>${text}</li>`)}</ul></div>`;
}

/** A name alone, or with the scenario, or with when it began, as far as it takes to tell them apart. */
function titleOf(series: TrendSeries, all: readonly TrendSeries[]): string {
  const [first] = series.nights;
  const same = all.filter(({ name }) => name === series.name);
  if (same.length < 2 || first === undefined) return series.name;
  return `${series.name}, from ${dayOf(first.runs[0]?.run.startedAt ?? '')}`;
}

function factsOf({ nights }: TrendSeries): string {
  const last = nights.at(-1);
  if (last === undefined) return '';
  const { scenario, target, machine, node, toolVersion, split } = last.fingerprint;
  return `Scenario ${scenario}, target ${target}, ${split}; ${machine}; Node.js ${node}, Shardstorm ${toolVersion}. ${plural(nights.length, 'night')}.`;
}

function lastNightHtml(series: TrendSeries, all: readonly TrendSeries[]): Html {
  const last = series.nights.at(-1);
  if (last === undefined) return NOTHING;
  const tone = toneOf(last.verdict);
  const accepted = last.accepted === null ? '' : `, accepted: ${last.accepted}`;
  return html`<li class="${tone}"><b>${SIGNS[tone]} ${last.verdict}</b> <span>${titleOf(series, all)}, ${dayOf(last.runs[0]?.run.startedAt ?? '')}${accepted}</span></li>`;
}

function figureOf(chart: TrendChart, index: number) {
  const shown = chart.nights.slice(-ROWS_MAX);
  const first = chart.nights.length - shown.length;
  const way = chart.better === 'higher' ? 'Higher is better' : 'Lower is better';
  return {
    chart: `trend/${index}`,
    title: chart.metric,
    caption: `One dot a night, in the order in which they were recorded. ${way}. A line is the mean of a level; an upright line is a change point, with the change.`,
    table: {
      caption: first === 0 ? '' : `The last ${ROWS_MAX} nights; the history folder has them all.`,
      heads: ['night', 'began', 'value', 'verdict', 'level', 'run'],
      words: [1, 3, 5],
      rows: shown.map((night, i) => {
        const level = chart.levels.find(({ from, to }) => first + i >= from && first + i < to);
        return {
          cells: [
            String(first + i + 1),
            dayOf(night.startedAt),
            chartValue(chart, night.value),
            night.accepted === null ? night.verdict : `${night.verdict}, accepted`,
            level === undefined ? '-' : chartValue(chart, level.mean),
            night.run,
          ],
        };
      }),
    },
  };
}

function pointTable(charts: readonly TrendChart[]) {
  const rows = charts.flatMap((chart) =>
    chart.points.map(({ at, change, p, isBetter }) => ({
      cells: [
        chart.metric,
        dayOf(chart.nights[at]?.startedAt ?? ''),
        shareText(change),
        isBetter ? 'better' : 'worse',
        p < 1e-6 ? '< 0.000001' : formatNumber(Number(p.toPrecision(2))),
      ],
    })),
  );
  return {
    caption: rows.length === 0 ? 'None: no level differs from the one before.' : '',
    heads: ['metric', 'since', 'change', '', 'p'],
    words: [1, 3],
    rows,
  };
}

function chartValue({ path, kind }: TrendChart, value: number): string {
  return valueText(path, kind === 'time' ? value * 1000 : value);
}

function dayOf(startedAt: string): string {
  return startedAt.slice(0, 16).replace('T', ' ');
}

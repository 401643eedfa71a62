/**
 * The page of one run. In: the run's files, already read, and the page's program. Out: one HTML file that holds
 * everything and asks for nothing: no network (the content security policy forbids it), readable without scripts, under
 * 2 MB. Invariant: every text from a scenario, a service or a person passes the escaping template.
 */

import type { LatencyHeat } from '../../results/latency-heat.ts';
import type { Summary } from '../../results/summary.ts';
import type { TimelineRow } from '../../results/timeline.ts';
import type { Verification } from '../../results/verification.ts';
import { mismatchSentences } from '../prediction.ts';
import type { PercentileCurve, ReportEvent } from '../timeline.ts';
import { isVirtual } from '../view-model.ts';
import type { ChartData } from './chart-data.ts';
import { chartData } from './chart-series.ts';
import { deliveryHtml } from './delivery.ts';
import {
  attemptsFigure,
  closedFigure,
  cpuFigure,
  curveFigure,
  figureHtml,
  fillFigure,
  heatFigure,
  latenessFigure,
  loadFigure,
  partsFigure,
  requestFillFigure,
  responseFigure,
} from './figures.ts';
import { GLOSSARY } from './glossary.ts';
import { type Html, html, NOTHING } from './html.ts';
import { cardsHtml, headerHtml } from './overview.ts';
import { downloadHtml, foldHtml, type PageSection, pageHtml, tableFigure } from './shell.ts';
import { spreadFigure } from './spread-figure.ts';
import {
  errorTable,
  eventTable,
  kplTable,
  latencyTable,
  phaseTable,
  predictionTable,
  shardTable,
} from './tables.ts';

/** What a page is made of. */
export interface HtmlReportInput {
  readonly summary: Summary;
  readonly timeline: readonly TimelineRow[];
  readonly events: readonly ReportEvent[];
  /** scenario.yaml of the result, with every default resolved. */
  readonly scenarioYaml: string;
  /** environment.json of the result. */
  readonly environment: unknown;
  /** Percentile curves, as many as there are times worth comparing; the response time first. */
  readonly curves: readonly PercentileCurve[];
  /** From latency.hlog; null or absent: no response was measured. */
  readonly latencyHeat?: LatencyHeat | null;
  /** verification.json; null or absent: the run was not verified. */
  readonly verification?: Verification | null;
}

/**
 * Renders the page.
 * @param script the page's program, from `readPageScript`
 */
export function renderHtmlReport(input: HtmlReportInput, script: string): string {
  const { summary } = input;
  const data = chartData(summary, input.timeline, input.curves, input.latencyHeat);
  return pageHtml({
    title: summary.run.name,
    header: headerHtml(summary),
    lead: cardsHtml(summary),
    sections: sectionsOf(input, data),
    footer: `Made by Shardstorm from ${summary.run.id} (${summary.schema}).`,
    data,
    script,
    style: '',
  });
}

const SECTIONS: readonly (readonly [id: string, title: string])[] = [
  ['load', 'Load'],
  ['latency', 'Latency'],
  ['shards', 'Shards'],
  ['refusals', 'Refusals'],
  ['batches', 'Batches'],
  ['generator', 'Generator'],
  ['delivery', 'Delivery'],
  ['run', 'Run'],
  ['method', 'Method'],
];

function sectionsOf(input: HtmlReportInput, data: ChartData): readonly PageSection[] {
  const { summary, verification = null } = input;
  const phases = summary.phases.length > 1 ? tableFigure('Phases', phaseTable(summary)) : NOTHING;
  const spread = data.spread === null ? NOTHING : figureHtml(spreadFigure(data.spread));
  const curve = data.curves.length > 0 ? figureHtml(curveFigure(data)) : NOTHING;
  const parts = data.parts.length > 0 ? figureHtml(partsFigure(data)) : NOTHING;
  const heat = data.heat.shards.length > 0 ? figureHtml(heatFigure(data)) : NOTHING;
  const shards =
    summary.shards.length > 0 ? tableFigure('Shards, hottest first', shardTable(summary)) : NOTHING;
  const prediction = summary.prediction === undefined ? NOTHING : predictionHtml(summary);
  const body: Readonly<Record<string, Html>> = {
    load: html`${figureHtml(loadFigure(data))}${phases}`,
    latency: html`${tableFigure('Response time and its parts', latencyTable(summary))}${figureHtml(responseFigure(data))}${spread}<div class="pair">${curve}${parts}</div>`,
    shards: html`${heat}${shards}`,
    refusals: html`${figureHtml(attemptsFigure(data))}${tableFigure('Errors by code', errorTable(summary))}`,
    batches: html`${prediction}<div class="pair">${figureHtml(fillFigure(data))}${figureHtml(requestFillFigure(data))}</div>${figureHtml(closedFigure(data))}`,
    generator: isVirtual(summary)
      ? figureHtml(latenessFigure(data))
      : html`<div class="pair">${figureHtml(latenessFigure(data))}${figureHtml(cpuFigure(data))}</div>`,
    delivery: verification === null ? NOTHING : deliveryHtml(verification),
    run: runHtml(input),
    method: methodHtml(summary),
  };
  const shown = SECTIONS.filter(([id]) => id !== 'delivery' || verification !== null);
  return shown.map(([id, title]) => ({ id, title, body: body[id] ?? NOTHING }));
}

function predictionHtml(summary: Summary): Html {
  const notes = mismatchSentences(summary).map((text) => html`<p class="note">▲ ${text}</p>`);
  return html`${tableFigure('Predicted and measured', predictionTable(summary))}${notes}`;
}

function runHtml(input: HtmlReportInput): Html {
  const json = `${JSON.stringify(input.summary, null, 2)}\n`;
  const { cost } = input.summary;
  const events =
    input.events.length === 0 ? NOTHING : tableFigure('Events', eventTable(input.events));
  const price =
    cost === null
      ? NOTHING
      : html`<p class="note">Cost: ${cost.assumptions} (prices of ${cost.priceListDate})</p>`;
  return html`${price}<p class="downloads">${downloadHtml('summary.json', 'application/json', json)}</p>${events}
${foldHtml('Scenario, with every default', 'scenario.yaml', input.scenarioYaml)}
${foldHtml('Environment', 'environment.json', JSON.stringify(input.environment, null, 2))}`;
}

function methodHtml(summary: Summary): Html {
  const entries = GLOSSARY.map(([term, meaning]) => html`<dt>${term}</dt><dd>${meaning}</dd>`);
  return html`<figure><h3>How these numbers were made</h3><dl class="glossary">${entries}</dl></figure>
${tableFigure('The KPL’s names', kplTable(summary))}`;
}

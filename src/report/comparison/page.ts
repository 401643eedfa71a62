/**
 * The page of a comparison. In: the comparison, its runs and the page's program. Out: one HTML file, the reader's first
 * question first: which variant, how sure, at what cost. Invariant: it says what the terminal says, from the same words.
 */
import { stringify } from 'yaml';
import { figureHtml } from '../html/figures.ts';
import { type Html, html, NOTHING } from '../html/html.ts';
import { downloadHtml, foldHtml, type PageSection, pageHtml, tableFigure } from '../html/shell.ts';
import type { ComparisonData } from './chart-data.ts';
import { comparisonData, drawnVariants, VARIANTS_DRAWN_MAX } from './chart-series.ts';
import type { Comparison } from './comparison.ts';
import { cautions, designSentence, type VariantVerdict, variantVerdicts } from './describe.ts';
import {
  batchesFigure,
  closedFigure,
  costFigure,
  forestFigure,
  heatPanelsFigure,
  paretoFigure,
  partsFigure,
  percentilesFigure,
  refusalsFigure,
  runsFigure,
  shardsFigure,
  shiftFigure,
  throughputFigure,
} from './figures.ts';
import { COMPARISON_GLOSSARY } from './glossary.ts';
import type { RunInput } from './input.ts';
import { differenceTable, effectTable, noiseTable, runTable, settingTable } from './tables.ts';

const SIGNS = { good: '✔', warn: '▲', bad: '✘', plain: '●' } as const;
const STYLE = `
.strip{list-style:none;margin:18px 0 0;padding:0;display:grid;gap:8px}
.strip li{padding:10px 16px;border-left:6px solid;border-radius:6px}
.strip li.plain{color:var(--ink);background:var(--card);border-color:var(--c-grey)}
.strip b{margin-right:6px}.strip .name{font-weight:650;color:var(--ink);overflow-wrap:anywhere}
.strip p{margin:2px 0 0;color:var(--ink);max-width:none}.strip .fail{color:var(--bad);font-weight:600}
.take{margin:14px 0 0;padding:12px 16px;border:2px solid var(--c-accepted);border-radius:8px;background:var(--card)}
.take{max-width:none;overflow-wrap:anywhere}.take b{display:block}.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(340px,100%),1fr));gap:6px 18px}
.panels h4,.panel h4{margin:6px 0 0;font-size:.9rem;font-weight:600;overflow-wrap:anywhere}
`;

/**
 * Renders the page.
 * @param runs all that were handed in; those that do not count are left out
 * @param script the page's program, from `readPageScript`
 */
export function renderComparisonPage(
  comparison: Comparison,
  runs: readonly RunInput[],
  script: string,
): string {
  const counted = new Set(comparison.runs.map(({ id }) => id));
  const data = comparisonData(
    comparison,
    runs.filter(({ summary }) => counted.has(summary.run.id)),
  );
  return pageHtml({
    title: comparison.title,
    header: headerHtml(comparison),
    lead: leadHtml(comparison),
    sections: sectionsOf(comparison, data, runs),
    footer: `Made by Shardstorm on ${comparison.createdAt} (${comparison.schema}).`,
    data,
    script,
    style: STYLE,
  });
}

function headerHtml(comparison: Comparison): Html {
  const warnings = cautions(comparison);
  const list =
    warnings.length === 0
      ? NOTHING
      : html`<div class="verdict warn" role="status"><b>▲ Before you trust it</b><ul>${warnings.map(
          (text) => html`<li>${text}</li>`,
        )}</ul></div>`;
  const differences =
    comparison.differences.length === 0
      ? NOTHING
      : tableFigure('What else differs between the runs', differenceTable(comparison));
  return html`<header><h1>${comparison.title}</h1>
<p class="sub">${designSentence(comparison)}</p>
${list}${differences}</header>`;
}

/** One sentence a variant, those with broken thresholds first. */
function leadHtml(comparison: Comparison): Html {
  const verdicts = variantVerdicts(comparison).sort(
    (a, b) => Number(b.failures !== '') - Number(a.failures !== ''),
  );
  const { recommendation, design } = comparison;
  const what = design.isEstimateOnly ? 'Best by estimate' : 'Recommended';
  return html`<ul class="strip" aria-label="Verdicts">${verdicts.map(verdictHtml)}</ul>
<p class="take"><b>${what}: ${nameHtml(recommendation.variant ?? 'none')}</b> ${recommendation.sentence}</p>`;
}

/** A name that may break where two of its settings meet, before it breaks anywhere. */
function nameHtml(name: string): Html {
  const parts = name.split(',');
  return html`${parts.map((part, i) => (i === 0 ? html`${part}` : html`,<wbr>${part}`))}`;
}

function verdictHtml({ variant, tone, word, sentence, failures }: VariantVerdict): Html {
  const failed = failures === '' ? NOTHING : html` <span class="fail">✘ ${failures}</span>`;
  return html`<li class="${tone}"><b>${SIGNS[tone]} ${word}</b> <span class="name">${nameHtml(variant)}</span>${failed}<p>${sentence}</p></li>`;
}

function sectionsOf(
  comparison: Comparison,
  data: ComparisonData,
  runs: readonly RunInput[],
): PageSection[] {
  const pair = (...figures: readonly Html[]) => html`<div class="pair">${figures}</div>`;
  const hasCost = data.cost.length > 0;
  const undrawn = comparison.variants.length - drawnVariants(comparison).length;
  const note =
    undrawn === 0
      ? NOTHING
      : html`<p class="note">Charts show ${VARIANTS_DRAWN_MAX} variants; ${undrawn} more are in the tables and in comparison.json.</p>`;
  return [
    {
      id: 'effects',
      title: 'Effects',
      body: html`${note}${figureHtml(forestFigure(comparison))}${tableFigure('All metrics', effectTable(comparison))}`,
    },
    ...(hasCost
      ? [
          {
            id: 'trade-offs',
            title: 'Trade-offs',
            body: html`${figureHtml(paretoFigure(data))}${figureHtml(costFigure(data))}`,
          },
        ]
      : []),
    {
      id: 'load',
      title: 'Load',
      body: html`${figureHtml(throughputFigure(data))}${figureHtml(refusalsFigure(data))}`,
    },
    {
      id: 'latency',
      title: 'Latency',
      body: html`${figureHtml(percentilesFigure(data))}${figureHtml(shiftFigure(data, comparison.baseline))}${figureHtml(partsFigure(data))}`,
    },
    {
      id: 'shards',
      title: 'Shards',
      body:
        data.shards.length === 0
          ? NOTHING
          : html`${figureHtml(shardsFigure(data))}${figureHtml(heatPanelsFigure(data))}`,
    },
    {
      id: 'batches',
      title: 'Batches',
      body: pair(figureHtml(batchesFigure(data)), figureHtml(closedFigure(data))),
    },
    {
      id: 'quality',
      title: 'Run quality',
      body: html`${figureHtml(runsFigure(data))}${tableFigure('Noise from run to run', noiseTable(comparison))}${tableFigure('Runs', runTable(comparison))}`,
    },
    {
      id: 'settings',
      title: 'Settings',
      body: html`${tableFigure('Settings that differ', settingTable(comparison))}${conditionsHtml(comparison, runs)}`,
    },
    { id: 'method', title: 'Method', body: methodHtml(comparison) },
  ];
}

/** What all variants have in common: the baseline's whole scenario, and where it ran. */
function conditionsHtml({ baseline }: Comparison, runs: readonly RunInput[]): Html {
  const run = runs.find(({ variant }) => variant === baseline);
  if (run === undefined) return NOTHING;
  return html`${foldHtml(`Scenario of ${baseline}, with every default`, 'scenario.yaml', stringify(run.scenario))}
${foldHtml('Environment of its first run', 'environment.json', JSON.stringify(run.environment, null, 2))}`;
}

function methodHtml(comparison: Comparison): Html {
  const entries = COMPARISON_GLOSSARY.map(
    ([term, meaning]) => html`<dt>${term}</dt><dd>${meaning}</dd>`,
  );
  const json = `${JSON.stringify(comparison)}\n`;
  return html`<p class="downloads">${downloadHtml('comparison.json', 'application/json', json)}</p>
<figure><h3>How these numbers were made</h3><dl class="glossary">${entries}</dl></figure>`;
}

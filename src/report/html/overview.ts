/** The top of the page: what a reader wants to know first. */

import { formatBytes, formatCount, formatDurationUs, formatPercent } from '../../core/units.ts';
import { samplesNeeded } from '../../results/latency-summary.ts';
import type { Summary } from '../../results/summary.ts';
import { deliverySentence, deliveryVerdict } from '../delivery.ts';
import { intervalOf } from '../percentiles.ts';
import { formatFactor, formatRate, formatUsd, shardName } from '../quantity.ts';
import {
  boundName,
  certaintySentences,
  generatorWord,
  isVirtual,
  losses,
  plural,
  ratio,
  runWords,
  shardsByHeat,
  thresholdActual,
  thresholdWord,
  timeOrDash,
  verdictOf,
} from '../view-model.ts';
import { type Html, html, NOTHING } from './html.ts';

const SIGNS = { good: '✔', warn: '▲', bad: '✘' } as const;

/** Title, how the run was done, verdict, thresholds. */
export function headerHtml(summary: Summary): Html {
  const { run } = summary;
  const verdict = verdictOf(summary);
  const reasons = verdict.reasons.map(
    ({ text, remedy }) => html`<li><strong>${text}</strong><br>${remedy}</li>`,
  );
  const warnings = summary.warnings.map((warning) => html`<li>${warning}</li>`);
  const tags = Object.entries(run.tags).map(([key, value]) => `${key}=${value}`);
  const about = [...runWords(summary), run.startedAt, run.id, ...tags].map(
    (word, i) => html`${i === 0 ? '' : ' · '}<span>${word}</span>`,
  );
  return html`<header><h1>${run.name}</h1>
<p class="sub">${about}</p>
<div class="verdict ${verdict.tone}" role="status"><b>${SIGNS[verdict.tone]} ${verdict.word}</b> <span class="plain">${verdict.sentence}</span>${listOf(reasons)}${listOf(warnings)}</div>
${thresholdsHtml(summary)}</header>`;
}

function listOf(items: readonly Html[]): Html {
  return items.length === 0 ? NOTHING : html`<ul>${items}</ul>`;
}

function thresholdsHtml(summary: Summary): Html {
  if (summary.thresholds.length === 0 && summary.verify === undefined) return NOTHING;
  const items = summary.thresholds.map((outcome) => {
    const tone = outcome.held ? 'good' : 'bad';
    const word = thresholdWord(outcome);
    return html`<li class="${tone}">${outcome.held ? '✔' : '✘'} <code>${outcome.expression}</code> ${word}: ${thresholdActual(outcome)}</li>`;
  });
  if (summary.verify !== undefined) {
    const { tone, word } = deliveryVerdict(summary.verify);
    const sign = tone === 'good' ? '✔' : '✘';
    items.push(html`<li class="${tone}">${sign} ${word}: ${deliverySentence(summary.verify)}</li>`);
  }
  return html`<ul class="thresholds" aria-label="Thresholds">${items}</ul>`;
}

interface Card {
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

/** The figures that people quote. */
export function cardsHtml(summary: Summary): Html {
  const cards = [...loadCards(summary), ...targetCards(summary), ...effortCards(summary)];
  const certainty = certaintySentences(summary);
  const notes =
    certainty.length === 0
      ? NOTHING
      : html`<ul class="certainty" aria-label="How sure">${certainty.map((text) => html`<li>${text}</li>`)}</ul>`;
  return html`<dl class="cards">${cards.map(
    ({ name, value, note }) =>
      html`<div><dt>${name}</dt><dd>${value} <small>${note}</small></dd></div>`,
  )}</dl>${notes}`;
}

function loadCards(summary: Summary): readonly Card[] {
  const { userRecords, latency } = summary;
  const { response } = latency;
  const lost = losses(summary).map(({ name, count }) => `${formatCount(count)} ${name}`);
  const share = formatPercent(ratio(userRecords.accepted, userRecords.offered));
  const p99Missing = samplesNeeded(99, response.count);
  return [
    {
      name: 'Offered',
      value: `${formatRate(userRecords.offeredPerSecond)}/s`,
      note: `${formatCount(userRecords.offered)} user records, ${formatBytes(userRecords.bytesOffered)}`,
    },
    {
      name: 'Accepted',
      value: `${formatRate(userRecords.acceptedPerSecond)}/s`,
      note: [`${share} of offered`, ...lost].join(', '),
    },
    {
      name: 'Response p50',
      value: response.p50 === null ? 'no data' : formatDurationUs(response.p50),
      note: [...intervalOf(response, 'p50'), plural(response.count, 'record')].join(', '),
    },
    {
      name: 'Response p99',
      value: response.p99 === null || p99Missing > 0 ? 'n/a' : formatDurationUs(response.p99),
      note:
        p99Missing > 0
          ? `needs ${formatCount(p99Missing)} more records`
          : [...intervalOf(response, 'p99'), `max ${formatDurationUs(response.max ?? 0)}`].join(
              ', ',
            ),
    },
  ];
}

function targetCards(summary: Summary): readonly Card[] {
  const { rates, attempts, kinesisRecords, requests } = summary;
  const hottest = shardsByHeat(summary)[0];
  const heat =
    hottest === undefined
      ? []
      : [
          {
            name: 'Hottest shard',
            value: formatPercent(hottest.utilisation),
            note: `${shardName(hottest.id)}, of its ${boundName(hottest)} limit; ${formatCount(hottest.throttled)} throttled`,
          },
        ];
  return [
    {
      name: 'Throttled',
      value: formatPercent(rates.throttle),
      note: `of ${formatCount(attempts.records)} attempts; ${formatFactor(rates.retryAmplification)} attempts a record`,
    },
    ...heat,
    {
      name: 'User records a Kinesis record',
      value: kinesisRecords.userRecordsPerRecord.toFixed(1),
      note: `${formatBytes(kinesisRecords.bytesPerRecord)}; ${requests.recordsPerRequest.toFixed(1)} Kinesis records a request`,
    },
  ];
}

function effortCards(summary: Summary): readonly Card[] {
  const { generator, cost } = summary;
  const price =
    cost === null
      ? []
      : [
          {
            name: 'Cost of a million records',
            value: formatUsd(cost.perMillionRecordsUsd),
            note: `${formatUsd(cost.perGBUsd)} a GB, ${formatUsd(cost.perHourUsd)} an hour; prices of ${cost.priceListDate}`,
          },
        ];
  const { lateness } = summary.latency;
  const effort = isVirtual(summary)
    ? []
    : [
        {
          name: 'Records a CPU-second',
          value: formatRate(generator.userRecordsPerCpuSecond),
          note: `${generator.cpuSeconds.toFixed(1)} CPU-seconds`,
        },
      ];
  return [
    {
      name: 'Generator lateness p99',
      value: timeOrDash(lateness.p99),
      note: `${generatorWord(summary)}; event loop p99 ${formatDurationUs(generator.eventLoopDelayP99Us)}`,
    },
    ...effort,
    ...price,
  ];
}

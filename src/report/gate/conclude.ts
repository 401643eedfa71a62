/** The verdict of a night, and the sentence for it. In: what tonight looks like, and what a confirmation found. */
import { fingerprintHash } from '../../results/fingerprint.ts';
import { NIGHTS_MIN } from '../../statistics/night.ts';
import { plural } from '../view-model.ts';
import type { Confirmation, GateMetric, GateReport, GateVerdict, SeriesReport } from './gate.ts';
import type { JudgedMetric, Judgement, Tonight } from './judge.ts';
import { confirmedText, metricText, shareText } from './words.ts';

/** More are another scenario altogether; gate.json has them all. */
const DIFFERENCES_TOLD = 8;

/** From the worst to the best; a gate has the worst of its series. */
const ORDER: readonly GateVerdict[] = [
  'regression',
  'invalid',
  'suspected',
  'not comparable',
  'not enough history',
  'pass',
  'improvement',
];

export function worstVerdict(series: readonly SeriesReport[]): GateReport['verdict'] {
  return ORDER.find((word) => series.some(({ verdict }) => verdict === word)) ?? 'pass';
}

/** The metrics that a confirmation is about. */
export function suspectsOf({ metrics }: Judgement): JudgedMetric[] {
  return metrics.filter(({ state }) => state === 'worse');
}

export interface Concluded {
  readonly name: string;
  readonly tonight: Tonight;
  readonly judgement: Judgement;
  readonly confirmation: Confirmation | null;
  /** Why the change is accepted as the new level; null: it is not. */
  readonly accepted: string | null;
}

export function concludeSeries(input: Concluded): SeriesReport {
  const { tonight, judgement, confirmation } = input;
  const [first] = tonight.runs;
  const verdict = verdictOf(input);
  return {
    name: input.name,
    scenario: tonight.fingerprint.scenario,
    runs: tonight.runs.map(({ run }) => run.id),
    startedAt: first?.run.startedAt ?? '',
    verdict,
    sentence: sentenceOf(verdict, input),
    fingerprint: fingerprintHash(tonight.fingerprint),
    nights: judgement.comparable.length,
    differences: judgement.differences,
    metrics: judgement.metrics.map(gateMetric),
    confirmation,
    recorded: null,
  };
}

/** Runs that are all invalid say nothing. */
export function invalidSeries(
  name: string,
  runs: Tonight['runs'],
  fingerprint: string,
): SeriesReport {
  const [first] = runs;
  const reasons = runs.flatMap(({ invalidReasons, status }) =>
    invalidReasons.length > 0 ? invalidReasons : [`it was ${status} before its end.`],
  );
  return {
    name,
    scenario: first?.run.scenario ?? '',
    runs: runs.map(({ run }) => run.id),
    startedAt: first?.run.startedAt ?? '',
    verdict: 'invalid',
    sentence: `Not judged: ${[...new Set(reasons)].join(' ')}`,
    fingerprint,
    nights: 0,
    differences: [],
    metrics: [],
    confirmation: null,
    recorded: null,
  };
}

function gateMetric({
  levelValues: _level,
  sinceValues: _since,
  ...metric
}: JudgedMetric): GateMetric {
  return metric;
}

function verdictOf({ judgement, confirmation, accepted }: Concluded): GateVerdict {
  const { comparable, differences, metrics } = judgement;
  const has = (state: GateMetric['state']) => metrics.some((metric) => metric.state === state);
  if (comparable.length === 0 && differences.length > 0) return 'not comparable';
  if (metrics.every(({ state }) => state === 'no data')) return 'not comparable';
  if (has('worse') && accepted === null) {
    if (confirmation === null || confirmation.problem !== null) return 'suspected';
    if (confirmation.metrics.some(({ isProven }) => isProven)) return 'regression';
  }
  if (comparable.length < NIGHTS_MIN) return 'not enough history';
  const isBetter = metrics.some(({ state, rule }) => state === 'better' && rule === 'change-point');
  return isBetter ? 'improvement' : 'pass';
}

function sentenceOf(
  verdict: GateVerdict,
  { judgement, confirmation, accepted }: Concluded,
): string {
  const { comparable, differences, metrics } = judgement;
  const worse = metrics.filter(({ state }) => state === 'worse');
  const nights = plural(comparable.length, 'night');
  switch (verdict) {
    case 'not comparable':
      return differences.length > 0
        ? `No night before has the same fingerprint: ${differencesText(differences)}.`
        : `None of the metrics has a value tonight: ${metrics.map(({ name }) => name).join(', ')}.`;
    case 'not enough history':
      return `${nights} to be held against, and ${NIGHTS_MIN} are needed.`;
    case 'regression':
      return `Confirmed by ${wayText(confirmation)}: ${(confirmation?.metrics ?? [])
        .filter(({ isProven }) => isProven)
        .map((confirmed) => confirmedText(confirmed, metrics))
        .join(', ')}.`;
    case 'suspected':
      return `${worse.map(metricText).join(', ')}; ${confirmation?.problem ?? 'not confirmed, because --confirm 0 says not to measure again'}.`;
    case 'improvement':
      return `${metrics
        .filter(({ state }) => state === 'better')
        .map(metricText)
        .join(', ')}.`;
    default:
      return passSentence(nights, worse, confirmation, accepted);
  }
}

function differencesText(differences: Judgement['differences']): string {
  const told = differences.slice(0, DIFFERENCES_TOLD);
  const more = differences.length - told.length;
  const texts = told.map(({ what, was, is }) => `${what} was ${was} and is ${is}`);
  return [...texts, ...(more > 0 ? [`${more} more`] : [])].join('; ');
}

function passSentence(
  nights: string,
  worse: readonly GateMetric[],
  confirmation: Confirmation | null,
  accepted: string | null,
): string {
  if (accepted !== null) return `Accepted as the new level: ${accepted}`;
  if (worse.length === 0 || confirmation === null) return `Like the ${nights} before.`;
  const found = confirmation.metrics
    .map(({ scale, estimate, path }) => {
      const name = worse.find((metric) => metric.path === path)?.name ?? path;
      return scale === 'ratio' ? `${name} ${shareText(estimate - 1)}` : name;
    })
    .join(', ');
  return `${worse.map(metricText).join(', ')}, but ${wayText(confirmation)} did not confirm it (${found}).`;
}

function wayText(confirmation: Confirmation | null): string {
  if (confirmation === null) return 'nothing';
  const { way, runs } = confirmation;
  return way === 'blocks'
    ? `${plural(runs, 'block')} of the old program and this one`
    : `${plural(runs, 'run')} more tonight`;
}

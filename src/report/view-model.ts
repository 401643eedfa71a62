/**
 * What a summary says, in the order a person asks. In: summary.json. Out: sentences and rows that every renderer shows
 * alike, so the terminal, markdown and the page never tell different stories. Invariant: nothing is measured here, and
 * every text is plain (a renderer escapes it).
 */

import { formatBytes, formatCount, formatDurationUs, formatPercent } from '../core/units.ts';
import type {
  LatencySummary,
  Measures,
  PrecisionSummary,
  ShardSummary,
  SteadyStateSummary,
  Summary,
  ThresholdOutcome,
} from '../results/summary.ts';
import { isUndecided } from '../results/thresholds.ts';
import { memberSentences } from './members.ts';
import { formatMetric, formatRate, shardName } from './quantity.ts';
import { remedyFor } from './remedies.ts';

/** A good run, a valid run with a broken threshold, an early end or signs of strain, or a run that measured nothing worth. */
export type Tone = 'good' | 'warn' | 'bad';

/** The first line of every report. */
export interface Verdict {
  readonly tone: Tone;
  readonly word:
    | 'VALID'
    | 'VALID, THRESHOLDS BROKEN'
    | 'VALID, THRESHOLDS UNDECIDED'
    | 'SUSPECT'
    | 'INTERRUPTED'
    | 'INVALID'
    | 'FAILED';
  readonly sentence: string;
  readonly reasons: readonly { readonly text: string; readonly remedy: string }[];
}

/** One part of the response time, or the response time itself. */
export interface LatencyRow {
  readonly name:
    | 'response'
    | 'lateness'
    | 'buffering'
    | 'retry'
    | 'service'
    | 'request'
    | 'endToEnd';
  readonly meaning: string;
  /** The four parts add up to the response. */
  readonly isPart: boolean;
  readonly latency: LatencySummary;
}

/** A count with its share of the whole. */
export interface Share {
  readonly name: string;
  readonly count: number;
  readonly share: number;
}

/** The verdict of a run: invalid before everything else, then an early end, then thresholds, then strain. */
export function verdictOf(summary: Summary): Verdict {
  const reasons = summary.invalidReasons.map((text) => ({ text, remedy: remedyFor(text) }));
  const undecided = summary.thresholds.filter(isUndecided).length;
  const broken = summary.thresholds.filter((threshold) => !threshold.held).length - undecided;
  if (summary.status === 'failed') {
    return { tone: 'bad', word: 'FAILED', sentence: 'the run broke off with an error', reasons };
  }
  if (!summary.valid) {
    const sentence = 'do not compare or quote these figures';
    return { tone: 'bad', word: 'INVALID', sentence, reasons };
  }
  if (summary.status === 'interrupted') {
    const sentence = 'the result is whole up to the interruption';
    return { tone: 'warn', word: 'INTERRUPTED', sentence, reasons };
  }
  if (broken > 0 || undecided > 0) {
    const of = plural(summary.thresholds.length, 'threshold');
    const cannot = `${undecided} of ${of} cannot be judged: too few samples`;
    if (broken === 0) {
      return { tone: 'warn', word: 'VALID, THRESHOLDS UNDECIDED', sentence: cannot, reasons };
    }
    const and = undecided === 0 ? '' : `, ${undecided} cannot be judged: too few samples`;
    const sentence = `${broken} of ${of} did not hold${and}`;
    return { tone: 'warn', word: 'VALID, THRESHOLDS BROKEN', sentence, reasons };
  }
  if (summary.verdict === 'suspect') {
    const sentence = 'the generator kept up, but it or its machine strained: see the warnings';
    return { tone: 'warn', word: 'SUSPECT', sentence, reasons };
  }
  const held = summary.thresholds.length;
  const none =
    summary.run.share === undefined
      ? 'no thresholds were set'
      : 'a share of a run: thresholds are judged when the shares are merged';
  const sentence = held === 0 ? none : heldSentence(held);
  return { tone: 'good', word: 'VALID', sentence, reasons };
}

function heldSentence(count: number): string {
  return count === 1 ? 'the threshold held' : `all ${count} thresholds held`;
}

/** The measured times: the response, its four parts, then times of other things. */
export function latencyRows(measures: Measures): readonly LatencyRow[] {
  const { latency } = measures;
  const part = (name: LatencyRow['name'], meaning: string, value: LatencySummary): LatencyRow => ({
    name,
    meaning,
    isPart: true,
    latency: value,
  });
  const rows: LatencyRow[] = [
    { ...part('response', 'due until accepted', latency.response), isPart: false },
    part('lateness', 'due until generated', latency.lateness),
    part('buffering', 'generated until first sent', latency.buffering),
    part('retry', 'first sent until last sent', latency.retry),
    part('service', 'last sent until answered', latency.service),
    { ...part('request', 'one PutRecords call', latency.request), isPart: false },
  ];
  if (latency.endToEnd !== undefined) {
    rows.push({ ...part('endToEnd', 'due until read back', latency.endToEnd), isPart: false });
  }
  return rows;
}

/** The mean response time cut into its parts; empty without samples. */
export function latencyParts(measures: Measures): readonly Share[] {
  const rows = latencyRows(measures).filter((row) => row.isPart);
  return sharesOf(rows.map((row) => [row.name, row.latency.mean ?? 0]));
}

/** Why Kinesis records were closed and sent. */
export function closeReasons(measures: Measures): readonly Share[] {
  const { count, size, time, flush } = measures.kinesisRecords.closedBy;
  return sharesOf([
    ['size', size],
    ['time', time],
    ['count', count],
    ['flush', flush],
  ]);
}

/** Attempts that the service or the network refused, largest first; causes that did not happen are left out. */
export function refusals(measures: Measures): readonly Share[] {
  const { attempts } = measures;
  const causes: readonly (readonly [string, number])[] = [
    ['throttled', attempts.throttled],
    ['internal failure', attempts.internalFailure],
    ['wrong shard', attempts.wrongShard],
    ['request error', attempts.requestError],
    ['no answer', attempts.unknown],
  ];
  return causes
    .filter(([, count]) => count > 0)
    .map(([name, count]) => ({ name, count, share: ratio(count, attempts.records) }))
    .sort((a, b) => b.count - a.count);
}

function sharesOf(entries: readonly (readonly [string, number])[]): readonly Share[] {
  const total = entries.reduce((sum, [, count]) => sum + count, 0);
  if (total <= 0) return [];
  return entries.map(([name, count]) => ({ name, count, share: count / total }));
}

/** Shards, hottest first: by the share of the limit, then by throttles. */
export function shardsByHeat(measures: Measures): readonly ShardSummary[] {
  return [...measures.shards].sort(
    (a, b) => b.utilisation - a.utilisation || b.throttled - a.throttled || compareIds(a.id, b.id),
  );
}

function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Which shard is hottest, why, and whether it stands out. Empty without shards. */
export function hottestSentence(measures: Measures): string {
  const [hottest, ...others] = shardsByHeat(measures);
  if (hottest === undefined) return '';
  const heat = `${shardName(hottest.id)} at ${formatPercent(hottest.utilisation)} of its ${boundName(hottest)} limit`;
  const middle = others[Math.floor(others.length / 2)];
  if (middle === undefined || middle.utilisation <= 0) return heat;
  const factor = hottest.utilisation / middle.utilisation;
  return factor < 1.2 ? `${heat}; load is even` : `${heat}, ×${factor.toFixed(1)} the median shard`;
}

/** The limit that a shard is nearest to, in words. */
export function boundName(shard: ShardSummary): string {
  return shard.bound === 'bytes' ? 'byte' : 'record';
}

/** The measured value of a threshold in its unit, or why there is none that its sample supports. */
export function thresholdActual(outcome: ThresholdOutcome): string {
  if (outcome.note !== '') return outcome.note;
  if (outcome.actual === null) return 'no data';
  const metric = outcome.expression.trim().split(/[\s<>=!]/)[0] ?? '';
  return formatMetric(metric, outcome.actual);
}

/** Whether a threshold held, broke (no data is no result either), or has too few samples to tell. */
export function thresholdWord(outcome: ThresholdOutcome): 'held' | 'broken' | 'undecided' {
  if (outcome.held) return 'held';
  return isUndecided(outcome) ? 'undecided' : 'broken';
}

/** What became of user records that were not accepted; only what happened. */
export function losses(measures: Measures): readonly Share[] {
  const { userRecords } = measures;
  const fates: readonly (readonly [string, number])[] = [
    ['failed', userRecords.failed],
    ['expired', userRecords.expired],
    ['dropped', userRecords.dropped],
  ];
  return fates
    .filter(([, count]) => count > 0)
    .map(([name, count]) => ({ name, count, share: ratio(count, userRecords.offered) }));
}

/** How far the run's figures can be trusted, as far as it tells: error bars, whether it settled, precision, its members. */
export function certaintySentences(summary: Summary): readonly string[] {
  const { acceptedPerSecondInterval: interval } = summary.userRecords;
  const { steadyState, precision } = summary;
  return [
    ...memberSentences(summary),
    ...(interval === undefined
      ? []
      : [
          `accepted rate: 95 % interval ${formatRate(interval[0])}/s to ${formatRate(interval[1])}/s`,
        ]),
    // What was not reached is among the warnings.
    ...(steadyState?.reached === true ? [steadySentence(steadyState)] : []),
    ...(precision?.reached === true ? [precisionSentence(precision)] : []),
  ];
}

function steadySentence({ phase, settledAfterMs, by }: SteadyStateSummary): string {
  const series = by === 'response' ? 'mean response time' : 'accepted rate';
  return settledAfterMs === null || settledAfterMs === 0
    ? `phase ${phase} was steady from its start`
    : `phase ${phase} settled after ${formatDurationUs(settledAfterMs * 1000)} (${series})`;
}

function precisionSentence({ metric, wanted, halfWidth }: PrecisionSummary): string {
  const known = halfWidth === null ? '' : ` to ±${formatPercent(halfWidth)}`;
  return `${metric} is known${known}; ±${formatPercent(wanted)} was wanted`;
}

/** How the run was done, for the second line of a report. */
export function runWords(summary: Summary): readonly string[] {
  const { run } = summary;
  return [
    run.target,
    `${run.transport} transport`,
    run.protocol,
    plural(run.workers, 'worker'),
    plural(run.producers, 'producer'),
    `seed ${run.seed}`,
  ];
}

/** Batch efficiency: what a Kinesis record holds, and what a request holds. */
export function batchSentences(measures: Measures): readonly string[] {
  const { kinesisRecords, requests } = measures;
  return [
    `${kinesisRecords.userRecordsPerRecord.toFixed(1)} user records (${formatBytes(kinesisRecords.bytesPerRecord)}) a Kinesis record`,
    `${requests.recordsPerRequest.toFixed(1)} Kinesis records (${formatBytes(requests.bytesPerRequest)}) a request`,
  ];
}

/** `1 worker`, `2 workers`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Whether the run went by a clock of its own: then the generator cost nothing that was measured. */
export function isVirtual({ run }: Summary): boolean {
  return run.transport === 'virtual';
}

/** What the generator was, in a word. */
export function generatorWord({ generator, userRecords }: Summary): string {
  if (generator.saturated) return 'saturated';
  return userRecords.dropped > 0 ? 'held back' : 'kept up';
}

/** A share of a whole that may be empty. */
export function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** A time or a dash. */
export function timeOrDash(us: number | null): string {
  return us === null ? '-' : formatDurationUs(us);
}

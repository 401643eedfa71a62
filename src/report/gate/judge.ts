/**
 * The first half of a gate: what tonight looks like. In: tonight's runs and the history. Out: each metric's state, and the
 * values that a confirmation needs. Invariant: only nights of the same fingerprint are looked at, and none that was a
 * regression or lies before an accepted change.
 */
import {
  type Fingerprint,
  type FingerprintDifference,
  fingerprintDifferences,
} from '../../results/fingerprint.ts';
import type { History, Night } from '../../results/history.ts';
import type { Summary } from '../../results/summary.ts';
import { NIGHTS_MIN, screenNight } from '../../statistics/night.ts';
import { median } from '../../statistics/order-statistics.ts';
import type { ComparedMetric } from '../comparison/comparison.ts';
import { metricValue } from '../comparison/metrics.ts';
import type { GateMetric } from './gate.ts';

/** Tonight's valid runs of one variant. */
export interface Tonight {
  readonly runs: readonly Summary[];
  readonly fingerprint: Fingerprint;
}

export interface Judgement {
  /** Oldest first, tonight left out. */
  readonly comparable: readonly Night[];
  /** Of the nearest night; empty where one is comparable, or there is none at all. */
  readonly differences: readonly FingerprintDifference[];
  readonly metrics: readonly JudgedMetric[];
}

export interface JudgedMetric extends GateMetric {
  /** What a confirmation by nights is held against: values at the old level, and since the change, tonight left out. */
  readonly levelValues: readonly number[];
  readonly sinceValues: readonly number[];
}

export function judgeNight(
  tonight: Tonight,
  { nights }: History,
  metrics: readonly ComparedMetric[],
): Judgement {
  const ids = new Set(tonight.runs.map(({ run }) => run.id));
  const others = nights.filter(({ runs }) => !runs.some(({ run }) => ids.has(run.id)));
  const same = others.filter(
    (night) => fingerprintDifferences(night.fingerprint, tonight.fingerprint).length === 0,
  );
  const lastAccepted = same.findLastIndex(({ accepted }) => accepted !== null);
  const comparable = same
    .slice(Math.max(0, lastAccepted))
    .filter(({ verdict, accepted }) => verdict !== 'regression' || accepted !== null);
  return {
    comparable,
    differences: same.length > 0 ? [] : nearestDifferences(others, tonight.fingerprint),
    metrics: metrics.map((metric) => judgeMetric(metric, tonight.runs, comparable)),
  };
}

/** What sets tonight apart from the night that is most like it; the last of equals. */
function nearestDifferences(
  nights: readonly Night[],
  tonight: Fingerprint,
): readonly FingerprintDifference[] {
  const all = nights.map(({ fingerprint }) => fingerprintDifferences(fingerprint, tonight));
  return all.reduce<readonly FingerprintDifference[]>(
    (nearest, next) => (nearest.length === 0 || next.length <= nearest.length ? next : nearest),
    [],
  );
}

/** The median over a night's runs; null: none has it. */
export function nightValue(runs: readonly Summary[], path: string): number | null {
  const values = runs.flatMap((summary) => metricValue(summary, path) ?? []);
  return values.length === 0 ? null : median(values);
}

function judgeMetric(
  { path, name, better, margin }: ComparedMetric,
  runs: readonly Summary[],
  comparable: readonly Night[],
): JudgedMetric {
  const value = nightValue(runs, path);
  const nights = comparable.flatMap((night) => {
    const held = nightValue(night.runs, path);
    return held === null ? [] : [{ night, held }];
  });
  const earlier = nights.map(({ held }) => held);
  const base = { path, name, better, margin, value, rule: null, p: null, since: null };
  const level = earlier.length === 0 ? null : median(earlier);
  const plain = { ...base, level, change: changeOf(level, value), sinceValues: [] };
  if (value === null) return { ...plain, state: 'no data', levelValues: earlier };
  if (earlier.length < NIGHTS_MIN)
    return { ...plain, state: 'too few nights', levelValues: earlier };
  const scaled = [...earlier, value].map((one) => screened(path, one));
  const { suspicion, level: at } = screenNight(scaled, margin);
  const levelValues = earlier.slice(at.from, at.to);
  const levelNow = median(levelValues);
  const judged = { ...base, level: levelNow, change: changeOf(levelNow, value), levelValues };
  if (suspicion === null) return { ...judged, state: 'steady', sinceValues: [] };
  return {
    ...judged,
    state: suspicion.change > 0 === (better === 'higher') ? 'better' : 'worse',
    rule: suspicion.rule,
    p: suspicion.p,
    since: nights[suspicion.since]?.night.runs[0]?.run.startedAt ?? runs[0]?.run.startedAt ?? null,
    sinceValues: earlier.slice(at.to),
  };
}

/** A rate is a fraction of one and mostly zero: the margin is then one of points, not of what little there is. */
function screened(path: string, value: number): number {
  return /^rates\.(?!retryAmplification)/.test(path) ? 1 + value : value;
}

function changeOf(level: number | null, value: number | null): number | null {
  if (level === null || value === null) return null;
  if (level === value) return 0;
  return level === 0 ? null : value / level - 1;
}

/**
 * From a history to what is drawn. In: nights of any kind. Out: a series for all nights that may be held against each other,
 * and a chart for each of its metrics, change points marked. Regressions are drawn too: a page over nights shows what was.
 */
import { fingerprintDifferences } from '../../results/fingerprint.ts';
import type { Night } from '../../results/history.ts';
import { CHANGE_POINT_DEFAULTS, changePoints } from '../../statistics/change-point.ts';
import { momentsOf } from '../../statistics/student-t.ts';
import type { ComparedMetric } from '../comparison/comparison.ts';
import { nightValue } from '../gate/judge.ts';
import type { TrendChart, TrendNight } from './trend-data.ts';

/** Nights of one fingerprint, oldest first. */
export interface TrendSeries {
  readonly name: string;
  readonly nights: readonly Night[];
}

/** Each night joins the series whose last night it may be held against; a series a name has several, the last one wins. */
export function trendSeries(nights: readonly Night[]): TrendSeries[] {
  const groups: { name: string; nights: Night[] }[] = [];
  for (const night of nights) {
    const own = groups.find(({ nights: held }) => {
      const last = held.at(-1);
      return (
        last !== undefined &&
        fingerprintDifferences(last.fingerprint, night.fingerprint).length === 0
      );
    });
    if (own === undefined) groups.push({ name: night.name, nights: [night] });
    else own.nights.push(night);
  }
  return groups;
}

export function trendCharts(
  { name, nights }: TrendSeries,
  metrics: readonly ComparedMetric[],
): TrendChart[] {
  return metrics.flatMap((metric) => {
    const chart = chartOf(name, nights, metric);
    return chart.nights.length === 0 ? [] : [chart];
  });
}

function chartOf(
  series: string,
  nights: readonly Night[],
  { path, name, better, margin }: ComparedMetric,
): TrendChart {
  const { kind, unit, factor } = unitOf(path);
  const drawn = nights.flatMap(({ runs, verdict, accepted }): TrendNight[] => {
    const value = nightValue(runs, path);
    const [first] = runs;
    if (value === null || first === undefined) return [];
    const { id, startedAt } = first.run;
    return [{ run: id, startedAt, value: value * factor, verdict, accepted }];
  });
  const values = drawn.map(({ value }) => value);
  const magnitudeMin = Math.max(CHANGE_POINT_DEFAULTS.magnitudeMin, margin);
  const points = changePoints(values, { ...CHANGE_POINT_DEFAULTS, magnitudeMin });
  const borders = [0, ...points.map(({ index }) => index), values.length];
  return {
    series,
    metric: name,
    path,
    kind,
    unit,
    better,
    nights: drawn,
    levels: borders.slice(1).map((to, i) => {
      const from = borders[i] ?? 0;
      return { from, to, mean: momentsOf(values, from, to).mean };
    }),
    points: points.map(({ index, before, after, p }) => ({
      at: index,
      change: before === 0 ? Number.MAX_VALUE : after / before - 1,
      p,
      isBetter: after > before === (better === 'higher'),
    })),
  };
}

function unitOf(path: string): {
  readonly kind: TrendChart['kind'];
  readonly unit: string;
  readonly factor: number;
} {
  if (path.startsWith('latency.')) return { kind: 'time', unit: 'milliseconds', factor: 1e-3 };
  if (/^rates\.(?!retry)|Share$/.test(path)) return { kind: 'share', unit: 'share', factor: 1 };
  if (path.endsWith('PerSecond')) return { kind: 'number', unit: 'a second', factor: 1 };
  if (path.endsWith('Usd')) return { kind: 'number', unit: 'US dollars', factor: 1 };
  return { kind: 'number', unit: 'number', factor: 1 };
}

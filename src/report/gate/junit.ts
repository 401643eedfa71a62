/** A gate as test cases: one for each metric of each series, so that a CI server shows which of them broke, and when. */
import type { JunitCase, JunitOutcome, JunitSuite } from '../text/junit.ts';
import type { ConfirmedMetric, GateMetric, GateReport, SeriesReport } from './gate.ts';
import { effectText, metricText, percent, ruleText } from './words.ts';

export function gateSuites({ series }: GateReport): JunitSuite[] {
  return series.map((one) => ({
    name: one.name,
    startedAt: one.startedAt,
    durationMs: 0,
    properties: {
      scenario: one.scenario,
      verdict: one.verdict,
      nights: String(one.nights),
      fingerprint: one.fingerprint,
    },
    cases: casesOf(one),
  }));
}

function casesOf(series: SeriesReport): JunitCase[] {
  const className = `shardstorm.gate.${series.scenario}`;
  if (series.metrics.length === 0) {
    const text = series.sentence;
    return [{ name: 'run', className, outcome: { kind: 'error', message: series.verdict, text } }];
  }
  return series.metrics.map((metric) => ({
    name: metric.name,
    className,
    outcome: outcomeOf(metric, series),
    output: metricText(metric),
  }));
}

function outcomeOf(metric: GateMetric, series: SeriesReport): JunitOutcome {
  const { state } = metric;
  if (series.verdict === 'not comparable' || state === 'no data' || state === 'too few nights') {
    const message = series.verdict === 'not comparable' ? series.sentence : state;
    return { kind: 'skipped', message };
  }
  const proof = series.confirmation?.metrics.find(({ path }) => path === metric.path);
  if (series.verdict !== 'regression' || proof?.isProven !== true) return { kind: 'passed' };
  return {
    kind: 'failed',
    message: `${metric.name} ${effectText(proof)}`,
    text: failureText(metric, proof),
  };
}

function failureText(metric: GateMetric, proof: ConfirmedMetric): string {
  return [
    metricText(metric),
    `suspected by: ${ruleText(metric)}`,
    `measured again: ${effectText(proof)}, beyond the margin of ${percent(metric.margin)}`,
  ].join('\n');
}

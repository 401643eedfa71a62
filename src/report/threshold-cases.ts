/** A run as a suite of test cases: is it valid, and did each threshold hold. For CI servers. */

import type { Summary } from '../results/summary.ts';
import { isUndecided } from '../results/thresholds.ts';
import type { JunitCase, JunitOutcome, JunitSuite } from './text/junit.ts';
import { runWords, thresholdActual, verdictOf } from './view-model.ts';

/** One suite a run. Thresholds of an invalid run are skipped: its figures say nothing, and the run itself is the error. */
export function thresholdSuite(summary: Summary): JunitSuite {
  const { run, thresholds } = summary;
  const className = `shardstorm.${run.scenario.replaceAll('.', '-')}`;
  const cases: JunitCase[] = [
    { name: 'the run is valid', className, outcome: validityOf(summary) },
    ...thresholds.map((threshold) => ({
      name: threshold.expression,
      className: `${className}.thresholds`,
      outcome: outcomeOf(summary, threshold),
      output: `measured: ${thresholdActual(threshold)}`,
    })),
  ];
  return {
    name: run.name,
    startedAt: run.startedAt,
    durationMs: run.durationMs,
    properties: { run: run.id, scenario: run.scenario, how: runWords(summary).join(', ') },
    cases,
  };
}

function validityOf(summary: Summary): JunitOutcome {
  const { word, sentence, reasons } = verdictOf(summary);
  if (summary.valid && summary.status === 'completed') return { kind: 'passed' };
  const text = reasons.map(({ text: reason, remedy }) => `${reason}\n${remedy}`).join('\n');
  return { kind: 'error', message: `${word}: ${sentence}`, text };
}

function outcomeOf(summary: Summary, threshold: Summary['thresholds'][number]): JunitOutcome {
  if (!summary.valid) return { kind: 'skipped', message: 'the run is invalid' };
  if (threshold.held) return { kind: 'passed' };
  const verb = isUndecided(threshold) ? 'cannot be judged' : 'does not hold';
  const message = `${threshold.expression} ${verb}: ${thresholdActual(threshold)}`;
  return { kind: 'failed', message, text: message };
}

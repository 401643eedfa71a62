import type { RunOutcome } from '../coordinate/coordinator.ts';
import { LATENCY_METRICS } from '../measure/frame.ts';
import type { LatencyTotals } from '../measure/latency-totals.ts';
import { readPageScript } from '../report/html/page-script.ts';
import { renderHtmlReport } from '../report/html/render.ts';
import { renderTerminalSummary } from '../report/terminal/summary.ts';
import { curveRanks, type PercentileCurve } from '../report/timeline.ts';
import { buildDelivery, type Delivery } from '../results/delivery.ts';
import { collectEnvironment } from '../results/environment.ts';
import type { FinalFiles } from '../results/folder.ts';
import type { Summary } from '../results/summary.ts';
import type { Verification } from '../results/verification.ts';
import { renderScenario } from '../scenario/render.ts';
import type { CommandIo, Output } from './command.ts';
import type { ReportRows } from './report-rows.ts';
import type { RunSetup, RunTarget } from './run-setup.ts';
import { shareFileOf } from './run-share.ts';

/** What is written when a run has ended. */
export function finalFiles(
  setup: RunSetup,
  target: Pick<RunTarget, 'label' | 'mode'>,
  outcome: RunOutcome,
  summary: Summary,
  verification: Verification | null,
  rows: ReportRows,
): FinalFiles {
  const { plan } = setup;
  const totals = outcome.merger.measured();
  const scenarioYaml = renderScenario(plan);
  const environment = collectEnvironment({
    seed: plan.load.seed,
    workingDirectory: process.cwd(),
  });
  const reportHtml = renderHtmlReport(
    {
      summary,
      timeline: rows.rows,
      events: rows.events,
      latencyHeat: rows.latencyHeat,
      scenarioYaml,
      environment,
      verification,
      curves: LATENCY_METRICS.map((metric) => curveOf(metric, totals.latency[metric])),
    },
    readPageScript(),
  );
  const { durationUs } = outcome;
  const share = shareFileOf(setup, target, outcome, summary, rows.events);
  const delivery = setup.isVirtual ? null : deliveryOf(setup, outcome);
  return {
    summary,
    scenarioYaml,
    environment,
    delivery,
    verification,
    share,
    reportHtml,
    totals,
    durationUs,
  };
}

function deliveryOf({ stampId, sizing }: RunSetup, outcome: RunOutcome): Delivery {
  const { merger, origin, durationUs, failures, status } = outcome;
  const broken = status === 'failed' ? 'the run broke off' : '';
  return buildDelivery({
    totals: merger.delivery,
    stampId,
    originEpochUs: origin.epochUs,
    durationUs,
    workers: sizing.workers,
    problem: failures[0]?.message ?? broken,
  });
}

/**
 * The summary on stdout: for people, or with --json one document for machines.
 * @param folder null: it is not stored anywhere
 */
export function printSummary(
  summary: Summary,
  folder: string | null,
  isJson: boolean,
  { stdout }: CommandIo,
  style: { readonly color: boolean; readonly kplNames: boolean },
): void {
  if (isJson) {
    stdout.write(`${JSON.stringify({ folder, summary }, null, 2)}\n`);
    return;
  }
  stdout.write(
    `${renderTerminalSummary(summary, { ...style, folder, width: columnsOf(stdout) })}\n`,
  );
}

function columnsOf({ columns = 80 }: Output): number {
  return columns;
}

function curveOf(name: string, totals: LatencyTotals): PercentileCurve {
  const ranks = curveRanks(totals.count);
  const values = totals.valuesAtRanks(
    ranks.map((rank) => Math.max(1, Math.ceil(rank * totals.count))),
  );
  return { name, points: ranks.map((rank, i) => ({ rank, valueUs: values[i] ?? 0 })) };
}

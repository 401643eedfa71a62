/** What a gate leaves for CI: JUnit XML and the step summary. */
import { appendFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { GateReport } from '../report/gate/gate.ts';
import { gateSuites } from '../report/gate/junit.ts';
import { renderGateMarkdown } from '../report/gate/markdown.ts';
import { readPageScript } from '../report/html/page-script.ts';
import { renderJunit } from '../report/text/junit.ts';
import { renderTrendPage } from '../report/trend/page.ts';
import { readHistory } from '../results/history.ts';
import { redact } from '../results/redact.ts';
import { unwritable, writeWholeFile } from '../results/write.ts';
import type { Arguments, CommandIo } from './command.ts';
import { text } from './flags.ts';
import { gatedMetrics } from './gate-inputs.ts';

/** @returns paths of what was written @throws SHARDSTORM_RESULTS_UNWRITABLE */
export function writeGateFiles(report: GateReport, args: Arguments, io: CommandIo): string[] {
  const written = report.series.flatMap(({ recorded }) => recorded ?? []);
  const junit = text(args, 'junit');
  if (junit !== undefined) {
    const file = resolve(junit);
    writeWholeFile(
      file,
      redact(renderJunit('shardstorm gate', gateSuites(report))),
      'the JUnit file',
    );
    written.push(file);
  }
  const named = text(args, 'step-summary');
  const summary = named ?? (io.environment['GITHUB_STEP_SUMMARY'] || undefined);
  if (summary !== undefined) appendSummary(resolve(summary), redact(renderGateMarkdown(report)));
  if (named !== undefined) written.push(resolve(named));
  const trend = text(args, 'trend');
  if (trend !== undefined) {
    writeTrend(resolve(trend), report, args);
    written.push(resolve(trend));
  }
  return written;
}

/** Appended: other steps of the job write to the same file. */
function appendSummary(file: string, markdown: string): void {
  try {
    appendFileSync(file, `${markdown}\n`);
  } catch (thrown) {
    throw unwritable('the step summary', file, thrown);
  }
}

/** Over all nights of the history, tonight's among them where it was recorded. */
function writeTrend(file: string, { history, createdAt }: GateReport, args: Arguments): void {
  const page = renderTrendPage(
    {
      history: readHistory(history),
      title: `Nights in ${basename(history)}`,
      createdAt,
      metricsOf: ({ scenario }) => gatedMetrics(args, scenario),
    },
    readPageScript(),
  );
  writeWholeFile(file, redact(page), 'the page over nights');
}

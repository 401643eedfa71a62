/** What a gate leaves for CI: JUnit XML and the step summary. */
import { appendFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { GateReport } from '../report/gate/gate.ts';
import { gateSuites } from '../report/gate/junit.ts';
import { renderGateMarkdown } from '../report/gate/markdown.ts';
import { renderJunit } from '../report/text/junit.ts';
import { redact } from '../results/redact.ts';
import { unwritable, writeWholeFile } from '../results/write.ts';
import type { Arguments, CommandIo } from './command.ts';
import { text } from './flags.ts';

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

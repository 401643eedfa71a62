/** The `run` command. In: a scenario file and flags. Out: one run, and its summary on stdout. */
import { formatCount, formatDurationUs } from '../core/units.ts';
import type { Summary } from '../results/summary.ts';
import { loadScenario } from '../scenario/load.ts';
import type { Arguments, CommandIo } from './command.ts';
import { confirmCost } from './confirm-cost.ts';
import { isOn, outputFlags, scenarioOverrides, text, usesColor } from './flags.ts';
import { openProgress } from './progress.ts';
import { performRun, setUpRun } from './run-once.ts';
import { printSummary } from './run-report.ts';
import { setUpVirtualRun } from './virtual-target.ts';

export async function runScenario(args: Arguments, io: CommandIo): Promise<number> {
  const flags = outputFlags(args);
  const note = (sentence: string) => {
    if (!flags.isQuiet) io.stderr.write(`note: ${sentence}\n`);
  };
  const plan = loadScenario(text(args, 'scenario') ?? '', scenarioOverrides(args), note);
  await confirmCost([plan], flags, io);
  const setup = isOn(args, 'virtual') ? setUpVirtualRun(plan, flags) : setUpRun(plan, flags);
  const { summary, folder, exitCode, wallMs } = await performRun(setup, () =>
    openProgress(setup, io, usesColor(args, io, io.stderr)),
  );
  if (setup.isVirtual && !flags.isQuiet) {
    io.stderr.write(`${virtualSpeed(summary, wallMs)}\n`);
  }
  printSummary(summary, folder, flags.isJson, io, {
    color: usesColor(args, io, io.stdout),
    kplNames: isOn(args, 'kpl-names'),
  });
  return exitCode;
}

/** `13.1s of virtual time in 0.15s: 87 times real time, 153,000 user records a second`. */
function virtualSpeed(summary: Summary, wallMs: number): string {
  const { durationMs } = summary.run;
  const records = summary.phases.reduce((sum, { userRecords }) => sum + userRecords.offered, 0);
  const times = `${formatCount(durationMs / wallMs)} times real time`;
  const perSecond = `${formatCount((records / wallMs) * 1000)} user records a second`;
  return `${formatDurationUs(durationMs * 1000)} of virtual time in ${formatDurationUs(wallMs * 1000)}: ${times}, ${perSecond}`;
}

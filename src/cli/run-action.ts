/** The `run` command. In: a scenario file and flags. Out: one run, and its summary on stdout. */
import { loadScenario } from '../scenario/load.ts';
import type { Arguments, CommandIo } from './command.ts';
import { confirmCost } from './confirm-cost.ts';
import { isOn, outputFlags, scenarioOverrides, text, usesColor } from './flags.ts';
import { openProgress } from './progress.ts';
import { performRun, setUpRun } from './run-once.ts';
import { printSummary } from './run-report.ts';

export async function runScenario(args: Arguments, io: CommandIo): Promise<number> {
  const flags = outputFlags(args);
  const note = (sentence: string) => {
    if (!flags.isQuiet) io.stderr.write(`note: ${sentence}\n`);
  };
  const plan = loadScenario(text(args, 'scenario') ?? '', scenarioOverrides(args), note);
  await confirmCost([plan], flags, io);
  const { summary, folder, exitCode } = await performRun(setUpRun(plan, flags), (setup) =>
    openProgress(setup, io, usesColor(args, io, io.stderr)),
  );
  printSummary(summary, folder, flags.isJson, io, {
    color: usesColor(args, io, io.stdout),
    kplNames: isOn(args, 'kpl-names'),
  });
  return exitCode;
}

/**
 * The `sweep` command: read this file for the order of a sweep. In: a scenario with variants. Out: a folder with sweep.json,
 * one result folder a run, and the comparison. Invariant: sweep.json says after each run what is done, so that whatever
 * stops a sweep, the same command on its folder goes on with it.
 */
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { blockSeed } from '../coordinate/sweep.ts';
import { present } from '../core/assert.ts';
import { describeCause, ShardstormError } from '../core/errors.ts';
import { analyse } from '../report/comparison/analyse.ts';
import type { Summary } from '../results/summary.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Arguments, CommandIo } from './command.ts';
import { finishComparison } from './compare-action.ts';
import { readRuns, SWEEP_TAGS } from './compare-inputs.ts';
import { confirmCost } from './confirm-cost.ts';
import { EXIT } from './errors.ts';
import { isOn, outputFlags, usesColor } from './flags.ts';
import { listenForInterrupts } from './interrupts.ts';
import { openProgress } from './progress.ts';
import { type FinishedRun, performRun, setUpRun } from './run-once.ts';
import { type SweepFile, slotsLeft, writeSweepFile } from './sweep-file.ts';
import { planSweep, type SweepPlan } from './sweep-plan.ts';
import { describeSweep, SweepProgress } from './sweep-progress.ts';

export async function runSweep(args: Arguments, io: CommandIo): Promise<number> {
  const sweep = planSweep(args);
  const flags = outputFlags(args);
  if (isOn(args, 'dry-run')) {
    io.stdout.write(describeSweep(sweep, flags.isJson));
    return EXIT.ok;
  }
  if (!flags.isQuiet) io.stderr.write(describeSweep(sweep, false));
  const left = slotsLeft(sweep.file);
  await confirmCost(
    left.map(({ variant }) => present(sweep.plans.get(variant), `plan of ${variant}`)),
    flags,
    io,
  );
  makeFolder(sweep.folder);
  const interrupted = await runSlots(sweep, args, io);
  const exitCode = compareRuns(sweep, args, io);
  if (interrupted === null) return exitCode;
  io.stderr.write(`interrupted; go on with: shardstorm sweep ${sweep.folder}\n`);
  return interrupted;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (thrown) {
    throw new ShardstormError(
      'SHARDSTORM_RESULTS_UNWRITABLE',
      `cannot make the folder ${folder}: ${describeCause(thrown)}`,
      { hint: 'Choose a folder that you may write to with --out.', cause: thrown },
    );
  }
}

/**
 * Does the runs that are not done, in order.
 * @returns the exit code of the signal that stopped it; null: all were done
 */
async function runSlots(sweep: SweepPlan, args: Arguments, io: CommandIo): Promise<number | null> {
  let { file } = sweep;
  writeSweepFile(sweep.folder, file);
  const progress = new SweepProgress(sweep, outputFlags(args).isQuiet ? null : io.stderr);
  let isFirst = true;
  for (const [index, slot] of file.order.entries()) {
    if (slot.isValid) continue;
    if (!isFirst) {
      const signal = await coolDown(sweep.coolDownUs);
      if (signal !== null) return signal;
    }
    isFirst = false;
    progress.begins(index);
    const finished = await runSlot(sweep, index, args, io);
    progress.ended(index, finished.summary);
    if (finished.exitCode === EXIT.interrupted || finished.exitCode === EXIT.terminated) {
      return finished.exitCode;
    }
    file = withRun(file, index, finished.summary);
    writeSweepFile(sweep.folder, file);
  }
  return null;
}

/** An invalid run is named too, so that the comparison can say why it does not count. */
function withRun(file: SweepFile, index: number, { run, valid }: Summary): SweepFile {
  const done = { run: run.id, isValid: valid };
  return {
    ...file,
    order: file.order.map((slot, i) => (i === index ? { ...slot, ...done } : slot)),
  };
}

async function runSlot(
  { file, folder, plans }: SweepPlan,
  index: number,
  args: Arguments,
  io: CommandIo,
): Promise<FinishedRun> {
  const { block, variant } = present(file.order[index], 'slot of the sweep');
  const plan = present(plans.get(variant), `plan of ${variant}`);
  const tags = {
    ...plan.tags,
    [SWEEP_TAGS.sweep]: file.id,
    [SWEEP_TAGS.variant]: variant,
    [SWEEP_TAGS.block]: String(block),
  };
  const own: Plan = {
    ...plan,
    tags,
    load: { ...plan.load, seed: blockSeed(file.seed, block) },
  };
  const flags = { ...outputFlags(args), out: folder, name: variant };
  return performRun(setUpRun(own, flags), (setup) =>
    openProgress(
      { ...setup, name: `${index + 1}/${file.order.length} ${variant}` },
      io,
      usesColor(args, io, io.stderr),
    ),
  );
}

/** Waits; Ctrl-C ends the wait. @returns the exit code of the signal, or null */
async function coolDown(us: number): Promise<number | null> {
  if (us === 0) return null;
  const stop = new AbortController();
  const interrupts = listenForInterrupts(() => stop.abort());
  try {
    await sleep(us / 1000, undefined, { signal: stop.signal });
  } catch {
    // Only the abort throws; the exit code below tells of it.
  } finally {
    interrupts.release();
  }
  return interrupts.exitCode();
}

/** Compares what is there; too little to compare is said, not an error of its own. */
function compareRuns(sweep: SweepPlan, args: Arguments, io: CommandIo): number {
  const { file, folder } = sweep;
  try {
    const runs = readRuns([folder], 'variant');
    const comparison = analyse({
      title: file.name,
      runs,
      baseline: file.baseline,
      isForced: false,
      createdAt: new Date().toISOString(),
      seed: file.seed,
    });
    finishComparison({ comparison, runs, folder, isJson: outputFlags(args).isJson }, args, io);
    return comparison.recommendation.variant === null ? EXIT.thresholdFailed : EXIT.ok;
  } catch (thrown) {
    if (!(thrown instanceof ShardstormError) || thrown.code !== 'SHARDSTORM_CLI_USAGE')
      throw thrown;
    io.stderr.write(`no comparison: ${thrown.message}\n`);
    return EXIT.invalidRun;
  }
}

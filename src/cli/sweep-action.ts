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
import type { Comparison } from '../report/comparison/comparison.ts';
import { unsettledEffects } from '../report/comparison/describe.ts';
import type { Summary } from '../results/summary.ts';
import type { Plan } from '../scenario/plan.ts';
import { VIRTUAL_EPOCH_US } from '../virtual/run.ts';
import type { Arguments, CommandIo } from './command.ts';
import { finishComparison } from './compare-action.ts';
import { readRuns, SWEEP_TAGS } from './compare-inputs.ts';
import { confirmCost } from './confirm-cost.ts';
import { EXIT, onceMeasured, warnOf } from './errors.ts';
import { isOn, text, usesColor } from './flags.ts';
import { listenForInterrupts, StoppedBeforeStart } from './interrupts.ts';
import { outputFlags } from './output-flags.ts';
import { openProgress } from './progress.ts';
import { type FinishedRun, performRun, setUpRun } from './run-once.ts';
import { looksOf, type SweepFile, slotsLeft, writeSweepFile } from './sweep-file.ts';
import { extendedFile, planSweep, type SweepPlan } from './sweep-plan.ts';
import { describeSweep, SweepProgress } from './sweep-progress.ts';
import { setUpVirtualRun } from './virtual-target.ts';

export async function runSweep(args: Arguments, io: CommandIo): Promise<number> {
  const sweep = planSweep(args);
  const flags = outputFlags(args);
  if (isOn(args, 'dry-run')) {
    io.stdout.write(describeSweep(sweep, flags.isJson, flags.prices));
    return EXIT.ok;
  }
  if (!flags.isQuiet) io.stderr.write(describeSweep(sweep, false, flags.prices));
  await confirmCost(
    slotsLeft(extendedFile(sweep.file) ?? sweep.file).map(({ variant }) =>
      present(sweep.plans.get(variant), `plan of ${variant}`),
    ),
    flags,
    io,
  );
  makeFolder(sweep.folder);
  const interrupted = await runLooks(sweep, args, io);
  const exitCode = measured(() => finishSweep(sweep, args, io));
  if (interrupted === null) return exitCode;
  const prices = text(args, 'prices');
  const again = prices === undefined ? '' : ` --prices ${prices}`;
  io.stderr.write(`interrupted; go on with: shardstorm sweep ${sweep.folder}${again}\n`);
  return interrupted;
}

/** The blocks of the first look; then the others, where the sweep may have more and the first settles too little. */
async function runLooks(sweep: SweepPlan, args: Arguments, io: CommandIo): Promise<number | null> {
  const first = await runSlots(sweep, args, io);
  const extended = extendedFile(first.file);
  if (first.interrupted !== null || extended === null) return first.interrupted;
  const comparison = compareRuns(sweep, () => {});
  const open = comparison === null ? [] : unsettledEffects(comparison);
  if (open.length === 0) return null;
  if (!outputFlags(args).isQuiet) {
    const blocks = `${first.file.blocks} blocks leave ${open.length} of the primary effects open`;
    io.stderr.write(`${blocks}; going on to ${first.file.blocksMax}\n`);
  }
  return (await runSlots({ ...sweep, file: extended, isResumed: true }, args, io)).interrupted;
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

/** How far the runs came. */
interface RunsDone {
  /** Exit code of the signal that stopped them; null where all were done. */
  readonly interrupted: number | null;
  readonly file: SweepFile;
}

/** Does the runs that are not done, in order. A signal between two of them, when no run listens for it, is heard here. */
async function runSlots(sweep: SweepPlan, args: Arguments, io: CommandIo): Promise<RunsDone> {
  const stop = new AbortController();
  const interrupts = listenForInterrupts(() => stop.abort());
  try {
    const file = await runUntil(stop.signal, sweep, args, io);
    return { interrupted: interrupts.exitCode(), file };
  } finally {
    interrupts.release();
  }
}

async function runUntil(
  stop: AbortSignal,
  sweep: SweepPlan,
  args: Arguments,
  io: CommandIo,
): Promise<SweepFile> {
  let { file } = sweep;
  writeSweepFile(sweep.folder, file);
  const progress = new SweepProgress(sweep, outputFlags(args).isQuiet ? null : io.stderr);
  // A run before an interruption may have been a moment ago.
  let isFirst = !sweep.isResumed;
  for (const [index, slot] of file.order.entries()) {
    if (slot.isValid) continue;
    if (!isFirst) await coolDown(sweep.coolDownUs, stop);
    if (stop.aborted) return file;
    isFirst = false;
    progress.begins(index);
    const isFirstRun = !file.order.some(({ run }) => run !== null);
    let finished: FinishedRun;
    try {
      finished = await runSlot(sweep, index, args, io);
    } catch (thrown) {
      if (isFirstRun) throw thrown;
      if (thrown instanceof StoppedBeforeStart) return file;
      throw onceMeasured(thrown);
    }
    progress.ended(index, finished.summary);
    warnOf(finished.pageless, io);
    // A run that was cut short is done again.
    if (finished.summary.status === 'interrupted') return file;
    const done = withRun(file, index, finished.summary);
    measured(() => writeSweepFile(sweep.folder, done));
    file = done;
  }
  return file;
}

/** Writes what runs came to: what fails here is no usage error any more. */
function measured<Result>(write: () => Result): Result {
  try {
    return write();
  } catch (thrown) {
    throw onceMeasured(thrown);
  }
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
  return performRun(
    file.virtual === true ? setUpVirtualRun(own, flags) : setUpRun(own, flags),
    (setup) =>
      openProgress(
        { ...setup, name: `${index + 1}/${file.order.length} ${variant}` },
        io,
        usesColor(args, io, io.stderr),
      ),
  );
}

/** Waits; a stop ends the wait. */
async function coolDown(us: number, stop: AbortSignal): Promise<void> {
  if (us === 0) return;
  try {
    await sleep(us / 1000, undefined, { signal: stop });
  } catch {
    // Only the stop throws, and who called looks for it.
  }
}

/** Writes and shows the comparison of what is there. @returns the exit code that it comes to */
function finishSweep(sweep: SweepPlan, args: Arguments, io: CommandIo): number {
  const { folder } = sweep;
  const comparison = compareRuns(sweep, (message) =>
    io.stderr.write(`no comparison: ${message}\n`),
  );
  if (comparison === null) return EXIT.invalidRun;
  const runs = readRuns([folder], 'variant');
  finishComparison({ comparison, runs, folder, isJson: outputFlags(args).isJson }, args, io);
  return comparison.recommendation.variant === null ? EXIT.thresholdFailed : EXIT.ok;
}

/** Compares what is there; too little to compare is told, not an error of its own, and gives null. */
function compareRuns(
  { file, folder }: SweepPlan,
  tell: (message: string) => void,
): Comparison | null {
  try {
    return analyse({
      title: file.name,
      runs: readRuns([folder], 'variant'),
      baseline: file.baseline,
      isForced: false,
      looks: looksOf(file),
      // The same sweep in virtual time is the same comparison.
      createdAt: new Date(
        file.virtual === true ? VIRTUAL_EPOCH_US / 1000 : Date.now(),
      ).toISOString(),
      seed: file.seed,
    });
  } catch (thrown) {
    if (!(thrown instanceof ShardstormError) || thrown.code !== 'SHARDSTORM_CLI_USAGE')
      throw thrown;
    tell(thrown.message);
    return null;
  }
}

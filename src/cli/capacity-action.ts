/**
 * The `capacity` command. In: a scenario and objectives. Out: one folder with a result for each probe and capacity.json,
 * which is written anew after each of them, so that whatever ends a search, what it found is there.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeCause, ShardstormError } from '../core/errors.ts';
import { parseDurationUs, parsePercent, parseRate } from '../core/units.ts';
import {
  type CapacitySearch,
  type Probe,
  SearchEnded,
  searchCapacity,
} from '../plan/capacity-search.ts';
import { writeWholeFile } from '../results/write.ts';
import { RATE_MAX_PER_SECOND } from '../scenario/check-phases.ts';
import type { Plan } from '../scenario/plan.ts';
import { generatorReasonsOf, planOfWindows, probeOf, stepsOf } from './capacity-probe.ts';
import { probeLine, renderSearch } from './capacity-text.ts';
import type { Arguments, CommandIo } from './command.ts';
import { confirmCost } from './confirm-cost.ts';
import { EXIT, onceMeasured, usageError } from './errors.ts';
import { isOn, text } from './flags.ts';
import { type Interrupts, listenForInterrupts, StoppedBeforeStart } from './interrupts.ts';
import { outputFlags } from './output-flags.ts';
import { openProgress } from './progress.ts';
import { attemptRun, type FinishedRun, setUpRun } from './run-once.ts';
import type { RunSetup } from './run-setup.ts';
import { setUpVirtualRun } from './virtual-target.ts';

const CAPACITY_FILE = 'capacity.json';
/** Probes that a search usually takes, the way up and down among them: what its cost is estimated from. */
const PROBES_USUAL = 28;
const PRECISION_MIN = 0.005;
/** A lower rate is rounded to nothing; where a window is short, one record in it is the least. */
const LEAST_PER_SECOND = 0.01;

/** What was asked for. */
interface Wanted {
  readonly fromPerSecond: number;
  readonly leastPerSecond: number;
  readonly mostPerSecond: number;
  readonly settleSeconds: number;
  readonly windowSeconds: number;
  readonly precision: number;
}

export async function findCapacity(args: Arguments, io: CommandIo): Promise<number> {
  const flags = outputFlags(args);
  const wanted = wantedOf(args);
  const first = planOfWindows(args, [{ ...wanted, perSecond: wanted.fromPerSecond }], 0);
  if (!isOn(args, 'virtual')) {
    await confirmCost(new Array<Plan>(PROBES_USUAL).fill(first), flags, io);
  }
  const folder = makeFolder(join(flags.out, `${setUp(args, first, flags.out).runId}-capacity`));
  const interrupts = listenForInterrupts(() => {});
  try {
    const { search, error } = await searchIn(folder, wanted, args, io, interrupts);
    const unwritten = unwrittenOf(folder, search);
    const failure = error ?? unwritten;
    io.stdout.write(
      flags.isJson
        ? `${JSON.stringify({ schema: 'shardstorm.capacity/1', folder, ...search }, null, 2)}\n`
        : `${renderSearch(search)}\n${failure === null ? `\nResult  ${folder}\n` : ''}`,
    );
    // After what was found was printed: whatever broke the search off, that is not lost.
    if (failure !== null) throw failure;
    return search.status === 'interrupted'
      ? (interrupts.exitCode() ?? EXIT.interrupted)
      : exitCodeOf(search);
  } finally {
    interrupts.release();
  }
}

/** Why what was found could not be written; null: it is. */
function unwrittenOf(folder: string, found: object): unknown {
  try {
    write(folder, found);
    return null;
  } catch (thrown) {
    return onceMeasured(thrown);
  }
}

/** A search, and the error that broke it off; null: none did. */
interface Searched {
  readonly search: CapacitySearch;
  readonly error: unknown;
}

async function searchIn(
  folder: string,
  wanted: Wanted,
  args: Arguments,
  io: CommandIo,
  interrupts: Interrupts,
): Promise<Searched> {
  const say = (line: string) => {
    if (!outputFlags(args).isQuiet) io.stderr.write(`${line}\n`);
  };
  const perform = async (plan: Plan): Promise<FinishedRun | null> => {
    if (interrupts.exitCode() !== null) return null;
    const setup = setUp(args, plan, folder);
    try {
      return await attemptRun(setup, () => openProgress(setup, io, false));
    } catch (thrown) {
      if (thrown instanceof StoppedBeforeStart) return null;
      throw thrown;
    }
  };
  const probes: Probe[] = [];
  let error: unknown = null;
  /** An error ends a search as an interruption does, once something was measured. */
  const unlessBroken = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      if (error === null) return await work();
    } catch (thrown) {
      if (probes.length === 0) throw thrown;
      error = onceMeasured(thrown);
    }
    throw new SearchEnded('broken off');
  };
  const measure = async (perSecond: number, windowSeconds: number, count: number) => {
    const run = await perform(
      planOfWindows(args, [{ ...wanted, perSecond, windowSeconds }], count),
    );
    if (run === null) return stoppedProbe(perSecond, windowSeconds);
    const probe = probeOf(run, perSecond, windowSeconds);
    // What could not be stored counts all the same and is the last, unless a full disk stopped it half-way.
    error = run.unwritten;
    if (probe.isInterrupted && error !== null) throw error;
    if (probe.isInterrupted) return probe;
    probes.push(probe);
    say(probeLine(probe));
    error ??= unwrittenOf(folder, { status: 'under way', probes });
    return probe;
  };
  const sweep = async (rates: readonly number[], windowSeconds: number) => {
    say('up to overload and down again, in one run …');
    const { settleSeconds } = wanted;
    const windows = rates.map((perSecond) => ({ perSecond, windowSeconds, settleSeconds }));
    const run = await perform(planOfWindows(args, windows, probes.length));
    error = run?.unwritten ?? null;
    const isInterrupted = interrupts.exitCode() !== null;
    // A generator that could not keep up says nothing of the target.
    const isUseful = run !== null && generatorReasonsOf(run.summary).length === 0;
    return { isInterrupted, steps: isUseful ? stepsOf(run.summary, rates, windowSeconds) : [] };
  };
  const search = await searchCapacity({
    ...wanted,
    measure: (...probe) => unlessBroken(() => measure(...probe)),
    sweep: isOn(args, 'no-hysteresis') ? null : (...run) => unlessBroken(() => sweep(...run)),
  });
  return { search, error };
}

/** A probe that a signal came before. */
function stoppedProbe(perSecond: number, windowSeconds: number): Probe {
  return {
    perSecond,
    windowSeconds,
    failed: [],
    undecided: null,
    isByTrendOnly: false,
    isGeneratorBound: false,
    generatorReasons: [],
    acceptedPerSecond: 0,
    responseP99Us: null,
    throttle: 0,
    hottestShard: null,
    isInterrupted: true,
  };
}

function setUp(args: Arguments, plan: Plan, out: string): RunSetup {
  const flags = { ...outputFlags(args), out, isQuiet: true };
  return isOn(args, 'virtual') ? setUpVirtualRun(plan, flags) : setUpRun(plan, flags);
}

function wantedOf(args: Arguments): Wanted {
  const from = parseRate(text(args, 'from') ?? '');
  if (from === null || from.unit !== 'records' || from.perSecond <= 0) {
    throw usageError('--from is not a rate of records', 'Such as --from 1000/s');
  }
  const windowUs = parseDurationUs(text(args, 'window') ?? '');
  if (windowUs === null || windowUs < 1_000_000) {
    throw usageError('--window is not a duration of a second or more', 'Such as --window 10s');
  }
  const settleUs = parseDurationUs(text(args, 'settle') ?? '');
  if (settleUs === null || settleUs < 100_000) {
    throw usageError('--settle is not a duration of 100ms or more', 'Such as --settle 5s');
  }
  const precision = parsePercent(text(args, 'precision') ?? '');
  if (precision === null || precision < PRECISION_MIN || precision > 1) {
    throw usageError('--precision is not a percentage from 0.5% to 100%', 'Such as --precision 3%');
  }
  const leastPerSecond = Math.max(LEAST_PER_SECOND, 1e6 / windowUs);
  if (from.perSecond < leastPerSecond || from.perSecond > RATE_MAX_PER_SECOND) {
    const range = `${Number(leastPerSecond.toPrecision(3))}/s to ${RATE_MAX_PER_SECOND}/s`;
    const message = `--from ${text(args, 'from')} is not from ${range}`;
    throw usageError(
      message,
      'Below it a window has no record; above it no machine can offer more.',
    );
  }
  return {
    fromPerSecond: from.perSecond,
    leastPerSecond,
    mostPerSecond: RATE_MAX_PER_SECOND,
    windowSeconds: windowUs / 1e6,
    settleSeconds: settleUs / 1e6,
    precision,
  };
}

function makeFolder(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true });
    return folder;
  } catch (thrown) {
    throw new ShardstormError(
      'SHARDSTORM_RESULTS_UNWRITABLE',
      `cannot make the folder ${folder}: ${describeCause(thrown)}`,
      { hint: 'Choose a folder that you may write to with --out.', cause: thrown },
    );
  }
}

function write(folder: string, found: object): void {
  const text = `${JSON.stringify({ schema: 'shardstorm.capacity/1', ...found }, null, 2)}\n`;
  writeWholeFile(join(folder, CAPACITY_FILE), text, 'what the search found');
}

function exitCodeOf({ status }: CapacitySearch): number {
  if (status === 'generator-bound') return EXIT.invalidRun;
  return status === 'confirmed' || status === 'at least' ? EXIT.ok : EXIT.thresholdFailed;
}

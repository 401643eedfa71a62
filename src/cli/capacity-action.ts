/**
 * The `capacity` command. In: a scenario and objectives. Out: one folder with a result for each probe and capacity.json,
 * which is written anew after each of them, so that whatever ends a search, what it found is there.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeCause, ShardstormError } from '../core/errors.ts';
import { parseDurationUs, parsePercent, parseRate } from '../core/units.ts';
import { type CapacitySearch, type Probe, searchCapacity } from '../plan/capacity-search.ts';
import type { SweepStep } from '../plan/hysteresis.ts';
import { writeWholeFile } from '../results/write.ts';
import type { Plan } from '../scenario/plan.ts';
import { generatorReasonsOf, planOfWindows, probeOf, stepsOf } from './capacity-probe.ts';
import { probeLine, renderSearch } from './capacity-text.ts';
import type { Arguments, CommandIo } from './command.ts';
import { confirmCost } from './confirm-cost.ts';
import { EXIT, usageError } from './errors.ts';
import { isOn, outputFlags, text } from './flags.ts';
import { type Interrupts, listenForInterrupts, StoppedBeforeStart } from './interrupts.ts';
import { openProgress } from './progress.ts';
import { type FinishedRun, performRun, setUpRun } from './run-once.ts';
import type { RunSetup } from './run-setup.ts';
import { setUpVirtualRun } from './virtual-target.ts';

const CAPACITY_FILE = 'capacity.json';
/** Probes that a search usually takes, the way up and down among them: what its cost is estimated from. */
const PROBES_USUAL = 28;
const PRECISION_MIN = 0.005;

/** What was asked for. */
interface Wanted {
  readonly fromPerSecond: number;
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
    const search = await searchIn(folder, wanted, args, io, interrupts);
    write(folder, search);
    io.stdout.write(
      flags.isJson
        ? `${JSON.stringify({ schema: 'shardstorm.capacity/1', folder, ...search }, null, 2)}\n`
        : `${renderSearch(search)}\n\nResult  ${folder}\n`,
    );
    return search.status === 'interrupted'
      ? (interrupts.exitCode() ?? EXIT.interrupted)
      : exitCodeOf(search);
  } finally {
    interrupts.release();
  }
}

async function searchIn(
  folder: string,
  wanted: Wanted,
  args: Arguments,
  io: CommandIo,
  interrupts: Interrupts,
): Promise<CapacitySearch> {
  const say = (line: string) => {
    if (!outputFlags(args).isQuiet) io.stderr.write(`${line}\n`);
  };
  const perform = async (plan: Plan): Promise<FinishedRun | null> => {
    if (interrupts.exitCode() !== null) return null;
    const setup = setUp(args, plan, folder);
    try {
      return await performRun(setup, () => openProgress(setup, io, false));
    } catch (thrown) {
      if (thrown instanceof StoppedBeforeStart) return null;
      throw thrown;
    }
  };
  const probes: Probe[] = [];
  return searchCapacity({
    ...wanted,
    measure: async (perSecond, windowSeconds, count) => {
      const run = await perform(
        planOfWindows(args, [{ ...wanted, perSecond, windowSeconds }], count),
      );
      if (run === null) return stoppedProbe(perSecond, windowSeconds);
      const probe = probeOf(run, perSecond, windowSeconds);
      if (probe.isInterrupted) return probe;
      probes.push(probe);
      write(folder, { status: 'under way', probes });
      say(probeLine(probe));
      return probe;
    },
    sweep: isOn(args, 'no-hysteresis')
      ? null
      : async (rates, windowSeconds) => {
          say('up to overload and down again, in one run …');
          return sweepSteps(
            perform,
            rates,
            (perSecond) => ({
              perSecond,
              windowSeconds,
              settleSeconds: wanted.settleSeconds,
            }),
            args,
            probes.length,
          );
        },
  });
}

async function sweepSteps(
  perform: (plan: Plan) => Promise<FinishedRun | null>,
  rates: readonly number[],
  windowAt: (perSecond: number) => Parameters<typeof planOfWindows>[1][number],
  args: Arguments,
  count: number,
): Promise<readonly SweepStep[] | null> {
  const run = await perform(planOfWindows(args, rates.map(windowAt), count));
  // A generator that could not keep up says nothing of the target.
  return run === null || generatorReasonsOf(run.summary).length > 0
    ? null
    : stepsOf(run.summary, rates);
}

/** A probe that a signal came before. */
function stoppedProbe(perSecond: number, windowSeconds: number): Probe {
  return {
    perSecond,
    windowSeconds,
    failed: [],
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
  return {
    fromPerSecond: from.perSecond,
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
  return status === 'confirmed' ? EXIT.ok : EXIT.thresholdFailed;
}

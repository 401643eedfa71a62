/**
 * Measures again what looked suspicious. In: a series and its suspect metrics. Out: a confirmation. Every run is a process of
 * its own, as the night's was. With an old program (--baseline-command, --baseline-set) it runs blocks of old and new in
 * random order, with the same records in both; without one it runs tonight's again, to be held against the nights before.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { blockSeed, coolDownUs, sweepOrder } from '../coordinate/sweep.ts';
import { blocksForVerdict } from '../report/comparison/effects.ts';
import type { RunInput } from '../report/comparison/input.ts';
import { confirmByBlocks, confirmByNights } from '../report/gate/confirm.ts';
import type { Confirmation } from '../report/gate/gate.ts';
import type { JudgedMetric } from '../report/gate/judge.ts';
import { writeWholeFile } from '../results/write.ts';
import { loadScenario } from '../scenario/load.ts';
import type { Plan } from '../scenario/plan.ts';
import { BLOCK_ALPHA } from '../statistics/night-shift.ts';
import { commandWords, ownCommand, runChild } from './child-run.ts';
import type { CommandIo } from './command.ts';
import { readRuns } from './compare-inputs.ts';
import { confirmCost } from './confirm-cost.ts';
import { usageError } from './errors.ts';
import type { OutputFlags } from './flags.ts';

/** The fewest blocks that prove anything: 2/2⁷ is below {@link BLOCK_ALPHA}. */
export const CONFIRM_RUNS_MIN = 7;
/** Of a program that hangs: twice its time, and this for starting, draining and writing. */
const GRACE_MS = 300_000;

export interface ConfirmRequest {
  readonly suspects: readonly JudgedMetric[];
  /** A run of tonight: its scenario is what is run. */
  readonly run: RunInput;
  /** As asked for; blocks may be more, where more suspects need them. */
  readonly count: number;
  /** null: no old program to be held against. */
  readonly baselineCommand: string | null;
  readonly baselineSet: readonly string[];
  /** Made for these runs. */
  readonly folder: string;
  /** Of the night: its cost is held against that of these runs. null: the built-in list. */
  readonly pricesFile: string | null;
  readonly flags: OutputFlags;
  readonly io: CommandIo;
  readonly signal: AbortSignal;
}

const BASELINE_HINT =
  'It is started as `<--baseline-command> run <scenario> …`; try that by hand, and update it where it does not know a setting.';

const SIDES = ['baseline', 'candidate'] as const;
type Side = (typeof SIDES)[number];

/** @throws SHARDSTORM_CLI_COST_NOT_CONFIRMED, SHARDSTORM_SCENARIO_*, SHARDSTORM_RESULTS_UNREADABLE */
export async function confirmSuspicion(request: ConfirmRequest): Promise<Confirmation> {
  const { suspects, run, baselineCommand, baselineSet, folder, flags, io } = request;
  const isPaired = baselineCommand !== null || baselineSet.length > 0;
  const count = isPaired
    ? Math.max(request.count, blocksForVerdict(suspects.length, BLOCK_ALPHA))
    : request.count;
  const names: readonly Side[] = isPaired ? SIDES : ['candidate'];
  const slots = sweepOrder(names, count, run.summary.run.seed);
  const file = writeScenario(folder, run.scenario);
  const plan = loadScenario(file, {}, () => {});
  await confirmCost(
    slots.map(() => plan),
    flags,
    io,
  );
  const runs = new Map<string, RunInput>();
  let problem: string | null = null;
  for (const [index, { block, variant }] of slots.entries()) {
    if (index > 0) await sleep(coolDownUs(plan) / 1000, undefined, { signal: request.signal });
    say(request, `confirming ${index + 1}/${slots.length}: ${variant}, block ${block}`);
    const finished = await runSide(request, plan, file, variant as Side, block);
    if (typeof finished === 'string') {
      problem = finished;
      break;
    }
    if (finished !== null) runs.set(`${variant}/${block}`, finished);
  }
  const side = (name: Side) =>
    Array.from({ length: count }, (_, i) => runs.get(`${name}/${i + 1}`) ?? null);
  const base = { baselineCommand: isPaired ? (baselineCommand ?? 'this program') : null, folder };
  if (!isPaired) return { ...base, ...byNights(suspects, side('candidate'), problem) };
  return { ...base, ...byBlocks(suspects, side('baseline'), side('candidate'), problem) };
}

type Found = Omit<Confirmation, 'baselineCommand' | 'folder'>;

function byNights(
  suspects: readonly JudgedMetric[],
  candidates: readonly (RunInput | null)[],
  problem: string | null,
): Found {
  const valid = candidates.flatMap((run) => run?.summary ?? []);
  const tooFew = tooFewText(valid.length, candidates.length, 'runs');
  const metrics = problem === null && tooFew === null ? confirmByNights(suspects, valid) : [];
  return { way: 'nights', runs: valid.length, problem: problem ?? tooFew, metrics };
}

function byBlocks(
  suspects: readonly JudgedMetric[],
  baselines: readonly (RunInput | null)[],
  candidates: readonly (RunInput | null)[],
  problem: string | null,
): Found {
  const pairs = baselines.flatMap((old, i) => {
    const now = candidates[i];
    return old === null || now === null || now === undefined ? [] : [{ old, now }];
  });
  const tooFew = tooFewText(pairs.length, baselines.length, 'blocks');
  const metrics =
    problem === null && tooFew === null
      ? confirmByBlocks(
          suspects,
          pairs.map(({ old }) => old),
          pairs.map(({ now }) => now),
        )
      : [];
  return { way: 'blocks', runs: pairs.length, problem: problem ?? tooFew, metrics };
}

function tooFewText(valid: number, of: number, what: string): string | null {
  if (valid >= CONFIRM_RUNS_MIN) return null;
  return `not confirmed, because only ${valid} of ${of} ${what} that were measured again are valid`;
}

/** @returns the run; null when it is invalid; a problem when there is none */
async function runSide(
  { run, baselineCommand, baselineSet, folder, pricesFile, flags, signal }: ConfirmRequest,
  plan: Plan,
  file: string,
  side: Side,
  block: number,
): Promise<RunInput | null | string> {
  const isOld = side === 'baseline';
  const command = isOld && baselineCommand !== null ? commandWords(baselineCommand) : ownCommand();
  const sets = isOld ? baselineSet : [];
  const seed = blockSeed(run.summary.run.seed, block);
  const words = [
    'run',
    file,
    ...['--out', join(folder, side), '--name', `${side}-${block}`, '--seed', String(seed)],
    ...sets.flatMap((set) => ['--set', set]),
    ...(run.summary.run.transport === 'virtual' ? ['--virtual'] : []),
    ...(pricesFile === null ? [] : ['--prices', pricesFile]),
    ...(flags.isYes ? ['--yes'] : []),
    '--json',
    '--quiet',
  ];
  const planMs = plan.load.phases.reduce((sum, { durationUs }) => sum + durationUs / 1000, 0);
  const outcome = await runChild({ command, words, timeoutMs: 2 * planMs + GRACE_MS, signal });
  if (outcome.kind === 'failed') {
    // Else a typing error in the job would let every regression pass, for good.
    if (isOld) throw usageError(`the baseline program failed: ${outcome.problem}`, BASELINE_HINT);
    return `not confirmed: ${outcome.problem}`;
  }
  const [input] = readRuns([outcome.folder], 'name');
  const isValid = input?.summary.valid === true && input.summary.status === 'completed';
  return input !== undefined && isValid ? input : null;
}

function writeScenario(folder: string, scenario: RunInput['scenario']): string {
  const file = join(folder, 'scenario.json');
  writeWholeFile(
    file,
    `${JSON.stringify(scenario, null, 2)}\n`,
    'the scenario of the confirmation',
  );
  return file;
}

function say({ flags, io }: ConfirmRequest, text: string): void {
  if (!flags.isQuiet) io.stderr.write(`${text}\n`);
}

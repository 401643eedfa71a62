/** A sweep before it starts: in: a scenario and flags, or the folder of a sweep. Out: its variants resolved, its order. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  BASE_VARIANT,
  coolDownUs,
  type SweepVariant,
  sweepOrder,
  sweepVariants,
  withWarmUp,
} from '../coordinate/sweep.ts';
import { didYouMean } from '../core/nearest.ts';
import { makeRunId } from '../results/run-id.ts';
import { loadScenario } from '../scenario/load.ts';
import type { ScenarioOverrides } from '../scenario/overrides.ts';
import type { Plan } from '../scenario/plan.ts';
import { renderScenario } from '../scenario/render.ts';
import { VIRTUAL_EPOCH_US } from '../virtual/run.ts';
import type { Arguments } from './command.ts';
import { usageError } from './errors.ts';
import { isOn, SCENARIO_FLAGS, scenarioOverrides, text } from './flags.ts';
import { outputFlags } from './output-flags.ts';
import {
  blocksPlanned,
  emptySlots,
  readSweepFile,
  SWEEP_FILE,
  type SweepFile,
} from './sweep-file.ts';

export interface SweepPlan {
  readonly file: SweepFile;
  /** Where the sweep's folder is, or will be. */
  readonly folder: string;
  /** What each variant runs, by its name; seed and tags are those of the scenario. */
  readonly plans: ReadonlyMap<string, Plan>;
  /** Wait between runs. */
  readonly coolDownUs: number;
  readonly isResumed: boolean;
  /** What a person should know, one sentence each. */
  readonly notes: readonly string[];
}

/** Fewer give no verdict, so none can be inconclusive. */
const BLOCKS_MIN = 6;
/** A sweep is bounded: more runs than this is a typing error. */
const RUNS_MAX = 5000;
/** In each run a field of its own. */
const WITHOUT_SWEEP = ['matrix={}', 'variants={}'];

/** @throws SHARDSTORM_CLI_USAGE, SHARDSTORM_SCENARIO_*, SHARDSTORM_RESULTS_UNREADABLE */
export function planSweep(args: Arguments): SweepPlan {
  const place = text(args, 'scenario') ?? '';
  if (!existsSync(join(place, SWEEP_FILE))) return newSweep(place, args);
  refuseChanges(args);
  return resumedSweep(place);
}

/** Half a sweep of one plan and half of another compares nothing. */
function refuseChanges(args: Arguments): void {
  const given = [
    'blocks',
    'max-blocks',
    'baseline',
    'virtual',
    ...Object.keys(SCENARIO_FLAGS),
  ].find((name) => args[name] !== undefined);
  if (given === undefined) return;
  throw usageError(
    `--${given} cannot change a sweep that has begun`,
    'Leave it out to go on with the sweep as it was planned, or start a new one from its scenario.',
  );
}

function newSweep(scenario: string, args: Arguments): SweepPlan {
  const flags = outputFlags(args);
  const overrides = scenarioOverrides(args);
  const notes: string[] = [];
  const base = loadScenario(scenario, overrides, (note) => notes.push(note));
  const variants = sweepVariants(base);
  const names = variants.map(({ name }) => name);
  const blocks = blocksOf(args, base);
  const blocksMax = blocksMaxOf(args, blocks);
  checkSweep(scenario, names, blocksMax);
  const resolved = resolveVariants(scenario, overrides, variants);
  const name = flags.name ?? base.name;
  const isVirtual = isOn(args, 'virtual');
  const prints = [...resolved.plans.values()].map(fingerprintOf).join();
  const id = isVirtual
    ? makeRunId(VIRTUAL_EPOCH_US / 1000, `sweep-${name}`, Number.parseInt(digestOf(prints), 16))
    : makeRunId(Date.now(), `sweep-${name}`, randomBytes(3).readUIntBE(0, 3));
  const file: SweepFile = {
    schema: 'shardstorm.sweep/1',
    id,
    name,
    scenario: resolve(scenario),
    overrides: Object.fromEntries(
      Object.entries(overrides).map(([key, value]) => [
        key,
        Array.isArray(value) ? value.map(String) : value,
      ]),
    ),
    seed: base.load.seed,
    ...(isVirtual ? { virtual: true } : {}),
    blocks,
    blocksMax,
    baseline: baselineOf(args, names, resolved.plans, base, scenario, overrides),
    variants: variants.map(({ name: variant, set }) => ({
      name: variant,
      set: [...set],
      fingerprint: fingerprintOf(resolved.plans.get(variant)),
    })),
    order: emptySlots(sweepOrder(names, blocks, base.load.seed)),
  };
  return {
    file,
    folder: resolve(flags.out, id),
    plans: resolved.plans,
    coolDownUs: isVirtual ? 0 : coolDownUs(base),
    isResumed: false,
    notes: [...notes, ...resolved.notes],
  };
}

/** The same plan as before, or none. */
function resumedSweep(folder: string): SweepPlan {
  const file = readSweepFile(folder);
  const overrides = file.overrides as ScenarioOverrides;
  const { plans, notes } = resolveVariants(file.scenario, overrides, file.variants);
  for (const { name, fingerprint } of file.variants) {
    if (fingerprintOf(plans.get(name)) === fingerprint) continue;
    throw usageError(
      `the scenario ${file.scenario} has changed since the sweep ${file.id} began (variant ${name})`,
      'Put it back as it was, or start a new sweep.',
    );
  }
  const [first] = plans.values();
  return {
    file,
    folder: resolve(folder),
    plans,
    coolDownUs: first === undefined || file.virtual === true ? 0 : coolDownUs(first),
    isResumed: true,
    notes,
  };
}

function resolveVariants(
  scenario: string,
  overrides: ScenarioOverrides,
  variants: readonly SweepVariant[],
): { readonly plans: ReadonlyMap<string, Plan>; readonly notes: readonly string[] } {
  const notes = new Set<string>();
  const plans = new Map<string, Plan>();
  for (const { name, set } of variants) {
    const plan = loadVariant(scenario, overrides, set);
    const warmed = withWarmUp(plan);
    if (warmed !== null) notes.add('a warm-up of 3 s that is not measured is put before each run');
    else if (plan.load.phases[0]?.measure === true) {
      notes.add('runs start without a warm-up: begin the scenario with a phase of measure: false');
    }
    plans.set(name, warmed ?? plan);
  }
  return { plans, notes: [...notes] };
}

function loadVariant(scenario: string, overrides: ScenarioOverrides, set: readonly string[]): Plan {
  return loadScenario(scenario, {
    ...overrides,
    set: [...(overrides.set ?? []), ...WITHOUT_SWEEP, ...set],
  });
}

/** Six hex digits: the same sweep in virtual time has the same folder. */
const digestOf = (prints: string): string =>
  createHash('sha256').update(prints).digest('hex').slice(0, 6);

function fingerprintOf(plan: Plan | undefined): string {
  return createHash('sha256')
    .update(plan === undefined ? '' : renderScenario(plan))
    .digest('hex');
}

function blocksOf(args: Arguments, { blocks }: Plan): number {
  const given = text(args, 'blocks');
  if (given === undefined) return blocks;
  const number = Number(given);
  if (Number.isInteger(number) && number >= 1 && number <= 10_000) return number;
  throw usageError(
    `--blocks ${given} is not a whole number from 1 to 10000`,
    'Such as --blocks 8.',
  );
}

/** Up to how many blocks a sweep may go on; as many as the first look has: it does not. */
function blocksMaxOf(args: Arguments, blocks: number): number {
  const given = text(args, 'max-blocks');
  if (given === undefined) return blocks;
  const number = Number(given);
  if (Number.isInteger(number) && number >= blocks && number <= 10_000 && blocks >= BLOCKS_MIN) {
    return number;
  }
  throw usageError(
    `--max-blocks ${given} is not a whole number from the ${blocks} blocks of the first look (at least ${BLOCKS_MIN}) to 10000`,
    'Such as --blocks 8 --max-blocks 12: four more blocks if eight settle nothing.',
  );
}

/** The sweep with all its blocks, those of the first look among them as they are; null: there are no more. */
export function extendedFile(file: SweepFile): SweepFile | null {
  const { blocks, blocksMax = blocks, variants, seed, order } = file;
  if (blocksPlanned(file) >= blocksMax) return null;
  const names = variants.map(({ name }) => name);
  const more = sweepOrder(names, blocksMax, seed).slice(order.length);
  return { ...file, order: [...order, ...emptySlots(more)] };
}

function checkSweep(scenario: string, names: readonly string[], blocks: number): void {
  if (names.length < 2) {
    throw usageError(
      `${scenario} has nothing to sweep over: no matrix with two values or more, and no variants`,
      'Add a section matrix, such as `matrix: { producer.maxBufferedTime: [50ms, 500ms] }`.',
    );
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw usageError(`two variants are called "${twice}"`, 'Give the named variant another name.');
  }
  if (names.length * blocks > RUNS_MAX) {
    const message = `${names.length} variants in ${blocks} blocks are ${names.length * blocks} runs; at most ${RUNS_MAX} are allowed`;
    throw usageError(message, 'Leave values out of the matrix, or lower --blocks.');
  }
}

/** --baseline; else the variant that is the scenario as written; else the first. */
function baselineOf(
  args: Arguments,
  names: readonly string[],
  plans: ReadonlyMap<string, Plan>,
  base: Plan,
  scenario: string,
  overrides: ScenarioOverrides,
): string {
  const given = text(args, 'baseline');
  if (given !== undefined) {
    if (names.includes(given)) return given;
    const choice = didYouMean(given, names) || `; the variants are ${names.join(', ')}`;
    throw usageError(`--baseline ${given} is no variant${choice}`, 'Name one of them.');
  }
  if (names.includes(BASE_VARIANT) && Object.keys(base.matrix).length === 0) return BASE_VARIANT;
  const plain = loadVariant(scenario, overrides, []);
  const written = fingerprintOf(withWarmUp(plain) ?? plain);
  return names.find((name) => fingerprintOf(plans.get(name)) === written) ?? names[0] ?? '';
}

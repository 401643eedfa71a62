/**
 * What a sweep does and in which order. In: a scenario's matrix, variants and blocks. Out: variants as changes of fields,
 * and a list of runs in randomised blocks. Pure: the same scenario gives the same order.
 */
import { RANDOM_STREAMS, RandomSequence } from '../core/random.ts';
import type { PhasePlan, Plan, RatePlan } from '../scenario/plan.ts';

/** One setting to be measured. */
export interface SweepVariant {
  readonly name: string;
  /** Changes of the scenario, as `--set` takes them. */
  readonly set: readonly string[];
}

/** One run of the order. */
export interface SweepSlot {
  /** From 1. */
  readonly block: number;
  readonly variant: string;
}

/** Name of the scenario itself, where no matrix says otherwise. */
export const BASE_VARIANT = 'base';

/** Every combination of the matrix (or the scenario as it is), then the named variants. */
export function sweepVariants({ matrix, variants }: Plan): SweepVariant[] {
  const fields = Object.keys(matrix);
  const names = shortNames(fields);
  let combinations: readonly (readonly [string, unknown])[][] = [[]];
  for (const field of fields) {
    combinations = combinations.flatMap((chosen) =>
      (matrix[field] ?? []).map((value) => [...chosen, [field, value] as const]),
    );
  }
  const combined = combinations.map((chosen) => ({
    name: chosen.map(([field, value]) => `${names.get(field)}=${valueText(value)}`).join(','),
    set: chosen.map(assignment),
  }));
  const named = Object.entries(variants).map(([name, changes]) => ({
    name,
    set: Object.entries(changes).map(assignment),
  }));
  return [
    ...combined.map(({ name, set }) => ({ name: name === '' ? BASE_VARIANT : name, set })),
    ...named,
  ];
}

function assignment([field, value]: readonly [string, unknown]): string {
  return `${field}=${JSON.stringify(value)}`;
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The last parts of each path, as many as tell them all apart. */
function shortNames(paths: readonly string[]): ReadonlyMap<string, string> {
  const parts = paths.map((path) => path.split('.'));
  const longest = Math.max(1, ...parts.map(({ length }) => length));
  for (let count = 1; count < longest; count++) {
    const names = parts.map((part) => part.slice(-count).join('.'));
    if (new Set(names).size === names.length) {
      return new Map(paths.map((path, i) => [path, names[i] ?? path]));
    }
  }
  return new Map(paths.map((path) => [path, path]));
}

/**
 * Every variant once a block. The order of the first of two blocks is drawn, the second has it backwards (ABBA): over the
 * two every variant has the same mean place, so that a slow drift favours none however few blocks there are. More blocks
 * of the same seed begin with the same ones.
 */
export function sweepOrder(names: readonly string[], blocks: number, seed: number): SweepSlot[] {
  const random = new RandomSequence(seed, RANDOM_STREAMS.order);
  let drawn: readonly string[] = [];
  return Array.from({ length: blocks }, (_, i) => {
    drawn = i % 2 === 0 ? shuffled(names, random) : drawn.toReversed();
    return drawn.map((variant) => ({ block: i + 1, variant }));
  }).flat();
}

function shuffled(names: readonly string[], random: RandomSequence): string[] {
  const order = [...names];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random.unit() * (last + 1));
    const held = order[last] as string;
    order[last] = order[other] as string;
    order[other] = held;
  }
  return order;
}

/**
 * The seed of a block: runs of one block see the same records at the same times, so that they differ by their settings
 * only; every block sees others, so that blocks are independent.
 */
export function blockSeed(seed: number, block: number): number {
  return (seed + block - 1) % Number.MAX_SAFE_INTEGER;
}

/** Long enough for the code to be compiled and the buffers to be filled. */
const WARM_UP_US = 3_000_000;

/**
 * The plan with a warm-up in front where it has none: each run starts with new threads, and what they do in their first
 * seconds is not what they do later. Null: it has one, or none can be put in front, since faults or recordings go by the
 * time since the start.
 */
export function withWarmUp(plan: Plan): Plan | null {
  const [first] = plan.load.phases;
  if (first === undefined || !first.measure) return null;
  if (plan.target.simulator.faults.some(({ atUs }) => atUs !== null)) return null;
  const rate = startRate(first.rate);
  if (rate === null) return null;
  const taken = new Set(plan.load.phases.map(({ name }) => name));
  const name = taken.has('warm-up') ? 'sweep-warm-up' : 'warm-up';
  const warmUp: PhasePlan = { name, durationUs: WARM_UP_US, rate, measure: false };
  return { ...plan, load: { ...plan.load, phases: [warmUp, ...plan.load.phases] } };
}

function startRate(rate: RatePlan): RatePlan | null {
  const constant = (perSecond: number): RatePlan => ({ kind: 'constant', perSecond });
  switch (rate.kind) {
    case 'ramp':
    case 'steps':
      return rate.fromPerSecond > 0 ? constant(rate.fromPerSecond) : null;
    case 'sine':
      return constant(rate.meanPerSecond);
    case 'burst':
      return constant(rate.basePerSecond);
    case 'onOff': {
      const { onPerSecond, offPerSecond, onUs, offUs } = rate;
      return constant((onPerSecond * onUs + offPerSecond * offUs) / (onUs + offUs));
    }
    case 'constant':
      return rate.perSecond > 0 ? rate : null;
    case 'replay':
      return null;
    default:
      return rate;
  }
}

/** A shard's buckets are full again after a second; two are certain. */
const REFILL_US = 2_000_000;

/** How long to wait between runs: a simulator is a new one each time, a stream's shards must fill their buckets again. */
export function coolDownUs({ target }: Plan): number {
  return target.kind === 'aws' || target.kind === 'endpoint' ? REFILL_US : 0;
}

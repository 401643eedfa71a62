/**
 * What else differs between runs. In: runs. Out: differences of machine, versions, target, load and settings, and the
 * settings by which the variants differ. A comparison of unlike things is allowed; saying nothing about it is not.
 */
import { flatSettings } from '../../results/settings.ts';
import type { Difference } from './comparison.ts';
import type { RunInput } from './input.ts';

/** Settings of the producer are what is compared; these change what it is compared on. */
const LOAD = /^(load|records)(\.|$)/;
const TARGET = /^target(\.|$)/;

/** Settings that are not the same in all runs: for each variant the path and its text, `-` where it has none. */
export function variantSettings(
  runs: readonly RunInput[],
): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const flats = runs.map((run) => ({ run, flat: flatSettings(run.scenario) }));
  const paths = differingPaths(flats.map(({ flat }) => flat));
  const byVariant = new Map<string, Record<string, string>>();
  for (const { run, flat } of flats) {
    if (byVariant.has(run.variant)) continue;
    byVariant.set(
      run.variant,
      Object.fromEntries(paths.map((path) => [path, flat.get(path) ?? '-'])),
    );
  }
  return byVariant;
}

function differingPaths(flats: readonly ReadonlyMap<string, string>[]): string[] {
  const paths = new Set(flats.flatMap((flat) => [...flat.keys()]));
  return [...paths].filter((path) => new Set(flats.map((flat) => flat.get(path))).size > 1).sort();
}

type Fact = readonly [kind: Difference['kind'], what: string, read: (run: RunInput) => string];

const FACTS: readonly Fact[] = [
  ['target', 'target', ({ summary }) => summary.run.target],
  ['machine', 'CPU', ({ environment }) => environment.machine.cpuModel],
  ['machine', 'CPU count', ({ environment }) => String(environment.machine.cpuCount)],
  ['machine', 'memory', ({ environment }) => gibibytes(environment.machine.memoryBytes)],
  [
    'machine',
    'operating system',
    ({ environment: { os, machine } }) => `${os.name} ${os.release} ${machine.architecture}`,
  ],
  ['versions', 'Node.js', ({ environment }) => environment.runtime.node],
  [
    'versions',
    'Node.js options',
    ({ environment }) => environment.runtime.options.join(' ') || 'none',
  ],
  ['versions', 'Shardstorm', ({ environment }) => environment.packages['shardstorm'] ?? 'unknown'],
  ['versions', 'git commit', ({ environment }) => environment.git?.commit?.slice(0, 12) ?? 'none'],
  ['load', 'scenario', ({ summary }) => summary.run.scenario],
  ['load', 'worker threads', ({ summary }) => String(summary.run.workers)],
];

function gibibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 3)} GiB`;
}

/** Everything that differs beside what is compared; what goes along with the variants first. */
export function differencesOf(runs: readonly RunInput[]): Difference[] {
  const differences = FACTS.flatMap(([kind, what, read]) => differenceOf(kind, what, read, runs));
  const found = [...differences, ...settingDifferences(runs), ...orderDifferences(runs)];
  return found.sort((a, b) => Number(b.isConfounded) - Number(a.isConfounded));
}

function differenceOf(
  kind: Difference['kind'],
  what: string,
  read: (run: RunInput) => string,
  runs: readonly RunInput[],
): Difference[] {
  const variantsOf = new Map<string, Set<string>>();
  for (const run of runs) {
    const value = read(run);
    variantsOf.set(value, (variantsOf.get(value) ?? new Set()).add(run.variant));
  }
  if (variantsOf.size < 2) return [];
  // Each variant with one value only: what the value does and what the variant does are the same thing.
  const count = [...variantsOf.values()].reduce((sum, variants) => sum + variants.size, 0);
  const isConfounded = count === new Set(runs.map(({ variant }) => variant)).size;
  const values = [...variantsOf].map(([value, variants]) => ({
    value,
    where: isConfounded
      ? [...variants].join(', ')
      : `${runs.filter((run) => read(run) === value).length} of ${runs.length} runs`,
  }));
  return [{ kind, what, values, isConfounded }];
}

/** In a sweep all settings but a variant's own are alike by construction; elsewhere load and target are told of. */
function settingDifferences(runs: readonly RunInput[]): Difference[] {
  const flats = new Map(runs.map((run) => [run, flatSettings(run.scenario)]));
  const paths = differingPaths([...flats.values()]);
  const isOneSweep =
    runs.every(({ block }) => block !== null) &&
    new Set(runs.map(({ block }) => block?.sweep)).size === 1;
  return paths.flatMap((path) => {
    const read = (run: RunInput) => flats.get(run)?.get(path) ?? '-';
    if (isMixedWithin(runs, read)) {
      return differenceOf('settings', `${path}, within a variant`, read, runs);
    }
    if (isOneSweep) return [];
    if (LOAD.test(path)) return differenceOf('load', path, read, runs);
    return TARGET.test(path) ? differenceOf('target', path, read, runs) : [];
  });
}

function isMixedWithin(runs: readonly RunInput[], read: (run: RunInput) => string): boolean {
  const held = new Map<string, string>();
  return runs.some((run) => {
    const value = read(run);
    const before = held.get(run.variant);
    held.set(run.variant, value);
    return before !== undefined && before !== value;
  });
}

/** Variants that were measured one after the other: what changed in the meantime looks like an effect. */
function orderDifferences(runs: readonly RunInput[]): Difference[] {
  if (runs.every(({ block }) => block !== null)) return [];
  const spans = new Map<string, [number, number]>();
  for (const { variant, summary } of runs) {
    const at = Date.parse(summary.run.startedAt);
    const [from, to] = spans.get(variant) ?? [at, at];
    spans.set(variant, [Math.min(from, at), Math.max(to, at)]);
  }
  const ordered = [...spans].sort(([, a], [, b]) => a[0] - b[0]);
  const isApart = ordered.some(([, [from]], i) => {
    const before = ordered[i - 1];
    return before !== undefined && before[1][1] < from;
  });
  if (!isApart || ordered.length < 2) return [];
  return [
    {
      kind: 'design',
      what: 'measured one after the other, so that drift looks like an effect',
      values: ordered.map(([variant, [from]]) => ({
        value: `from ${new Date(from).toISOString()}`,
        where: variant,
      })),
      isConfounded: true,
    },
  ];
}

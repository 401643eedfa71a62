/** The machines of a run's members, beside each other: figures of one apply to the next only where they are alike. */
import type { Environment } from './environment.ts';

const GIB = 1024 ** 3;

/** What decides how much a member can do. */
const TRAITS: Readonly<Record<string, (environment: Environment) => string>> = {
  processors: ({ machine }) => `${machine.cpuCount} × ${machine.cpuModel}`,
  // Machines of one kind differ by what their firmware keeps.
  memory: ({ machine }) => `${Math.round(machine.memoryBytes / GIB)} GiB`,
  system: ({ os, machine }) => `${os.name} ${os.release} ${machine.architecture}`,
  Node: ({ runtime }) => runtime.node,
};

/** Kinds named in one sentence. */
const KINDS_MAX = 4;

/** One sentence for all that differs; none where the machines are alike. */
export function differingMachines(environments: readonly Environment[]): string[] {
  const differences = Object.entries(TRAITS).flatMap(([trait, read]) => {
    const counts = new Map<string, number>();
    for (const environment of environments) {
      const kind = read(environment);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    if (counts.size < 2) return [];
    const kinds = [...counts].sort(([, a], [, b]) => b - a);
    const named = kinds.slice(0, KINDS_MAX).map(([kind, count]) => `${kind} (${count})`);
    const more = kinds.length > KINDS_MAX ? ` and ${kinds.length - KINDS_MAX} more` : '';
    return [`${trait}: ${named.join(', ')}${more}`];
  });
  if (differences.length === 0) return [];
  const words = differences.join('; ');
  return [
    `The members' machines differ in ${words}. environment.json is that of the first member.`,
  ];
}

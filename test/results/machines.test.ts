import { describe, expect, it } from 'vitest';
import { collectEnvironment, type Environment } from '../../src/results/environment.ts';
import { differingMachines } from '../../src/results/machines.ts';

const OWN = collectEnvironment({ seed: 1, workingDirectory: '/' });
const of = (cpuCount: number, node = '24.0.0', memoryBytes = 8 * 1024 ** 3): Environment => ({
  ...OWN,
  machine: { cpuModel: 'Xeon', cpuCount, memoryBytes, architecture: 'x64' },
  runtime: { ...OWN.runtime, node },
});

describe("the members' machines", () => {
  it('are nothing to speak of where they are alike', () => {
    expect(differingMachines([of(2), of(2, '24.0.0', 8 * 1024 ** 3 - 5e6)])).toEqual([]);
    expect(differingMachines([])).toEqual([]);
  });

  it('are told of where they differ, and how many are of each kind', () => {
    expect(differingMachines([of(4), of(2, '20.1.0'), of(2)])).toEqual([
      "The members' machines differ in processors: 2 × Xeon (2), 4 × Xeon (1); Node: 24.0.0 (2), 20.1.0 (1). environment.json is that of the first member.",
    ]);
  });

  it('of many kinds are not listed without end', () => {
    const many = Array.from({ length: 50 }, (_, i) => of(i + 1));
    expect(differingMachines(many)[0]).toContain('4 × Xeon (1) and 46 more. environment.json');
  });
});

import { resolve } from 'node:path';
import {
  compileScenario,
  ScenarioError,
  type ScenarioProblem,
} from '../../src/scenario/compile.ts';
import type { ScenarioOverrides } from '../../src/scenario/overrides.ts';
import type { Plan } from '../../src/scenario/plan.ts';

/** The least that a scenario must say. */
export const MINIMAL = `version: 1
load:
  phases:
    - { duration: 10s, rate: 100/s }
records:
  payload: { kind: random, size: 200B }
`;

export interface World {
  readonly environment?: Record<string, string>;
  /** Text of files by absolute path; the scenario lies in /scenarios. */
  readonly files?: Record<string, string>;
}

/** Compiles text as if it were the file `test.yaml`. */
export function compile(
  text: string,
  overrides: ScenarioOverrides = {},
  { environment = {}, files = {} }: World = {},
  notes: string[] = [],
): Plan {
  const absolute = (file: string) => resolve('/scenarios', file);
  const read = (file: string) => files[absolute(file)] ?? null;
  return compileScenario(
    {
      text,
      file: 'test.yaml',
      environment,
      files: {
        defaultName: 'test',
        baseDirectory: '/scenarios',
        absolute,
        read,
        exists: (file) => read(file) !== null,
        meanLineBytes: (file) => read(file)?.length ?? null,
      },
    },
    overrides,
    (note) => notes.push(note),
  );
}

/** The problems of a scenario that must not compile. */
function problemsOf(
  text: string,
  overrides: ScenarioOverrides = {},
  world: World = {},
): readonly ScenarioProblem[] {
  try {
    compile(text, overrides, world);
  } catch (thrown) {
    if (thrown instanceof ScenarioError) return thrown.problems;
    throw thrown;
  }
  throw new Error('the scenario was accepted');
}

/** `place: field: message` of each problem. */
export function problemLines(
  text: string,
  overrides: ScenarioOverrides = {},
  world: World = {},
): string[] {
  return problemsOf(text, overrides, world).map(
    ({ place, field, message }) => `${place}: ${field}: ${message}`,
  );
}

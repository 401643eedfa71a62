/**
 * From a scenario's text to its plan. In: text, flags, environment, and how to look at other files. Out: a frozen plan,
 * or one error that lists everything that is wrong, each with its place in the file or its flag.
 */
import { ShardstormError } from '../core/errors.ts';
import { parseDurationUs, parseRate } from '../core/units.ts';
import { checkPlan } from './checks.ts';
import { readDocument, type ScenarioDocument } from './document.ts';
import { expandEnvironment } from './environment.ts';
import { importKplProperties } from './kpl-properties.ts';
import type { ScenarioOrigin } from './origin.ts';
import {
  applyChange,
  type FlagProblem,
  fieldChanges,
  type ScenarioOverrides,
} from './overrides.ts';
import type { Plan, RatePlan } from './plan.ts';
import { type FieldPath, type Problem, pathText, problemsOf, valueAt } from './problems.ts';
import { resolveScenario } from './resolve.ts';
import { meanPayloadBytes, peakPerSecond, scaleToDuration, scaleToPeak } from './resolve-rates.ts';
import { scenarioSchema } from './schema.ts';

/** A scenario's text and the world around it. */
export interface ScenarioSource {
  readonly text: string;
  /** As shown in messages. */
  readonly file: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly files: ScenarioFiles & Pick<ScenarioOrigin, 'defaultName' | 'baseDirectory'>;
}

/** Other files that a scenario names; paths as the scenario writes them, or absolute. */
interface ScenarioFiles {
  readonly absolute: (file: string) => string;
  readonly exists: (file: string) => boolean;
  /** The text of a file; null when it cannot be read. */
  readonly read: (file: string) => string | null;
  readonly meanLineBytes: (file: string) => number | null;
}

/** One thing that is wrong, and where: `file:line:column` or the flag. */
export interface ScenarioProblem {
  readonly place: string;
  readonly field: string;
  readonly message: string;
}

/** An invalid scenario: all its problems. */
export class ScenarioError extends ShardstormError {
  readonly problems: readonly ScenarioProblem[];

  constructor(file: string, problems: readonly ScenarioProblem[]) {
    const lines = problems.map(({ place, field, message }) => {
      const subject = field === '' ? '' : `${field}: `;
      return problems.length === 1
        ? `${place}: ${subject}${message}`
        : `  ${place}: ${subject}${message}`;
    });
    const head = problems.length === 1 ? [] : [`${file} has ${problems.length} problems`];
    super('SHARDSTORM_SCENARIO_INVALID', [...head, ...lines].join('\n'), {
      hint: 'Correct the fields named above; `shardstorm scenario schema` prints all that are allowed.',
    });
    this.problems = problems;
  }
}

/** Where the fields that are not from the file come from, by path. */
type Places = Map<string, string>;

/**
 * Compiles a scenario.
 * @param onNote called with each sentence on what an imported properties file could not say
 * @throws SHARDSTORM_SCENARIO_SYNTAX, SHARDSTORM_SCENARIO_INVALID
 */
export function compileScenario(
  source: ScenarioSource,
  overrides: ScenarioOverrides,
  onNote: (note: string) => void = () => {},
): Plan {
  const document = readDocument(source.text, source.file);
  if (typeof document.data !== 'object' || document.data === null || Array.isArray(document.data)) {
    throw new ScenarioError(source.file, [
      {
        place: document.find([]).place,
        field: 'scenario',
        message: 'expected a section with fields',
      },
    ]);
  }
  const data = document.data as Record<string, unknown>;
  const places: Places = new Map();
  const flagProblems = applyFlags(data, overrides, places);
  const problems = expandEnvironment(data, source.environment);
  problems.push(...applyImport(data, source, places, onNote));

  const result = resolveData(data, source, overrides);
  const found = [...problems, ...('problems' in result ? result.problems : [])];
  const placed = found.map(({ path, message }) => ({
    place: placeOf(path, places, document),
    field: pathText(path),
    message,
  }));
  const flags = [...flagProblems, ...flagRangeProblems(overrides)];
  const all = [
    ...flags.map(({ flag, message }) => ({ place: flag, field: '', message })),
    ...placed,
  ];
  if (all.length > 0 || 'problems' in result) throw new ScenarioError(source.file, all);
  return deepFreeze(result.plan);
}

function applyFlags(
  data: Record<string, unknown>,
  overrides: ScenarioOverrides,
  places: Places,
): FlagProblem[] {
  const problems: FlagProblem[] = [];
  for (const change of fieldChanges(overrides)) {
    if ('message' in change) {
      problems.push(change);
      continue;
    }
    const applied = applyChange(data, change);
    if ('message' in applied) problems.push(applied);
    else places.set(pathText(applied), change.flag);
  }
  return problems;
}

/** Fields of the properties file that the scenario does not say itself. */
function applyImport(
  data: Record<string, unknown>,
  { files }: ScenarioSource,
  places: Places,
  onNote: (note: string) => void,
): Problem[] {
  const path: FieldPath = ['producer', 'import'];
  const file = valueAt(data, path);
  if (typeof file !== 'string') return [];
  const text = files.read(file);
  if (text === null) return [{ path, message: `cannot read ${files.absolute(file)}` }];
  const { fields, notes } = importKplProperties(text);
  for (const { path: field, value, property, line } of fields) {
    // `rateLimit: off` and `rateLimit: 100%` say all there is to say about it.
    const isSaid = field.some((_, depth) => {
      const said = valueAt(data, field.slice(0, depth + 1));
      return said !== undefined && (depth === field.length - 1 || typeof said !== 'object');
    });
    if (isSaid) continue;
    const applied = applyChange(data, { path: field, value, flag: file });
    if (!('message' in applied)) places.set(pathText(applied), `${file}:${line} (${property})`);
  }
  for (const note of notes) onNote(`${file}: ${note}`);
  return [];
}

type Resolved = { readonly plan: Plan } | { readonly problems: readonly Problem[] };

function resolveData(
  data: Record<string, unknown>,
  source: ScenarioSource,
  overrides: ScenarioOverrides,
): Resolved {
  const whole = resolveOne(data, source, overrides);
  const problems = [...('problems' in whole ? whole.problems : [])];
  // A sweep's values are tried one by one, once the scenario itself is right.
  if (problems.length === 0) problems.push(...checkSweep(data, source, overrides));
  return problems.length > 0 ? { problems } : whole;
}

function resolveOne(
  data: Record<string, unknown>,
  { files }: ScenarioSource,
  overrides: ScenarioOverrides,
): Resolved {
  const parsed = scenarioSchema.safeParse(data);
  if (!parsed.success) return { problems: problemsOf(parsed.error.issues, data) };
  const resolved = resolveScenario(parsed.data, files);
  const plan = {
    ...resolved,
    load: { ...resolved.load, phases: scaledPhases(resolved, files, overrides) },
  };
  const problems = checkPlan(plan, parsed.data, files.exists);
  if (overrides.rate !== undefined && plan.load.phases.every(({ rate }) => !hasRate(rate))) {
    problems.push({
      path: ['load', 'phases'],
      message: `no phase has a rate that --rate ${overrides.rate} could change`,
    });
  }
  return problems.length > 0 ? { problems } : { plan };
}

const hasRate = (rate: RatePlan): boolean => peakPerSecond(rate) !== null;

function scaledPhases(plan: Plan, files: ScenarioFiles, overrides: ScenarioOverrides) {
  let { phases } = plan.load;
  const durationUs = overrides.duration === undefined ? null : parseDurationUs(overrides.duration);
  if (durationUs !== null && durationUs > 0) phases = scaleToDuration(phases, durationUs);
  const rate = overrides.rate === undefined ? null : parseRate(overrides.rate);
  if (rate !== null && rate.perSecond > 0) {
    const meanBytes = rate.unit === 'records' ? 1 : meanPayloadBytes(plan.records, files);
    phases = scaleToPeak(phases, rate.perSecond / meanBytes);
  }
  return phases;
}

function flagRangeProblems({ duration, rate }: ScenarioOverrides): FlagProblem[] {
  const problems: FlagProblem[] = [];
  if (duration !== undefined && !((parseDurationUs(duration) ?? 0) > 0)) {
    const message = 'expected a duration above zero such as 30s or 2m';
    problems.push({ flag: `--duration ${duration}`, message });
  }
  if (rate !== undefined && !((parseRate(rate)?.perSecond ?? 0) > 0)) {
    const message = 'expected a rate above zero such as 5000/s or 2 MB/s';
    problems.push({ flag: `--rate ${rate}`, message });
  }
  return problems;
}

/** Problems of the matrix and the variants: each value tried in a copy of the scenario. */
function checkSweep(
  data: Record<string, unknown>,
  source: ScenarioSource,
  overrides: ScenarioOverrides,
): Problem[] {
  const {
    matrix = {},
    variants = {},
    ...base
  } = data as {
    matrix?: Record<string, unknown[]>;
    variants?: Record<string, Record<string, unknown>>;
  };
  const attempt = (changes: Readonly<Record<string, unknown>>, at: FieldPath): Problem[] => {
    const copy = structuredClone(base) as Record<string, unknown>;
    for (const [field, value] of Object.entries(changes)) {
      const applied = applyChange(copy, { path: field.split('.'), value, flag: field });
      if ('message' in applied) return [{ path: at, message: `${field}: ${applied.message}` }];
    }
    const result = resolveOne(copy, source, overrides);
    if (!('problems' in result)) return [];
    return result.problems.map(({ path, message }) => ({
      path: at,
      message: `${pathText(path)}: ${message}`,
    }));
  };
  return [
    ...Object.entries(matrix).flatMap(([field, values]) =>
      values.flatMap((value, index) => attempt({ [field]: value }, ['matrix', field, index])),
    ),
    ...Object.entries(variants).flatMap(([name, changes]) => attempt(changes, ['variants', name])),
  ];
}

/** The flag or import that set a field, a section around it or, where the file lacks it, a field in it. */
function placeOf(path: FieldPath, places: Places, document: ScenarioDocument): string {
  for (let length = path.length; length > 0; length--) {
    const place = places.get(pathText(path.slice(0, length)));
    if (place !== undefined) return place;
  }
  const inFile = document.find(path);
  if (inFile.isExact) return inFile.place;
  const text = pathText(path);
  const within = [...places].find(([key]) => key.startsWith(`${text}.`));
  return within === undefined ? inFile.place : within[1];
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const held of Object.values(value)) deepFreeze(held);
  }
  return value;
}

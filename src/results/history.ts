/**
 * The nights of the past: one file each, whole in itself, so that the folder can be kept where results are thrown away (a
 * branch, a cache, a bucket). In: stored runs. Out: nights in the order in which they were recorded. Invariant: a night is
 * never changed once it is there, and one that cannot be read is told of and hides no other.
 */
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { describeCause, ShardstormError } from '../core/errors.ts';
import type { Environment } from './environment.ts';
import { type Fingerprint, fingerprintOf } from './fingerprint.ts';
import { migrateSummary } from './migrate.ts';
import { redactedJson } from './redact.ts';
import { environmentSchema, summarySchema } from './schema.ts';
import type { Summary } from './summary.ts';
import { makeFolder, unwritable, writeWholeFile } from './write.ts';

const SUFFIX = '.night.json';

/** What was said of a night when it was recorded. */
export const NIGHT_VERDICTS = [
  'pass',
  'improvement',
  'regression',
  'suspected',
  'not enough history',
  'not comparable',
] as const;
export type NightVerdict = (typeof NIGHT_VERDICTS)[number];

/** A file of the history folder, `shardstorm.night/1`: the runs of one variant in one night. */
export interface NightFile {
  readonly schema: 'shardstorm.night/1';
  /** Counts up in the folder: the order does not hang on a clock that may be set back. */
  readonly number: number;
  readonly recordedAt: string;
  /** The variant of a sweep; else the run's name. */
  readonly name: string;
  readonly verdict: NightVerdict;
  /** Why a change was accepted as the new level; null: none was. Nights before it no longer count. */
  readonly accepted: string | null;
  /** Of the first run. */
  readonly environment: Environment;
  /** scenario.yaml of the first run, parsed: every default resolved. */
  readonly scenario: Readonly<Record<string, unknown>>;
  /** At least one. A metric's value of the night is the median over them. */
  readonly runs: readonly Summary[];
}

/** A night as it is judged and drawn. */
export interface Night extends NightFile {
  readonly path: string;
  readonly fingerprint: Fingerprint;
}

export interface History {
  /** Oldest first. */
  readonly nights: readonly Night[];
  /** Files that could not be read, and why. */
  readonly unreadable: readonly string[];
}

const nightSchema = z.object({
  schema: z.literal('shardstorm.night/1'),
  number: z.int().min(0),
  recordedAt: z.string(),
  name: z.string(),
  verdict: z.enum(NIGHT_VERDICTS),
  accepted: z.string().nullable(),
  environment: environmentSchema,
  scenario: z.record(z.string(), z.unknown()),
  runs: z.array(z.preprocess(migrateSummary, summarySchema)).min(1),
});

/** Reads a history folder; one that is not there yet is empty. @throws SHARDSTORM_RESULTS_UNREADABLE */
export function readHistory(folder: string): History {
  const place = resolve(folder);
  if (!existsSync(place)) return { nights: [], unreadable: [] };
  const nights: Night[] = [];
  const unreadable: string[] = [];
  for (const name of namesIn(place)) {
    const path = join(place, name);
    try {
      nights.push(readNight(path));
    } catch (thrown) {
      unreadable.push(`${path}: ${problemOf(thrown)}`);
    }
  }
  return { nights: nights.sort(byOrder), unreadable };
}

/** Two jobs that record at once take the same number; the names of their files hold the time and tell them apart. */
function byOrder(a: Night, b: Night): number {
  return a.number - b.number || (a.path < b.path ? -1 : 1);
}

function namesIn(place: string): string[] {
  try {
    return readdirSync(place).filter((name) => name.endsWith(SUFFIX) && !name.startsWith('.'));
  } catch (thrown) {
    throw new ShardstormError(
      'SHARDSTORM_RESULTS_UNREADABLE',
      `cannot read the history ${place}: ${describeCause(thrown)}`,
      {
        hint: 'Name a folder with --history; it is made when the first night is recorded.',
        cause: thrown,
      },
    );
  }
}

function readNight(path: string): Night {
  const file: NightFile = nightSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const [first] = file.runs;
  if (first === undefined) throw new RangeError('a night without a run');
  return { ...file, path, fingerprint: fingerprintOf(first, file.environment, file.scenario) };
}

function problemOf(thrown: unknown): string {
  if (!(thrown instanceof z.ZodError)) return describeCause(thrown);
  const [issue] = thrown.issues;
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong shape'}`;
}

/** Ids of the runs that a history folder was made from: `prune` leaves their folders alone. */
export function historyRunIds(folder: string): string[] {
  const place = resolve(folder);
  if (!existsSync(place)) return [];
  // What cannot be read protects at least the run that it is named after.
  const named = namesIn(place).map((name) => name.slice(0, -SUFFIX.length));
  const held = readHistory(place).nights.flatMap(({ runs }) => runs.map(({ run }) => run.id));
  return [...new Set([...named, ...held])];
}

/**
 * Makes the folder if need be: a place that cannot be written to is told before an hour of measuring.
 * @throws SHARDSTORM_RESULTS_UNWRITABLE
 */
export function makeWritable(folder: string): void {
  const place = resolve(folder);
  try {
    makeFolder(place);
    accessSync(place, constants.W_OK);
  } catch (thrown) {
    throw unwritable('the history', place, thrown, ' with --history');
  }
}

/**
 * Puts a night into the folder, whole. The same run again replaces its own file; no other is touched, so two jobs may
 * record at once.
 * @param earlier what the folder held when the night was judged
 * @returns the file
 * @throws SHARDSTORM_RESULTS_UNWRITABLE
 */
export function recordNight(
  folder: string,
  night: Omit<NightFile, 'schema' | 'number'>,
  earlier: History,
): string {
  const path = join(resolve(folder), `${nightId(night)}${SUFFIX}`);
  const held = earlier.nights.find((other) => other.path === path);
  const next = Math.max(0, ...earlier.nights.map(({ number }) => number)) + 1;
  const number = held?.number ?? next;
  const file: NightFile = { ...night, schema: 'shardstorm.night/1', number };
  writeWholeFile(path, `${redactedJson(file)}\n`, 'the night');
  return path;
}

/** The first run's id: a run belongs to one night only. */
function nightId({ runs }: Pick<NightFile, 'runs'>): string {
  return runs[0]?.run.id ?? '';
}

/** The JSON Schema (draft 2020-12) of a night. */
export function nightJsonSchema(): object {
  return {
    $id: 'https://unpkg.com/shardstorm/schema/night.schema.json',
    title: 'Shardstorm night: a run in the history of a gate',
    ...z.toJSONSchema(nightSchema, { io: 'input', unrepresentable: 'any' }),
  };
}

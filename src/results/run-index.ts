/**
 * What lies in a folder of results. In: the folder. Out: one entry for each result in it, newest first. Invariant: one that
 * cannot be read is an entry too and says why; what is none of ours is left out, and so never pruned.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { describeCause, ShardstormError } from '../core/errors.ts';
import { RESULT_FILES } from './folder.ts';
import { readSummary } from './read.ts';
import type { Summary } from './summary.ts';
import { BASELINE_TAG, tagsOf } from './tags.ts';

/** A run in the folder, or in a folder of runs. */
export interface IndexedRun {
  readonly path: string;
  readonly summary: Summary;
  /** The run's own, with the changes made since. */
  readonly tags: Readonly<Record<string, string>>;
}

/** One name in the folder. */
export interface IndexEntry {
  readonly path: string;
  readonly name: string;
  /**
   * `group`: a sweep, or the runs of a gate or a search; `unfinished`: its run broke off, or goes on; `damaged`: it cannot be
   * read.
   */
  readonly kind: 'run' | 'group' | 'comparison' | 'unfinished' | 'damaged';
  /** Unix time of its run, or of its last change where there is none. */
  readonly atMs: number;
  /** Last change of the folder itself, Unix time. */
  readonly changedMs: number;
  readonly runs: readonly IndexedRun[];
  /** What cannot be read, and why. */
  readonly problems: readonly string[];
  /** Whether any run in it serves as a baseline, a damaged one among them; `unknown`: tags that cannot be read. */
  readonly baseline: Baseline;
}

type Baseline = 'yes' | 'no' | 'unknown';

/** Files and folders that only we make, by which a folder without runs is known. */
const GROUP_FILES = ['sweep.json', 'capacity.json', 'scenario.json'];
const COMPARISON_FILE = 'comparison.json';
/** A gate's runs are two levels down, in `baseline` and `candidate`. */
const DEPTH_MAX = 2;
const RUN_ID = /^\d{8}T\d{6}Z-[a-z0-9-]+-[0-9a-f]{6}$/;

/** @throws SHARDSTORM_RESULTS_UNREADABLE when the folder itself cannot be read */
export function readIndex(out: string): IndexEntry[] {
  const folder = resolve(out);
  const entries = namesIn(folder).flatMap((name) => indexed(join(folder, name)) ?? []);
  return entries.sort((a, b) => b.atMs - a.atMs || (a.name < b.name ? 1 : -1));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (thrown) {
    throw new ShardstormError(
      'SHARDSTORM_RESULTS_UNREADABLE',
      `cannot read the folder ${folder}: ${describeCause(thrown)}`,
      { hint: 'Name a folder of results with --out.', cause: thrown },
    );
  }
}

/** null: none of ours. A folder that may not be looked into is damaged, and hides no other. */
function indexed(path: string): IndexEntry | null {
  try {
    return entryOf(path);
  } catch (thrown) {
    const name = basename(path);
    if (!RUN_ID.test(name)) return null;
    const atMs = timeOf(name) ?? 0;
    const problems = [`${path}: ${describeCause(thrown)}`];
    const base = { path, name, atMs, changedMs: atMs, problems };
    return { ...base, kind: 'damaged', runs: [], baseline: 'unknown' };
  }
}

/** null: none of ours. */
function entryOf(path: string): IndexEntry | null {
  const state = statSync(path, { throwIfNoEntry: false });
  if (state?.isDirectory() !== true) return null;
  const name = basename(path);
  const changedMs = state.mtimeMs;
  const base = { path, name, changedMs, atMs: changedMs, baseline: 'no' as const };
  if (/^\..+\.(partial|deleted)$/.test(name)) {
    return { ...base, kind: 'unfinished', runs: [], problems: [] };
  }
  if (existsSync(join(path, RESULT_FILES.summary))) return runEntry(path, base);
  const below = runsBelow(path, DEPTH_MAX);
  const { runs, problems } = below;
  const isGroup = GROUP_FILES.some((file) => existsSync(join(path, file)));
  if (RUN_ID.test(name) && (runs.length > 0 || problems.length > 0 || isGroup)) {
    const times = runs.map(({ summary }) => Date.parse(summary.run.startedAt));
    const atMs = Math.max(...times, timeOf(name) ?? 0);
    return { ...base, ...below, kind: 'group', atMs };
  }
  if (existsSync(join(path, COMPARISON_FILE))) {
    return { ...base, kind: 'comparison', runs: [], problems: [], atMs: timeOf(name) ?? base.atMs };
  }
  // The name says that it was a result, and nothing in it does.
  if (!RUN_ID.test(name)) return null;
  const lost = ['it holds no summary.json'];
  const baseline = damagedBaseline(path);
  return { ...base, kind: 'damaged', runs: [], problems: lost, baseline };
}

function runEntry(path: string, base: Omit<IndexEntry, 'kind' | 'runs' | 'problems'>): IndexEntry {
  const { runs, problems, baseline } = readRun(path);
  const [run] = runs;
  if (run === undefined) {
    const atMs = timeOf(base.name) ?? base.atMs;
    return { ...base, kind: 'damaged', runs, problems, baseline, atMs };
  }
  const atMs = Date.parse(run.summary.run.startedAt);
  return { ...base, kind: 'run', runs, problems, baseline, atMs };
}

interface Found {
  readonly runs: readonly IndexedRun[];
  readonly problems: readonly string[];
  readonly baseline: Baseline;
}

function readRun(path: string): Found {
  try {
    const summary = readSummary(path);
    const tags = tagsOf(path, summary.run.tags);
    return { runs: [{ path, summary, tags }], problems: [], baseline: baselineOf(tags) };
  } catch (thrown) {
    return { runs: [], problems: [problemOf(thrown)], baseline: damagedBaseline(path) };
  }
}

function baselineOf(tags: Readonly<Record<string, string>>): Baseline {
  return (tags[BASELINE_TAG] ?? 'false') === 'false' ? 'no' : 'yes';
}

/** Of a run that cannot be read as a whole: its own tags stand in scenario.yaml too, later ones in their own file. */
function damagedBaseline(path: string): Baseline {
  try {
    const file = join(path, RESULT_FILES.scenario);
    const scenario: unknown = existsSync(file) ? parse(readFileSync(file, 'utf8')) : null;
    return baselineOf(tagsOf(path, tagsIn(scenario)));
  } catch {
    return 'unknown';
  }
}

function tagsIn(scenario: unknown): Record<string, string> {
  if (typeof scenario !== 'object' || scenario === null || !('tags' in scenario)) return {};
  const tags = Object.entries(scenario.tags ?? {});
  return Object.fromEntries(tags.map(([key, value]) => [key, String(value)]));
}

function runsBelow(path: string, depth: number): Found {
  const found: Found[] = [];
  for (const name of readdirSync(path).sort()) {
    const inner = join(path, name);
    if (
      name.startsWith('.') ||
      statSync(inner, { throwIfNoEntry: false })?.isDirectory() !== true
    ) {
      continue;
    }
    if (existsSync(join(inner, RESULT_FILES.summary))) found.push(readRun(inner));
    else if (depth > 1) found.push(runsBelow(inner, depth - 1));
  }
  const all = found.map(({ baseline }) => baseline);
  return {
    runs: found.flatMap(({ runs }) => runs),
    problems: found.flatMap(({ problems }) => problems),
    baseline: all.includes('yes') ? 'yes' : all.includes('unknown') ? 'unknown' : 'no',
  };
}

function problemOf(thrown: unknown): string {
  return thrown instanceof ShardstormError ? thrown.message : describeCause(thrown);
}

/** The time that a run's id begins with, Unix; null: it has none. */
function timeOf(name: string): number | null {
  const [, date = '', time = ''] = /^(\d{8})T(\d{6})Z-/.exec(name) ?? [];
  if (date === '') return null;
  const iso = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}Z`;
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? null : ms;
}

/**
 * What lies in a folder of results. In: the folder. Out: one entry for each result in it, newest first. Invariant: one that
 * cannot be read is an entry too and says why; what is none of ours is left out, and so never pruned.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { describeCause, ShardstormError } from '../core/errors.ts';
import { RESULT_FILES } from './folder.ts';
import { readSummary } from './read.ts';
import type { Summary } from './summary.ts';
import { tagsOf } from './tags.ts';

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
}

/** Files and folders that only we make, by which a folder without runs is known. */
const GROUP_FILES = ['sweep.json', 'capacity.json', 'scenario.json'];
const COMPARISON_FILE = 'comparison.json';
/** A gate's runs are two levels down, in `baseline` and `candidate`. */
const DEPTH_MAX = 2;
const RUN_ID = /^\d{8}T\d{6}Z-[a-z0-9-]+-[0-9a-f]{6}$/;

/** @throws SHARDSTORM_RESULTS_UNREADABLE when the folder itself cannot be read */
export function readIndex(out: string): IndexEntry[] {
  const folder = resolve(out);
  const entries = namesIn(folder).flatMap((name) => entryOf(join(folder, name)) ?? []);
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

/** null: none of ours. */
function entryOf(path: string): IndexEntry | null {
  const state = statSync(path, { throwIfNoEntry: false });
  if (state?.isDirectory() !== true) return null;
  const name = basename(path);
  const base = { path, name, changedMs: state.mtimeMs, atMs: state.mtimeMs };
  if (/^\..+\.(partial|deleted)$/.test(name)) {
    return { ...base, kind: 'unfinished', runs: [], problems: [] };
  }
  if (existsSync(join(path, RESULT_FILES.summary))) return runEntry(path, base);
  const { runs, problems } = runsBelow(path, DEPTH_MAX);
  const isGroup = GROUP_FILES.some((file) => existsSync(join(path, file)));
  if (RUN_ID.test(name) && (runs.length > 0 || problems.length > 0 || isGroup)) {
    const times = runs.map(({ summary }) => Date.parse(summary.run.startedAt));
    return { ...base, kind: 'group', runs, problems, atMs: Math.max(...times, timeOf(name) ?? 0) };
  }
  if (existsSync(join(path, COMPARISON_FILE))) {
    return { ...base, kind: 'comparison', runs: [], problems: [], atMs: timeOf(name) ?? base.atMs };
  }
  // The name says that it was a result, and nothing in it does.
  const isOurs = RUN_ID.test(name);
  const problems2 = ['it holds no summary.json'];
  return isOurs ? { ...base, kind: 'damaged', runs: [], problems: problems2 } : null;
}

function runEntry(path: string, base: Omit<IndexEntry, 'kind' | 'runs' | 'problems'>): IndexEntry {
  try {
    const run = indexedRun(path);
    const atMs = Date.parse(run.summary.run.startedAt);
    return { ...base, kind: 'run', runs: [run], problems: [], atMs };
  } catch (thrown) {
    const atMs = timeOf(base.name) ?? base.atMs;
    return { ...base, kind: 'damaged', runs: [], problems: [problemOf(thrown)], atMs };
  }
}

function indexedRun(path: string): IndexedRun {
  const summary = readSummary(path);
  return { path, summary, tags: tagsOf(path, summary.run.tags) };
}

function runsBelow(
  path: string,
  depth: number,
): { readonly runs: IndexedRun[]; readonly problems: string[] } {
  const runs: IndexedRun[] = [];
  const problems: string[] = [];
  for (const name of readdirSync(path).sort()) {
    const inner = join(path, name);
    if (
      name.startsWith('.') ||
      statSync(inner, { throwIfNoEntry: false })?.isDirectory() !== true
    ) {
      continue;
    }
    if (existsSync(join(inner, RESULT_FILES.summary))) {
      try {
        runs.push(indexedRun(inner));
      } catch (thrown) {
        problems.push(problemOf(thrown));
      }
    } else if (depth > 1) {
      const below = runsBelow(inner, depth - 1);
      runs.push(...below.runs);
      problems.push(...below.problems);
    }
  }
  return { runs, problems };
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

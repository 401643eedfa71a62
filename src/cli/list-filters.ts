/** Which results are meant, alike for `list` and `prune`. */
import type { Options } from 'yargs';
import type { IndexEntry, IndexedRun } from '../results/run-index.ts';
import type { Arguments } from './command.ts';
import { text, texts } from './flags.ts';

export const RESULT_FILTERS: Readonly<Record<string, Options>> = {
  out: { type: 'string', requiresArg: true, default: 'results/', describe: 'folder of results' },
  name: {
    type: 'string',
    requiresArg: true,
    describe: 'only runs of that name or scenario; * stands for anything',
  },
  tag: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'only runs with that tag: key, or key=value; several must all hold',
  },
};

/** The entries in which a run passes, with those runs; without a filter all of them. */
export function filterEntries(entries: readonly IndexEntry[], args: Arguments): IndexEntry[] {
  const name = text(args, 'name');
  const tags = texts(args, 'tag') ?? [];
  if (name === undefined && tags.length === 0) return [...entries];
  const form = name === undefined ? null : patternOf(name);
  const passes = ({ summary: { run }, tags: held }: IndexedRun) =>
    (form === null || form.test(run.name) || form.test(run.scenario)) &&
    tags.every((tag) => hasTag(held, tag));
  return entries
    .map((entry) => ({ ...entry, runs: entry.runs.filter(passes) }))
    .filter(({ runs }) => runs.length > 0);
}

function hasTag(held: Readonly<Record<string, string>>, tag: string): boolean {
  const at = tag.indexOf('=');
  return at < 0 ? held[tag] !== undefined : held[tag.slice(0, at)] === tag.slice(at + 1);
}

function patternOf(name: string): RegExp {
  const source = name.replace(/[.+^${}()|[\]\\?]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${source}$`);
}

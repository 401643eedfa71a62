/** Which results are meant, and which of them belong together. In: words of the command line. Out: runs with variants. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { describeCause, ShardstormError } from '../core/errors.ts';
import type { RunInput } from '../report/comparison/input.ts';
import { RESULT_FILES } from '../results/folder.ts';
import { readResult } from '../results/read.ts';
import { readHistogram } from '../results/stored-histogram.ts';
import { tagsOf } from '../results/tags.ts';
import { usageError } from './errors.ts';
import { looksOf, readSweepFile, SWEEP_FILE } from './sweep-file.ts';

/** Tags that a sweep gives its runs. */
export const SWEEP_TAGS = { sweep: 'sweep', variant: 'variant', block: 'block' } as const;

/** A result folder and the word that named it. */
interface NamedResult {
  readonly folder: string;
  readonly word: string;
}

/**
 * Reads every result that the words name: result folders, folders of them, finished runs of sweeps, patterns with `*`.
 * @param by `auto`, `variant`, `name`, `scenario`, `argument` or `tag:KEY`
 * @throws SHARDSTORM_CLI_USAGE, SHARDSTORM_RESULTS_UNREADABLE
 */
export function readRuns(words: readonly string[], by: string): RunInput[] {
  const named = namedResults(words);
  const runs = named.map(({ folder }) => readRun(folder));
  const variants = variantsOf(runs, named, by);
  return runs.map((run, i) => ({ ...run, variant: variants[i] ?? run.summary.run.name }));
}

/** Each result folder that the words name, once. @throws SHARDSTORM_CLI_USAGE */
export function namedResults(words: readonly string[]): NamedResult[] {
  const found = new Map<string, NamedResult>();
  for (const word of words.flatMap(expandPattern)) {
    for (const folder of resultFolders(word)) {
      if (!found.has(folder)) found.set(folder, { folder, word });
    }
  }
  return [...found.values()];
}

/** What a sweep's variants were to be held against; null where no sweep, or several, are named. */
export function sweepBaseline(words: readonly string[]): string | null {
  const [only, ...more] = words;
  if (only === undefined || more.length > 0 || !existsSync(join(only, SWEEP_FILE))) return null;
  return readSweepFile(only).baseline;
}

/** How often the runs are looked at: once, but for a sweep that may look twice. */
export function looksOfPlaces(words: readonly string[]): 1 | 2 {
  const sweeps = words.filter((word) => existsSync(join(word, SWEEP_FILE)));
  return sweeps.some((word) => looksOf(readSweepFile(word)) === 2) ? 2 : 1;
}

function readRun(folder: string): RunInput {
  const { summary, environment, scenarioYaml, timeline } = readResult(folder);
  // With those put on later, so that runs can be sorted after the fact.
  const tags = tagsOf(folder, summary.run.tags);
  const block = Number(tags[SWEEP_TAGS.block]);
  const sweep = tags[SWEEP_TAGS.sweep];
  return {
    folder,
    summary: { ...summary, run: { ...summary.run, tags } },
    environment,
    timeline,
    scenario: parsedScenario(folder, scenarioYaml),
    response: readHistogram(folder, 'response'),
    variant: summary.run.name,
    block: sweep === undefined || !Number.isInteger(block) ? null : { sweep, number: block },
  };
}

/** Without it two runs might look alike that are not. */
function parsedScenario(folder: string, yaml: string): Record<string, unknown> {
  let problem = 'it holds no scenario';
  try {
    const scenario: unknown = parse(yaml);
    if (typeof scenario === 'object' && scenario !== null) return { ...scenario };
  } catch (thrown) {
    [problem = ''] = describeCause(thrown).split('\n');
  }
  const file = join(folder, RESULT_FILES.scenario);
  throw new ShardstormError('SHARDSTORM_RESULTS_UNREADABLE', `cannot read ${file}: ${problem}`, {
    hint: 'The file is damaged or was cut off: run again.',
  });
}

function resultFolders(word: string): string[] {
  const place = resolve(word);
  if (!existsSync(place)) {
    throw usageError(`no result at ${word}`, 'Name result folders, such as results/2026*.');
  }
  if (!statSync(place).isDirectory() || existsSync(join(place, RESULT_FILES.summary))) {
    // A file is left to the reader, which knows summary.json and says what else it is not.
    return [basename(place) === RESULT_FILES.summary ? resolve(place, '..') : place];
  }
  if (existsSync(join(place, SWEEP_FILE))) {
    return readSweepFile(place).order.flatMap(({ run }) =>
      run === null ? [] : [join(place, run)],
    );
  }
  const inside = readdirSync(place)
    .filter((name) => !name.startsWith('.') && existsSync(join(place, name, RESULT_FILES.summary)))
    .sort()
    .map((name) => join(place, name));
  if (inside.length === 0) {
    throw usageError(`${word} holds no result`, 'Name result folders, such as results/2026*.');
  }
  return inside;
}

/** Shells do this, but not those that leave quoted patterns alone. `*` and `?` within one name. */
function expandPattern(word: string): string[] {
  if (!/[*?]/.test(word) || existsSync(word)) return [word];
  let places = [word.startsWith('/') ? '/' : ''];
  for (const part of word.split('/').filter((piece) => piece !== '')) {
    places = places.flatMap((place) =>
      /[*?]/.test(part) ? matching(place, part) : [join(place, part)],
    );
  }
  const found = places.filter((place) => existsSync(place));
  if (found.length === 0) throw usageError(`nothing matches ${word}`, 'Check the pattern.');
  return found;
}

function matching(place: string, pattern: string): string[] {
  const folder = place === '' ? '.' : place;
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const form = new RegExp(`^${source}$`);
  return readdirSync(folder)
    .filter((name) => form.test(name) && !name.startsWith('.'))
    .sort()
    .map((name) => join(place, name));
}

function variantsOf(
  runs: readonly RunInput[],
  named: readonly NamedResult[],
  by: string,
): readonly string[] {
  const read = readerOf(by, named);
  if (read !== null) return runs.map(read);
  // A sweep's variants; else names that differ; else what the words put together; else each run by itself.
  const candidates = ['variant', 'name', 'argument'].map((kind) => readerOf(kind, named));
  for (const candidate of candidates) {
    const names = candidate === null ? [] : runs.map((run, i) => candidate(run, i, ''));
    if (!names.includes('') && new Set(names).size > 1) return names;
  }
  return runs.map(({ summary }) => summary.run.id);
}

/** A summary.json stands for its folder. */
function labelOf(word: string): string {
  const place = resolve(word);
  return basename(basename(place) === RESULT_FILES.summary ? dirname(place) : place);
}

/** How a run is named; `missing` stands where it has no such name, and is an error when null. */
type Reader = (run: RunInput, index: number, missing?: unknown) => string;

function readerOf(by: string, named: readonly NamedResult[]): Reader | null {
  const tag = by === 'variant' ? SWEEP_TAGS.variant : /^tag:(.+)$/.exec(by)?.[1];
  if (tag !== undefined) {
    return ({ summary: { run }, folder }, _index, missing) => {
      const value = run.tags[tag];
      if (value !== undefined) return value;
      if (missing === '') return '';
      throw usageError(
        `${folder} has no tag ${tag}`,
        'Tell runs apart by something all have: --by name.',
      );
    };
  }
  switch (by) {
    case 'auto':
      return null;
    case 'name':
      return ({ summary }) => summary.run.name;
    case 'scenario':
      return ({ summary }) => summary.run.scenario;
    case 'argument':
      return (_run, index) => labelOf(named[index]?.word ?? '');
    default:
      throw usageError(
        `--by ${JSON.stringify(by)} is not allowed`,
        'One of auto, variant, name, scenario, argument, tag:KEY.',
      );
  }
}

import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { parseDurationUs } from '../core/units.ts';
import { plain } from '../report/terminal/paint.ts';
import { historyRunIds } from '../results/history.ts';
import { type PruneDecision, planPrune, removeEntry } from '../results/prune.ts';
import { readIndex } from '../results/run-index.ts';
import type { Arguments, CommandIo } from './command.ts';
import { EXIT, usageError } from './errors.ts';
import { isOn, text, texts } from './flags.ts';
import { filterEntries } from './list-filters.ts';
import type { PruneDocument } from './prune-schema.ts';

export async function pruneResults(args: Arguments, io: CommandIo): Promise<number> {
  const keep = keepCount(args);
  const olderThanMs = age(args);
  if (keep === null && olderThanMs === null) {
    throw usageError('nothing says what may go', 'Give --keep 20 or --older-than 30d.');
  }
  const historyIds = new Set((texts(args, 'history') ?? []).flatMap(protectedIds));
  // Filters narrow what may go; an entry of which any run is protected stays whole, so all its runs are looked at.
  const all = readIndex(text(args, 'out') ?? 'results/');
  const meant = new Set(filterEntries(all, args).map(({ path }) => path));
  const entries = all.filter(({ path }) => meant.has(path));
  const plan = planPrune(entries, { keep, olderThanMs, nowMs: Date.now(), historyIds });
  const going = plan.filter(({ keptBecause }) => keptBecause === null);
  const isDry = isOn(args, 'dry-run');
  const isJson = isOn(args, 'json');
  if (!isJson) io.stdout.write(describe(plan, isDry));
  const mayGo = isDry || going.length === 0 || isOn(args, 'yes');
  if (!(mayGo || (await personAgrees(going.length, io)))) {
    throw usageError(
      `${going.length} results were to be removed, and it was not confirmed`,
      'Give --yes; --dry-run says which.',
    );
  }
  if (!isDry) for (const { entry } of going) removeEntry(entry);
  if (isJson) io.stdout.write(`${JSON.stringify(pruneDocument(plan, isDry), null, 2)}\n`);
  if (isDry || going.length === 0) return EXIT.ok;
  io.stderr.write(`removed ${going.length} of ${plan.length} results\n`);
  return EXIT.ok;
}

function pruneDocument(plan: readonly PruneDecision[], isDryRun: boolean): PruneDocument {
  const results = plan.map(({ entry, keptBecause }) => ({ path: entry.path, keptBecause }));
  return { schema: 'shardstorm.prune/1', isDryRun, results };
}

/** A folder that is misspelt would protect nothing. */
function protectedIds(history: string): string[] {
  if (existsSync(history)) return historyRunIds(history);
  throw usageError(`--history ${history}: no such folder`, 'Name the history of a gate.');
}

function keepCount(args: Arguments): number | null {
  const word = text(args, 'keep');
  if (word === undefined) return null;
  const count = Number(word);
  if (Number.isInteger(count) && count >= 0) return count;
  throw usageError(`--keep ${word} is no whole number`, 'Such as --keep 20.');
}

const DAY_MS = 24 * 3_600_000;

/** Days too, which no other duration of ours is long enough for. */
function age(args: Arguments): number | null {
  const word = text(args, 'older-than');
  if (word === undefined) return null;
  const [, days] = /^(\d+(?:\.\d+)?)d$/.exec(word) ?? [];
  if (days !== undefined) return Number(days) * DAY_MS;
  const us = parseDurationUs(word);
  if (us !== null) return us / 1000;
  throw usageError(`--older-than ${word} is no duration`, 'Such as --older-than 30d or 12h.');
}

function describe(plan: readonly PruneDecision[], isDry: boolean): string {
  const lines = plan.flatMap(({ entry, keptBecause }) => {
    if (keptBecause === null) return [`remove  ${plain(entry.name)}`];
    return isDry ? [`keep    ${plain(entry.name)}  (${keptBecause})`] : [];
  });
  return lines.length === 0 ? 'nothing to remove\n' : `${lines.join('\n')}\n`;
}

async function personAgrees(count: number, { stderr }: CommandIo): Promise<boolean> {
  if (process.stdin.isTTY !== true || stderr.isTTY !== true) return false;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question(`Remove ${count} results? [y/N] `)).trim());
  } finally {
    prompt.close();
  }
}

/**
 * Which results may go. In: the index and a rule. Out: for each entry whether it goes, and why not. Invariant: nothing that
 * serves as a baseline, is in a history, or may still be running is ever removed.
 */
import { randomBytes } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeCause, ShardstormError } from '../core/errors.ts';
import type { IndexEntry } from './run-index.ts';

export interface PruneRule {
  /** The newest so many stay; null: none for that reason. */
  readonly keep: number | null;
  /** Younger ones stay; null: none for that reason. */
  readonly olderThanMs: number | null;
  readonly nowMs: number;
  /** Ids of runs that a history was made from. */
  readonly historyIds: ReadonlySet<string>;
}

export interface PruneDecision {
  readonly entry: IndexEntry;
  /** Why it stays; null: it goes. */
  readonly keptBecause: string | null;
}

/** An unfinished result that was changed since may be a run under way. */
const QUIET_MS = 24 * 3_600_000;

/** @param entries newest first */
export function planPrune(entries: readonly IndexEntry[], rule: PruneRule): PruneDecision[] {
  return entries.map((entry, place) => ({ entry, keptBecause: reasonToKeep(entry, place, rule) }));
}

function reasonToKeep(entry: IndexEntry, place: number, rule: PruneRule): string | null {
  const { keep, olderThanMs, nowMs, historyIds } = rule;
  if (entry.baseline === 'yes') return 'baseline';
  if (entry.baseline === 'unknown') return 'damaged, and its tags cannot be read';
  if (entry.runs.some(({ summary }) => historyIds.has(summary.run.id))) return 'in the history';
  if (entry.kind === 'damaged' && historyIds.has(entry.name)) return 'in the history';
  if (entry.kind === 'unfinished' && nowMs - entry.changedMs < QUIET_MS) {
    return 'unfinished, and changed within a day';
  }
  if (keep !== null && place < keep) return `among the newest ${keep}`;
  if (olderThanMs !== null && nowMs - entry.atMs < olderThanMs) return 'not that old';
  return null;
}

/** Takes a result away: hidden first, so that no reader ever finds half of it. @throws SHARDSTORM_RESULTS_UNWRITABLE */
export function removeEntry({ path, name }: IndexEntry): void {
  const random = randomBytes(3).toString('hex');
  const hidden = join(dirname(path), `.${name.replace(/^\./, '')}-${random}.deleted`);
  try {
    renameSync(path, hidden);
    rmSync(hidden, { recursive: true });
  } catch (thrown) {
    throw new ShardstormError(
      'SHARDSTORM_RESULTS_UNWRITABLE',
      `cannot remove ${path}: ${describeCause(thrown)}`,
      { hint: 'Mend the rights of that folder; what was not removed is whole.', cause: thrown },
    );
  }
}

import { randomBytes } from 'node:crypto';
import { basename, join, resolve } from 'node:path';
import { analyse } from '../report/comparison/analyse.ts';
import type { Comparison } from '../report/comparison/comparison.ts';
import type { RunInput } from '../report/comparison/input.ts';
import { renderTerminalComparison } from '../report/comparison/terminal.ts';
import { makeRunId } from '../results/run-id.ts';
import type { Arguments, CommandIo } from './command.ts';
import { writeComparison } from './compare-files.ts';
import { looksOfPlaces, readRuns, sweepBaseline } from './compare-inputs.ts';
import { refuseUncounted } from './compare-refusals.ts';
import { EXIT } from './errors.ts';
import { isOn, text, texts, usesColor } from './flags.ts';

/** The bootstrap's seed: the same runs give the same bands. */
const SEED = 1;

/** `compare`: reads, analyses, writes, prints. */
export async function compareResults(args: Arguments, io: CommandIo): Promise<number> {
  const words = texts(args, 'result') ?? [];
  const runs = readRuns(words, text(args, 'by') ?? 'auto');
  if (!isOn(args, 'force')) refuseUncounted(words, runs);
  const comparison = analyse({
    title: titleOf(words, runs),
    runs,
    baseline: text(args, 'baseline') ?? sweepBaseline(words),
    isForced: isOn(args, 'force'),
    looks: looksOfPlaces(words),
    createdAt: new Date().toISOString(),
    seed: SEED,
  });
  const id = makeRunId(Date.now(), 'compare', randomBytes(3).readUIntBE(0, 3));
  const folder = resolve(text(args, 'out') ?? join('results', id));
  finishComparison({ comparison, runs, folder, isJson: isOn(args, 'json') }, args, io);
  return EXIT.ok;
}

/** The scenario where there is one only; else what was named. */
function titleOf(words: readonly string[], runs: readonly RunInput[]): string {
  const scenarios = new Set(runs.map(({ summary }) => summary.run.scenario));
  const [scenario] = scenarios;
  if (scenarios.size === 1 && scenario !== undefined) return scenario;
  const names = words.map((word) => basename(resolve(word)));
  return names.length <= 3 ? names.join(' against ') : `${names.length} results`;
}

/** A comparison to be written and shown. */
interface Finished {
  readonly comparison: Comparison;
  readonly runs: readonly RunInput[];
  readonly folder: string;
  readonly isJson: boolean;
}

/** Writes the files and prints the table, or with --json the document. */
export function finishComparison(finished: Finished, args: Arguments, io: CommandIo): void {
  const { comparison, runs, folder, isJson } = finished;
  const files = writeComparison(folder, comparison, runs);
  if (isJson) {
    io.stdout.write(`${JSON.stringify({ folder, comparison }, null, 2)}\n`);
    return;
  }
  const table = renderTerminalComparison(comparison, {
    width: io.stdout.columns ?? 80,
    color: usesColor(args, io, io.stdout),
    files,
  });
  io.stdout.write(`${table}\n`);
}

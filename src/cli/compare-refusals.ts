/**
 * What is not compared unless it is forced. In: the words of the command line and the runs they name. Among many runs of a
 * folder a broken one is left out and told of; a run that was named itself, or a variant of which nothing would be left, is
 * what was asked about: a comparison without it would answer another question.
 */
import { basename, dirname, resolve } from 'node:path';
import { refusalOf } from '../report/comparison/analyse.ts';
import type { RunInput } from '../report/comparison/input.ts';
import { RESULT_FILES } from '../results/folder.ts';
import { namedResults } from './compare-inputs.ts';
import { usageError } from './errors.ts';

const HINT = 'Leave it out or run it again; --force counts it all the same, and the page says so.';

/** @throws SHARDSTORM_CLI_USAGE naming the run or the variant, and why it does not count */
export function refuseUncounted(words: readonly string[], runs: readonly RunInput[]): void {
  const named = new Set(
    namedResults(words).flatMap(({ folder, word }) => (isItself(folder, word) ? [folder] : [])),
  );
  for (const run of runs) {
    const reason = refusalOf(run, false);
    if (reason !== null && named.has(run.folder)) {
      throw usageError(`${run.folder} cannot be compared: it is ${reason}`, HINT);
    }
  }
  for (const variant of new Set(runs.map((run) => run.variant))) {
    const reasons = runs
      .filter((run) => run.variant === variant)
      .map((run) => refusalOf(run, false));
    const [first = null] = reasons;
    if (reasons.includes(null)) continue;
    const what =
      reasons.length === 1
        ? 'its only run is'
        : `none of its ${reasons.length} runs counts; the first is`;
    throw usageError(`variant "${variant}" cannot be compared: ${what} ${first}`, HINT);
  }
}

/** Whether a word names the result and not a folder of results. */
function isItself(folder: string, word: string): boolean {
  const place = resolve(word);
  return folder === (basename(place) === RESULT_FILES.summary ? dirname(place) : place);
}

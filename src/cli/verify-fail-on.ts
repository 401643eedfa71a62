import { didYouMean } from '../core/nearest.ts';
import type { VerifySummary } from '../results/summary.ts';
import { EXIT, usageError } from './errors.ts';

/** What a verification can fail for, and when it does. */
const FAILURES: Readonly<Record<string, (verify: VerifySummary) => boolean>> = {
  lost: ({ lost }) => lost > 0,
  damaged: ({ corrupt, wrongKeys }) => corrupt + wrongKeys > 0,
  duplicates: ({ duplicatesUnexplained }) => duplicatesUnexplained > 0,
  reordered: ({ lateByKey }) => lateByKey > 0,
  foreign: ({ foreign }) => foreign > 0,
};

/** @throws SHARDSTORM_CLI_USAGE for a name that is none */
export function parseFailOn(list: string): readonly string[] {
  if (list.trim() === 'none') return [];
  return list.split(',').map((part) => {
    const name = part.trim();
    if (FAILURES[name] !== undefined) return name;
    const known = Object.keys(FAILURES);
    throw usageError(
      `--fail-on ${JSON.stringify(name)} is not known${didYouMean(name, known)}`,
      `Name any of ${known.join(', ')}, or none.`,
    );
  });
}

/** Exit code of a verification; an incomplete one says nothing, so it is as an invalid run. */
export function verifyExitCode(verify: VerifySummary, failOn: readonly string[]): number {
  if (failOn.some((name) => FAILURES[name]?.(verify) === true)) return EXIT.thresholdFailed;
  return verify.verdict === 'incomplete' ? EXIT.invalidRun : EXIT.ok;
}

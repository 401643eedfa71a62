import { didYouMean } from '../core/nearest.ts';
import type { VerifySummary } from '../results/summary.ts';
import { VERIFY_FAILURES, type VerifyFailure } from '../scenario/plan.ts';
import { EXIT, usageError } from './errors.ts';

/** What a verification can fail for, and when it does. */
const FAILURES: Readonly<Record<VerifyFailure, (verify: VerifySummary) => boolean>> = {
  // What was not read yet, or was forgotten by the target, is not lost.
  lost: ({ lost, verdict }) => lost > 0 && verdict !== 'incomplete',
  damaged: ({ corrupt, wrongKeys }) => corrupt + wrongKeys > 0,
  duplicates: ({ duplicatesUnexplained }) => duplicatesUnexplained > 0,
  reordered: ({ lateByKey }) => lateByKey > 0,
  foreign: ({ foreign }) => foreign > 0,
};

/** @throws SHARDSTORM_CLI_USAGE for a name that is none */
export function parseFailOn(list: string): readonly VerifyFailure[] {
  if (list.trim() === 'none') return [];
  return list.split(',').map((part) => {
    const name = part.trim();
    const known = VERIFY_FAILURES.find((failure) => failure === name);
    if (known !== undefined) return known;
    throw usageError(
      `--fail-on ${JSON.stringify(name)} is not known${didYouMean(name, VERIFY_FAILURES)}`,
      `Name any of ${VERIFY_FAILURES.join(', ')}, or none.`,
    );
  });
}

/** Exit code of a verification; an incomplete one says nothing, so it is as an invalid run. */
export function verifyExitCode(verify: VerifySummary, failOn: readonly VerifyFailure[]): number {
  if (failOn.some((name) => FAILURES[name](verify))) return EXIT.thresholdFailed;
  return verify.verdict === 'incomplete' ? EXIT.invalidRun : EXIT.ok;
}

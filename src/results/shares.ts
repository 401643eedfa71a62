/**
 * Do these shares make one run? In: their descriptions. Out: what forbids merging them, what makes the merged result
 * invalid, and which of them count. Pure: merging itself is in merge-shares.ts.
 */
import { correctionUs } from '../core/clock-offset.ts';
import { formatDurationUs } from '../core/units.ts';
import type { ShareFile } from './share-file.ts';
import { groupedSentences } from './share-sentences.ts';

/** A share that began later than this after the common start did not offer its part of the schedule when it was due. */
const START_TOLERANCE_US = 1_000_000;

export interface ShareCheck {
  /** Without --force, reasons not to merge; with it, reasons why the result is invalid. */
  readonly refusals: readonly string[];
  /** Reasons why the merged result is invalid, whatever is forced. */
  readonly invalidReasons: readonly string[];
  /** One for each share that counts, by index: of several with one index the first. */
  readonly shares: readonly ShareFile[];
  /** Largest distance between two shares' starts; null: unknown. */
  readonly startSkewUs: number | null;
}

/** @param files at least one */
export function checkShares(files: readonly ShareFile[]): ShareCheck {
  const [first] = files;
  if (first === undefined) throw new RangeError('no shares');
  const own = files.filter((file) => file.fleetId === first.fleetId && file.count === first.count);
  const byIndex = new Map<number, ShareFile>();
  for (const file of own) if (!byIndex.has(file.index)) byIndex.set(file.index, file);
  const shares = [...byIndex.values()].sort((a, b) => a.index - b.index);
  return {
    refusals: [
      ...foreign(files, first),
      ...doubles(own),
      ...missing(first.count, byIndex),
      ...versions(own, first),
    ],
    invalidReasons: [
      ...firstOf(shares.flatMap(shareProblems)),
      ...groupedSentences(
        shares.flatMap(({ index, invalidReasons }) =>
          invalidReasons.map((text) => ({ index, text })),
        ),
      ),
    ],
    shares,
    startSkewUs: startSkewUs(shares),
  };
}

function foreign(files: readonly ShareFile[], first: ShareFile): string[] {
  return files.flatMap((file) => {
    const name = nameOf(file);
    if (file.scenarioHash !== first.scenarioHash) {
      return [`${name} is of another scenario, or of other settings, than ${nameOf(first)}.`];
    }
    if (file.count !== first.count) {
      return [`${name} belongs to ${file.count} shares, ${nameOf(first)} to ${first.count}.`];
    }
    if (file.fleetId === first.fleetId) return [];
    const starts = `${file.startAt ?? 'no common start'} instead of ${first.startAt ?? 'none'}`;
    return [`${name} is of another start of the same scenario: ${starts}.`];
  });
}

function doubles(files: readonly ShareFile[]): string[] {
  const seen = new Map<number, ShareFile>();
  return files.flatMap((file) => {
    const other = seen.get(file.index);
    seen.set(file.index, other ?? file);
    return other === undefined ? [] : [`${nameOf(file)} is there twice, first as ${other.runId}.`];
  });
}

/** At most this many shares of one fate are named. */
const NAMED_MAX = 10;

function firstOf(problems: readonly string[]): string[] {
  const more = problems.length - NAMED_MAX;
  if (more <= 0) return [...problems];
  return [
    ...problems.slice(0, NAMED_MAX),
    `So it went with ${more} more shares; share.json of each tells.`,
  ];
}

function missing(count: number, present: ReadonlyMap<number, unknown>): string[] {
  const absent: number[] = [];
  for (let index = 0; index < count; index++) if (!present.has(index)) absent.push(index);
  if (absent.length === 0) return [];
  const more = absent.length > NAMED_MAX ? ` and ${absent.length - NAMED_MAX} more` : '';
  const named = absent.slice(0, NAMED_MAX).join(', ');
  const plural = absent.length === 1 ? 'is' : 'are';
  return [`Of ${count} shares ${absent.length} ${plural} missing: ${named}${more}.`];
}

function versions(files: readonly ShareFile[], first: ShareFile): string[] {
  return files
    .filter(({ version }) => version !== first.version)
    .map((file) => `${nameOf(file)} is of version ${file.version}, others of ${first.version}.`);
}

function shareProblems(share: ShareFile): string[] {
  const name = `Share ${share.index}`;
  const problems: string[] = [];
  if (share.status === 'interrupted') {
    const after = formatDurationUs(share.stoppedUs ?? share.durationUs);
    problems.push(`${name} was interrupted after ${after}: its part of the load is not whole.`);
  }
  const lateUs = share.startedLateUs ?? 0;
  if (share.startAt !== null && lateUs > START_TOLERANCE_US) {
    problems.push(`${name} began ${formatDurationUs(lateUs)} after the common start.`);
  }
  return problems;
}

/** What a share says of its own start when it was too late for the others; null: it was on time, or alone. */
export function lateStartSentence(startAt: string | null, startedLateUs: number): string | null {
  if (startAt === null || startedLateUs <= START_TOLERANCE_US) return null;
  const late = `This share began ${formatDurationUs(startedLateUs)} after the common start`;
  return `${late}, so what was due until then was late; the merged result will be invalid.`;
}

/** Each start by its own clock, corrected where a time server told for certain how far that one is off. */
function startSkewUs(shares: readonly ShareFile[]): number | null {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const { originEpochUs, startedLateUs, clock } of shares) {
    if (startedLateUs === null) return null;
    const startUs = originEpochUs + startedLateUs - correctionUs(clock);
    first = Math.min(first, startUs);
    last = Math.max(last, startUs);
  }
  return last - first;
}

function nameOf({ index, count, runId }: ShareFile): string {
  return `Share ${index}/${count} (${runId})`;
}

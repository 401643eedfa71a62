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
  /** What limits the merged figures. */
  readonly warnings: readonly string[];
  /** A share is suspect by itself, so the whole is. */
  readonly isSuspect: boolean;
  /** A share began too late, so lateness is not its generator's. */
  readonly isLateStart: boolean;
  /** One for each share that counts, by index: of several with one index the first. */
  readonly shares: readonly ShareFile[];
  /** Largest distance between two shares' starts; null: unknown. */
  readonly startSkewUs: number | null;
}

/** @param files at least one */
export function checkShares(files: readonly ShareFile[]): ShareCheck {
  const own = largestFleet(files);
  const [first] = own;
  if (first === undefined) throw new RangeError('no shares');
  const byIndex = new Map<number, ShareFile>();
  for (const file of own) if (!byIndex.has(file.index)) byIndex.set(file.index, file);
  const shares = [...byIndex.values()].sort((a, b) => a.index - b.index);
  const skewUs = startSkewUs(shares);
  return {
    refusals: [
      ...foreign(files, first),
      ...doubles(own),
      ...missing(first.count, byIndex),
      ...versions(own, first),
    ],
    invalidReasons: [
      ...firstOf(shares.flatMap(shareProblems)),
      ...apart(first, skewUs),
      ...groupedSentences(shares.flatMap(ownReasons)),
    ],
    warnings: [...suspects(shares), ...firstOf(shares.flatMap(cutDrain))],
    isSuspect: shares.some(({ verdict }) => verdict === 'suspect'),
    isLateStart: shares.some(isLate),
    shares,
    startSkewUs: skewUs,
  };
}

/** Of the shares of several fleets those of the most complete one: a stray folder must not decide what is merged. */
function largestFleet(files: readonly ShareFile[]): readonly ShareFile[] {
  const fleets = new Map<string, ShareFile[]>();
  for (const file of files) {
    const { fleetId, count, target, transport, isVirtual } = file;
    const key = JSON.stringify([fleetId, count, target, transport, isVirtual]);
    fleets.set(key, [...(fleets.get(key) ?? []), file]);
  }
  const size = (fleet: readonly ShareFile[]) => new Set(fleet.map(({ index }) => index)).size;
  return [...fleets.values()].reduce((a, b) => (size(b) > size(a) ? b : a), []);
}

function foreign(files: readonly ShareFile[], first: ShareFile): string[] {
  return files.flatMap((file) => {
    const problem = strangeness(file, first);
    return problem === null ? [] : [`${nameOf(file)} ${problem}.`];
  });
}

/** Why a share is not of the fleet of another; null: it is. */
function strangeness(file: ShareFile, first: ShareFile): string | null {
  if (file.scenarioHash !== first.scenarioHash) {
    return `is of another scenario, or of other settings, than ${nameOf(first)}`;
  }
  if (file.count !== first.count) {
    return `belongs to ${file.count} shares, ${nameOf(first)} to ${first.count}`;
  }
  if (file.isVirtual !== first.isVirtual) {
    const times = file.isVirtual ? ['virtual', 'real'] : ['real', 'virtual'];
    return `ran in ${times[0]} time, ${nameOf(first)} in ${times[1]} time`;
  }
  if (file.target !== first.target || file.transport !== first.transport) {
    const [own, other] = [file, first].map((each) => `${each.target} by ${each.transport}`);
    return `sent to ${own}, ${nameOf(first)} to ${other}`;
  }
  if (file.fleetId === first.fleetId) return null;
  const starts = `${file.startAt ?? 'no common start'} instead of ${first.startAt ?? 'none'}`;
  return `is of another start of the same scenario: ${starts}`;
}

function doubles(files: readonly ShareFile[]): string[] {
  const seen = new Map<number, ShareFile>();
  return files.flatMap((file) => {
    const other = seen.get(file.index);
    seen.set(file.index, other ?? file);
    return other === undefined ? [] : [`${nameOf(file)} is there twice, first as ${other.runId}.`];
  });
}

/** At most this many shares are named in one sentence, or told of one by one. */
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
  const plural = absent.length === 1 ? 'is' : 'are';
  return [`Of ${count} shares ${absent.length} ${plural} missing: ${namesOf(absent)}.`];
}

function namesOf(indexes: readonly number[]): string {
  const more = indexes.length > NAMED_MAX ? ` and ${indexes.length - NAMED_MAX} more` : '';
  return `${indexes.slice(0, NAMED_MAX).join(', ')}${more}`;
}

function versions(files: readonly ShareFile[], first: ShareFile): string[] {
  return files
    .filter(({ version }) => version !== first.version)
    .map((file) => `${nameOf(file)} is of version ${file.version}, others of ${first.version}.`);
}

function shareProblems(share: ShareFile): string[] {
  const { count, status, stoppedUs, durationUs } = share;
  const name = `Share ${share.index}`;
  const lateUs = share.startedLateUs ?? 0;
  const problems: string[] = [];
  if (status === 'interrupted' && !isWhole(share)) {
    const after = formatDurationUs(stoppedUs ?? durationUs);
    problems.push(`${name} was interrupted after ${after}: its part of the load is not whole.`);
  }
  if (isLate(share)) {
    problems.push(`${name} began ${formatDurationUs(lateUs)} after the common start.`);
  }
  if (status === 'completed' && count > 1 && share.startedLateUs === null) {
    problems.push(`${name} does not say when it began.`);
  }
  return problems;
}

/** What it found of itself, but for its start, which is told for it. */
function ownReasons({ index, startAt, startedLateUs, invalidReasons }: ShareFile) {
  const late = lateStartSentence(startAt, startedLateUs ?? 0);
  return invalidReasons.filter((text) => text !== late).map((text) => ({ index, text }));
}

/** Whether all that was due had been offered when it was stopped. */
function isWhole({ stoppedUs, phases }: ShareFile): boolean {
  return stoppedUs !== null && stoppedUs >= (phases.at(-1)?.endUs ?? Number.POSITIVE_INFINITY);
}

function isLate({ startAt, startedLateUs }: ShareFile): boolean {
  return startAt !== null && (startedLateUs ?? 0) > START_TOLERANCE_US;
}

/** Without an instant that they agreed on, shares of two launches look alike but for their clocks. */
function apart({ startAt, isVirtual }: ShareFile, skewUs: number | null): string[] {
  if (isVirtual || startAt !== null || skewUs === null || skewUs <= START_TOLERANCE_US) return [];
  const apartWords = `The shares began apart, up to ${formatDurationUs(skewUs)}`;
  return [`${apartWords}, and no common start was agreed on: they may be of several launches.`];
}

function cutDrain(share: ShareFile): string[] {
  if (share.status !== 'interrupted' || !isWhole(share)) return [];
  const what = 'what it had sent and not heard of by then was given up';
  return [`Share ${share.index} was interrupted in its drain: all was offered, and ${what}.`];
}

function suspects(shares: readonly ShareFile[]): string[] {
  const strained = shares.filter(({ verdict }) => verdict === 'suspect');
  if (strained.length === 0) return [];
  const named = namesOf(strained.map(({ index }) => index));
  const words = strained.length === 1 ? `Share ${named} is suspect` : `Shares ${named} are suspect`;
  return [`${words}: a generator or its machine strained there, as the share's own result tells.`];
}

/** What a share says of its own start when it was too late for the others; null: it was on time, or alone. */
export function lateStartSentence(startAt: string | null, startedLateUs: number): string | null {
  if (startAt === null || startedLateUs <= START_TOLERANCE_US) return null;
  const late = `This share began ${formatDurationUs(startedLateUs)} after the common start`;
  return `${late}, so what was due until then was late or never made; the merged result will be invalid.`;
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

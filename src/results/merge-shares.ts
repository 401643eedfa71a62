/**
 * The frames of several shares as one run's. In: shares and their frames. Out: one merger, as if all their workers had told
 * one coordinator. Invariant: frames are added as within a run, so totals are exact, slot by slot; the interval of a
 * merged timeline is that of the most thinned share, to which the others are thinned first.
 */
import { formatCount } from '../core/units.ts';
import type { Frame } from '../measure/frame.ts';
import { stretchAt, thinFrames } from '../measure/frame-thinner.ts';
import { FrameMerger, type FrameMergerOptions } from '../measure/merge.ts';
import type { FrameEntry, FrameFile } from './frames-file.ts';
import { counterOf } from './measures.ts';
import type { ShareFile, SharePhase } from './share-file.ts';

/** A frame of a share that was not thinned is of this length. */
const SECOND_US = 1_000_000;

/** A share and the frames of its workers. */
export interface ShareFrames extends FrameFile {
  readonly share: ShareFile;
}

/** The phases of the plan, with what all shares together were to offer. */
export function mergedPhases(shares: readonly ShareFile[]): SharePhase[] {
  const [first] = shares;
  if (first === undefined) return [];
  return first.phases.map((phase, i) => {
    let scheduled: number | null = 0;
    for (const { phases } of shares) {
      const own = phases[i]?.scheduled ?? null;
      scheduled = own === null || scheduled === null ? null : scheduled + own;
    }
    return { ...phase, scheduled };
  });
}

/** Adds all frames in the order of their ends. */
export function mergeFrames(
  parts: readonly ShareFrames[],
  hooks: Pick<FrameMergerOptions, 'onInterval' | 'onEvent'>,
): FrameMerger {
  const shares = parts.map(({ share }) => share);
  const workers = shares.reduce((sum, share) => sum + share.workers, 0);
  const spanUs = parts.reduce((longest, part) => Math.max(longest, part.spanUs), SECOND_US);
  const processes = shares.flatMap(({ workers: own }, process) => Array<number>(own).fill(process));
  const processOf = (worker: number): number => processes[worker] ?? 0;
  const phases = mergedPhases(shares);
  const merger = new FrameMerger({ workers, phases, spanUs, processOf, ...hooks });
  const queue: QueuedEntry[] = [];
  let firstWorker = 0;
  for (const { share, entries } of parts) {
    const place = { firstWorker, workers: share.workers, framesLeft: entries.length };
    for (const entry of entries) queue.push({ entry, place });
    if (entries.length === 0) endWorkers(merger, place);
    firstWorker += share.workers;
  }
  queue.sort((a, b) => a.entry.endUs - b.entry.endUs);
  // Thinning, which may come at any time, has numbered them anew.
  const sequences = new Uint32Array(workers);
  for (const { place, entries } of grouped(queue, spanUs)) {
    for (const frame of thinFrames(decoded(entries), spanUs)) {
      const worker = place.firstWorker + frame.worker;
      const sequence = sequences[worker] ?? 0;
      sequences[worker] = sequence + 1;
      merger.add({ ...frame, worker, sequence });
    }
    place.framesLeft -= entries.length;
    if (place.framesLeft === 0) endWorkers(merger, place);
  }
  merger.flush();
  return merger;
}
/** One share's frames that are to be one for each of its workers. */
interface FrameGroup {
  readonly place: SharePlace;
  readonly entries: FrameEntry[];
}

/** All frames of a stretch of time, share by share, then those of the next. Where none was thinned each is for itself. */
function* grouped(queue: readonly QueuedEntry[], spanUs: number): Generator<FrameGroup> {
  let open = new Map<SharePlace, FrameGroup>();
  let stretch = 0;
  for (const { entry, place } of queue) {
    const next = spanUs === SECOND_US ? stretch + 1 : stretchAt(entry.endUs, spanUs);
    if (next !== stretch) {
      yield* open.values();
      open = new Map();
      stretch = next;
    }
    const group = open.get(place);
    if (group === undefined) open.set(place, { place, entries: [entry] });
    else group.entries.push(entry);
  }
  yield* open.values();
}

function* decoded(entries: readonly FrameEntry[]): Generator<Frame> {
  for (const { frame } of entries) yield frame();
}

interface QueuedEntry {
  readonly entry: FrameEntry;
  readonly place: SharePlace;
}

/** Where a share's workers stand among all, and how many of its frames are still to come. */
interface SharePlace {
  readonly firstWorker: number;
  readonly workers: number;
  framesLeft: number;
}

/** Workers that have told all, or died, must not hold the others' seconds back. */
function endWorkers(merger: FrameMerger, { firstWorker, workers }: SharePlace): void {
  for (let worker = firstWorker; worker < firstWorker + workers; worker++) merger.endWorker(worker);
}

/** What a share counted itself, and its frames must come to. */
const KEPT_COUNTERS = ['offered', 'accepted'] as const;

/** A checksum of counts: names shares whose frames do not hold what the share counted. Decodes them again only then. */
export function unevenFrames(parts: readonly ShareFrames[], merger: FrameMerger): string[] {
  const { counters } = merger.measured();
  const isEven = KEPT_COUNTERS.every((name) => {
    const whole = parts.reduce((sum, { share }) => sum + share[name], 0);
    return whole === counterOf(counters, `userRecords.${name}`);
  });
  return isEven ? [] : parts.flatMap(unevenShare);
}

function unevenShare({ share, entries }: ShareFrames): string[] {
  const sums = { offered: 0, accepted: 0 };
  for (const entry of entries) {
    for (const { phase, counters } of entry.frame().phases) {
      if (share.phases[phase]?.isMeasured !== true) continue;
      for (const name of KEPT_COUNTERS) sums[name] += counterOf(counters, `userRecords.${name}`);
    }
  }
  if (KEPT_COUNTERS.every((name) => sums[name] === share[name])) return [];
  const held = `${formatCount(sums.offered)} offered and ${formatCount(sums.accepted)} accepted`;
  const own = `${formatCount(share.offered)} and ${formatCount(share.accepted)}`;
  return [
    `The frames of share ${share.index} (${share.runId}) hold ${held} records, and it counted ${own}.`,
  ];
}

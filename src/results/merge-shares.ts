/**
 * The frames of several shares as one run's. In: shares and their frames. Out: one merger, as if all their workers had told
 * one coordinator. Invariant: frames are added as within a run, so totals are exact, slot by slot; the interval of a
 * merged timeline is that of the most thinned share.
 */

import { formatCount } from '../core/units.ts';
import { FrameMerger, type FrameMergerOptions } from '../measure/merge.ts';
import type { FrameEntry } from './frames-file.ts';
import { counterOf } from './measures.ts';
import type { ShareFile, SharePhase } from './share-file.ts';

/** A share and the frames of its workers. */
export interface ShareFrames {
  readonly share: ShareFile;
  readonly entries: readonly FrameEntry[];
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
  const merger = new FrameMerger({ workers, phases: mergedPhases(shares), ...hooks });
  const queue: { readonly entry: FrameEntry; readonly place: SharePlace }[] = [];
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
  for (const { entry, place } of queue) {
    const frame = entry.frame();
    const worker = place.firstWorker + frame.worker;
    const sequence = sequences[worker] ?? 0;
    sequences[worker] = sequence + 1;
    merger.add({ ...frame, worker, sequence });
    place.framesLeft--;
    if (place.framesLeft === 0) endWorkers(merger, place);
  }
  merger.flush();
  return merger;
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

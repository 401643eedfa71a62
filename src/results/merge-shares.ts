/**
 * The frames of several shares as one run's. In: shares and their frames. Out: one merger, as if all their workers had told
 * one coordinator. Invariant: frames are added as within a run, so totals are exact, slot by slot; the interval of a
 * merged timeline is that of the most thinned share.
 */
import { FrameMerger, type FrameMergerOptions } from '../measure/merge.ts';
import type { FrameEntry } from './frames-file.ts';
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
  let firstWorker = 0;
  const queue: { readonly entry: FrameEntry; readonly firstWorker: number }[] = [];
  for (const { share, entries } of parts) {
    for (const entry of entries) queue.push({ entry, firstWorker });
    firstWorker += share.workers;
  }
  queue.sort((a, b) => a.entry.endUs - b.entry.endUs);
  // A worker that has told all, or died, must not hold the others' seconds back.
  const left = new Map<number, number>();
  for (const each of queue) left.set(each.firstWorker, (left.get(each.firstWorker) ?? 0) + 1);
  const workersFrom = new Map<number, number>();
  firstWorker = 0;
  for (const { workers: count } of shares) {
    workersFrom.set(firstWorker, count);
    if (!left.has(firstWorker)) endWorkers(merger, firstWorker, count);
    firstWorker += count;
  }
  // Thinning, which may come at any time, has numbered them anew.
  const sequences = new Uint32Array(workers);
  for (const { entry, firstWorker: from } of queue) {
    const frame = entry.frame();
    const worker = from + frame.worker;
    const sequence = sequences[worker] ?? 0;
    sequences[worker] = sequence + 1;
    merger.add({ ...frame, worker, sequence });
    const rest = (left.get(from) ?? 0) - 1;
    left.set(from, rest);
    if (rest === 0) endWorkers(merger, from, workersFrom.get(from) ?? 0);
  }
  merger.flush();
  return merger;
}

function endWorkers(merger: FrameMerger, from: number, count: number): void {
  for (let worker = from; worker < from + count; worker++) merger.endWorker(worker);
}

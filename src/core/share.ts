/**
 * A member's part of a run that several processes or machines do together: share `index` of `count`. Records, producers and
 * threads are dealt out by remainder, so the shares of any count are the whole, exactly, and no rate is divided.
 */
export interface Share {
  /** 0 … count-1. */
  readonly index: number;
  readonly count: number;
}

/** The whole, as one share. */
export const WHOLE: Share = { index: 0, count: 1 };

/** More members than this is a mistake in a variable, not a fleet. */
const COUNT_MAX = 100_000;

/** `2/8` → share 2 of 8, counted from 0; null: not of that form, or outside it. */
export function parseShare(text: string): Share | null {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(text.trim());
  if (match === null) return null;
  const index = Number(match[1]);
  const count = Number(match[2]);
  return count >= 1 && count <= COUNT_MAX && index < count ? { index, count } : null;
}

/** How many of `whole` numbered things the share has: those whose number has the remainder `index`. */
export function countInShare(whole: number, { index, count }: Share): number {
  return Math.max(0, Math.ceil((whole - index) / count));
}

/**
 * A share's thread as one of all threads of all shares: thread `worker` of share k of N is k + N·worker of N·workers, which
 * has the same records whatever the other shares' numbers of threads are.
 */
export function workerOfAll(
  { index, count }: Share,
  worker: number,
  workers: number,
): { readonly worker: number; readonly workers: number } {
  return { worker: index + count * worker, workers: count * workers };
}

/**
 * From an interval and a margin to a verdict. Three states are told apart: "different" (the interval leaves out no
 * change), "matters" (all of it lies beyond the margin), "equivalent" (all of it lies within). A change may be different
 * and not yet shown to matter.
 */

/** The interval of a change on a scale where 0 is no change: a log ratio, or a difference. */
export interface Judged {
  readonly estimate: number;
  /** null: too few runs for an interval at the level asked for. */
  readonly interval: readonly [low: number, high: number] | null;
  /** Blocks, or runs of the smaller sample. */
  readonly n: number;
}

/** The smallest change that would matter, below and above zero on the same scale. */
export interface Margin {
  readonly low: number;
  readonly high: number;
}

export interface Verdict {
  readonly isDifferent: boolean;
  readonly matters: boolean;
  readonly isEquivalent: boolean;
  /**
   * About how many blocks more would settle whether it matters; null: it is settled, or no number of blocks would do
   * that anybody would run.
   */
  readonly moreBlocks: number | null;
}

/** An answer that needs more blocks than this is none. */
const BLOCKS_MAX = 500;
/** An estimate on the margin itself could never be told from it; it is taken as this share of the margin away. */
const NEAREST_SHARE = 0.2;

/** The margin of a ratio as a share, on the scale of log ratios: 5 % is ×1.05 up and ÷1.05 down. */
export function ratioMargin(share: number): Margin {
  const up = Math.log1p(share);
  return { low: -up, high: up };
}

/**
 * Judges a change.
 * @param blocksMin least n at which an interval exists at all; what is missing to it is asked for first
 */
export function judge(change: Judged, margin: Margin, blocksMin: number): Verdict {
  const { interval, n } = change;
  if (interval === null) {
    return {
      isDifferent: false,
      matters: false,
      isEquivalent: false,
      moreBlocks: Math.max(1, blocksMin - n),
    };
  }
  const [low, high] = interval;
  const isDifferent = low > 0 || high < 0;
  const matters = low > margin.high || high < margin.low;
  const isEquivalent = low >= margin.low && high <= margin.high;
  const moreBlocks = matters || isEquivalent ? null : blocksNeeded(change, margin);
  return { isDifferent, matters, isEquivalent, moreBlocks };
}

/**
 * Half-widths shrink with the root of n: n·(w/d)² blocks bring the half-width w down to d, the way from the estimate to
 * the nearer edge of the margin.
 */
function blocksNeeded({ estimate, interval, n }: Judged, margin: Margin): number | null {
  if (interval === null) return null;
  const halfWidth = (interval[1] - interval[0]) / 2;
  const width = (margin.high - margin.low) / 2;
  const toEdge = Math.min(Math.abs(estimate - margin.low), Math.abs(estimate - margin.high));
  const distance = Math.max(toEdge, NEAREST_SHARE * width);
  if (distance === 0) return null;
  const needed = Math.ceil(n * (halfWidth / distance) ** 2);
  const more = Math.max(1, needed - n);
  return more > BLOCKS_MAX ? null : more;
}

/**
 * Whether tonight looks different from the nights before. In: one metric's values, a night each, oldest first, tonight's
 * last. Out: a suspicion, and the nights that are the level to be held against. A suspicion is cheap and therefore quick
 * to arise: it costs a measurement, never a red job. Proof is the confirmation's business.
 */
import { CHANGE_POINT_DEFAULTS, changePoints } from './change-point.ts';
import { median } from './order-statistics.ts';
import { momentsOf, pooledTTest } from './student-t.ts';

/** Earlier nights without which nothing can be said. */
export const NIGHTS_MIN = 5;
/** Fewer nights than this, tonight among them, hold no change point that can be trusted. */
const CHANGE_POINT_NIGHTS = 10;
/** A change that began longer ago is history: it is drawn, and fails nothing. */
const RECENT_NIGHTS = 3;
/** The smallest change worth a look, as a share; a wider margin of the metric goes before. */
const MAGNITUDE_MIN = 0.03;
/** Largest two-sided p of the last one, two or three nights against the level before them that arouses suspicion. */
const SUSPICIOUS_P = 0.05;
/** Deviations from the median that arouse suspicion while there are few nights. */
const SPREADS = 3;

/** What made a night suspicious: a change point, the last nights together, or the spread of few nights. */
export type SuspicionRule = 'change-point' | 'recent-nights' | 'spread';

interface Suspicion {
  readonly rule: SuspicionRule;
  /** The first night at the new level, counted as in the values handed in. */
  readonly since: number;
  /** Change from the level before, as a share of it: 0.08 is 8 % more. */
  readonly change: number;
  /** null where the rule gives none. */
  readonly p: number | null;
}

export interface NightScreen {
  /** null: nothing to suspect. A change for the better is one too. */
  readonly suspicion: Suspicion | null;
  /** The nights at the level that counts, [from, to) in the values handed in; `to` excludes the suspects. */
  readonly level: { readonly from: number; readonly to: number };
}

/**
 * @param values one a night, tonight's last, at least {@link NIGHTS_MIN} before it
 * @param margin smallest change that matters, as a share
 */
export function screenNight(values: readonly number[], margin: number): NightScreen {
  const least = Math.max(MAGNITUDE_MIN, margin);
  if (values.length < CHANGE_POINT_NIGHTS) return screenBySpread(values, least);
  const points = changePoints(values, { ...CHANGE_POINT_DEFAULTS, magnitudeMin: least });
  const recentFrom = values.length - RECENT_NIGHTS;
  const settled = points.filter(({ index }) => index < recentFrom);
  const from = settled.at(-1)?.index ?? 0;
  const point = points.find(({ index }) => index >= recentFrom);
  if (point !== undefined) {
    const { index, before, after, p } = point;
    return {
      suspicion: { rule: 'change-point', since: index, change: shareOf(before, after), p },
      level: { from, to: index },
    };
  }
  return screenRecent(values, from, least);
}

/** The last one, two and three nights, each against what was before: whichever differs most clearly. */
function screenRecent(values: readonly number[], from: number, least: number): NightScreen {
  let best: Suspicion | null = null;
  for (let nights = 1; nights <= RECENT_NIGHTS; nights++) {
    const since = values.length - nights;
    if (since - from < 2) break;
    const before = momentsOf(values, from, since);
    const after = momentsOf(values, since, values.length);
    const p = pooledTTest(before, after);
    const change = shareOf(before.mean, after.mean);
    if (p < SUSPICIOUS_P && Math.abs(change) >= least && p < (best?.p ?? 1)) {
      best = { rule: 'recent-nights', since, change, p };
    }
  }
  return { suspicion: best, level: { from, to: best?.since ?? values.length - 1 } };
}

function screenBySpread(values: readonly number[], least: number): NightScreen {
  const to = values.length - 1;
  const level = { from: 0, to };
  const earlier = values.slice(0, to);
  const tonight = values[to] ?? Number.NaN;
  const middle = median(earlier);
  const deviation = 1.4826 * median(earlier.map((value) => Math.abs(value - middle)));
  const change = shareOf(middle, tonight);
  const isFar = Math.abs(tonight - middle) > SPREADS * deviation && Math.abs(change) >= least;
  return { suspicion: isFar ? { rule: 'spread', since: to, change, p: null } : null, level };
}

function shareOf(before: number, after: number): number {
  if (before === after) return 0;
  return before === 0 ? Math.sign(after) * Number.POSITIVE_INFINITY : after / before - 1;
}

/** What the charts over nights are drawn from. Shared with `page/`. */

export interface TrendData {
  readonly charts: readonly TrendChart[];
}

/** One metric of one series. */
export interface TrendChart {
  readonly series: string;
  readonly metric: string;
  /** Path in summary.json. */
  readonly path: string;
  /** What values count in: milliseconds for `time`, a fraction for `share`. */
  readonly kind: 'time' | 'share' | 'number';
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /** Oldest first; nights without a value are left out. */
  readonly nights: readonly TrendNight[];
  /** The segments between change points. */
  readonly levels: readonly TrendLevel[];
  readonly points: readonly TrendPoint[];
}

export interface TrendNight {
  readonly run: string;
  readonly startedAt: string;
  readonly value: number;
  /** As it was said when the night was recorded. */
  readonly verdict: string;
  /** null: no change was accepted on that night. */
  readonly accepted: string | null;
}

/** Nights [from, to) and their mean. */
interface TrendLevel {
  readonly from: number;
  readonly to: number;
  readonly mean: number;
}

interface TrendPoint {
  /** The first night at the new level. */
  readonly at: number;
  /** As a share of the level before. */
  readonly change: number;
  readonly p: number;
  readonly isBetter: boolean;
}

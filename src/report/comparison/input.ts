/** What a comparison is made from: runs that were read from their folders, and to which variant each belongs. */
import type { Environment } from '../../results/environment.ts';
import type { Summary } from '../../results/summary.ts';
import type { TimelineRow } from '../../results/timeline.ts';
import type { Histogram } from '../../statistics/bootstrap.ts';

export interface RunInput {
  /** As the user named it. */
  readonly folder: string;
  readonly summary: Summary;
  readonly environment: Environment;
  /** scenario.yaml, parsed. */
  readonly scenario: Readonly<Record<string, unknown>>;
  readonly timeline: readonly TimelineRow[];
  /** Response times of the measured phases, microseconds; null: none was accepted. */
  readonly response: Histogram | null;
  readonly variant: string;
  /** Which runs belong together; null: not known. */
  readonly block: { readonly sweep: string; readonly number: number } | null;
}

export interface ComparisonInput {
  readonly title: string;
  readonly runs: readonly RunInput[];
  /** null: the first run's variant. */
  readonly baseline: string | null;
  /** Count invalid runs too. */
  readonly isForced: boolean;
  readonly createdAt: string;
  /** 2: the runs were looked at before, and more were made because that settled nothing (or could have been). */
  readonly looks: 1 | 2;
  /** For the bootstrap. */
  readonly seed: number;
}

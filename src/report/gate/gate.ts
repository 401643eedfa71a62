/**
 * The shape of gate.json, `shardstorm.gate/1`: what a night says against the nights before. Everything that the terminal,
 * the step summary and the JUnit file say is rendered from it, so they cannot tell different stories.
 */
import type { FingerprintDifference } from '../../results/fingerprint.ts';
import type { NightVerdict } from '../../results/history.ts';
import type { SuspicionRule } from '../../statistics/night.ts';

/** The nights' own, and one that is never recorded. */
export type GateVerdict = NightVerdict | 'invalid';

export interface GateReport {
  readonly schema: 'shardstorm.gate/1';
  readonly createdAt: string;
  readonly history: string;
  /** The worst of its series. */
  readonly verdict: GateVerdict;
  /** One for each variant of a sweep; one for a run. */
  readonly series: readonly SeriesReport[];
  /** What a reader should know and what decided nothing. */
  readonly notes: readonly string[];
}

export interface SeriesReport {
  readonly name: string;
  readonly scenario: string;
  /** Ids of tonight's valid runs, and when the first began. */
  readonly runs: readonly string[];
  readonly startedAt: string;
  readonly verdict: GateVerdict;
  /** Why, in one sentence. */
  readonly sentence: string;
  readonly fingerprint: string;
  /** Nights that tonight is held against. */
  readonly nights: number;
  /** What is not the same in the nearest night that is not comparable; empty where there is a comparable one. */
  readonly differences: readonly FingerprintDifference[];
  readonly metrics: readonly GateMetric[];
  /** null: nothing was to be confirmed, or it was not asked for. */
  readonly confirmation: Confirmation | null;
  /** File of the history; null: not recorded. */
  readonly recorded: string | null;
}

export interface GateMetric {
  /** Path in summary.json. */
  readonly path: string;
  readonly name: string;
  readonly better: 'higher' | 'lower';
  /** Smallest change that matters, as a share. */
  readonly margin: number;
  /** Tonight's: the median over its runs; null: it has none. */
  readonly value: number | null;
  /** Median of the nights that it is held against; null: none. */
  readonly level: number | null;
  /** As a share of the level; null: no level. */
  readonly change: number | null;
  readonly state: 'steady' | 'worse' | 'better' | 'too few nights' | 'no data';
  /** What made it worse or better. */
  readonly rule: SuspicionRule | null;
  /** null where the rule gives none. */
  readonly p: number | null;
  /** When the new level began; null: there is none. */
  readonly since: string | null;
}

/** How a suspicion was put to the test. */
export interface Confirmation {
  /** `blocks`: an old program and this one side by side; `nights`: this one again, against the nights before. */
  readonly way: 'blocks' | 'nights';
  /** Blocks, or runs, whose figures count. */
  readonly runs: number;
  /** The old program; null for `nights`. */
  readonly baselineCommand: string | null;
  readonly folder: string;
  /** Why it could not be done; null: it was. */
  readonly problem: string | null;
  readonly metrics: readonly ConfirmedMetric[];
}

export interface ConfirmedMetric {
  readonly path: string;
  /** A ratio to the old level, where 1 is no change; a difference where the metric can be zero. */
  readonly scale: 'ratio' | 'difference';
  readonly estimate: number;
  readonly interval: readonly [low: number, high: number] | null;
  readonly confidence: number;
  /** The interval leaves out "no change", and the change is worse by more than the margin. */
  readonly isProven: boolean;
}

/**
 * When records are due. In: the phases of a scenario, an arrival process and a seed. Out: one global schedule, the same for
 * everybody, and cursors that walk a thread's share of it. Invariant: record i is due at T_i, a pure function of the seed
 * and i, never of what happened; nothing is rounded where phases, producers or threads meet, so the union of all shares is
 * the same schedule for any number of them.
 *
 * ```
 * count N(t)  ┌ the rates of all phases, added up          T_i = the time at which N(t) reaches i          (constant)
 *           i ┤· · · · · ·╭────                            buckets of 64: a count from (seed, bucket), and
 *             ┤     ╭─────╯                                a place in the bucket from (seed, i)            (Poisson)
 *             └─────┴────┴────── t
 *               T_i
 * ```
 */
import { ShardstormError } from '../core/errors.ts';
import { countInShare, type Share } from '../core/share.ts';
import { Cursor } from './cursor.ts';
import type { SchedulePhase } from './phase.ts';
import { compileSegments, type Segment, type ShareOptions } from './segment.ts';

export interface ScheduleOptions {
  /** At least one, run one after the other. */
  readonly phases: readonly SchedulePhase[];
  /** How arrivals vary around the rate. Replayed phases are never varied: a recording has its own arrivals. */
  readonly arrival: 'constant' | 'poisson';
  /** Integer, 0 … 2^53-1. */
  readonly seed: number;
  /** For each phase that replays a recording: its times, as offsets in microseconds, in any order. Index = phase. */
  readonly replayTimesUs?: readonly (Float64Array | null)[];
}

/** When a phase runs. */
export interface PhaseTimes {
  readonly startUs: number;
  /** Exclusive. */
  readonly endUs: number;
  /** Whether the caller, not the schedule, decides when records are due. */
  readonly closed: boolean;
}

/**
 * Poisson records that are drawn to be counted at the most, about 50 ms' worth: longer phases are counted by what is
 * expected of them, which at that size is off by less than a thousandth (ten standard deviations of 10,000).
 */
const DRAWN_RECORDS_MAX = 1e8;

/** The schedule of a run. */
export class Schedule {
  readonly phases: readonly PhaseTimes[];
  readonly durationUs: number;
  /** Records that the rates ask for: the expectation of {@link totalRecords}. Infinity with a closed phase. */
  readonly meanRecords: number;
  /** The highest rate that the phases reach while they last. Infinity with a closed or a replayed phase. */
  readonly peakPerSecond: number;
  readonly #segments: readonly Segment[];
  readonly #seed: number;
  /** Records of each phase, once counted. */
  readonly #counts: (number | undefined)[];

  constructor(segments: readonly Segment[], seed: number) {
    this.#segments = segments;
    this.#seed = seed;
    this.#counts = segments.map(() => undefined);
    this.phases = segments.map((segment) => ({
      startUs: segment.startUs,
      endUs: segment.startUs + segment.durationUs,
      closed: segment.shape === null,
    }));
    this.durationUs = this.phases.at(-1)?.endUs ?? 0;
    const peaks = segments.map(({ shape }) => shape?.peakPerSecond ?? Infinity);
    this.peakPerSecond = peaks.reduce((a, b) => Math.max(a, b), 0);
    this.meanRecords = segments.reduce((sum, { shape }) => sum + (shape?.total ?? Infinity), 0);
  }

  /**
   * Records of the whole schedule. Infinity with a closed phase. For Poisson arrivals every bucket's count is drawn at the
   * first call, about 0.5 ms for a million records; expected, not drawn, for phases of more than a hundred million.
   */
  get totalRecords(): number {
    return this.#segments.reduce((sum, _, phase) => sum + this.recordsIn(phase), 0);
  }

  /** Records of one phase, by its index; Infinity for a closed one. */
  recordsIn(phase: number): number {
    const segment = this.#segments[phase];
    if (segment === undefined) return 0;
    const count = this.#counts[phase] ?? this.#countOf(segment);
    this.#counts[phase] = count;
    return count;
  }

  /** Records of one phase that a share of the run has; Infinity for a closed one. */
  recordsInShare(phase: number, producers: number, share: Share): number {
    if (this.phases[phase]?.closed === true) return Infinity;
    let first = 0;
    for (let earlier = 0; earlier < phase; earlier++) first += this.#numbersOf(earlier);
    const ownBefore = (index: number) =>
      Math.floor(index / producers) * countInShare(producers, share) +
      countInShare(index % producers, share);
    return ownBefore(first + this.recordsIn(phase)) - ownBefore(first);
  }

  /** A walk through one thread's share, from the start. */
  cursor(share: ShareOptions): Cursor {
    return new Cursor(this.#segments, this.#seed, share);
  }

  /** Record numbers that a segment takes up, as cursors count them. */
  #numbersOf(phase: number): number {
    const segment = this.#segments[phase];
    return segment?.shape === null ? segment.count : this.recordsIn(phase);
  }

  #countOf(segment: Segment): number {
    if (segment.shape === null) return Infinity;
    if (segment.buckets === null) return segment.count;
    if (segment.shape.total > DRAWN_RECORDS_MAX) return Math.round(segment.shape.total);
    let sum = 0;
    for (let b = 0; b < segment.buckets.count; b++) {
      sum += segment.buckets.draw(this.#seed, segment.firstBucket + b);
    }
    return sum;
  }
}

/**
 * Compiles the phases of a scenario.
 * @throws SHARDSTORM_SCENARIO_INVALID for a phase that is not a schedule: a rate below zero, a recording without times
 */
export function compileSchedule(options: ScheduleOptions): Schedule {
  if (options.phases.length === 0) {
    throw new ShardstormError('SHARDSTORM_SCENARIO_INVALID', 'load.phases: is empty', {
      hint: 'Give at least one phase, for example { duration: 10s, rate: 1000/s }.',
    });
  }
  return new Schedule(
    compileSegments(options.phases, options.arrival, options.replayTimesUs),
    options.seed,
  );
}

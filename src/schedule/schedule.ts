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

/** The schedule of a run. */
export class Schedule {
  readonly phases: readonly PhaseTimes[];
  readonly durationUs: number;
  /** Records that the rates ask for: the expectation of {@link totalRecords}. Infinity with a closed phase. */
  readonly meanRecords: number;
  readonly #segments: readonly Segment[];
  readonly #seed: number;
  #totalRecords: number | null = null;

  constructor(segments: readonly Segment[], seed: number) {
    this.#segments = segments;
    this.#seed = seed;
    this.phases = segments.map((segment) => ({
      startUs: segment.startUs,
      endUs: segment.startUs + segment.durationUs,
      closed: segment.shape === null,
    }));
    this.durationUs = this.phases.at(-1)?.endUs ?? 0;
    this.meanRecords = segments.reduce((sum, { shape }) => sum + (shape?.total ?? Infinity), 0);
  }

  /**
   * Records of the whole schedule. Infinity with a closed phase. For Poisson arrivals every bucket's count is drawn at the
   * first call, about 0.5 ms for a million records.
   */
  get totalRecords(): number {
    this.#totalRecords ??= this.#segments.reduce((sum, each) => sum + this.#countOf(each), 0);
    return this.#totalRecords;
  }

  /** Records of one phase, by its index; Infinity for a closed one. */
  recordsIn(phase: number): number {
    const segment = this.#segments[phase];
    return segment === undefined ? 0 : this.#countOf(segment);
  }

  /** Records of one phase that a share of the run has; Infinity for a closed one. */
  recordsInShare(phase: number, producers: number, share: Share): number {
    if (this.phases[phase]?.closed === true) return Infinity;
    const earlier = this.#segments.slice(0, phase);
    const first = earlier.reduce((sum, each) => sum + this.#numbersOf(each), 0);
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
  #numbersOf(segment: Segment): number {
    return segment.shape === null ? segment.count : this.#countOf(segment);
  }

  #countOf(segment: Segment): number {
    if (segment.shape === null) return Infinity;
    if (segment.buckets === null) return segment.count;
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

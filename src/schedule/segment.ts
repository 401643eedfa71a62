import { buildShape, type SchedulePhase } from './phase.ts';
import { PoissonBuckets } from './poisson.ts';
import type { Shape } from './shape.ts';

/** A thread's share: the records of the producers p with p mod workers = worker. */
export interface ShareOptions {
  /** Producers of the whole run; record i belongs to producer i mod producers. */
  readonly producers: number;
  /** Threads of the whole run, those of other machines included. */
  readonly workers: number;
  /** 0 … workers-1. */
  readonly worker: number;
}

/** A phase as the cursors read it. */
export interface Segment {
  readonly startUs: number;
  readonly durationUs: number;
  /** null in a closed phase. */
  readonly shape: Shape | null;
  /** Records outstanding at the most, in a closed phase; else 0. */
  readonly concurrency: number;
  /** null where arrivals follow the rate exactly. */
  readonly buckets: PoissonBuckets | null;
  /** Number of the first bucket among all of the schedule. */
  readonly firstBucket: number;
  /** Cumulative count of the phase at its first record, 0 … 1: what earlier phases left over. */
  readonly offset: number;
  /** Record numbers that the phase takes; not known for Poisson arrivals until its buckets are drawn (0 here). */
  readonly count: number;
}

/** Record numbers set aside for a closed phase, whose count nobody knows before it has run. */
const CLOSED_NUMBERS = 2 ** 40;
/** A count this little above a whole number is that number: rounding of rate times duration. */
const COUNT_TOLERANCE = 1e-6;

/**
 * Lays the phases end to end.
 * @throws SHARDSTORM_SCENARIO_INVALID
 */
export function compileSegments(
  phases: readonly SchedulePhase[],
  arrival: 'constant' | 'poisson',
  replayTimesUs: readonly (Float64Array | null)[] = [],
): Segment[] {
  let startUs = 0;
  let offset = 0;
  let firstBucket = 0;
  return phases.map((phase, index) => {
    const shape = buildShape(phase, index, replayTimesUs[index] ?? null);
    const base = { startUs, durationUs: phase.durationUs, shape, firstBucket, concurrency: 0 };
    startUs += phase.durationUs;
    if (shape === null) {
      offset = 0;
      const concurrency = phase.rate.kind === 'closed' ? phase.rate.concurrency : 0;
      return { ...base, concurrency, buckets: null, offset, count: CLOSED_NUMBERS };
    }
    if (arrival === 'poisson' && phase.rate.kind !== 'replay' && shape.total > 0) {
      const buckets = new PoissonBuckets(shape.total);
      firstBucket += buckets.count;
      return { ...base, buckets, offset: 0, count: 0 };
    }
    const segment = { ...base, buckets: null, offset };
    const count = Math.max(0, Math.ceil(shape.total - offset - COUNT_TOLERANCE));
    offset = Math.max(0, count + offset - shape.total);
    return { ...segment, count };
  });
}

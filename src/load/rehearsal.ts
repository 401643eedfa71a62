/**
 * A dense load is made once before it counts: the same stages over a target that takes everything, forty thousand
 * records in a tenth of a second. What runs for the first time is slow for V8, and so is what runs into a branch it has
 * never taken (the first frame, the second phase): together 50 to 80 ms of a run in which its records would be late.
 */
import type { Clock } from '../core/clock.ts';
import { WHOLE } from '../core/share.ts';
import type { PayloadFiles } from '../generate/file.ts';
import type { Frame } from '../measure/frame.ts';
import type { Plan, RatePlan } from '../scenario/plan.ts';
import { peakPerSecond } from '../scenario/resolve-rates.ts';
import { fixedShardLister, nullTransport } from '../transport/null.ts';
import { Load, type LoadOptions } from './load.ts';

/** A thread that makes fewer records a second is idle most of the time, and slow code is fast enough. */
const DENSE_PER_SECOND = 20_000;
const PHASES = 4;
const PHASE_US = 25_000;
const RECORDS_PER_SECOND = 400_000;
/** What a limiter still holds is given up. */
const DRAIN_US = 50_000;
const SHARDS = 4;
const PRODUCERS_MAX = 4;

/** Whether a thread of this load, one of so many, makes enough records to rehearse. */
export function isDense(plan: Plan, workersOfAll: number): boolean {
  const peak = Math.max(...plan.load.phases.map(({ rate }) => openPeakPerSecond(rate)));
  return peak / workersOfAll >= DENSE_PER_SECOND;
}

/** A closed loop is late by nobody's clock; a replay may be as dense as it likes. */
function openPeakPerSecond(rate: RatePlan): number {
  return rate.kind === 'closed' ? 0 : (peakPerSecond(rate) ?? Number.POSITIVE_INFINITY);
}

export interface RehearsalOptions {
  readonly plan: Plan;
  readonly producers: number;
  readonly files: PayloadFiles;
  /** Stands at time 0; nobody else uses it. */
  readonly clock: Clock;
  readonly watch: LoadOptions['watch'];
  readonly onFrame: (frame: Frame) => void;
}

/** Resolves when it is over; nothing of it is kept. */
export function rehearse({ plan, producers, clock, ...rest }: RehearsalOptions): Promise<void> {
  const phases = Array.from({ length: PHASES }, (_, i) => ({
    name: `rehearsal-${i}`,
    durationUs: PHASE_US,
    rate: { kind: 'constant', perSecond: RECORDS_PER_SECOND } as const,
    measure: false,
  }));
  return new Promise((resolve, reject) => {
    const load = new Load({
      ...rest,
      plan: { ...plan, load: { ...plan.load, phases, drainUs: DRAIN_US } },
      producers: Math.min(producers, PRODUCERS_MAX),
      worker: 0,
      workers: 1,
      share: WHOLE,
      runIdHigh: 0,
      runIdLow: 0,
      clock,
      transport: nullTransport(clock),
      listOpenShards: fixedShardLister(SHARDS, clock),
      replayTimesUs: phases.map(() => null),
      onEnd: resolve,
    });
    load.prepare((error) => {
      if (error === null) load.start();
      else reject(error);
    });
  });
}

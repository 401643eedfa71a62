import { availableParallelism } from 'node:os';
import type { Plan } from '../scenario/plan.ts';

/** More threads than this on one machine is a decision for the user, not for `auto`. */
const AUTO_WORKERS_MAX = 8;

export interface Sizing {
  /** Threads. */
  readonly workers: number;
  /** Independent producers, spread over the threads. */
  readonly producers: number;
}

/**
 * `auto` as numbers: a core each for the main thread and the embedded simulator is left free where there are enough; one
 * producer a thread. Never more threads than producers, because a thread without one has nothing to do.
 */
export function sizeLoad(plan: Plan, cores = availableParallelism()): Sizing {
  const { workers: wantedWorkers, producers: wantedProducers } = plan.load;
  const busy = plan.target.kind === 'simulator' ? 2 : 1;
  const auto = Math.min(AUTO_WORKERS_MAX, Math.max(1, cores - busy));
  const threads = wantedWorkers === 'auto' ? auto : wantedWorkers;
  const producers = wantedProducers === 'auto' ? threads : wantedProducers;
  return { workers: Math.min(threads, producers), producers };
}

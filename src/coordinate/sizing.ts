import { availableParallelism } from 'node:os';
import { ShardstormError } from '../core/errors.ts';
import { countInShare, type Share, WHOLE } from '../core/share.ts';
import type { Plan } from '../scenario/plan.ts';

/** More threads than this on one machine is a decision for the user, not for `auto`. */
const AUTO_WORKERS_MAX = 8;

export interface Sizing {
  /** Threads of this process. */
  readonly workers: number;
  /** Independent producers of the whole run, spread over the threads of all its shares. */
  readonly producers: number;
  /** The part of the run that this process does. */
  readonly share: Share;
}

/**
 * `auto` as numbers: a core each for the main thread and the embedded simulator is left free where there are enough; one
 * producer a thread. Never more threads than producers, because a thread without one has nothing to do.
 * @throws SHARDSTORM_SCENARIO_INVALID when a share's producers would depend on the machine, or it would have none
 */
export function sizeLoad(plan: Plan, share = WHOLE, cores = availableParallelism()): Sizing {
  const { workers: wantedWorkers } = plan.load;
  const busy = plan.target.kind === 'simulator' ? 2 : 1;
  const auto = Math.min(AUTO_WORKERS_MAX, Math.max(1, cores - busy));
  const threads = wantedWorkers === 'auto' ? auto : wantedWorkers;
  const producers = producersOf(plan, share, threads);
  return { workers: Math.min(threads, countInShare(producers, share)), producers, share };
}

function producersOf(plan: Plan, share: Share, threads: number): number {
  const { producers, workers } = plan.load;
  if (producers !== 'auto') {
    if (producers >= share.count) return producers;
    throw invalid(
      `load.producers is ${producers}, so ${share.count} shares cannot have one each`,
      `Set load.producers to ${share.count} or more, or use fewer shares.`,
    );
  }
  if (share.count === 1 || workers !== 'auto') return threads * share.count;
  throw invalid(
    'load.producers is auto, which is one for each thread, and load.workers is auto too: machines of different sizes would disagree on how many there are',
    'State how many producers all shares together have: --set load.producers=16',
  );
}

function invalid(message: string, hint: string): ShardstormError {
  return new ShardstormError('SHARDSTORM_SCENARIO_INVALID', message, { hint });
}

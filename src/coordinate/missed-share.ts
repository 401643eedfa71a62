import { RecordBlock } from '../core/record-block.ts';
import { formatCount, formatDurationUs, formatPercent } from '../core/units.ts';
import { replayTimesOf } from '../load/inputs.ts';
import type { Plan } from '../scenario/plan.ts';
import { compileSchedule } from '../schedule/schedule.ts';

/** The worker that is gone, and of how many. */
export interface LostWorker {
  readonly worker: number;
  readonly workers: number;
  readonly producers: number;
  readonly plan: Plan;
}

/** Records looked at in one go. */
const BLOCK_RECORDS = 1024;

/**
 * What a lost worker leaves undone: nobody takes over its part of the schedule, since what it had sent by then is not known.
 * @param toldUs until when it had told of itself
 * @param stoppedUs when the load was stopped
 */
export function missedShare(lost: LostWorker, toldUs: number, stoppedUs: number): string {
  const own = Math.ceil((lost.producers - lost.worker) / lost.workers);
  const share = `it had ${formatPercent(own / lost.producers)} of the load`;
  const missed = recordsDue(lost, toldUs, stoppedUs);
  const since = `since it told of itself for the last time, at ${formatDurationUs(toldUs)}`;
  return missed === null
    ? `${share}, and nothing of that was offered ${since}`
    : `${share}, of which ${formatCount(missed)} records were not offered ${since}`;
}

/** Records of the worker's part due after `fromUs` and by `toUs`; null where that depends on the target (a closed loop). */
function recordsDue({ plan, ...share }: LostWorker, fromUs: number, toUs: number): number | null {
  const { phases, arrival, seed } = plan.load;
  if (phases.some(({ rate }) => rate.kind === 'closed')) return null;
  const schedule = compileSchedule({ phases, arrival, seed, replayTimesUs: replayTimesOf(plan) });
  const cursor = schedule.cursor(share);
  const block = new RecordBlock(BLOCK_RECORDS, 0);
  const countUntil = (untilUs: number) => {
    let count = 0;
    for (;;) {
      block.clear();
      const added = cursor.fill(block, untilUs, BLOCK_RECORDS);
      if (added === 0) return count;
      count += added;
    }
  };
  countUntil(fromUs);
  return countUntil(toUs);
}

import { RecordBlock } from '../../src/core/record-block.ts';
import type { Cursor } from '../../src/schedule/cursor.ts';
import type { SchedulePhase } from '../../src/schedule/phase.ts';
import { compileSchedule, type Schedule } from '../../src/schedule/schedule.ts';

export interface Arrival {
  readonly index: number;
  readonly dueUs: number;
  readonly producer: number;
  readonly sequence: number;
}

export const SECOND_US = 1_000_000;

/** Everything a cursor yields, in its order. */
export function walk(cursor: Cursor, capacity = 256): Arrival[] {
  const block = new RecordBlock(capacity, 0);
  const arrivals: Arrival[] = [];
  while (cursor.nextDueUs < Number.POSITIVE_INFINITY) {
    block.clear();
    cursor.fill(block, Number.POSITIVE_INFINITY, capacity);
    for (let i = 0; i < block.count; i++) {
      arrivals.push({
        index: block.index[i]!,
        dueUs: block.dueUs[i]!,
        producer: block.producer[i]!,
        sequence: block.sequence[i]!,
      });
    }
  }
  return arrivals;
}

export function phase(rate: SchedulePhase['rate'], seconds: number): SchedulePhase {
  return { name: rate.kind, durationUs: seconds * SECOND_US, rate };
}

export function scheduleOf(
  phases: readonly SchedulePhase[],
  arrival: 'constant' | 'poisson' = 'constant',
  seed = 42,
): Schedule {
  return compileSchedule({ phases, arrival, seed });
}

/** The whole schedule, walked by one thread with one producer. */
export function walkWhole(schedule: Schedule): Arrival[] {
  return walk(schedule.cursor({ producers: 1, workers: 1, worker: 0 }));
}

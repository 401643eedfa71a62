import type { Plan } from './plan.ts';

/** The files that whoever offers a plan's load must have: payloads and recordings, by the paths in the plan. */
export function loadFilesOf({ load, records }: Plan): readonly string[] {
  return [
    ...records.flatMap(({ payload }) => (payload.kind === 'file' ? [payload.file] : [])),
    ...load.phases.flatMap(({ rate }) => (rate.kind === 'replay' ? [rate.file] : [])),
  ];
}

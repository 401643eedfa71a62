import { checkRecordKinds } from '../generate/check.ts';
import { loadPayloadFiles, loadReplayTimes } from '../generate/file.ts';
import type { Plan } from '../scenario/plan.ts';

/**
 * Finds out, before anything is started, whether a plan's records can be made: templates, columns, payload files.
 * @throws ShardstormError SHARDSTORM_SCENARIO_INVALID
 */
export function checkInputs(plan: Plan): void {
  const problem = checkRecordKinds(plan.records)[0];
  if (problem !== undefined) throw problem;
  loadPayloadFiles(plan.records, plan.baseDirectory);
}

/**
 * The recordings of replayed phases, index = phase; null for the others.
 * @throws ShardstormError SHARDSTORM_SCENARIO_INVALID
 */
export function replayTimesOf(plan: Plan): (Float64Array | null)[] {
  return loadReplayTimes(plan.load.phases, plan.baseDirectory);
}

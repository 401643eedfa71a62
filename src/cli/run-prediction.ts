import type { RunOutcome } from '../coordinate/coordinator.ts';
import { shardRanges } from '../plan/heat.ts';
import { comparePrediction } from '../plan/prediction.ts';
import type { Summary } from '../results/summary.ts';
import type { RunSetup } from './run-setup.ts';

/** The summary with what the formulas of `plan` say of the same load; as it is where that cannot be compared. */
export function withPrediction(setup: RunSetup, outcome: RunOutcome, summary: Summary): Summary {
  const { plan, sizing } = setup;
  const { openShards, openShardStarts } = outcome;
  // A null target has no limits to come near to.
  if (plan.target.kind === 'null' || openShards.length === 0) return summary;
  // The formulas speak of the whole load.
  if (sizing.share.count > 1) return summary;
  const prediction = comparePrediction({
    plan,
    producers: sizing.producers,
    ranges: shardRanges(openShards, openShardStarts),
    run: summary,
  });
  return prediction === null ? summary : { ...summary, prediction };
}

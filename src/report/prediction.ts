/**
 * Predicted against measured, the same rows for every format. In: the summary's prediction. Out: rows of text, and the
 * sentences about what does not agree.
 */
import { formatBytes, formatCount, formatPercent } from '../core/units.ts';
import type { ComparedFigure, PredictionSummary, Summary } from '../results/summary.ts';
import { shardName } from './quantity.ts';

export interface PredictionRow {
  readonly name: string;
  readonly predicted: string;
  readonly measured: string;
  readonly agrees: boolean;
}

/** Shards told of beside those that do not agree. */
const SHARDS_SHOWN = 4;
const SHARDS_SHOWN_MAX = 12;

/** Batch size, throttle, and the shards that matter: the hottest by prediction, and those that do not agree. */
export function predictionRows(summary: Summary): readonly PredictionRow[] {
  const { prediction } = summary;
  if (prediction === undefined) return [];
  const { userRecordsPerRecord, bytesPerRecord, throttle } = prediction;
  return [
    rowOf('user records a Kinesis record', userRecordsPerRecord, (value) => value.toFixed(1)),
    rowOf('bytes a Kinesis record', bytesPerRecord, formatBytes),
    rowOf('throttled attempts', throttle, formatPercent),
    ...shownShards(prediction).map((shard) =>
      rowOf(`${shardName(shard.id)}, of its limit`, shard, formatPercent),
    ),
  ];
}

function rowOf(
  name: string,
  { predicted, measured, agrees }: ComparedFigure,
  format: (value: number) => string,
): PredictionRow {
  return { name, predicted: format(predicted), measured: format(measured), agrees };
}

function shownShards({ shards }: PredictionSummary): PredictionSummary['shards'] {
  const byHeat = [...shards].sort((a, b) => b.predicted - a.predicted);
  return byHeat.filter(({ agrees }, i) => i < SHARDS_SHOWN || !agrees).slice(0, SHARDS_SHOWN_MAX);
}

/** How well the formulas did, in one sentence. */
export function predictionSentence({ prediction }: Summary): string {
  if (prediction === undefined) return '';
  const { shards } = prediction;
  const right = shards.filter(({ agrees }) => agrees).length;
  const heat = `heat as predicted in ${formatCount(right)} of ${formatCount(shards.length)} shards`;
  return prediction.mismatches.length === 0 ? 'all as predicted' : heat;
}

/** What does not agree, with its likely causes. */
export function mismatchSentences({ prediction }: Summary): readonly string[] {
  return (prediction?.mismatches ?? []).map(
    ({ text, causes }) => `${text}; likely causes: ${causes.join('; ')}`,
  );
}

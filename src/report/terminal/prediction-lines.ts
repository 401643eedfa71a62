import type { Summary } from '../../results/summary.ts';
import { mismatchSentences, predictionRows, predictionSentence } from '../prediction.ts';
import { clip, type Paint, padEnd, padStart, plain, wrap } from './paint.ts';

const NAME_WIDTH = 34;
const CELL_WIDTH = 13;

/** What the formulas of `plan` said beside what was measured. */
export function predictionLines(summary: Summary, width: number, paint: Paint): readonly string[] {
  const rows = predictionRows(summary);
  if (rows.length === 0) return [];
  const cells = (name: string, predicted: string, measured: string) =>
    padEnd(name, NAME_WIDTH) + padStart(predicted, CELL_WIDTH) + padStart(measured, CELL_WIDTH);
  const mismatches = mismatchSentences(summary);
  return [
    paint('dim', cells('', 'predicted', 'measured')),
    ...rows.map(({ name, predicted, measured, agrees }) => {
      const line = cells(clip(plain(name), NAME_WIDTH), predicted, measured);
      return agrees ? line : paint('yellow', `${line}  ▲`);
    }),
    ...mismatches.flatMap((sentence) =>
      wrap(plain(sentence), width - 4).map((line, i) =>
        paint('yellow', i === 0 ? `▲ ${line}` : `  ${line}`),
      ),
    ),
    ...(mismatches.length === 0 ? [paint('green', predictionSentence(summary))] : []),
  ];
}

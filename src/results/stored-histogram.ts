import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeFromCompressedBase64, type Histogram, JsHistogram } from 'hdr-histogram-js';
import { describeCause, ShardstormError } from '../core/errors.ts';
import type { LatencyMetric } from '../measure/frame.ts';
import { RESULT_FILES } from './folder.ts';

/** Values that occurred, microseconds, ascending, and how often each did. */
export interface StoredHistogram {
  /** The highest value of each slot, as percentiles report it. */
  readonly values: Float64Array;
  readonly counts: Float64Array;
}

/**
 * The histogram of one time over all measured phases of a stored run: what runs are merged and compared by.
 * @param folder a result folder
 * @returns null when no value was recorded
 * @throws SHARDSTORM_RESULTS_UNREADABLE
 */
export function readHistogram(folder: string, metric: LatencyMetric): StoredHistogram | null {
  const file = join(folder, RESULT_FILES.latency);
  try {
    // Only this line is decoded: the others, one a second and metric, are many.
    const prefix = `Tag=total.${metric},`;
    const line = readFileSync(file, 'utf8')
      .split('\n')
      .find((candidate) => candidate.startsWith(prefix));
    const encoded = line?.split(',').at(-1)?.trim();
    return encoded === undefined ? null : slotsOf(decodeFromCompressedBase64(encoded, 64, false));
  } catch (thrown) {
    throw new ShardstormError(
      'SHARDSTORM_RESULTS_UNREADABLE',
      `cannot read the histograms in ${file}: ${describeCause(thrown)}`,
      { hint: 'The file is damaged or was cut off: run again.', cause: thrown },
    );
  }
}

function slotsOf(histogram: Histogram): StoredHistogram {
  const values: number[] = [];
  const counts: number[] = [];
  if (histogram instanceof JsHistogram) {
    const iterator = histogram.recordedValuesIterator;
    iterator.reset();
    while (iterator.hasNext()) {
      const { countAtValueIteratedTo, valueIteratedTo } = iterator.next();
      values.push(histogram.highestEquivalentValue(valueIteratedTo));
      counts.push(countAtValueIteratedTo);
    }
  }
  return { values: Float64Array.from(values), counts: Float64Array.from(counts) };
}

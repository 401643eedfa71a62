import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeFromCompressedBase64, type Histogram, JsHistogram } from 'hdr-histogram-js';
import { describeCause, ShardstormError } from '../core/errors.ts';
import type { LatencyMetric } from '../measure/frame.ts';
import { RESULT_FILES } from './folder.ts';
import { type LatencyHeat, LatencyHeatBuilder } from './latency-heat.ts';

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
  const histogram = readTotal(folder, metric);
  return histogram === null ? null : slotsOf(histogram);
}

/**
 * The same as the library has it.
 * @returns null when no value was recorded
 * @throws SHARDSTORM_RESULTS_UNREADABLE
 */
export function readTotal(folder: string, metric: LatencyMetric): Histogram | null {
  // Only this line is decoded: the others, one a second and metric, are many.
  return readLog(folder, (lines) => {
    const line = lines.find((candidate) => candidate.startsWith(`Tag=total.${metric},`));
    return line === undefined ? null : decoded(line);
  });
}

/**
 * How response times were spread over the time of a stored run, warm-up included.
 * @returns null when no value was recorded
 * @throws SHARDSTORM_RESULTS_UNREADABLE
 */
export function readLatencyHeat(folder: string): LatencyHeat | null {
  return readLog(folder, (lines) => {
    const heat = new LatencyHeatBuilder();
    for (const line of lines) {
      const start = /^Tag=(?:unmeasured\.)?response,([\d.]+),/.exec(line)?.[1];
      if (start === undefined) continue;
      const { values, counts } = slotsOf(decoded(line));
      values.forEach((value, i) => {
        heat.add(Number(start) * 1_000_000, value, counts[i] as number);
      });
    }
    return heat.build();
  });
}

function decoded(line: string): Histogram {
  return decodeFromCompressedBase64(line.split(',').at(-1)?.trim() ?? '', 64, false);
}

/** latency.hlog as it is. @throws SHARDSTORM_RESULTS_UNREADABLE for one that is not whole */
export function readHistogramLog(folder: string): string {
  return readLog(folder, (lines) => lines.join('\n'));
}

function readLog<T>(folder: string, read: (lines: readonly string[]) => T): T {
  const file = join(folder, RESULT_FILES.latency);
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    // The totals are written last, and a whole file ends with a line end.
    const isMeasured = lines.some((line) => line.startsWith('Tag=response,'));
    const isWhole = lines.at(-1) === '' && lines.length > 1;
    if (!isWhole || (isMeasured && !lines.some((line) => line.startsWith('Tag=total.')))) {
      throw new Error('it is cut off');
    }
    return read(lines);
  } catch (thrown) {
    throw new ShardstormError(
      'SHARDSTORM_RESULTS_UNREADABLE',
      `cannot read the histograms in ${file}: ${describeCause(thrown)}`,
      { hint: 'The file is missing, damaged or cut off: run again.', cause: thrown },
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

/**
 * Service times out of a measured histogram. In: a model as a scenario has it, which may name a file in the HdrHistogram
 * log format with values in microseconds, such as a result folder's latency.hlog. Out: a model with numbers only.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { HistogramLogReader, type JsHistogram } from 'hdr-histogram-js';
import { describeCause, ShardstormError } from '../core/errors.ts';
import type { LatencyChoice, LatencyModel, MeasuredTimes } from './core/options.ts';

/** Tag of the service time of all measured phases in a result folder. */
const RUN_TAG = 'total.service';

/**
 * @param baseDirectory folder that file names count from
 * @throws ShardstormError SHARDSTORM_SIMULATOR_USAGE for a file that cannot be read or does not hold the tag
 */
export function readLatency(choice: LatencyChoice, baseDirectory: string): LatencyModel {
  const { operations: given, ...own } = choice;
  const model: LatencyModel =
    own.kind === 'file'
      ? {
          kind: 'measured',
          times: readTimes(resolve(baseDirectory, own.file), own.tag),
          perBodyUs: own.perBodyUs ?? 0,
        }
      : own;
  if (given === undefined) return model;
  const operations = Object.entries(given).map(
    ([name, of]) => [name, readLatency(of, baseDirectory)] as const,
  );
  return { ...model, operations: Object.fromEntries(operations) };
}

function unusable(file: string, problem: string, hint: string, cause?: unknown): ShardstormError {
  const message = `service times cannot be taken from ${file}: ${problem}`;
  return new ShardstormError('SHARDSTORM_SIMULATOR_USAGE', message, { hint, cause });
}

function readTimes(file: string, tag: string | null): MeasuredTimes {
  const found = new Map<string, JsHistogram>();
  try {
    const reader = new HistogramLogReader(readFileSync(file, 'utf8'), 64);
    for (
      let next = reader.nextIntervalHistogram();
      next !== null;
      next = reader.nextIntervalHistogram()
    ) {
      const name = next.tag ?? '';
      const sum = found.get(name);
      if (sum === undefined) found.set(name, next as JsHistogram);
      else sum.add(next as JsHistogram);
    }
  } catch (thrown) {
    const hint =
      "Name a file in the HdrHistogram log format, such as a result folder's latency.hlog.";
    throw unusable(file, describeCause(thrown), hint, thrown);
  }
  const names = [...found.keys()];
  const wanted = tag ?? (found.has(RUN_TAG) || names.length !== 1 ? RUN_TAG : (names[0] ?? ''));
  const histogram = found.get(wanted);
  if (histogram === undefined || histogram.totalCount === 0) {
    const there = names.filter((name) => name !== '').join(', ') || 'none';
    throw unusable(file, `it has no values tagged ${wanted}`, `Name one of its tags: ${there}.`);
  }
  return timesOf(histogram);
}

function timesOf(histogram: JsHistogram): MeasuredTimes {
  const upToUs: number[] = [];
  const cumulative: number[] = [];
  const steps = histogram.recordedValuesIterator;
  steps.reset();
  while (steps.hasNext()) {
    const { valueIteratedTo, totalCountToThisValue } = steps.next();
    upToUs.push(valueIteratedTo);
    cumulative.push(totalCountToThisValue / histogram.totalCount);
  }
  return { upToUs: Float64Array.from(upToUs), cumulative: Float64Array.from(cumulative) };
}

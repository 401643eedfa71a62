/**
 * A summary in the Prometheus text format, for a push gateway or a textfile collector. Base units: seconds, bytes,
 * ratios. Names are `shardstorm_<noun>_<unit>[_total]`; labels are few and low in number of values.
 */

import type { Summary } from '../../results/summary.ts';
import { isUndecided } from '../../results/thresholds.ts';
import { PERCENTILES, percentileCells } from '../percentiles.ts';
import { type LatencyRow, latencyRows } from '../view-model.ts';
import { byLabel, expositionText, type Family, gauge, sample } from './exposition.ts';
import { countFamilies, inSeconds, timeFamilyName } from './measure-families.ts';

/** Renders every figure of the run; values that were not measured are left out. Ends with a line break. */
export function renderPrometheus(summary: Summary): string {
  const families = [
    ...countFamilies(summary),
    ...rateFamilies(summary),
    ...latencyRows(summary).map(latencyFamily),
    ...runFamilies(summary),
  ];
  return expositionText(families, { run: summary.run.id, scenario: summary.run.scenario });
}

function rateFamilies({ userRecords, rates, shards }: Summary): readonly Family[] {
  return [
    byLabel(
      {
        name: 'user_records_per_second',
        type: 'gauge',
        help: 'Mean rate over the measured phases.',
      },
      'outcome',
      { offered: userRecords.offeredPerSecond, accepted: userRecords.acceptedPerSecond },
    ),
    gauge('throttle_ratio', 'Throttled attempts of all attempts.', rates.throttle),
    gauge('partial_failure_ratio', 'Partial failures of answered requests.', rates.partialFailure),
    gauge('retry_amplification_ratio', 'Attempts a Kinesis record.', rates.retryAmplification),
    {
      name: 'shard_utilisation_ratio',
      type: 'gauge',
      help: 'Share of the nearer limit that the mean rate used.',
      samples: shards.map(({ id, utilisation }) => sample(utilisation, { shard: id })),
    },
  ];
}

function latencyFamily({ name, meaning, latency }: LatencyRow): Family {
  const quantiles = percentileCells(latency).map(({ valueUs, missing }, i) =>
    sample(missing > 0 ? null : inSeconds(valueUs), {
      // 99.9 / 100 is 0.9990000000000001, which no query asks for.
      quantile: String(Number(((PERCENTILES[i]?.percentile ?? 0) / 100).toPrecision(6))),
    }),
  );
  const sumUs = latency.mean === null ? null : latency.mean * latency.count;
  const samples = [
    ...quantiles,
    sample(inSeconds(sumUs), {}, '_sum'),
    sample(latency.count, {}, '_count'),
  ];
  return {
    name: timeFamilyName(name),
    type: 'summary',
    help: `Time from ${meaning}.`,
    samples: latency.count === 0 ? [] : samples,
  };
}

function runFamilies({ generator, valid, thresholds, cost }: Summary): readonly Family[] {
  return [
    gauge('run_valid', '1 when the figures can be used.', valid ? 1 : 0),
    {
      name: 'threshold_held',
      type: 'gauge',
      help: '1 when the threshold held.',
      samples: thresholds.map(({ expression, held }) => sample(held ? 1 : 0, { expression })),
    },
    {
      name: 'threshold_undecided',
      type: 'gauge',
      help: '1 when there were too few samples to judge the threshold.',
      samples: thresholds.map((threshold) =>
        sample(isUndecided(threshold) ? 1 : 0, { expression: threshold.expression }),
      ),
    },
    gauge('generator_cpu_seconds', 'CPU time of the generator.', generator.cpuSeconds),
    gauge('generator_memory_bytes', 'Most memory in use.', generator.rssMaxBytes),
    gauge('cost_per_million_records_usd', 'Estimate.', cost?.perMillionRecordsUsd ?? null),
  ];
}

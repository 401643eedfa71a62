/**
 * A summary in the Prometheus text format, for a push gateway or a textfile collector. Base units: seconds, bytes,
 * ratios. Names are `shardstorm_<noun>_<unit>[_total]`; labels are few and low in number of values.
 */

import type { LatencySummary, Summary } from '../../results/summary.ts';
import { PERCENTILES, percentileCells } from '../percentiles.ts';
import { latencyRows } from '../view-model.ts';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [suffix: string, labels: Labels, value: number | null];

interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'summary';
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** Renders every figure of the run; values that were not measured are left out. Ends with a line break. */
export function renderPrometheus(summary: Summary): string {
  const common: Labels = { run: summary.run.id, scenario: summary.run.scenario };
  return families(summary)
    .map((family) => familyText(family, common))
    .join('');
}

function families(summary: Summary): readonly Family[] {
  return [
    ...recordFamilies(summary),
    ...attemptFamilies(summary),
    ...latencyRows(summary).map(({ name, meaning, latency }) =>
      latencyFamily(name, meaning, latency),
    ),
    ...shardFamilies(summary),
    ...runFamilies(summary),
  ];
}

function recordFamilies({ userRecords, kinesisRecords }: Summary): readonly Family[] {
  const { offered, accepted, failed, expired, dropped, uncertain } = userRecords;
  const outcomes = Object.entries({ offered, accepted, failed, expired, dropped, uncertain });
  return [
    {
      name: 'user_records_total',
      type: 'counter',
      help: 'User records by what became of them; offered is the sum of accepted, failed, expired, dropped.',
      samples: outcomes.map(([outcome, value]) => ['', { outcome }, value]),
    },
    {
      name: 'user_record_bytes_total',
      type: 'counter',
      help: 'Payload bytes of user records.',
      samples: [
        ['', { outcome: 'offered' }, userRecords.bytesOffered],
        ['', { outcome: 'accepted' }, userRecords.bytesAccepted],
      ],
    },
    {
      name: 'user_records_per_second',
      type: 'gauge',
      help: 'Mean rate over the measured phases.',
      samples: [
        ['', { outcome: 'offered' }, userRecords.offeredPerSecond],
        ['', { outcome: 'accepted' }, userRecords.acceptedPerSecond],
      ],
    },
    {
      name: 'kinesis_records_total',
      type: 'counter',
      help: 'Kinesis records, each counted once however often it was tried.',
      samples: [
        ['', { outcome: 'sent' }, kinesisRecords.sent],
        ['', { outcome: 'accepted' }, kinesisRecords.accepted],
      ],
    },
  ];
}

function attemptFamilies({ attempts, requests, rates }: Summary): readonly Family[] {
  const { byErrorCode, records: _sum, ...outcomes } = attempts;
  const gauge = (name: string, help: string, value: number): Family => ({
    name,
    type: 'gauge',
    help,
    samples: [['', {}, value]],
  });
  return [
    {
      name: 'attempts_total',
      type: 'counter',
      help: 'Tries to write a Kinesis record, by outcome.',
      samples: Object.entries(outcomes).map(([outcome, value]) => ['', { outcome }, value]),
    },
    {
      name: 'attempt_errors_total',
      type: 'counter',
      help: 'Attempts that ended in an error, by code.',
      samples: Object.entries(byErrorCode).map(([code, value]) => ['', { code }, value]),
    },
    {
      name: 'requests_total',
      type: 'counter',
      help: 'PutRecords calls by outcome; partial ones are among the succeeded.',
      samples: [
        ['', { outcome: 'succeeded' }, requests.succeeded],
        ['', { outcome: 'failed' }, requests.failed],
        ['', { outcome: 'partial' }, requests.partial],
      ],
    },
    gauge('throttle_ratio', 'Throttled attempts of all attempts.', rates.throttle),
    gauge('partial_failure_ratio', 'Partial failures of answered requests.', rates.partialFailure),
    gauge('retry_amplification_ratio', 'Attempts a Kinesis record.', rates.retryAmplification),
  ];
}

function latencyFamily(name: string, meaning: string, latency: LatencySummary): Family {
  const quantiles: Sample[] = percentileCells(latency).map(({ valueUs, missing }, i) => {
    const quantile = String((PERCENTILES[i]?.percentile ?? 0) / 100);
    return ['', { quantile }, missing > 0 ? null : seconds(valueUs)];
  });
  const sumUs = latency.mean === null ? null : latency.mean * latency.count;
  const samples: Sample[] = [
    ...quantiles,
    ['_sum', {}, seconds(sumUs)],
    ['_count', {}, latency.count],
  ];
  const noun = name === 'endToEnd' ? 'end_to_end' : name;
  return {
    name: `${noun}_seconds`,
    type: 'summary',
    help: `Time from ${meaning}.`,
    samples: latency.count === 0 ? [] : samples,
  };
}

function shardFamilies({ shards }: Summary): readonly Family[] {
  const family = (
    name: string,
    type: Family['type'],
    help: string,
    read: (shard: Summary['shards'][number]) => number,
  ): Family => ({
    name,
    type,
    help,
    samples: shards.map((shard) => ['', { shard: shard.id }, read(shard)]),
  });
  return [
    family('shard_bytes_total', 'counter', 'Bytes accepted.', (shard) => shard.bytes),
    family('shard_throttled_total', 'counter', 'Attempts throttled.', (shard) => shard.throttled),
    family(
      'shard_utilisation_ratio',
      'gauge',
      'Share of the nearer limit that the mean rate used.',
      (shard) => shard.utilisation,
    ),
  ];
}

function runFamilies({ generator, valid, thresholds, cost }: Summary): readonly Family[] {
  const gauge = (name: string, help: string, value: number): Family => ({
    name,
    type: 'gauge',
    help,
    samples: [['', {}, value]],
  });
  return [
    gauge('run_valid', '1 when the figures can be used.', valid ? 1 : 0),
    {
      name: 'threshold_held',
      type: 'gauge',
      help: '1 when the threshold held.',
      samples: thresholds.map(({ expression, held }) => ['', { expression }, held ? 1 : 0]),
    },
    gauge('generator_cpu_seconds', 'CPU time of the generator.', generator.cpuSeconds),
    gauge('generator_memory_bytes', 'Most memory in use.', generator.rssMaxBytes),
    ...(cost === null
      ? []
      : [gauge('cost_per_million_records_usd', 'Estimate.', cost.perMillionRecordsUsd)]),
  ];
}

function seconds(us: number | null): number | null {
  return us === null ? null : us / 1_000_000;
}

function familyText(family: Family, common: Labels): string {
  const name = `shardstorm_${family.name}`;
  const present = family.samples.filter(([, , value]) => value !== null);
  if (present.length === 0) return '';
  const samples = present.map(
    ([suffix, labels, value]) =>
      `${name}${suffix}${labelText({ ...common, ...labels })} ${value}\n`,
  );
  return `# HELP ${name} ${family.help}\n# TYPE ${name} ${family.type}\n${samples.join('')}`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escapeLabel(value)}"`);
  return `{${pairs.join(',')}}`;
}

/** Backslash, quote and line break, as the format has it. */
function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

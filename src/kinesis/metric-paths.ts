/**
 * Every number of summary.json that a threshold, a comparison or a chart can name, with what it counts in. By hand after
 * the type of the summary, because this list is needed below the folder that owns the type; a test compares the two.
 */

/** What the values of a metric are. `fraction` is a share of one; `count` is a plain number, ratios included. */
export type MetricUnit =
  | 'us'
  | 'ms'
  | 'seconds'
  | 'fraction'
  | 'count'
  | 'bytes'
  | 'perSecond'
  | 'bytesPerSecond'
  | 'usd';

const LATENCIES = [
  'response',
  'lateness',
  'buffering',
  'retry',
  'service',
  'request',
  'endToEnd',
] as const;
const LATENCY_VALUES = [
  'min',
  'mean',
  'stddev',
  'p50',
  'p75',
  'p90',
  'p95',
  'p99',
  'p99_9',
  'p99_99',
  'max',
] as const;

/** Paths in a group that the whole run and each phase have alike. */
export const MEASURE_PATHS: Readonly<Record<string, MetricUnit>> = {
  'userRecords.offered': 'count',
  'userRecords.accepted': 'count',
  'userRecords.failed': 'count',
  'userRecords.expired': 'count',
  'userRecords.dropped': 'count',
  'userRecords.uncertain': 'count',
  'userRecords.bytesOffered': 'bytes',
  'userRecords.bytesAccepted': 'bytes',
  'userRecords.acceptedPerSecond': 'perSecond',
  'userRecords.offeredPerSecond': 'perSecond',
  'kinesisRecords.sent': 'count',
  'kinesisRecords.accepted': 'count',
  'kinesisRecords.userRecordsPerRecord': 'count',
  'kinesisRecords.bytesPerRecord': 'bytes',
  'kinesisRecords.closedBy.count': 'count',
  'kinesisRecords.closedBy.size': 'count',
  'kinesisRecords.closedBy.time': 'count',
  'kinesisRecords.closedBy.flush': 'count',
  'requests.sent': 'count',
  'requests.succeeded': 'count',
  'requests.failed': 'count',
  'requests.partial': 'count',
  'requests.recordsPerRequest': 'count',
  'requests.bytesPerRequest': 'bytes',
  'attempts.records': 'count',
  'attempts.accepted': 'count',
  'attempts.throttled': 'count',
  'attempts.internalFailure': 'count',
  'attempts.wrongShard': 'count',
  'attempts.requestError': 'count',
  'attempts.unknown': 'count',
  'rates.throttle': 'fraction',
  'rates.partialFailure': 'fraction',
  'rates.requestFailure': 'fraction',
  'rates.retryAmplification': 'count',
  ...Object.fromEntries(
    LATENCIES.flatMap((metric): [string, MetricUnit][] => [
      [`latency.${metric}.count`, 'count'],
      ...LATENCY_VALUES.map((value): [string, MetricUnit] => [`latency.${metric}.${value}`, 'us']),
    ]),
  ),
};

/** Paths that only the whole run has. */
export const RUN_PATHS: Readonly<Record<string, MetricUnit>> = {
  'run.durationMs': 'ms',
  'generator.cpuSeconds': 'seconds',
  'generator.userRecordsPerCpuSecond': 'perSecond',
  'generator.rssMaxBytes': 'bytes',
  'generator.eventLoopDelayP99Us': 'us',
  'generator.gcMs': 'ms',
  'generator.cpuWaitShare': 'fraction',
  'generator.stealShare': 'fraction',
  'generator.calibration.ceilingPerSecond': 'perSecond',
  'generator.calibration.ceilingShare': 'fraction',
  'generator.calibration.floorP50Us': 'us',
  'generator.calibration.floorP99Us': 'us',
  'verify.expected': 'count',
  'verify.found': 'count',
  'verify.lost': 'count',
  'verify.duplicatesExpected': 'count',
  'verify.duplicatesUnexplained': 'count',
  'verify.uncertainFound': 'count',
  'verify.lateByKey': 'count',
  'verify.lateByShard': 'count',
  'verify.corrupt': 'count',
  'verify.wrongKeys': 'count',
  'verify.foreign': 'count',
  'cost.perHourUsd': 'usd',
  'cost.perGBUsd': 'usd',
  'cost.perMillionRecordsUsd': 'usd',
};

/** Paths in the entry of one shard, written `shards.<name>`. */
export const SHARD_PATHS: Readonly<Record<string, MetricUnit>> = {
  'shards.records': 'count',
  'shards.bytes': 'bytes',
  'shards.throttled': 'count',
  'shards.peakBytesPerSecond': 'bytesPerSecond',
  'shards.peakRecordsPerSecond': 'perSecond',
  'shards.utilisation': 'fraction',
};

/** Groups whose name may be left out: `response.p99`, `throttle`, `acceptedPerSecond`. */
const IMPLIED_GROUPS = ['', 'latency.', 'rates.', 'userRecords.', 'shards.'];

/** The whole path of a metric named in full or without its group, or null when it is not among `known`. */
export function fullMetricPath(
  name: string,
  known: Readonly<Record<string, MetricUnit>>,
): string | null {
  // People write p99.9 for the percentile that JSON calls p99_9.
  const path = name.replace(/\bp99\.(9+)$/, 'p99_$1');
  const group = IMPLIED_GROUPS.find((prefix) => known[`${prefix}${path}`] !== undefined);
  return group === undefined ? null : `${group}${path}`;
}

/** Full and short names of `known`, for suggestions. */
export function metricNames(known: Readonly<Record<string, MetricUnit>>): string[] {
  return Object.keys(known).flatMap((path) => [
    path,
    ...IMPLIED_GROUPS.filter((group) => group !== '' && path.startsWith(group)).map((group) =>
      path.slice(group.length),
    ),
  ]);
}

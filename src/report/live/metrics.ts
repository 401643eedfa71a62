/**
 * A run under way in the Prometheus text format. In: what was counted of each phase so far. Out: the page that is scraped.
 * Invariant: every counter and bucket only grows while the run goes on, because each is a sum of deltas since its start;
 * names and labels are those of a stored run, with the phase added.
 */

import type { LatencyBuckets } from '../../results/latency-buckets.ts';
import type { Measures } from '../../results/summary.ts';
import type { TimelineRow } from '../../results/timeline.ts';
import { expositionText, type Family, gauge, joinScopes, sample } from '../text/exposition.ts';
import { countFamilies, inSeconds, timeFamilyName } from '../text/measure-families.ts';

/** Bounds of the buckets, microseconds: a tenth of a millisecond to a minute, two or three a factor of ten. */
export const BUCKET_BOUNDS_US: readonly number[] = [
  100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
  2_500_000, 5_000_000, 10_000_000, 30_000_000, 60_000_000,
];

/** One phase so far. */
interface LivePhase {
  readonly name: string;
  readonly measured: boolean;
  readonly measures: Measures;
  /** By the name of the measured time; bounds are {@link BUCKET_BOUNDS_US}. */
  readonly times: Readonly<Record<string, LatencyBuckets>>;
}

/** What is known of a run under way. */
export interface LiveRun {
  readonly id: string;
  readonly scenario: string;
  /** From the start of the load; negative or zero: it has not begun. */
  readonly elapsedSeconds: number;
  readonly scheduleSeconds: number;
  readonly phases: readonly LivePhase[];
  /** The last second; null before its end. */
  readonly generator: TimelineRow['generator'] | null;
}

/** Renders the page; ends with a line break. */
export function renderLiveMetrics(run: LiveRun): string {
  const phases = run.phases.map(({ name, measured, measures, times }) => ({
    labels: { phase: name, measured: String(measured) },
    families: [
      ...countFamilies(measures),
      ...Object.entries(times).map(([metric, buckets]) => histogramFamily(metric, buckets)),
    ],
  }));
  const families = [...runFamilies(run), ...joinScopes(phases), ...generatorFamilies(run)];
  return expositionText(families, { run: run.id, scenario: run.scenario });
}

function runFamilies({ elapsedSeconds, scheduleSeconds }: LiveRun): readonly Family[] {
  return [
    gauge('run_elapsed_seconds', 'Since the start of the load.', Math.max(0, elapsedSeconds)),
    gauge('run_schedule_seconds', 'Length of the schedule.', scheduleSeconds),
  ];
}

function histogramFamily(metric: string, { counts, count, sumUs }: LatencyBuckets): Family {
  const buckets = counts.map((below, i) =>
    sample(below, { le: String(inSeconds(BUCKET_BOUNDS_US[i] ?? 0)) }, '_bucket'),
  );
  return {
    name: timeFamilyName(metric),
    type: 'histogram',
    help: `Time of ${metric}; docs/methodology.md says from when to when.`,
    samples: [
      ...buckets,
      sample(count, { le: '+Inf' }, '_bucket'),
      sample(inSeconds(sumUs), {}, '_sum'),
      sample(count, {}, '_count'),
    ],
  };
}

function generatorFamilies({ generator }: LiveRun): readonly Family[] {
  if (generator === null) return [];
  return [
    gauge('generator_cpu_cores', 'CPU-seconds a second.', generator.cpu),
    gauge(
      'generator_event_loop_delay_seconds',
      'p99 of the last second.',
      inSeconds(generator.eventLoopDelayP99Us),
    ),
    gauge(
      'outstanding_user_records',
      'Buffered or in flight at the end of the last second.',
      generator.outstandingRecords,
    ),
    gauge('buffered_bytes', 'In producers at the end of the last second.', generator.bufferedBytes),
    gauge('generator_memory_bytes', 'Memory in use.', generator.rssBytes),
  ];
}

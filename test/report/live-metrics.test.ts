import { describe, expect, it } from 'vitest';
import {
  BUCKET_BOUNDS_US,
  type LiveRun,
  renderLiveMetrics,
} from '../../src/report/live/metrics.ts';
import type { LatencyBuckets } from '../../src/results/latency-buckets.ts';
import { hotShardSummary, hotShardTimeline } from '../fixtures/hot-shard-run.ts';

const LINE = /^shardstorm_(\w+)\{((?:\w+="(?:[^"\\\n]|\\["\\n])*",?)+)\} (-?[\d.]+(?:e[+-]?\d+)?)$/;

function buckets(count: number): LatencyBuckets {
  const counts = BUCKET_BOUNDS_US.map((_, i) => Math.min(count, i * 10));
  return { counts, count, sumUs: count * 5000 };
}

function liveRun(change: Partial<LiveRun> = {}): LiveRun {
  const { phases } = hotShardSummary();
  const [row] = hotShardTimeline();
  return {
    id: 'run-1',
    scenario: 'a "quoted"\\ name\n',
    elapsedSeconds: 12,
    scheduleSeconds: 100,
    phases: phases.map(({ name, measured, ...measures }) => ({
      name,
      measured,
      measures,
      times: { response: buckets(100), request: buckets(40) },
    })),
    generator: row?.generator ?? null,
    ...change,
  };
}

describe('metrics of a run under way', () => {
  it('writes each family once, with its samples together', () => {
    const lines = renderLiveMetrics(liveRun()).trimEnd().split('\n');
    const types = lines.filter((line) => line.startsWith('# TYPE '));
    expect(new Set(types).size).toBe(types.length);
    const names = lines
      .filter((line) => !line.startsWith('#'))
      .map((line) =>
        (LINE.exec(line)?.[1] ?? `no sample: ${line}`).replace(/_(bucket|sum|count)$/, ''),
      );
    const runs = names.filter((name, i) => name !== names[i - 1]);
    expect(new Set(runs).size).toBe(runs.length);
  });

  it('gives every phase its own series, so that an unmeasured one can be left out', () => {
    const text = renderLiveMetrics(liveRun());
    for (const phase of hotShardSummary().phases) {
      expect(text).toContain(
        `phase="${phase.name}",measured="${phase.measured}",outcome="accepted"`,
      );
    }
  });

  it('ends a histogram with a bucket of everything', () => {
    const text = renderLiveMetrics(liveRun());
    expect(text).toMatch(/response_seconds_bucket\{[^}]*le="0.0001"\} 0\n/);
    expect(text).toMatch(/response_seconds_bucket\{[^}]*le="\+Inf"\} 100\n/);
    expect(text).toMatch(/response_seconds_count\{[^}]*\} 100\n/);
    expect(text).toMatch(/response_seconds_sum\{[^}]*\} 0.5\n/);
  });

  it('can be read before the load has begun', () => {
    const text = renderLiveMetrics(liveRun({ phases: [], generator: null, elapsedSeconds: 0 }));
    expect(text).toContain('shardstorm_run_elapsed_seconds');
    expect(text).not.toContain('user_records_total');
  });
});

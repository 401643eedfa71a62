/** Nights of a made-up history: the same run over and over, with the values that a test wants. */
import { parse } from 'yaml';
import type { ComparedMetric } from '../../../src/report/comparison/comparison.ts';
import type { Environment } from '../../../src/results/environment.ts';
import { fingerprintOf } from '../../../src/results/fingerprint.ts';
import type { Night, NightFile } from '../../../src/results/history.ts';
import type { Summary } from '../../../src/results/summary.ts';
import { HOT_SHARD_SCENARIO, hotShardSummary } from '../../fixtures/hot-shard-run.ts';

const SUMMARY = hotShardSummary();
export const SCENARIO = parse(HOT_SHARD_SCENARIO) as Record<string, unknown>;
export const ENVIRONMENT: Environment = {
  schema: 'shardstorm.environment/1',
  machine: { cpuModel: 'Example CPU', cpuCount: 4, memoryBytes: 2 ** 33, architecture: 'x64' },
  os: { name: 'Linux', release: '6.1.0' },
  runtime: { node: '20.19.2', v8: '11.3', openssl: '3.0', options: [] },
  packages: { shardstorm: '0.1.0' },
  git: null,
  seed: 1,
};

export const P99: ComparedMetric = {
  path: 'latency.response.p99',
  name: 'response p99',
  isPrimary: true,
  better: 'lower',
  margin: 0.05,
};
export const ACCEPTED: ComparedMetric = {
  path: 'userRecords.acceptedPerSecond',
  name: 'accepted a second',
  isPrimary: true,
  better: 'higher',
  margin: 0.03,
};

/** A run of the given day of 2026, with that p99 in milliseconds. */
export function runOf(day: number, p99Ms: number, acceptedPerSecond = 1000): Summary {
  const startedAt = new Date(Date.UTC(2026, 0, day, 2)).toISOString();
  const { response } = SUMMARY.latency;
  return {
    ...SUMMARY,
    run: {
      ...SUMMARY.run,
      id: `${startedAt.slice(0, 10).replaceAll('-', '')}T020000Z-nightly-${day.toString(16).padStart(6, '0')}`,
      name: 'nightly',
      startedAt,
    },
    valid: true,
    status: 'completed',
    userRecords: { ...SUMMARY.userRecords, acceptedPerSecond },
    latency: { ...SUMMARY.latency, response: { ...response, count: 1e6, p99: p99Ms * 1000 } },
  };
}

export function nightFile(day: number, p99Ms: number, more: Partial<NightFile> = {}): NightFile {
  return {
    schema: 'shardstorm.night/1',
    number: day,
    recordedAt: '2026-01-01T00:00:00Z',
    name: 'nightly',
    verdict: 'pass',
    accepted: null,
    environment: ENVIRONMENT,
    scenario: SCENARIO,
    runs: [runOf(day, p99Ms)],
    ...more,
  };
}

export function night(day: number, p99Ms: number, more: Partial<NightFile> = {}): Night {
  const file = nightFile(day, p99Ms, more);
  const [first = runOf(day, p99Ms)] = file.runs;
  return {
    ...file,
    path: `/history/${first.run.id}.night.json`,
    fingerprint: fingerprintOf(first, file.environment, file.scenario),
  };
}

/** Around 100 ms, a percent up and down. */
export function flatNights(count: number): Night[] {
  return Array.from({ length: count }, (_, i) => night(i + 1, 100 + ((i * 7) % 5) - 2));
}

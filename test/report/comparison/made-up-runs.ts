/** Made-up runs for comparisons: one run's figures, scaled by what its variant does and by noise from run to run. */
import { parse } from 'yaml';
import { RandomSequence } from '../../../src/core/random.ts';
import type { RunInput } from '../../../src/report/comparison/input.ts';
import type { Environment } from '../../../src/results/environment.ts';
import type { LatencySummary, Summary } from '../../../src/results/summary.ts';
import {
  HOT_SHARD_SCENARIO,
  hotShardSummary,
  hotShardTimeline,
} from '../../fixtures/hot-shard-run.ts';

export interface MadeUpVariant {
  readonly name: string;
  /** Factors on the baseline's figures. */
  readonly latency?: number;
  readonly rate?: number;
  readonly cost?: number;
  readonly cpu?: number;
  /** Changes of the scenario's producer section. */
  readonly producer?: Readonly<Record<string, unknown>>;
}

export interface MadeUpRuns {
  readonly variants: readonly MadeUpVariant[];
  readonly blocks: number;
  /** Standard deviation from run to run, as a share. */
  readonly noise: number;
  readonly seed?: number;
  /** Runs know their block. Default true. */
  readonly isPaired?: boolean;
}

const ENVIRONMENT: Environment = {
  schema: 'shardstorm.environment/1',
  machine: {
    cpuModel: 'Example CPU',
    cpuCount: 4,
    memoryBytes: 8 * 1024 ** 3,
    architecture: 'x64',
  },
  os: { name: 'Linux', release: '6.1.0' },
  runtime: { node: '20.19.2', v8: '11.3', openssl: '3.0', options: [] },
  packages: { shardstorm: '0.1.0' },
  git: null,
  seed: 1,
};

const SCENARIO = parse(HOT_SHARD_SCENARIO) as Record<string, unknown>;
const SUMMARY = hotShardSummary();
const TIMELINE = hotShardTimeline();

/** The runs in the order in which they would be made: block by block. */
export function madeUpRuns(options: MadeUpRuns): RunInput[] {
  const { variants, blocks, noise, seed = 1, isPaired = true } = options;
  const random = new RandomSequence(seed);
  const runs: RunInput[] = [];
  for (let block = 1; block <= blocks; block++) {
    for (const variant of variants) {
      const factor = () => Math.exp(noise * random.normal());
      runs.push(
        madeUpRun(variant, {
          latency: (variant.latency ?? 1) * factor(),
          rate: (variant.rate ?? 1) * factor(),
          cost: (variant.cost ?? 1) * factor(),
          cpu: (variant.cpu ?? 1) * factor(),
          order: runs.length,
          block: isPaired ? block : null,
        }),
      );
    }
  }
  return runs;
}

interface Factors {
  readonly latency: number;
  readonly rate: number;
  readonly cost: number;
  readonly cpu: number;
  readonly order: number;
  readonly block: number | null;
}

export function madeUpRun(variant: MadeUpVariant, factors: Factors): RunInput {
  const { latency, rate, cost, cpu, order, block } = factors;
  const id = `20261123T14${String(Math.floor(order / 60)).padStart(2, '0')}${String(order % 60).padStart(2, '0')}Z-made-up-${String(order).padStart(6, '0')}`;
  const summary: Summary = {
    ...SUMMARY,
    run: {
      ...SUMMARY.run,
      id,
      name: variant.name,
      startedAt: new Date(Date.UTC(2026, 10, 23, 14, 0, order * 5)).toISOString(),
    },
    userRecords: {
      ...SUMMARY.userRecords,
      acceptedPerSecond: SUMMARY.userRecords.acceptedPerSecond * rate,
    },
    latency: {
      ...SUMMARY.latency,
      response: scaled(SUMMARY.latency.response, latency),
      service: scaled(SUMMARY.latency.service, latency),
    },
    generator: {
      ...SUMMARY.generator,
      userRecordsPerCpuSecond: SUMMARY.generator.userRecordsPerCpuSecond / cpu,
    },
    thresholds: [],
    cost:
      SUMMARY.cost === null
        ? null
        : { ...SUMMARY.cost, perMillionRecordsUsd: SUMMARY.cost.perMillionRecordsUsd * cost },
  };
  return {
    folder: `/results/${id}`,
    summary,
    environment: ENVIRONMENT,
    scenario: { ...SCENARIO, producer: variant.producer ?? {} },
    timeline: TIMELINE,
    response: histogram(latency),
    variant: variant.name,
    block: block === null ? null : { sweep: 'sweep-1', number: block },
  };
}

function scaled(latency: LatencySummary, factor: number): LatencySummary {
  const by = (value: number | null) => (value === null ? null : Math.round(value * factor));
  const { min, mean, stddev, p50, p75, p90, p95, p99, p99_9, p99_99, max } = latency;
  return {
    unit: 'us',
    count: latency.count,
    min: by(min),
    mean: by(mean),
    stddev: by(stddev),
    p50: by(p50),
    p75: by(p75),
    p90: by(p90),
    p95: by(p95),
    p99: by(p99),
    p99_9: by(p99_9),
    p99_99: by(p99_99),
    max: by(max),
  };
}

/** 2,000 values: 20 ms for the most, up to 400 ms. */
function histogram(factor: number): RunInput['response'] {
  const values = [20_000, 40_000, 80_000, 160_000, 400_000].map((us) => Math.round(us * factor));
  return { values, counts: [1000, 600, 300, 80, 20] };
}

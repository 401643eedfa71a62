/** `--prometheus`: a run under way, to be scraped. In: the flag and the run. Out: a page that follows the run's counts. */
import { describeCause } from '../core/errors.ts';
import { LATENCY_METRICS } from '../measure/frame.ts';
import { BUCKET_BOUNDS_US, type LiveRun, renderLiveMetrics } from '../report/live/metrics.ts';
import { serveMetrics } from '../report/live/metrics-server.ts';
import { latencyBuckets } from '../results/latency-buckets.ts';
import { measuresOf } from '../results/measures.ts';
import type { TimelineRow } from '../results/timeline.ts';
import type { Output } from './command.ts';
import { usageError } from './errors.ts';
import type { Progress } from './progress.ts';
import type { RunningLoad, RunSetup } from './run-setup.ts';

const LOOPBACK = '127.0.0.1';

/** Where to listen. */
interface Place {
  readonly host: string;
  readonly port: number;
}

/**
 * `:9464`, `9464`, `0.0.0.0:9464`, `[::1]:9464`. Without a host only this machine can read it.
 * @throws SHARDSTORM_CLI_USAGE
 */
export function metricsPlace(text: string): Place {
  const match = /^(?:(?:\[([^\]]+)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw usageError(
      `--prometheus ${JSON.stringify(text)} is no place to listen at; expected [host]:port with a port up to 65535`,
      'Such as --prometheus :9464, or :0 for a free port.',
    );
  }
  return { host: match[1] || match[2] || LOOPBACK, port };
}

/** Whether only this machine can reach it. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|::1)$/i.test(host);
}

/** The endpoint of one run. */
export interface MetricsEndpoint {
  /** The same progress, followed by the endpoint; closing it closes the endpoint. */
  readonly follow: (progress: Progress) => Progress;
  readonly close: () => void;
}

/**
 * Listens, before anything is sent.
 * @throws SHARDSTORM_CLI_USAGE when it cannot listen there
 */
export async function openMetrics(
  flag: string,
  setup: RunSetup,
  stderr: Output,
): Promise<MetricsEndpoint> {
  const { host, port } = metricsPlace(flag);
  const followed = new FollowedRun(setup);
  const server = await serveMetrics(host, port, () => renderLiveMetrics(followed.now())).catch(
    (thrown: unknown) => {
      throw usageError(
        `--prometheus ${flag}: cannot listen on ${host}:${port}: ${describeCause(thrown)}`,
        'Choose another port, or :0 for a free one.',
      );
    },
  );
  if (!isLoopback(host)) {
    stderr.write(`note: everybody who reaches ${host} can read the metrics of this run\n`);
  }
  if (!setup.flags.isQuiet) stderr.write(`metrics at ${server.url}\n`);
  return {
    follow: (progress) => ({
      ...progress,
      begun: (load) => {
        followed.load = load;
        progress.begun(load);
      },
      interval: (rows) => {
        followed.interval(rows);
        progress.interval(rows);
      },
      close: () => {
        server.close();
        progress.close();
      },
    }),
    close: server.close,
  };
}

/** What a scrape is answered from. */
class FollowedRun {
  load: RunningLoad | null = null;
  readonly #setup: RunSetup;
  #elapsedMs = 0;
  #generator: TimelineRow['generator'] | null = null;

  constructor(setup: RunSetup) {
    this.#setup = setup;
  }

  interval([row]: readonly TimelineRow[]): void {
    if (row === undefined) return;
    this.#elapsedMs = row.atMs + row.intervalMs;
    this.#generator = row.generator;
  }

  now(): LiveRun {
    const { runId, plan, phases } = this.#setup;
    const outcome = this.load?.soFar(this.#elapsedMs * 1000);
    return {
      id: runId,
      scenario: plan.name,
      elapsedSeconds: this.#elapsedMs / 1000,
      scheduleSeconds: (phases.at(-1)?.endUs ?? 0) / 1_000_000,
      generator: this.#generator,
      phases: (outcome?.merger.phases ?? []).map((totals, i) => ({
        name: phases[i]?.name ?? `phase ${i}`,
        measured: phases[i]?.isMeasured ?? false,
        measures: measuresOf(totals, {
          offeredSeconds: 0,
          acceptedSeconds: 0,
          points: [],
          isConstantRate: false,
          shards: outcome?.openShards ?? [],
        }),
        times: Object.fromEntries([
          ...LATENCY_METRICS.map((metric) => [
            metric,
            latencyBuckets(totals.latency[metric], BUCKET_BOUNDS_US),
          ]),
          ['request', latencyBuckets(totals.requestLatency, BUCKET_BOUNDS_US)],
        ]),
      })),
    };
  }
}

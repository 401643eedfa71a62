/**
 * Metrics for a sink, window by window: what the KPL uploads to CloudWatch each minute. In: the series of all streams.
 * Out: calls of the sink, each with what came since the call before, so that windows add up to the whole; none for a time
 * in which nothing happened.
 */
import type { Clock, Timer } from '../core/clock.ts';
import type { Logger } from './log.ts';
import {
  type MetricSnapshot,
  type MetricsFilter,
  type MetricsPart,
  snapshotMetrics,
} from './metric-snapshots.ts';
import type { StreamMetrics } from './metrics.ts';

export interface MetricsWindow {
  readonly namespace: string;
  /** Unix time, milliseconds; one window begins where the one before ended. */
  readonly startMs: number;
  readonly endMs: number;
  readonly metrics: readonly MetricSnapshot[];
}

/** Takes a window to wherever it belongs. What it throws is logged, and the window is lost, as in the KPL. */
export type MetricsSink = (window: MetricsWindow) => void | Promise<void>;

export interface MetricsWindowsOptions {
  readonly sink: MetricsSink;
  readonly namespace: string;
  readonly windowUs: number;
  readonly filter: MetricsFilter;
  readonly streams: ReadonlyMap<string, StreamMetrics>;
  readonly clock: Clock;
  readonly logger: Logger | null;
}

const SINCE_LAST: MetricsPart = {
  momentsOf: (statistic) => statistic.takeRecent(),
  totalsOf: (metrics) => metrics.takeRecentTotals(),
};

export class MetricsWindows {
  readonly #options: MetricsWindowsOptions;
  #timer: Timer | null = null;
  #startUs: number;

  constructor(options: MetricsWindowsOptions) {
    this.#options = options;
    this.#startUs = options.clock.nowUs();
  }

  /** Something is about to happen that the current window will tell of. */
  open(): void {
    const { clock, windowUs } = this.#options;
    this.#timer ??= clock.setTimer(clock.nowUs() + windowUs, () => {
      this.#timer = null;
      this.#hand().catch(() => {});
    });
  }

  /** Hands out the last window; resolves when the sink has it, or at `untilUs`. */
  close(untilUs: number): Promise<void> {
    const { clock, namespace, logger } = this.#options;
    this.#timer?.cancel();
    return new Promise((resolve) => {
      const timer = clock.setTimer(untilUs, () => {
        logger?.warn({ namespace }, 'the sink of metrics did not end in time');
        resolve();
      });
      const done = () => {
        timer.cancel();
        resolve();
      };
      this.#hand().then(done, done);
    });
  }

  async #hand(): Promise<void> {
    const { sink, namespace, filter, streams, clock, logger } = this.#options;
    const endUs = clock.nowUs();
    const metrics = snapshotMetrics(streams, filter, SINCE_LAST);
    const startMs = epochMs(clock, this.#startUs);
    this.#startUs = endUs;
    if (metrics.length === 0) return;
    try {
      await sink({ namespace, startMs, endMs: epochMs(clock, endUs), metrics });
    } catch {
      // Its message is the sink's own and may hold anything.
      logger?.warn({ namespace, metrics: metrics.length }, 'the sink of metrics failed');
    }
  }
}

const epochMs = (clock: Clock, us: number): number => (clock.originEpochUs + us) / 1000;

import type { Clock } from '../core/clock.ts';
import { usage } from './errors.ts';
import type { Logger } from './log.ts';
import { type MetricSnapshot, snapshotMetrics } from './metric-snapshots.ts';
import { MetricsWindows } from './metric-windows.ts';
import { type MetricName, StreamMetrics } from './metrics.ts';
import type { ResolvedOptions } from './options.ts';
import { WINDOW_SECONDS_MAX } from './statistic.ts';

/** Which metrics are asked for. */
export interface MetricsQuery {
  /** One only. */
  readonly name?: MetricName;
  /** The last seconds only, 1 … 60, without percentiles; default: since the start. */
  readonly windowSeconds?: number;
}

/** The metrics of all streams of a producer: kept, asked for, and handed to a sink. */
export class ProducerMetrics {
  readonly #options: ResolvedOptions['metrics'];
  readonly #clock: Clock;
  readonly #streams = new Map<string, StreamMetrics>();
  readonly #windows: MetricsWindows | null;

  constructor(options: ResolvedOptions['metrics'], clock: Clock, logger: Logger | null) {
    const { sink } = options;
    const shared = { filter: options, streams: this.#streams, clock, logger };
    this.#options = options;
    this.#clock = clock;
    this.#windows = sink === null ? null : new MetricsWindows({ ...options, ...shared, sink });
  }

  /** Metrics of a stream that is new. */
  add(stream: string): StreamMetrics {
    const { level, granularity } = this.#options;
    const metrics = new StreamMetrics(level, granularity);
    this.#streams.set(stream, metrics);
    return metrics;
  }

  /** Something is about to happen. */
  open(): void {
    this.#windows?.open();
  }

  /** @throws ShardstormError SHARDSTORM_PRODUCER_USAGE */
  query({ name, windowSeconds }: MetricsQuery): MetricSnapshot[] {
    const all =
      windowSeconds === undefined
        ? snapshotMetrics(this.#streams, this.#options)
        : this.#window(windowSeconds);
    return name === undefined ? all : all.filter((metric) => metric.name === name);
  }

  /** Nothing happens any more: the sink gets the last window. */
  async close(untilUs: number): Promise<void> {
    await this.#windows?.close(untilUs);
  }

  #window(seconds: number): MetricSnapshot[] {
    if (!(Number.isInteger(seconds) && seconds >= 1 && seconds <= WINDOW_SECONDS_MAX)) {
      const allowed = `an integer from 1 to ${WINDOW_SECONDS_MAX}`;
      throw usage('windowSeconds', String(seconds), allowed);
    }
    const now = Math.floor(this.#clock.nowUs() / 1_000_000);
    return snapshotMetrics(this.#streams, this.#options, {
      momentsOf: (statistic) => statistic.inSeconds(now, seconds),
      totalsOf: () => new Map(),
    });
  }
}

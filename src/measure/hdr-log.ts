import { type Histogram, HistogramLogWriter } from 'hdr-histogram-js';
import { LATENCY_METRICS } from './frame.ts';
import { emptyHistogram, toHistogram } from './hdr-conversion.ts';
import type { LatencyTotals } from './latency-totals.ts';
import type { LatencyGroup } from './run-totals.ts';

/** Interval maxima are printed in this unit, milliseconds, as the tools expect; counts stay in microseconds. */
const MAX_UNIT_US = 1000;

/** Writes HdrHistogram's log format V2, version 1.3: any of its tools opens it. One tag a metric. */
export class HdrLog {
  readonly #writer: HistogramLogWriter;
  /** Of the line that is being written. */
  #histogram: Histogram | null = null;

  /** @param write takes whole lines, ends included */
  constructor(write: (text: string) => void) {
    this.#writer = new HistogramLogWriter(write);
  }

  /** @param startEpochMs Unix time that the lines' timestamps count from */
  header(startEpochMs: number, comments: readonly string[]): void {
    for (const comment of comments) this.#writer.outputComment(comment);
    this.#writer.outputLogFormatVersion();
    this.#writer.outputComment(
      `[StartTime: ${(startEpochMs / 1000).toFixed(3)} (seconds since epoch), ${new Date(startEpochMs).toISOString()}]`,
    );
    this.#writer.outputComment(
      `[BaseTime: ${(startEpochMs / 1000).toFixed(3)} (seconds since epoch)]`,
    );
    this.#writer.outputLegend();
  }

  /** The histograms of a stretch of time, microseconds since the start; empty ones are left out. */
  group(group: LatencyGroup, startUs: number, endUs: number, prefix = ''): void {
    for (const metric of LATENCY_METRICS) {
      this.#line(`${prefix}${metric}`, group.latency[metric], startUs, endUs);
    }
    this.#line(`${prefix}request`, group.requestLatency, startUs, endUs);
  }

  #line(tag: string, totals: LatencyTotals, startUs: number, endUs: number): void {
    if (totals.count === 0) return;
    this.#histogram ??= emptyHistogram();
    const histogram = toHistogram(totals, this.#histogram);
    histogram.tag = tag;
    this.#writer.outputIntervalHistogram(histogram, startUs / 1e6, endUs / 1e6, MAX_UNIT_US);
  }
}

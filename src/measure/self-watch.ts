import {
  type EventLoopUtilization,
  type IntervalHistogram,
  monitorEventLoopDelay,
  PerformanceObserver,
  performance,
} from 'node:perf_hooks';
import type { SelfDelta } from './frame.ts';
import { type DelaySamples, loopDelayP99Us } from './loop-delay.ts';
import { StealWatch } from './steal-time.ts';
import { type CpuReading, readCpu } from './thread-cpu.ts';

/** What the load loop knows of itself at the end of an interval; the rest the watch measures. */
export interface LoadState {
  /** Records generated later than 1 ms after they were due, in the interval. */
  readonly lateRecords: number;
  /** User records buffered or in flight now. */
  readonly outstandingRecords: number;
  readonly bufferedBytes: number;
  /** Time in the interval in which generation stood still because the producer's buffers were full. */
  readonly backPressureUs: number;
}

/** The sampling timer's period. A timer of 1 ms would itself cost a fiftieth of a core. */
const DELAY_RESOLUTION_MS = 5;

/**
 * A thread watching itself: event-loop delay and utilisation, garbage collection, CPU, waiting
 * for a core, memory. It uses the real clock on
 * purpose: it watches the machine, so it is no part of a virtual run.
 */
export class SelfWatch {
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  readonly #collections: PerformanceObserver;
  #gcUs = 0;
  #utilisation: EventLoopUtilization = performance.eventLoopUtilization();
  #cpu: CpuReading = readCpu();
  readonly #steal = new StealWatch();

  constructor() {
    this.#delay.enable();
    this.#collections = new PerformanceObserver((list) => this.#noteCollections(list.getEntries()));
    this.#collections.observe({ entryTypes: ['gc'] });
  }

  /** Everything since the last call. */
  take(load: LoadState): SelfDelta {
    this.#noteCollections(this.#collections.takeRecords());
    const utilisation = performance.eventLoopUtilization(this.#utilisation);
    const cpu = readCpu();
    const delta: SelfDelta = {
      cpuUs: Math.max(0, cpu.us - this.#cpu.us),
      cpuScope: cpu.scope,
      cpuWaitUs: Math.max(0, cpu.waitUs - this.#cpu.waitUs),
      stealShare: this.#steal.take(),
      rssBytes: process.memoryUsage.rss(),
      eventLoopDelayP99Us: loopDelayP99Us(samplesOf(this.#delay), DELAY_RESOLUTION_MS * 1000),
      eventLoopUtilisation: utilisation.utilization,
      gcUs: this.#gcUs,
      ...load,
    };
    this.#utilisation = performance.eventLoopUtilization();
    this.#cpu = cpu;
    this.#gcUs = 0;
    this.#delay.reset();
    return delta;
  }

  stop(): void {
    this.#delay.disable();
    this.#collections.disconnect();
  }

  #noteCollections(entries: readonly { readonly duration: number }[]): void {
    for (const entry of entries) this.#gcUs += entry.duration * 1000;
  }
}

function samplesOf(delay: IntervalHistogram): DelaySamples {
  const { count } = delay;
  return {
    count,
    meanUs: count === 0 ? 0 : delay.mean / 1000,
    longestUs: (rank) => delay.percentile((100 * (count - rank + 0.5)) / count) / 1000,
  };
}

/** What a run in virtual time reports of itself: nothing was measured. */
export const UNWATCHED: SelfDelta = {
  cpuUs: 0,
  cpuScope: 'thread',
  cpuWaitUs: 0,
  stealShare: 0,
  rssBytes: 0,
  eventLoopDelayP99Us: 0,
  eventLoopUtilisation: 0,
  gcUs: 0,
  lateRecords: 0,
  outstandingRecords: 0,
  bufferedBytes: 0,
  backPressureUs: 0,
};

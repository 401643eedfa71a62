import { type ProcessOf, sumCpuUs } from './cpu-time.ts';
import type { Frame } from './frame.ts';
import type { Interval } from './interval.ts';

/** A phase as the merger needs it. */
export interface MeasuredPhase {
  readonly startUs: number;
  readonly endUs: number;
  /** Whether its figures count in the run's totals. */
  readonly isMeasured: boolean;
}

/** One worker's watch over itself, in the measured part of the run. */
export interface WorkerWatch {
  readonly worker: number;
  cpuUs: number;
  cpuScope: 'thread' | 'process';
  /** Time covered by frames, and how much of it the thread worked: on a core, or else as its event loop sees it. */
  wallUs: number;
  busyUs: number;
  /** Time in which the thread was ready and had no core. */
  cpuWaitUs: number;
  gcUs: number;
  backPressureUs: number;
  lateRecords: number;
  /** Frames, and those with an event-loop delay above {@link DELAY_LIMIT_US}. */
  frames: number;
  delayedFrames: number;
  eventLoopDelayP99MaxUs: number;
}

/** An event-loop delay p99 above this is a sign that the thread had too much to do, see docs/methodology.md. */
const DELAY_LIMIT_US = 10_000;
/** A second counts as late when its mean lateness is above this and above a share of its mean response time. */
const LATE_SECOND_US = 10_000;
const LATE_SECOND_RESPONSE_SHARE = 0.2;
/** Lateness is the target's doing when generation was held back for this share of the workers' time. */
const BACK_PRESSURE_SHARE = 0.1;

/**
 * The load generator's own state over the measured phases: whether it, and not the target, was the bottleneck. Records
 * that settle after the last phase belong to it, so it has no end here.
 */
export class GeneratorTotals {
  readonly workers: WorkerWatch[] = [];
  rssMaxBytes = 0;
  /** Seconds with accepted records of measured phases, and those that were late without back-pressure. */
  measuredSeconds = 0;
  lateSeconds = 0;
  /** The machine's CPU time that went to other machines, times the time it was watched, and that time. */
  #stolenUs = 0;
  #watchedUs = 0;
  backPressureSeconds = 0;
  readonly #phases: readonly MeasuredPhase[];
  readonly #processOf: ProcessOf;
  #wasHeldBack = false;

  constructor(phases: readonly MeasuredPhase[], processOf: ProcessOf) {
    this.#phases = phases;
    this.#processOf = processOf;
  }

  addFrame(frame: Frame): void {
    const { self } = frame;
    this.rssMaxBytes = Math.max(this.rssMaxBytes, self.rssBytes);
    const share = this.#measuredShare(frame.startUs, frame.endUs);
    if (share === 0) return;
    const watch = this.#watch(frame.worker);
    const wallUs = frame.endUs - frame.startUs;
    watch.cpuScope = self.cpuScope;
    watch.cpuUs += self.cpuUs * share;
    watch.wallUs += wallUs * share;
    // A loop that naps (core/clock.ts) looks busy to the event loop, so the time on a core is the better measure.
    const busyUs = self.cpuScope === 'thread' ? self.cpuUs : wallUs * self.eventLoopUtilisation;
    watch.busyUs += busyUs * share;
    watch.cpuWaitUs += self.cpuWaitUs * share;
    this.#stolenUs += self.stealShare * wallUs * share;
    this.#watchedUs += wallUs * share;
    watch.gcUs += self.gcUs * share;
    watch.backPressureUs += self.backPressureUs * share;
    watch.lateRecords += self.lateRecords;
    watch.frames++;
    if (self.eventLoopDelayP99Us > DELAY_LIMIT_US) watch.delayedFrames++;
    watch.eventLoopDelayP99MaxUs = Math.max(watch.eventLoopDelayP99MaxUs, self.eventLoopDelayP99Us);
  }

  /** Judges one second. */
  addInterval(interval: Interval): void {
    const isHeldBack =
      interval.self.backPressureUs > BACK_PRESSURE_SHARE * interval.durationUs * interval.workers;
    let count = 0;
    let latenessUs = 0;
    let responseUs = 0;
    for (const phase of interval.phases) {
      if (this.#phases[phase.phase]?.isMeasured !== true) continue;
      count += phase.latency.response.count;
      responseUs += phase.latency.response.sumUs;
      latenessUs += phase.latency.lateness.sumUs;
    }
    if (count > 0) {
      this.measuredSeconds++;
      const limitUs = Math.max(LATE_SECOND_US * count, LATE_SECOND_RESPONSE_SHARE * responseUs);
      if (isHeldBack) this.backPressureSeconds++;
      // What was held back in the last second is late in this one.
      else if (latenessUs > limitUs && !this.#wasHeldBack) this.lateSeconds++;
    }
    this.#wasHeldBack = isHeldBack;
  }

  /** CPU time of the measured phases: the workers' sum, or that of their processes where only that is known. */
  get cpuUs(): number {
    return sumCpuUs(this.workers, this.#processOf);
  }

  /** Share of the machine's CPU time that its hypervisor gave to other machines. */
  get stealShare(): number {
    return this.#watchedUs === 0 ? 0 : this.#stolenUs / this.#watchedUs;
  }

  /** How much of a stretch of time lies in measured phases, 0 … 1. */
  #measuredShare(startUs: number, endUs: number): number {
    if (endUs <= startUs) return 0;
    let insideUs = 0;
    for (const [i, phase] of this.#phases.entries()) {
      if (!phase.isMeasured) continue;
      const phaseEndUs = i === this.#phases.length - 1 ? Number.POSITIVE_INFINITY : phase.endUs;
      insideUs += Math.max(0, Math.min(endUs, phaseEndUs) - Math.max(startUs, phase.startUs));
    }
    return insideUs / (endUs - startUs);
  }

  #watch(worker: number): WorkerWatch {
    let watch = this.workers.find((other) => other.worker === worker);
    if (watch === undefined) {
      watch = {
        worker,
        cpuUs: 0,
        cpuScope: 'thread',
        wallUs: 0,
        busyUs: 0,
        cpuWaitUs: 0,
        gcUs: 0,
        backPressureUs: 0,
        lateRecords: 0,
        frames: 0,
        delayedFrames: 0,
        eventLoopDelayP99MaxUs: 0,
      };
      this.workers.push(watch);
    }
    return watch;
  }
}

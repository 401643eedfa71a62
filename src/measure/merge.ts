/**
 * The coordinator's side of measuring. In: frames of all workers, packed or not, in any order, some perhaps twice. Out:
 * totals of each phase, and each second once, when every live worker has passed it. Invariant: totals are the sums of
 * the distinct frames; memory grows with phases, shards and workers, not with the length of the run.
 */
import { unpackFrame } from './codec.ts';
import { ONE_PROCESS, type ProcessOf } from './cpu-time.ts';
import { DeliveryTotals } from './delivery-totals.ts';
import { COUNTER_INDEX, type Frame, type PhaseDelta, type WorkerEvent } from './frame.ts';
import { stretchAt } from './frame-thinner.ts';
import { GeneratorTotals, type MeasuredPhase } from './generator-totals.ts';
import { type Interval, IntervalBuilder } from './interval.ts';
import { PhaseTotals } from './run-totals.ts';
import { SecondSeries } from './second-series.ts';

const SECOND_US = 1_000_000;
/** Seconds that wait for a slow worker; then the oldest goes out without it. */
export const OPEN_SECONDS_MAX = 30;
/** Missing frames remembered for each worker, in case they still come. */
const MISSING_FRAMES_MAX = 1000;
/** A frame may end this late without holding much of what settles after a phase. */
const DRAIN_ALLOWANCE_US = 10_000;
/** Events passed on; the rest is counted. */
export const EVENTS_MAX = 10_000;

/** An event and who saw it. */
export interface MergedEvent extends WorkerEvent {
  readonly worker: number;
}

export interface FrameMergerOptions {
  /** Workers are numbered 0 … workers-1. */
  readonly workers: number;
  /** The plan's phases, ascending. */
  readonly phases: readonly MeasuredPhase[];
  /** What an interval is long, where frames were thinned (frame-thinner.ts) to stretches of it; default: a second. */
  readonly spanUs?: number;
  /** Default: all workers are threads of one process. */
  readonly processOf?: ProcessOf;
  /** Called once an interval, in order; what it gets is reused afterwards. */
  readonly onInterval?: (interval: Interval) => void;
  readonly onEvent?: (event: MergedEvent) => void;
}

interface WorkerState {
  nextSequence: number;
  readonly missing: Set<number>;
  /** The last second that its frames reached. */
  passedSecond: number;
  /** End of its last frame. */
  toldUs: number;
  /** Sent its last frame, or died. */
  hasEnded: boolean;
}

export class FrameMerger {
  /** One for each phase of the plan. */
  readonly phases: readonly PhaseTotals[];
  readonly generator: GeneratorTotals;
  readonly delivery = new DeliveryTotals();
  /** All measured phases one after the other. */
  readonly series = new SecondSeries();
  eventCount = 0;
  readonly #options: FrameMergerOptions;
  readonly #spanUs: number;
  readonly #workers: readonly WorkerState[];
  readonly #open = new Map<number, Frame[]>();
  readonly #intervals: IntervalBuilder;
  #nextSecond = 0;
  #lostFrames = 0;

  constructor(options: FrameMergerOptions) {
    this.#options = options;
    this.#spanUs = options.spanUs ?? SECOND_US;
    this.phases = options.phases.map(() => new PhaseTotals());
    const { processOf = ONE_PROCESS } = options;
    this.#intervals = new IntervalBuilder(processOf);
    this.generator = new GeneratorTotals(options.phases, processOf);
    this.#workers = Array.from({ length: options.workers }, () => ({
      nextSequence: 0,
      missing: new Set<number>(),
      passedSecond: -1,
      toldUs: 0,
      hasEnded: false,
    }));
  }

  /** Frames that never came though later ones did. */
  get missingFrames(): number {
    return this.#workers.reduce((sum, worker) => sum + worker.missing.size, this.#lostFrames);
  }

  /** Workers that have not sent their last frame. */
  get liveWorkers(): number {
    return this.#workers.filter((worker) => !worker.hasEnded).length;
  }

  /** Until when a worker has told of itself. */
  toldUs(worker: number): number {
    return this.#workers[worker]?.toldUs ?? 0;
  }

  /** Adds a frame; a repeated one changes nothing. @returns whether it was new */
  add(packed: Frame | Uint8Array): boolean {
    const frame = packed instanceof Uint8Array ? unpackFrame(packed) : packed;
    const worker = this.#workers[frame.worker];
    if (worker === undefined || !this.#isNew(worker, frame.sequence)) return false;
    for (const delta of frame.phases) this.#addPhase(delta, frame);
    this.#addShards(frame);
    this.generator.addFrame(frame);
    if (frame.delivery !== undefined) this.delivery.add(frame.delivery);
    this.#passEvents(frame);
    this.#openSecond(worker, frame);
    if (frame.isLast) worker.hasEnded = true;
    this.#emitReady();
    return true;
  }

  /** The worker is gone: nothing waits for it any longer. Frames that still arrive count. */
  endWorker(number: number): void {
    const worker = this.#workers[number];
    if (worker !== undefined) worker.hasEnded = true;
    this.#emitReady();
  }

  /**
   * Settles what dead workers did not: records that were offered and of which nothing was heard count as failed, and as
   * uncertain, since they may have been sent. Call it when a worker ended without its last frame.
   */
  closeBooks(): void {
    for (const { counters } of this.phases) {
      const count = (counter: keyof typeof COUNTER_INDEX) => counters[COUNTER_INDEX[counter]] ?? 0;
      const unsettled =
        count('userRecords.offered') -
        count('userRecords.accepted') -
        count('userRecords.failed') -
        count('userRecords.expired') -
        count('userRecords.dropped');
      if (unsettled <= 0) continue;
      for (const counter of ['userRecords.failed', 'userRecords.uncertain'] as const) {
        counters[COUNTER_INDEX[counter]] = count(counter) + unsettled;
      }
    }
  }

  /** Passes on the seconds that still wait. Call it once, at the end. */
  flush(): void {
    for (const second of [...this.#open.keys()].sort((a, b) => a - b)) this.#emit(second);
  }

  /** The totals of the measured phases together. */
  measured(): PhaseTotals {
    const totals = new PhaseTotals();
    for (const [i, phase] of this.#options.phases.entries()) {
      if (phase.isMeasured) totals.add(this.phases[i] ?? new PhaseTotals());
    }
    return totals;
  }

  #isNew(worker: WorkerState, sequence: number): boolean {
    if (sequence < worker.nextSequence) return worker.missing.delete(sequence);
    for (let lost = worker.nextSequence; lost < sequence; lost++) {
      if (worker.missing.size < MISSING_FRAMES_MAX) worker.missing.add(lost);
      else this.#lostFrames++;
    }
    worker.nextSequence = sequence + 1;
    return true;
  }

  #addPhase(delta: PhaseDelta, frame: Frame): void {
    const totals = this.phases[delta.phase];
    if (totals === undefined) return;
    totals.addDelta(delta);
    const accepted = delta.counters[COUNTER_INDEX['userRecords.accepted']] ?? 0;
    // Settled somewhere in the frame: at its start at the earliest, and a last frame ends when its last record has.
    const settledUs = frame.isLast ? frame.endUs : frame.startUs;
    if (accepted > 0) totals.tail.add(settledUs, accepted);
  }

  #addShards(frame: Frame): void {
    for (const delta of frame.shards) {
      const shard = this.phases[delta.phase]?.shard(delta.shard);
      if (shard === undefined) continue;
      shard.records += delta.records;
      shard.bytes += delta.bytes;
      shard.throttled += delta.throttled;
    }
  }

  #passEvents(frame: Frame): void {
    for (const event of frame.events) {
      this.eventCount++;
      if (this.eventCount <= EVENTS_MAX) {
        this.#options.onEvent?.({ ...event, worker: frame.worker });
      }
    }
  }

  /** A frame belongs to the second whose end is nearest to its own; if that one is gone, to the next. */
  #openSecond(worker: WorkerState, frame: Frame): void {
    const second = Math.max(this.#nextSecond, this.#secondOf(frame));
    const frames = this.#open.get(second);
    if (frames === undefined) this.#open.set(second, [frame]);
    else frames.push(frame);
    worker.passedSecond = Math.max(worker.passedSecond, second);
    worker.toldUs = Math.max(worker.toldUs, frame.endUs);
  }

  /** Of a thinned frame the last second of its stretch. */
  #secondOf({ endUs }: Frame): number {
    if (this.#spanUs === SECOND_US) return Math.round(endUs / SECOND_US) - 1;
    return (stretchAt(endUs, this.#spanUs) * this.#spanUs) / SECOND_US - 1;
  }

  #emitReady(): void {
    for (;;) {
      const oldest = Math.min(...this.#open.keys());
      if (oldest === Number.POSITIVE_INFINITY) return;
      const isPassed = this.#workers.every((w) => w.hasEnded || w.passedSecond >= oldest);
      const newest = Math.max(...this.#open.keys());
      if (!isPassed && newest - oldest < OPEN_SECONDS_MAX) return;
      this.#emit(oldest);
    }
  }

  #emit(second: number): void {
    const frames = this.#open.get(second);
    if (frames === undefined) return;
    this.#open.delete(second);
    this.#nextSecond = second + 1;
    const interval = this.#intervals.build(second, frames);
    this.generator.addInterval(interval);
    this.#notePeaks(interval);
    this.#noteSeries(interval);
    this.#options.onInterval?.(interval);
  }

  /** A shard's limit is for all its records, so a peak is taken over the phases that share the second. */
  #notePeaks(interval: Interval): void {
    const seconds = Math.max(1_000_000, interval.durationUs) / 1_000_000;
    const sums = new Map<number, { records: number; bytes: number }>();
    for (const { shards } of interval.phases) {
      for (const [number, delta] of shards) {
        const sum = sums.get(number) ?? { records: 0, bytes: 0 };
        sum.records += delta.records;
        sum.bytes += delta.bytes;
        sums.set(number, sum);
      }
    }
    for (const { phase, shards } of interval.phases) {
      for (const number of shards.keys()) {
        const shard = this.phases[phase]?.shard(number);
        const sum = sums.get(number);
        if (shard === undefined || sum === undefined) continue;
        shard.peakRecordsPerSecond = Math.max(shard.peakRecordsPerSecond, sum.records / seconds);
        shard.peakBytesPerSecond = Math.max(shard.peakBytesPerSecond, sum.bytes / seconds);
      }
    }
  }

  /** Only whole seconds, not a phase's first, in which its records are still on their way, nor one with the drain in it. */
  #noteSeries(interval: Interval): void {
    const endUs = (interval.second + 1) * 1_000_000;
    const seconds = interval.durationUs / 1_000_000;
    for (const [i, phase] of this.#options.phases.entries()) {
      const holdsDrain = interval.endUs > phase.endUs + DRAIN_ALLOWANCE_US;
      const startUs = endUs - this.#spanUs;
      const isWhole = startUs >= phase.startUs + SECOND_US && endUs <= phase.endUs && !holdsDrain;
      if (!isWhole || seconds <= 0) continue;
      const { count = 0, sumUs = 0 } =
        interval.phases.find((part) => part.phase === i)?.latency.response ?? {};
      const point = { endUs, seconds, accepted: count, responseSumUs: sumUs };
      this.phases[i]?.series.add(point);
      if (phase.isMeasured) this.series.add(point);
    }
  }
}

/**
 * What one worker counts. In: calls from the load loop and the producer's settle, with plain numbers. Out: one
 * {@link Frame} an interval, holding everything since the last one. Invariant: nothing is allocated but in `takeFrame`
 * and at the first use of a phase's metric or of a higher shard number.
 */
import { assert } from '../core/assert.ts';
import { DeliveryNotes } from './delivery-notes.ts';
import {
  COUNTERS,
  type Frame,
  type HistogramDelta,
  LATENCY_METRICS,
  type LatencyMetric,
  type PhaseDelta,
  type SelfDelta,
  type ShardDelta,
  type WorkerEvent,
} from './frame.ts';
import { LatencyCounts } from './latency-counts.ts';
import { ShardCounts } from './shard-counts.ts';

/** Distinct error codes kept for a phase and interval; the rest counts under {@link OTHER_ERROR_CODES}. */
export const ERROR_CODES_MAX = 64;
export const OTHER_ERROR_CODES = 'other';
/** Events kept for an interval; the rest is counted in one last event of kind `events-dropped`. */
export const EVENTS_PER_FRAME_MAX = 200;

/** A phase's place in time, microseconds since the run's origin; a phase starts where the one before ends. */
export interface PhaseWindow {
  readonly startUs: number;
  readonly endUs: number;
}

export interface RecorderOptions {
  readonly worker: number;
  /** At least one, ascending. */
  readonly phases: readonly PhaseWindow[];
}

type LatencyByMetric = { readonly [metric in LatencyMetric]: LatencyCounts };

interface PhaseCounts {
  readonly counters: Float64Array;
  latency: LatencyByMetric | null;
  requestLatency: LatencyCounts | null;
  readonly errorCodes: Map<string, number>;
  readonly shards: ShardCounts;
}

export class Recorder {
  /** What did not go well, by producer and sequence. */
  readonly delivery = new DeliveryNotes();
  readonly #worker: number;
  readonly #windows: readonly PhaseWindow[];
  readonly #phases: readonly PhaseCounts[];
  /** Where the last look-up ended: due times come nearly in order. */
  #phaseHint = 0;
  #sequence = 0;
  #events: WorkerEvent[] = [];
  #eventsDropped = 0;

  constructor(options: RecorderOptions) {
    assert(options.phases.length > 0, 'a recorder needs a phase');
    this.#worker = options.worker;
    this.#windows = options.phases;
    this.#phases = options.phases.map(() => ({
      counters: new Float64Array(COUNTERS.length),
      latency: null,
      requestLatency: null,
      errorCodes: new Map(),
      shards: new ShardCounts(),
    }));
  }

  /** The phase that a record due at `dueUs` belongs to; before the first phase the first, after the last the last. */
  phaseOf(dueUs: number): number {
    const windows = this.#windows;
    let phase = this.#phaseHint;
    while (phase + 1 < windows.length && dueUs >= (windows[phase] as PhaseWindow).endUs) phase++;
    while (phase > 0 && dueUs < (windows[phase] as PhaseWindow).startUs) phase--;
    this.#phaseHint = phase;
    return phase;
  }

  /** {@link phaseOf} of `dueUs[slot]`: a fraction that is handed over would be an object. */
  phaseAt(dueUs: Float64Array, slot: number): number {
    const { startUs, endUs } = this.#windows[this.#phaseHint] as PhaseWindow;
    const atUs = dueUs[slot] as number;
    return atUs >= startUs && atUs < endUs ? this.#phaseHint : this.phaseOf(atUs);
  }

  /** What is due in it belongs to that phase; so does what lies before the first, or behind the last. */
  windowOf(phase: number): PhaseWindow {
    return this.#windows[phase] as PhaseWindow;
  }

  /** @param counter one of COUNTER_INDEX */
  add(phase: number, counter: number, amount: number): void {
    const { counters } = this.#phases[phase] as PhaseCounts;
    counters[counter] = (counters[counter] as number) + amount;
  }

  /** The counts of a metric, the same object for the whole run: callers keep it. */
  latency(phase: number, metric: LatencyMetric): LatencyCounts {
    const counts = this.#phases[phase] as PhaseCounts;
    counts.latency ??= {
      response: new LatencyCounts(),
      lateness: new LatencyCounts(),
      buffering: new LatencyCounts(),
      retry: new LatencyCounts(),
      service: new LatencyCounts(),
    };
    return counts.latency[metric];
  }

  /** Service times of whole calls; the same object for the whole run. */
  requestLatency(phase: number): LatencyCounts {
    const counts = this.#phases[phase] as PhaseCounts;
    counts.requestLatency ??= new LatencyCounts();
    return counts.requestLatency;
  }

  /** `count` attempts ended in an error. */
  errorCode(phase: number, code: string, count: number): void {
    const { errorCodes } = this.#phases[phase] as PhaseCounts;
    const known = errorCodes.has(code) || errorCodes.size < ERROR_CODES_MAX;
    const key = known ? code : OTHER_ERROR_CODES;
    errorCodes.set(key, (errorCodes.get(key) ?? 0) + count);
  }

  /** A shard took Kinesis records; bytes are data and partition keys. */
  shardAccepted(phase: number, shard: number, records: number, bytes: number): void {
    (this.#phases[phase] as PhaseCounts).shards.accept(shard, records, bytes);
  }

  /** A shard throttled `count` attempts. */
  shardThrottled(phase: number, shard: number, count: number): void {
    (this.#phases[phase] as PhaseCounts).shards.throttle(shard, count);
  }

  /** Something that happened once; bounded for each interval. */
  event(event: WorkerEvent): void {
    if (this.#events.length < EVENTS_PER_FRAME_MAX) this.#events.push(event);
    else this.#eventsDropped++;
  }

  /** Everything since the last frame, and starts anew. */
  takeFrame(startUs: number, endUs: number, self: SelfDelta, isLast: boolean): Frame {
    const phases: PhaseDelta[] = [];
    const shards: ShardDelta[] = [];
    for (const [phase, counts] of this.#phases.entries()) {
      const delta = takePhase(phase, counts);
      if (delta !== null) phases.push(delta);
      counts.shards.take(phase, shards);
    }
    const delivery = this.delivery.take();
    return {
      worker: this.#worker,
      sequence: this.#sequence++,
      startUs,
      endUs,
      phases,
      shards,
      self,
      ...(delivery === null ? {} : { delivery }),
      events: this.#takeEvents(endUs),
      isLast,
    };
  }

  #takeEvents(atUs: number): WorkerEvent[] {
    const events = this.#events;
    if (this.#eventsDropped > 0) {
      const message = `${this.#eventsDropped} more events in this interval are not kept`;
      events.push({ atUs, kind: 'events-dropped', message });
    }
    this.#events = [];
    this.#eventsDropped = 0;
    return events;
  }
}

function takePhase(phase: number, counts: PhaseCounts): PhaseDelta | null {
  const latency: { [metric in LatencyMetric]?: HistogramDelta } = {};
  let grew = counts.errorCodes.size > 0 || counts.counters.some((value) => value !== 0);
  if (counts.latency !== null) {
    for (const metric of LATENCY_METRICS) {
      const delta = counts.latency[metric].takeDelta();
      if (delta === null) continue;
      latency[metric] = delta;
      grew = true;
    }
  }
  const requestLatency = counts.requestLatency?.takeDelta() ?? null;
  if (!grew && requestLatency === null) return null;
  const counters = counts.counters.slice();
  const errorCodes = Object.fromEntries(counts.errorCodes);
  counts.counters.fill(0);
  counts.errorCodes.clear();
  const delta: PhaseDelta = { phase, counters, latency, errorCodes };
  return requestLatency === null ? delta : { ...delta, requestLatency };
}

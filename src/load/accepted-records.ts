// HOT PATH: some nanoseconds for each user record and metric, no allocation; see docs/performance.md.
import { COUNTER_INDEX } from '../measure/frame.ts';
import type { LatencyCounts } from '../measure/latency-counts.ts';
import type { Recorder } from '../measure/recorder.ts';
import type { UserRecords } from '../producer/user-records.ts';

/** Slots gathered at a time: an aggregate's user records, or a call's of one each. */
const SLOTS_MAX = 1024;

/** The histograms of one phase, fetched once. */
export interface PhaseLatency {
  readonly response: LatencyCounts;
  readonly lateness: LatencyCounts;
  readonly buffering: LatencyCounts;
  readonly retry: LatencyCounts;
  readonly service: LatencyCounts;
  readonly request: LatencyCounts;
}

/**
 * Accepted user records of one call, told to the recorder in blocks: gathered by phase, then each metric counts all of them
 * in a loop of its own. In: chains of slots, and the call's times. Out: five histograms and two counters of a phase.
 * Invariant: what was added is counted once {@link flush} was called, and slots must hold until then.
 */
export class AcceptedRecords {
  readonly #recorder: Recorder;
  readonly #latencyOf: (phase: number) => PhaseLatency;
  readonly #slots = new Int32Array(SLOTS_MAX);
  /** Those of them that were sent for the first time, or not, where they differ. */
  readonly #some = new Int32Array(SLOTS_MAX);
  #count = 0;
  #retried = 0;
  #bytes = 0;
  #phase = 0;

  constructor(recorder: Recorder, latencyOf: (phase: number) => PhaseLatency) {
    this.#recorder = recorder;
    this.#latencyOf = latencyOf;
  }

  /** Adds a chain of slots, all of the call that was sent at `sentUs` and answered at `doneUs`. */
  add(records: UserRecords, firstSlot: number, call: { sentUs: number; doneUs: number }): void {
    const { dueUs, attempts, payloadBytes, next } = records;
    const recorder = this.#recorder;
    const slots = this.#slots;
    let { startUs, endUs } = recorder.windowOf(this.#phase);
    let count = this.#count;
    let bytes = 0;
    for (let slot = firstSlot; slot >= 0; slot = next[slot] as number) {
      const atUs = dueUs[slot] as number;
      const isSamePhase = atUs >= startUs && atUs < endUs;
      const phase = isSamePhase ? this.#phase : recorder.phaseAt(dueUs, slot);
      if (phase !== this.#phase || count === SLOTS_MAX) {
        this.#count = count;
        this.#bytes += bytes;
        this.flush(records, call);
        this.#phase = phase;
        ({ startUs, endUs } = recorder.windowOf(phase));
        count = 0;
        bytes = 0;
      }
      slots[count++] = slot;
      bytes += payloadBytes[slot] as number;
      if (attempts[slot] !== 0) this.#retried++;
    }
    this.#count = count;
    this.#bytes += bytes;
  }

  /** Counts what was added. */
  flush(records: UserRecords, { sentUs, doneUs }: { sentUs: number; doneUs: number }): void {
    const count = this.#count;
    if (count === 0) return;
    const { dueUs, generatedUs } = records;
    const { response, lateness, buffering, retry, service } = this.#latencyOf(this.#phase);
    response.recordUntil(doneUs, dueUs, this.#slots, count);
    lateness.recordBetween(dueUs, generatedUs, this.#slots, count);
    if (this.#retried === 0) buffering.recordUntil(sentUs, generatedUs, this.#slots, count);
    else this.#flushRetried(records, sentUs, buffering, retry);
    const fresh = count - this.#retried;
    if (fresh > 0) retry.recordCount(0, fresh);
    service.recordCount(doneUs - sentUs, count);
    this.#recorder.add(this.#phase, COUNTER_INDEX['userRecords.accepted'], count);
    this.#recorder.add(this.#phase, COUNTER_INDEX['userRecords.bytesAccepted'], this.#bytes);
    this.#count = 0;
    this.#retried = 0;
    this.#bytes = 0;
  }

  /** Buffering of all, and the retry time of those that were sent before. */
  #flushRetried(
    records: UserRecords,
    sentUs: number,
    buffering: LatencyCounts,
    retry: LatencyCounts,
  ): void {
    const { generatedUs, firstSentUs } = records;
    buffering.recordUntil(sentUs, generatedUs, this.#some, this.#select(records, false));
    const retried = this.#select(records, true);
    buffering.recordBetween(generatedUs, firstSentUs, this.#some, retried);
    retry.recordUntil(sentUs, firstSentUs, this.#some, retried);
  }

  /** Puts the slots that were sent before, or the others, into `#some`; returns how many. */
  #select({ attempts }: UserRecords, isRetried: boolean): number {
    let some = 0;
    for (let i = 0; i < this.#count; i++) {
      const slot = this.#slots[i] as number;
      if ((attempts[slot] !== 0) === isRetried) this.#some[some++] = slot;
    }
    return some;
  }
}

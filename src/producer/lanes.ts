import type { KinesisRecord } from './kinesis-record.ts';

interface Lane {
  waiting: KinesisRecord[];
  head: number;
}

/** Lanes of records that are not aggregated; keys of one lane wait for one another, so more of them are faster. */
const PLAIN_LANES = 4096;

/**
 * Keeps records of one partition key in order: a lane lets one Kinesis record go at a time and the next when that one is
 * settled. With aggregation a lane is a shard (a key is in one shard, an aggregate keeps order); without, it is the keys
 * of one slice of the hash space. In: closed Kinesis records. Out: the same, by callback, one a lane.
 */
export class Lanes {
  readonly #aggregates: boolean;
  readonly #onPassed: (record: KinesisRecord) => void;
  /** Lanes that a record is under way in. */
  readonly #busy = new Map<number, Lane>();
  /** What came while paused. */
  #paused: KinesisRecord[] | null = null;
  /** Earliest expiration among those that wait here; may be too early, never too late. */
  #expirationUs = Number.POSITIVE_INFINITY;

  constructor(aggregates: boolean, onPassed: (record: KinesisRecord) => void) {
    this.#aggregates = aggregates;
    this.#onPassed = onPassed;
  }

  get isPaused(): boolean {
    return this.#paused !== null;
  }

  /** When a record that waits here may expire. */
  get expirationUs(): number {
    return this.#expirationUs;
  }

  /**
   * Takes out the waiting records that are wholly over; looks at them all.
   * @param endOf when the last user record of a Kinesis record expires
   */
  takeExpired(nowUs: number, endOf: (record: KinesisRecord) => number): KinesisRecord[] {
    const expired: KinesisRecord[] = [];
    this.#expirationUs = Number.POSITIVE_INFINITY;
    const isKept = (record: KinesisRecord): boolean => {
      const endUs = record.expirationUs > nowUs ? record.expirationUs : endOf(record);
      if (endUs <= nowUs) expired.push(record);
      else this.#expirationUs = Math.min(this.#expirationUs, endUs);
      return endUs > nowUs;
    };
    for (const lane of this.#busy.values()) {
      lane.waiting = lane.waiting.slice(lane.head).filter(isKept);
      lane.head = 0;
    }
    this.#paused = this.#paused?.filter(isKept) ?? null;
    return expired;
  }

  enter(record: KinesisRecord): void {
    if (this.#paused !== null) {
      this.#paused.push(record);
      this.#expirationUs = Math.min(this.#expirationUs, record.expirationUs);
      return;
    }
    const number = this.#aggregates
      ? record.predictedShard + 1
      : (record.hash[3] as number) % PLAIN_LANES;
    const lane = this.#busy.get(number);
    if (lane !== undefined) {
      lane.waiting.push(record);
      this.#expirationUs = Math.min(this.#expirationUs, record.expirationUs);
      return;
    }
    this.#busy.set(number, { waiting: [], head: 0 });
    record.lane = number;
    this.#onPassed(record);
  }

  /** The record is settled, or is taken apart: the next of its lane may go. */
  leave(record: KinesisRecord): void {
    const number = record.lane;
    const lane = this.#busy.get(number);
    record.lane = -1;
    if (lane === undefined) return;
    const next = lane.waiting[lane.head++];
    if (next === undefined) {
      this.#busy.delete(number);
      return;
    }
    if (lane.head >= COMPACT_AT) {
      lane.waiting.splice(0, lane.head);
      lane.head = 0;
    }
    next.lane = number;
    this.#onPassed(next);
  }

  /** From now on nothing passes; all that waits is handed over, and what comes is kept for {@link resume}. */
  pause(take: (record: KinesisRecord) => void): void {
    this.#paused ??= [];
    const taken = [...this.#busy.values()].flatMap(({ waiting, head }) => waiting.slice(head));
    this.#busy.clear();
    this.#expirationUs = Number.POSITIVE_INFINITY;
    for (const record of taken) take(record);
  }

  /** Takes what came since {@link pause}. */
  takePaused(): KinesisRecord[] {
    return this.#paused?.splice(0) ?? [];
  }

  /** Nothing may be under way. */
  resume(): void {
    const waiting = this.#paused ?? [];
    this.#paused = null;
    for (const record of waiting) this.enter(record);
  }
}

const COMPACT_AT = 1024;

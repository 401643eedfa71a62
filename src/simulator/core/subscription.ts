import type { Clock } from '../../core/clock.ts';
import { SHARD_READ_BYTES_PER_SECOND } from '../../kinesis/limits.ts';
import type { ShardState } from './shard.ts';

const SECOND_US = 1_000_000;
/** A subscription lasts five minutes (API, SubscribeToShard). */
const LIFE_US = 300 * SECOND_US;
/** An empty event this often keeps the connection alive; the service's own interval is not published. */
const HEARTBEAT_US = 5 * SECOND_US;
/** Bytes and records of one event. */
const EVENT_BYTES_MAX = 1024 * 1024;
const EVENT_RECORDS_MAX = 1000;

/** What a subscription delivers: records `[from, to)` of the shard's log. */
export interface SubscriptionEvents {
  /** `isEnd`: the shard is closed and everything in it was delivered. */
  deliver(from: number, to: number, isEnd: boolean): void;
  ended(): void;
}

/**
 * One consumer's push of one shard: delivers what is appended, 2 MiB a second, until its life or the shard ends. Holds
 * no records itself: it is a place in the shard's log.
 */
export class Subscription {
  readonly startedUs: number;
  readonly #clock: Clock;
  readonly #shard: ShardState;
  readonly #events: SubscriptionEvents;
  #next: number;
  #tokens = SHARD_READ_BYTES_PER_SECOND;
  #refilledUs: number;
  #deliveredUs: number;
  #timer: { cancel(): void } | null = null;
  #isPending = false;
  #isEnded = false;
  #isPaused = false;
  readonly #wake = () => this.#schedule(0);

  constructor(clock: Clock, shard: ShardState, from: number, events: SubscriptionEvents) {
    this.#clock = clock;
    this.#shard = shard;
    this.#events = events;
    this.#next = from;
    this.startedUs = clock.nowUs();
    this.#refilledUs = this.startedUs;
    this.#deliveredUs = this.startedUs - HEARTBEAT_US;
    shard.log.addWatcher(this.#wake);
    this.#schedule(0);
  }

  /** Stops at once; `ended` is called. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#timer?.cancel();
    this.#shard.log.removeWatcher(this.#wake);
    this.#events.ended();
  }

  /** Delivers nothing until {@link resume}; the five minutes run on. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#schedule(0);
  }

  /** At most one timer is pending; an earlier need replaces a later one. */
  #schedule(delayUs: number): void {
    if (this.#isEnded || this.#isPending) return;
    this.#timer?.cancel();
    this.#isPending = delayUs === 0;
    this.#timer = this.#clock.setTimer(this.#clock.nowUs() + delayUs, () => {
      this.#isPending = false;
      this.#run();
    });
  }

  #run(): void {
    const nowUs = this.#clock.nowUs();
    const { log } = this.#shard;
    if (this.#isPaused && nowUs - this.startedUs < LIFE_US) {
      this.#schedule(HEARTBEAT_US);
      return;
    }
    this.#refill(nowUs);
    this.#next = log.heldFrom(this.#next);
    const to = this.#eventEnd();
    const isEnd = !this.#shard.isOpen && to === log.next;
    if (to > this.#next || isEnd || nowUs - this.#deliveredUs >= HEARTBEAT_US) {
      this.#deliveredUs = nowUs;
      this.#events.deliver(this.#next, to, isEnd);
      this.#next = to;
    }
    if (isEnd || nowUs - this.startedUs >= LIFE_US) {
      this.end();
    } else if (this.#next < log.next) {
      const debtUs = (Math.max(0, -this.#tokens) / SHARD_READ_BYTES_PER_SECOND) * SECOND_US;
      this.#schedule(debtUs);
    } else {
      this.#schedule(HEARTBEAT_US);
    }
  }

  #refill(nowUs: number): void {
    const added = ((nowUs - this.#refilledUs) / SECOND_US) * SHARD_READ_BYTES_PER_SECOND;
    this.#refilledUs = nowUs;
    this.#tokens = Math.min(SHARD_READ_BYTES_PER_SECOND, this.#tokens + added);
  }

  /** Place after the last record of the next event, whose bytes are taken from the tokens. */
  #eventEnd(): number {
    const { log } = this.#shard;
    let bytes = 0;
    let to = this.#next;
    while (to < log.next && to - this.#next < EVENT_RECORDS_MAX && this.#tokens >= 0) {
      // What was lost stands in no event.
      if (!log.isHeld(to)) break;
      const size = log.body(to).size(log.place(to));
      if (bytes > 0 && bytes + size > EVENT_BYTES_MAX) break;
      bytes += size;
      this.#tokens -= size;
      to++;
    }
    return to;
  }
}

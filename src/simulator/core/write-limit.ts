import {
  SHARD_WRITE_BYTES_PER_SECOND,
  SHARD_WRITE_RECORDS_PER_SECOND,
} from '../../kinesis/limits.ts';
import type { LimitPolicy } from './options.ts';

const KIB = 1024;
const SECOND_US = 1_000_000;

/** Fields of a limit's state. */
const RECORDS = 0;
const BYTES = 1;
const UPDATED_US = 2;
const CALL = 3;
const CALL_BYTES = 4;
const FIELDS = 5;

/**
 * What one shard takes: 1,000 records and 1 MiB a second, data and partition key. Holds a second's worth at the most; a
 * record larger than that is taken when nothing was used, and its excess is paid off before the next (developer guide,
 * "Large records"). A refused record costs nothing.
 */
export class WriteLimit {
  readonly #policy: LimitPolicy;
  readonly #roundsUp: boolean;
  /** Side by side: as fields, each fraction would be an object of its own, and a miss of the cache. */
  readonly #state = new Float64Array(FIELDS);

  constructor(policy: LimitPolicy, roundsUpToKib: boolean) {
    this.#policy = policy;
    this.#roundsUp = roundsUpToKib;
    this.#state[UPDATED_US] = Number.NEGATIVE_INFINITY;
    this.#state[CALL] = -1;
    this.reset();
  }

  /** Full again, as if nothing had been written. */
  reset(): void {
    this.#state[RECORDS] = SHARD_WRITE_RECORDS_PER_SECOND;
    this.#state[BYTES] = SHARD_WRITE_BYTES_PER_SECOND;
  }

  /**
   * Whether the shard takes a record now.
   * @param bytes data and partition key
   * @param call number of the call it came in: bytes of one call are summed up before they are rounded
   */
  admit(bytes: number, nowUs: number, call: number): boolean {
    if (this.#policy === 'off') return true;
    const state = this.#state;
    if (nowUs !== state[UPDATED_US]) this.#refill(nowUs);
    if (call !== state[CALL]) {
      state[CALL] = call;
      state[CALL_BYTES] = 0;
    }
    const callBytes = state[CALL_BYTES] as number;
    const cost = this.#roundsUp
      ? (Math.ceil((callBytes + bytes) / KIB) - Math.ceil(callBytes / KIB)) * KIB
      : bytes;
    const needed = Math.min(cost, SHARD_WRITE_BYTES_PER_SECOND);
    const records = state[RECORDS] as number;
    const left = state[BYTES] as number;
    if (records < 1 || left < needed) return false;
    state[RECORDS] = records - 1;
    state[BYTES] = left - cost;
    state[CALL_BYTES] = callBytes + bytes;
    return true;
  }

  #refill(nowUs: number): void {
    const state = this.#state;
    const updatedUs = state[UPDATED_US] as number;
    let seconds = (nowUs - updatedUs) / SECOND_US;
    if (this.#policy === 'window') {
      seconds = Math.floor(nowUs / SECOND_US) - Math.floor(updatedUs / SECOND_US);
    }
    state[UPDATED_US] = nowUs;
    if (seconds <= 0) return;
    state[RECORDS] = Math.min(
      SHARD_WRITE_RECORDS_PER_SECOND,
      (state[RECORDS] as number) + seconds * SHARD_WRITE_RECORDS_PER_SECOND,
    );
    state[BYTES] = Math.min(
      SHARD_WRITE_BYTES_PER_SECOND,
      (state[BYTES] as number) + seconds * SHARD_WRITE_BYTES_PER_SECOND,
    );
  }
}

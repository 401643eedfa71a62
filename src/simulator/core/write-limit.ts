import {
  SHARD_WRITE_BYTES_PER_SECOND,
  SHARD_WRITE_RECORDS_PER_SECOND,
} from '../../kinesis/limits.ts';
import type { LimitPolicy } from './options.ts';

const KIB = 1024;
const SECOND_US = 1_000_000;

/**
 * What one shard takes: 1,000 records and 1 MiB a second, data and partition key. Holds a second's worth at the most; a
 * record larger than that is taken when nothing was used, and its excess is paid off before the next (developer guide,
 * "Large records"). A refused record costs nothing.
 */
export class WriteLimit {
  readonly #policy: LimitPolicy;
  readonly #roundsUp: boolean;
  #records = SHARD_WRITE_RECORDS_PER_SECOND;
  #bytes = SHARD_WRITE_BYTES_PER_SECOND;
  #updatedUs = Number.NEGATIVE_INFINITY;
  #call = -1;
  #callBytes = 0;

  constructor(policy: LimitPolicy, roundsUpToKib: boolean) {
    this.#policy = policy;
    this.#roundsUp = roundsUpToKib;
  }

  /** Full again, as if nothing had been written. */
  reset(): void {
    this.#records = SHARD_WRITE_RECORDS_PER_SECOND;
    this.#bytes = SHARD_WRITE_BYTES_PER_SECOND;
  }

  /**
   * Whether the shard takes a record now.
   * @param bytes data and partition key
   * @param call number of the call it came in: bytes of one call are summed up before they are rounded
   */
  admit(bytes: number, nowUs: number, call: number): boolean {
    if (this.#policy === 'off') return true;
    if (nowUs !== this.#updatedUs) this.#refill(nowUs);
    if (call !== this.#call) {
      this.#call = call;
      this.#callBytes = 0;
    }
    const cost = this.#roundsUp
      ? (Math.ceil((this.#callBytes + bytes) / KIB) - Math.ceil(this.#callBytes / KIB)) * KIB
      : bytes;
    const needed = Math.min(cost, SHARD_WRITE_BYTES_PER_SECOND);
    if (this.#records < 1 || this.#bytes < needed) return false;
    this.#records -= 1;
    this.#bytes -= cost;
    this.#callBytes += bytes;
    return true;
  }

  #refill(nowUs: number): void {
    let seconds = (nowUs - this.#updatedUs) / SECOND_US;
    if (this.#policy === 'window') {
      seconds = Math.floor(nowUs / SECOND_US) - Math.floor(this.#updatedUs / SECOND_US);
    }
    this.#updatedUs = nowUs;
    if (seconds <= 0) return;
    this.#records = Math.min(
      SHARD_WRITE_RECORDS_PER_SECOND,
      this.#records + seconds * SHARD_WRITE_RECORDS_PER_SECOND,
    );
    this.#bytes = Math.min(
      SHARD_WRITE_BYTES_PER_SECOND,
      this.#bytes + seconds * SHARD_WRITE_BYTES_PER_SECOND,
    );
  }
}

import { SHARD_READ_BYTES_PER_SECOND, SHARD_READ_CALLS_PER_SECOND } from '../../kinesis/limits.ts';
import type { LimitPolicy } from './options.ts';

const SECOND_US = 1_000_000;

/**
 * What one shard gives to polling readers: five calls and 2 MiB a second. A page may go into debt, up to 10 MiB; the
 * next call is refused until the debt is paid, which takes up to five seconds (API, GetRecords).
 */
export class ReadLimit {
  readonly #isOff: boolean;
  #calls = SHARD_READ_CALLS_PER_SECOND;
  #bytes = SHARD_READ_BYTES_PER_SECOND;
  #updatedUs = Number.NEGATIVE_INFINITY;

  constructor(policy: LimitPolicy) {
    this.#isOff = policy === 'off';
  }

  /** Whether a call may be made now; counts it when it may. */
  admit(nowUs: number): boolean {
    if (this.#isOff) return true;
    const seconds = Math.max(0, (nowUs - this.#updatedUs) / SECOND_US);
    this.#updatedUs = nowUs;
    this.#calls = Math.min(
      SHARD_READ_CALLS_PER_SECOND,
      this.#calls + seconds * SHARD_READ_CALLS_PER_SECOND,
    );
    this.#bytes = Math.min(
      SHARD_READ_BYTES_PER_SECOND,
      this.#bytes + seconds * SHARD_READ_BYTES_PER_SECOND,
    );
    if (this.#calls < 1 || this.#bytes < 0) return false;
    this.#calls -= 1;
    return true;
  }

  /** Counts what an admitted call returned. A page of more than a second's worth is paid for in full: 10 MiB, 5 s. */
  spend(bytes: number): void {
    const saved = bytes > SHARD_READ_BYTES_PER_SECOND ? 0 : this.#bytes;
    this.#bytes = Math.min(this.#bytes, saved) - bytes;
  }
}

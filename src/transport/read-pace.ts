import { SHARD_READ_BYTES_PER_SECOND } from '../kinesis/limits.ts';

/** At most five calls a second, and none closer together than this, because other readers share the five. */
const CALL_GAP_US = 200_000;
/** At the tip: new records are looked for this often. */
const IDLE_GAP_US = 250_000;
/** Bytes that a page should have: large enough to be worth a call, small enough for many shards at once. */
const PAGE_BYTES_AIM = 1024 * 1024;
const LIMIT_MAX = 10_000;
const LIMIT_FIRST = 100;
/** After a refusal the wait doubles, from one second to five: a page's debt is paid by then. */
const REFUSED_FIRST_US = 1_000_000;
const REFUSED_MAX_US = 5_000_000;

/** When one shard may be asked again, and for how much: within the service's limits for polling readers. Pure. */
export class ReadPace {
  /** Records to ask for: so many as bring about a megabyte. */
  limit = LIMIT_FIRST;
  /** The next call is not before. */
  nextUs = 0;
  #refusals = 0;

  /** @param startedUs when the call began */
  answered(startedUs: number, records: number, bytes: number, isAtTip: boolean): void {
    this.#refusals = 0;
    const paidUs = (bytes / SHARD_READ_BYTES_PER_SECOND) * 1_000_000;
    this.nextUs = startedUs + Math.max(isAtTip ? IDLE_GAP_US : CALL_GAP_US, paidUs);
    if (records === 0) return;
    const wanted = Math.floor(PAGE_BYTES_AIM / Math.max(1, bytes / records));
    this.limit = Math.min(LIMIT_MAX, Math.max(1, wanted));
  }

  /** The service refused: its limits are used up, by us or by others. @returns refusals in a row */
  refused(nowUs: number): number {
    const waitUs = Math.min(REFUSED_MAX_US, REFUSED_FIRST_US * 2 ** this.#refusals);
    this.nextUs = nowUs + waitUs;
    return ++this.#refusals;
  }
}

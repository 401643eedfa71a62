import { EXPIRED } from '../kinesis/error-codes.ts';
import type { Decision } from './decide.ts';
import type { Held } from './held.ts';
import type { KinesisRecord, KinesisRecordPool } from './kinesis-record.ts';
import { RecordHeap } from './record-heap.ts';
import type { Router } from './route.ts';
import type { Behaviour, ProducerSettings } from './settings.ts';
import type { ShardMap } from './shard-map.ts';
import { type FoundRecord, splitKinesisRecord } from './split.ts';
import type { Stage } from './stage.ts';
import type { UserRecords } from './user-records.ts';

export interface RetryOptions {
  readonly settings: ProducerSettings;
  readonly behaviour: Behaviour;
  readonly records: UserRecords;
  readonly held: Held;
  readonly pool: KinesisRecordPool;
  readonly router: Router;
  readonly shardMap: ShardMap;
  readonly random: () => number;
  /** Whether nothing may wait for company. */
  readonly isHurried: () => boolean;
  /** A Kinesis record's backoff is over. */
  readonly onAgain: (record: KinesisRecord, nowUs: number) => void;
  readonly onGivenUp: (
    slot: number,
    outcome: 'failed' | 'expired',
    code: string,
    nowUs: number,
  ) => void;
  /** A Kinesis record is no more: settled, or taken apart. */
  readonly onGone: (record: KinesisRecord) => void;
  /** Takes a record that must not be taken apart now; null when records are not ordered. */
  readonly keepOrder: ((record: KinesisRecord) => void) | null;
}

/**
 * What becomes of a Kinesis record that was not accepted: it waits and goes again as it is, or its user records go back
 * to the aggregator, expire, or fail. Its user records are marked with each attempt.
 */
export class Retries implements Stage {
  readonly #options: RetryOptions;
  /** Until their backoff is over, which is their deadline; null as long as none ever waited. */
  #backoff: RecordHeap | null = null;
  /** Until the new shard map is here, at most until the first of them expires. */
  #awaitingMap: KinesisRecord[] = [];
  #awaitingUntilUs = Number.POSITIVE_INFINITY;

  constructor(options: RetryOptions) {
    const {
      settings,
      behaviour,
      records,
      held,
      pool,
      router,
      shardMap,
      random,
      isHurried,
      onAgain,
      onGivenUp,
      onGone,
      keepOrder,
    } = options;
    // Of one shape for all producers: what comes is put together in several places.
    this.#options = {
      settings,
      behaviour,
      records,
      held,
      pool,
      router,
      shardMap,
      random,
      isHurried,
      onAgain,
      onGivenUp,
      onGone,
      keepOrder,
    };
  }

  /** When a backoff ends or a record has waited too long for the map. */
  get nextUs(): number {
    const backoffUs = this.#backoff?.first?.deadlineUs ?? Number.POSITIVE_INFINITY;
    return Math.min(backoffUs, this.#awaitingUntilUs);
  }

  advance(nowUs: number): void {
    const backoff = this.#backoff;
    for (let first = backoff?.first; backoff !== null && first !== undefined; ) {
      if (first.deadlineUs > nowUs) break;
      this.#options.onAgain(backoff.pop(), nowUs);
      first = backoff.first;
    }
    if (this.#awaitingUntilUs <= nowUs) this.mapChanged(nowUs);
  }

  /** An attempt did not succeed. */
  refused(record: KinesisRecord, { action, code, outcome }: Decision, nowUs: number): void {
    const attempts = this.#markAttempt(record, outcome === 'unknown');
    const { behaviour, settings, shardMap, pool } = this.#options;
    const mustMove = action === 'retryElsewhere';
    if (action === 'fail') {
      this.giveUpAll(record, 'failed', code, nowUs);
    } else if (mustMove && behaviour.followsMap && shardMap.isUpdating) {
      pool.own(record);
      this.#awaitingMap.push(record);
      this.#awaitingUntilUs = Math.min(this.#awaitingUntilUs, record.expirationUs);
    } else if (behaviour.retries === 'individual' || mustMove || attempts >= settings.maxAttempts) {
      this.takeApart(record, nowUs, 0, code);
    } else {
      const isAlone = action === 'retryAlone';
      if (isAlone) record.goesAlone = true;
      const waitUs = isAlone ? 0 : this.#backoffUs(record.attempts);
      if (nowUs + waitUs >= record.expirationUs) this.takeApart(record, nowUs, waitUs, code);
      else {
        pool.own(record);
        record.deadlineUs = nowUs + waitUs;
        this.#backoff ??= new RecordHeap();
        this.#backoff.push(record);
      }
    }
  }

  /** The map is here: what waited for it goes on. */
  mapChanged(nowUs: number): void {
    const waited = this.#awaitingMap;
    this.#awaitingMap = [];
    this.#awaitingUntilUs = Number.POSITIVE_INFINITY;
    for (const record of waited) this.takeApart(record, nowUs);
  }

  /**
   * Every user record back to the aggregator, under the shard map of now, unless its time is over or its attempts are.
   * @param waitUs it would have to wait this long: who expires meanwhile has expired
   * @param code what user records fail with that may not be tried again
   */
  takeApart(record: KinesisRecord, nowUs: number, waitUs = 0, code = ''): void {
    const { keepOrder, records } = this.#options;
    if (keepOrder !== null) {
      keepOrder(record);
      return;
    }
    const found = splitKinesisRecord(record, records.next);
    this.#leave(record);
    const deadlineUs = nowUs + this.#regroupUs(waitUs);
    for (const one of found) {
      if (!this.giveUpIfOver(one.slot, nowUs, waitUs, code)) {
        this.#options.router.takeAgain(one, record.bytes, deadlineUs, false);
      }
    }
    this.#options.pool.release(record);
  }

  /** Settles a user record whose time to live or attempts are used up; false when it may go on. */
  giveUpIfOver(slot: number, nowUs: number, waitUs = 0, code = ''): boolean {
    const { records, settings } = this.#options;
    const expirationUs = (records.generatedUs[slot] as number) + settings.recordTtlUs;
    if (nowUs + waitUs >= expirationUs) this.#giveUp(slot, 'expired', EXPIRED, nowUs);
    else if ((records.attempts[slot] as number) >= settings.maxAttempts) {
      this.#giveUp(slot, 'failed', code, nowUs);
    } else return false;
    return true;
  }

  /** When the last of its user records expires. */
  endOf(record: KinesisRecord): number {
    const { records, settings } = this.#options;
    let lastUs = 0;
    for (let slot = record.firstSlot; slot >= 0; slot = records.next[slot] as number) {
      lastUs = Math.max(lastUs, records.generatedUs[slot] as number);
    }
    return lastUs + settings.recordTtlUs;
  }

  /** Of an overfull aggregate, all that fits goes on; the user records with the latest deadlines wait in another. */
  trim(record: KinesisRecord): void {
    const { records, router, pool, isHurried } = this.#options;
    const { deadlineUs } = records;
    const found = splitKinesisRecord(record, records.next);
    this.#leave(record);
    found.sort((a, b) => (deadlineUs[a.slot] as number) - (deadlineUs[b.slot] as number));
    for (const one of found) {
      const byUs = isHurried() ? 0 : (deadlineUs[one.slot] as number);
      router.takeAgain(one, record.bytes, byUs, true);
    }
    pool.release(record);
  }

  /** Sends the user records of all these on their way again, in the order in which they came. */
  reorder(taken: readonly KinesisRecord[], nowUs: number): void {
    const { records, router, pool } = this.#options;
    const all: { readonly one: FoundRecord; readonly record: KinesisRecord }[] = [];
    for (const record of taken) {
      for (const one of splitKinesisRecord(record, records.next)) all.push({ one, record });
      this.#leave(record);
    }
    const { order, deadlineUs } = records;
    all.sort((a, b) => (order[a.one.slot] as number) - (order[b.one.slot] as number));
    for (const { one, record } of all) {
      if (this.giveUpIfOver(one.slot, nowUs)) continue;
      router.takeAgain(one, record.bytes, deadlineUs[one.slot] as number, false);
    }
    for (const record of taken) pool.release(record);
  }

  giveUpAll(
    record: KinesisRecord,
    outcome: 'failed' | 'expired',
    code: string,
    nowUs: number,
  ): void {
    const { next } = this.#options.records;
    for (let slot = record.firstSlot; slot >= 0; ) {
      const following = next[slot] as number;
      this.#giveUp(slot, outcome, code, nowUs);
      slot = following;
    }
    this.release(record);
  }

  /** Its user records are settled. */
  release(record: KinesisRecord): void {
    this.#leave(record);
    this.#options.pool.release(record);
  }

  /** Takes out the waiting records that `isTaken` says yes to. */
  takeWhere(
    isTaken: (record: KinesisRecord) => boolean,
    take: (record: KinesisRecord) => void,
  ): void {
    const waiting = this.#awaitingMap;
    this.#awaitingMap = waiting.filter((record) => !isTaken(record));
    if (this.#awaitingMap.length === 0) this.#awaitingUntilUs = Number.POSITIVE_INFINITY;
    for (const record of waiting) if (isTaken(record)) take(record);
    this.#backoff?.takeWhere(isTaken, take);
  }

  #leave(record: KinesisRecord): void {
    this.#options.held.bufferedBytes -= record.bufferedBytes;
    this.#options.onGone(record);
  }

  #giveUp(slot: number, outcome: 'failed' | 'expired', code: string, nowUs: number): void {
    this.#options.onGivenUp(slot, outcome, code, nowUs);
    this.#options.records.release(slot);
    this.#options.held.outstanding--;
  }

  /** @returns the most attempts that one of its user records has had */
  #markAttempt(record: KinesisRecord, isUnknown: boolean): number {
    const { attempts, firstSentUs, hadUnknown, next } = this.#options.records;
    let most = 0;
    for (let slot = record.firstSlot; slot >= 0; slot = next[slot] as number) {
      if (attempts[slot] === 0) firstSentUs[slot] = record.sentUs;
      if ((attempts[slot] as number) < ATTEMPTS_MAX)
        attempts[slot] = (attempts[slot] as number) + 1;
      if (isUnknown) hadUnknown[slot] = 1;
      most = Math.max(most, attempts[slot] as number);
    }
    return most;
  }

  /** How long user records that were taken apart may wait for company; for the KPL's profile it is the backoff too. */
  #regroupUs(waitUs: number): number {
    const { behaviour, settings, isHurried } = this.#options;
    const usualUs = settings.maxBufferedTimeUs / 2;
    if (behaviour.backoffFirstUs === 0 || !isHurried()) return usualUs;
    return Math.min(usualUs, Math.max(waitUs, behaviour.backoffFirstUs));
  }

  /** Full jitter in the upper half of a doubling wait: spreads retries, never to nothing. */
  #backoffUs(attempts: number): number {
    const { behaviour, settings, random } = this.#options;
    const { backoffFirstUs, backoffMaxUs } = behaviour;
    if (backoffFirstUs === 0) return settings.maxBufferedTimeUs / 2;
    const step = Math.min(backoffMaxUs, backoffFirstUs * 2 ** Math.min(attempts - 1, 30));
    return step * (0.5 + 0.5 * random());
  }
}

/** They are counted in 16 bits. */
const ATTEMPTS_MAX = 0xffff;

/**
 * What a PutRecords or PutRecord call does to its stream. In: a call with its records' places. Out: the same call with an
 * outcome for each record, the accepted ones stored, all of them in the audit. A call is checked whole before the first
 * record is admitted, and records are admitted one by one in request order.
 */
import type { Audit } from './audit.ts';
import { appendDamaged, type Damaged } from './damage.ts';
import type { Faults } from './faults.ts';
import { KeyCache } from './key-cache.ts';
import type { CoreOptions } from './options.ts';
import { ACCEPTED, INTERNAL_FAILED, type PutCall, THROTTLED } from './put-call.ts';
import {
  checkSizes,
  dryRun,
  explicitWords,
  missingKey,
  recordBytes,
  refusalType,
} from './put-checks.ts';
import { type RecordStore, SPAN_WORDS, StoredBody } from './record-store.ts';
import { ServiceError } from './service-error.ts';
import type { ShardState } from './shard.ts';
import type { Stream } from './stream.ts';

/** What is needed of a simulator. */
export interface WrittenService {
  readonly options: CoreOptions;
  readonly store: RecordStore;
  readonly faults: Faults;
  readonly ledger: Audit;
  /** @throws ServiceError ResourceNotFoundException */
  readyStream(name: string): Stream;
  nowMs(): number;
  /** Told of what a call stored, before it is answered. */
  readonly journal: {
    prepare(): void;
    append(call: PutCall, stream: Stream, body: StoredBody, damaged: Damaged | null): void;
  } | null;
}

/** So many shards stay in the cache by themselves. */
const NEAR_SHARDS = 256;

export class Writes {
  readonly #service: WrittenService;
  readonly #keys = new KeyCache();
  /** Logs that have watchers and records of the current call. */
  readonly #watched = new Set<ShardState>();
  #callNumber = 0;
  /** Means nothing; without it the reads of {@link #bringNear} would be for nothing, and be left out. */
  nearSum = 0;

  constructor(service: WrittenService) {
    this.#service = service;
  }

  /** Of the ids of keys that a call with `count` records may hand in: makes room for as many. */
  keyGeneration(count: number): number {
    this.#keys.makeRoom(count);
    return this.#keys.table.generation;
  }

  /** Fills in the outcome of `call`; returns the bytes of its records. */
  take(call: PutCall, nowUs: number): number {
    call.begin();
    let bodyBytes = 0;
    try {
      const stream = this.#service.readyStream(call.streamName);
      call.stream = stream;
      bodyBytes = checkSizes(call, stream);
      this.#route(call, stream);
      if (call.isDryRun) throw dryRun();
      this.#applyCallFaults(call, nowUs);
      if (call.outcome === 'answered') this.#admit(call, stream, nowUs);
    } catch (thrown) {
      if (!(thrown instanceof ServiceError)) throw thrown;
      call.outcome = 'error';
      call.error = thrown;
      this.#service.ledger.callFailed(thrown.type);
    }
    return bodyBytes;
  }

  #route(call: PutCall, stream: Stream): void {
    const { map } = stream;
    const isSpread = stream.distribution === 'AUTO';
    const only = map.open.length === 1 ? (map.open[0] as ShardState).place.number : -1;
    call.keyGeneration = this.keyGeneration(call.count);
    for (let i = 0; i < call.count; i++) {
      if (isSpread) {
        call.shard[i] = stream.nextSpreadShard();
        continue;
      }
      if (call.keyStart[i] === call.keyEnd[i]) throw missingKey(call, i);
      const explicit = call.explicitHashKey[i] as string;
      if (explicit !== '') {
        call.shard[i] = map.shardAt(explicitWords(explicit), 0).place.number;
      } else if (only >= 0) {
        // One range takes every key, so its hash is not needed.
        call.shard[i] = only;
      } else {
        let id = call.keyId[i] as number;
        if (id < 0) {
          id = this.#keys.intern(call.body, call.keyStart[i] as number, call.keyEnd[i] as number);
          call.keyId[i] = id;
        }
        call.shard[i] = map.routeKey(id, this.#keys);
      }
    }
  }

  #applyCallFaults(call: PutCall, nowUs: number): void {
    const { faults, ledger } = this.#service;
    if (faults.hitsCall('reset-before', call, nowUs)) {
      call.outcome = 'cut';
      ledger.callCut(false);
      return;
    }
    const error = faults.callError(call, nowUs);
    if (error !== null) throw error;
  }

  #admit(call: PutCall, stream: Stream, nowUs: number): void {
    const { faults, ledger, journal } = this.#service;
    journal?.prepare();
    this.#judge(call, stream, nowUs);
    ledger.records(call, stream.shards);
    this.#keep(call, stream, nowUs);
    if (faults.hitsCall('reset-after', call, nowUs)) {
      call.outcome = 'cut';
      ledger.callCut(true);
    } else if (call.operation === 'PutRecord' && call.refusedCount > 0) {
      ledger.callFailed(refusalType(call.recordOutcome[0] as number));
    } else {
      ledger.callAnswered(call.refusedCount);
      this.#spoil(call, nowUs);
    }
  }

  /** Which records are admitted. Where nothing can refuse one, no shard is looked at. */
  #judge(call: PutCall, stream: Stream, nowUs: number): void {
    const { faults, options } = this.#service;
    const { hasRecordRules } = faults;
    const number = this.#callNumber++;
    if (!hasRecordRules && options.limits === 'off') {
      call.recordOutcome.fill(ACCEPTED, 0, call.count);
      return;
    }
    for (let i = 0; i < call.count; i++) {
      const shard = stream.shards[call.shard[i] as number] as ShardState;
      let outcome = ACCEPTED;
      if (hasRecordRules) outcome = this.#faultOutcome(call, shard, nowUs);
      if (outcome === ACCEPTED && !shard.writeLimit.admit(recordBytes(call, i), nowUs, number)) {
        outcome = THROTTLED;
      }
      call.recordOutcome[i] = outcome;
      if (outcome !== ACCEPTED) call.refusedCount++;
    }
  }

  #spoil(call: PutCall, nowUs: number): void {
    const { faults } = this.#service;
    if (faults.hitsCall('truncated-body', call, nowUs)) {
      call.spoiled = 'truncated';
    } else if (
      call.operation === 'PutRecords' &&
      faults.hitsCall('wrong-record-count', call, nowUs)
    ) {
      call.spoiled = 'too-few';
    }
  }

  #faultOutcome(call: PutCall, shard: ShardState, nowUs: number): number {
    const fault = this.#service.faults.hitRecord(call.operation, shard.place.number, nowUs);
    if (fault === null) return ACCEPTED;
    return fault === 'throttle' ? THROTTLED : INTERNAL_FAILED;
  }

  #keep(call: PutCall, stream: Stream, nowUs: number): void {
    const { store, faults } = this.#service;
    const arrivedMs = this.#service.nowMs();
    call.arrivedSecond = Math.floor(arrivedMs / 1000);
    const acceptedCount = call.count - call.refusedCount;
    if (acceptedCount === 0) return;
    if (store.bytesMax === 0) {
      this.#passBy(call, stream);
      return;
    }
    const spans = new Uint32Array(acceptedCount * SPAN_WORDS);
    const isDamaged = faults.hasStoredRules;
    const isWatched = store.watchers > 0;
    if (stream.shards.length > NEAR_SHARDS) this.#bringNear(call, stream);
    let place = 0;
    for (let i = 0; i < call.count; i++) {
      if (call.recordOutcome[i] !== ACCEPTED) continue;
      const at = place * SPAN_WORDS;
      spans[at] = call.keyStart[i] as number;
      spans[at + 1] = call.keyEnd[i] as number;
      spans[at + 2] = call.dataStart[i] as number;
      spans[at + 3] = call.dataEnd[i] as number;
      const shard = stream.shards[call.shard[i] as number] as ShardState;
      shard.writtenBytes += recordBytes(call, i);
      if (!isDamaged) call.sequenceIndex[i] = shard.log.append(place);
      place++;
      if (isWatched && shard.log.isWatched) this.#watched.add(shard);
    }
    const damaged = isDamaged ? appendDamaged(call, stream.shards, spans, faults, nowUs) : null;
    const body = new StoredBody(stream, call.body, damaged?.spans ?? spans, arrivedMs);
    call.isStored = true;
    this.#service.journal?.append(call, stream, body, damaged);
    store.add(body);
    store.expire(arrivedMs);
    if (this.#watched.size > 0) this.#wake();
  }

  /**
   * Reads of each record's shard what storing it will need. One shard after the other, each is waited for alone: memory
   * answers a dozen of such reads at once when nothing else stands between them.
   */
  #bringNear(call: PutCall, stream: Stream): void {
    const { shards } = stream;
    let sum = 0;
    for (let i = 0; i < call.count; i++) {
      const { log, writtenBytes } = shards[call.shard[i] as number] as ShardState;
      sum += writtenBytes + log.entryAhead;
    }
    this.nearSum = sum;
  }

  #wake(): void {
    for (const { log } of this.#watched) log.wake();
    this.#watched.clear();
  }

  /** Stores nothing: the records count as written, and as dropped at once. */
  #passBy(call: PutCall, stream: Stream): void {
    for (let i = 0; i < call.count; i++) {
      if (call.recordOutcome[i] !== ACCEPTED) continue;
      const shard = stream.shards[call.shard[i] as number] as ShardState;
      shard.writtenBytes += recordBytes(call, i);
      call.sequenceIndex[i] = shard.log.passBy();
      this.#service.store.droppedRecords++;
    }
  }
}

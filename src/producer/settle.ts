/**
 * What follows from a PutRecords answer. In: a request that has ended. Out: each of its Kinesis records accepted, or
 * handed to the retries; the shard map and the limiter told what the answer says about shards. The rules are decide.ts's.
 */
import type { KeyTable } from '../kinesis/key-table.ts';
import { type Decision, decide, emptyDecision } from './decide.ts';
import type { Held } from './held.ts';
import { hashOf, type KinesisRecord } from './kinesis-record.ts';
import type { PipelineObserver } from './pipeline-options.ts';
import type { Retries } from './retry.ts';
import type { Request } from './send.ts';
import type { Behaviour, ProducerSettings } from './settings.ts';
import type { ShardMap } from './shard-map.ts';
import { holdsEveryKey } from './split.ts';
import type { UserRecords } from './user-records.ts';

export interface SettlementOptions {
  readonly settings: ProducerSettings;
  readonly behaviour: Behaviour;
  readonly keys: KeyTable;
  readonly records: UserRecords;
  readonly held: Held;
  readonly shardMap: ShardMap;
  readonly observer: PipelineObserver;
  readonly retries: Retries;
  readonly onThrottled: (shard: number, nowUs: number) => void;
}

export class Settlement {
  /** Whether what is refused fails, because the pipeline gives everything up. */
  isFinal = false;
  readonly #options: SettlementOptions;
  readonly #decision: Decision = emptyDecision();

  constructor(options: SettlementOptions) {
    const { settings, behaviour, keys, records, held, shardMap, observer, retries, onThrottled } =
      options;
    // Of one shape for all producers: what comes is put together in several places.
    this.#options = {
      settings,
      behaviour,
      keys,
      records,
      held,
      shardMap,
      observer,
      retries,
      onThrottled,
    };
  }

  settle(request: Request): void {
    this.#options.observer.requestEnded(request);
    if (this.#settleAll(request)) return;
    for (let entry = 0; entry < request.entryCount; entry++) this.#settleEntry(request, entry);
  }

  /** Settles a call in which all went as it should, for whom it is enough to hear of that once; false for any other. */
  #settleAll(request: Request): boolean {
    const { observer, records, held, retries } = this.#options;
    const { answer, entries, entryCount } = request;
    const isWhole = answer.status === 'answered' && answer.resultCount === entryCount;
    if (observer.acceptedAll === undefined || !isWhole) return false;
    const { entryError, shardNumber } = answer;
    for (let entry = 0; entry < entryCount; entry++) {
      const shard = shardNumber[entry] as number;
      const { predictedShard } = entries[entry] as KinesisRecord;
      const isExpected = shard >= 0 && (predictedShard < 0 || predictedShard === shard);
      if (!isExpected || entryError[entry] !== 0) return false;
    }
    observer.acceptedAll(request);
    for (let entry = 0; entry < entryCount; entry++) {
      const record = entries[entry] as KinesisRecord;
      held.outstanding -= records.releaseChain(record.firstSlot);
      retries.release(record);
    }
    return true;
  }

  #settleEntry(request: Request, entry: number): void {
    const { observer, shardMap, settings, behaviour, keys, records, held, retries } = this.#options;
    const { answer, entryCount, doneUs } = request;
    const decision = this.#decision;
    const record = request.entries[entry] as KinesisRecord;
    record.sentUs = request.sentUs;
    decide(record, entry, entryCount, answer, behaviour, settings.failIfThrottled, this, decision);
    record.attempts++;
    const { predictedShard } = record;
    let shard = answer.status === 'answered' ? (answer.shardNumber[entry] as number) : -1;
    if (shard < 0)
      shard = predictedShard >= 0 ? predictedShard : shardMap.shardOf(hashOf(record, keys), 0);
    observer.attempted(record, decision.outcome, decision.code, shard, decision.message);
    if (decision.invalidatesMap && !record.hasInvalidatedMap) {
      record.hasInvalidatedMap = true;
      shardMap.invalidate(request.sentUs, predictedShard);
    }
    if (decision.action === 'accept') {
      observer.accepted(record, request, entry);
      held.outstanding -= records.releaseChain(record.firstSlot);
      retries.release(record);
      return;
    }
    if (decision.outcome === 'throttled' && behaviour.adaptsRate) {
      this.#options.onThrottled(predictedShard, doneUs);
    }
    if (this.isFinal) decision.action = 'fail';
    retries.refused(record, decision, doneUs);
  }

  /** For {@link decide}: whether a shard that was not predicted may keep a record. */
  holdsRecord(shard: number, record: KinesisRecord): boolean {
    const { keys, shardMap, behaviour, records } = this.#options;
    if (!shardMap.holds(shard, hashOf(record, keys))) return false;
    if (behaviour.acceptsElsewhere === 'firstKey' || !record.isAggregate) return true;
    return holdsEveryKey(shardMap, shard, record, records.next);
  }
}

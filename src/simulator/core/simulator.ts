/**
 * The simulator's core: the service without its wire. In: calls, a clock and a seed. Out: answers by callback at the
 * time that the latency model and the faults say, and an audit. Everything is a function of the calls, the clock and the
 * seed, so the same code serves real sockets and virtual time. It holds no socket and awaits nothing.
 */
import type { Clock } from '../../core/clock.ts';
import { Audit, type AuditReport, type AuditShard } from './audit.ts';
import { CallLimits } from './call-limit.ts';
import { Faults } from './faults.ts';
import { KeyCache } from './key-cache.ts';
import { ServiceTime } from './latency.ts';
import { OnDemandScaling } from './on-demand.ts';
import type { CoreOptions, FaultRule } from './options.ts';
import { PlannedReshards } from './planned-reshards.ts';
import { ACCEPTED, INTERNAL_FAILED, type PutCall, THROTTLED } from './put-call.ts';
import {
  checkSizes,
  dryRun,
  explicitWords,
  missingKey,
  recordBytes,
  refusalType,
} from './put-checks.ts';
import { RecordStore, SPAN_WORDS, StoredBody } from './record-store.ts';
import { limitExceeded, resourceNotFound, ServiceError } from './service-error.ts';
import type { ShardState } from './shard.ts';
import { Stream, type StreamMode } from './stream.ts';

export class Simulator {
  readonly clock: Clock;
  readonly options: CoreOptions;
  readonly streams = new Map<string, Stream>();
  readonly store: RecordStore;
  /** Resource policies by ARN. */
  readonly policies = new Map<string, string>();
  /** Unix milliseconds since when the account has On-demand Advantage; null: it has not. */
  commitmentStartedMs: number | null = null;
  readonly #keys = new KeyCache();
  readonly #serviceTime: ServiceTime;
  readonly #faults: Faults;
  readonly #scaling = new OnDemandScaling(this);
  #audit: Audit;
  readonly #callLimits = new CallLimits();
  #callNumber = 0;
  readonly #reshards = new PlannedReshards(this, (rule) => this.#faults.countReshard(rule));

  /** @throws ShardstormError SHARDSTORM_SIMULATOR_USAGE for a fault that does not exist */
  constructor(clock: Clock, options: CoreOptions) {
    this.clock = clock;
    this.options = options;
    this.store = new RecordStore(options.storedBytesMax);
    this.#audit = new Audit(options.readsContents);
    this.#serviceTime = new ServiceTime(options.latency, options.seed);
    this.#faults = new Faults(options.faults, options.seed);
  }

  /** Unix milliseconds now, whole. */
  nowMs(): number {
    return Math.floor((this.clock.originEpochUs + this.clock.nowUs()) / 1000);
  }

  /** Begins a run: fault windows count from `originUs`, limits are full, the audit is empty. */
  startAt(originUs: number): void {
    this.#faults.startAt(originUs);
    this.#audit = new Audit(this.options.readsContents);
    for (const stream of this.streams.values()) {
      for (const shard of stream.shards) {
        shard.writeLimit.reset();
        shard.clearCounters();
      }
    }
    this.#scaling.start();
    this.#reshards.clear();
    for (const { rule, atUs } of this.#faults.reshards()) this.#reshards.plan(rule, atUs);
  }

  /** Adds a fault now: a window without a beginning begins at once. */
  addFault(rule: FaultRule): void {
    const nowUs = this.clock.nowUs();
    const sinceUs = this.#faults.sinceStartUs(nowUs);
    const isWindow = rule.atUs === null && rule.rate === null;
    const timed = isWindow ? { ...rule, atUs: sinceUs } : rule;
    this.#faults.add(timed);
    if (PlannedReshards.isOne(timed)) {
      this.#reshards.plan(timed, nowUs + (timed.atUs ?? sinceUs) - sinceUs);
    }
  }

  /** Takes all faults away, planned ones too. */
  clearFaults(): void {
    this.#faults.clear();
    this.#reshards.clear();
  }

  /** Ends all timers, so that the process can end. */
  close(): void {
    this.#scaling.stop();
    this.#reshards.clear();
  }

  /** A stream that takes records at once. */
  addActiveStream(name: string, mode: StreamMode, shardCount: number): Stream {
    const stream = new Stream(name, mode, shardCount, this.nowMs(), this.options);
    stream.status = 'ACTIVE';
    this.streams.set(name, stream);
    return stream;
  }

  /** @throws ServiceError ResourceNotFoundException */
  stream(name: string): Stream {
    const stream = this.streams.get(name);
    if (stream !== undefined) return stream;
    throw resourceNotFound(`Stream ${name} under account ${this.options.account} not found.`);
  }

  /** @throws ServiceError ResourceNotFoundException also for a stream that is being created or deleted */
  readyStream(name: string): Stream {
    const stream = this.stream(name);
    if (stream.status === 'ACTIVE' || stream.status === 'UPDATING') return stream;
    throw resourceNotFound(`Stream ${name} under account ${this.options.account} not found.`);
  }

  /**
   * Takes a PutRecords or PutRecord call: routes, admits and stores its records in request order, then answers.
   * @param done called exactly once with `call` filled in, perhaps before this returns (service time zero)
   */
  putRecords(call: PutCall, done: (call: PutCall) => void): void {
    const nowUs = this.clock.nowUs();
    call.outcome = 'answered';
    call.error = null;
    call.spoiled = 'no';
    call.refusedCount = 0;
    let bodyBytes = 0;
    try {
      const stream = this.readyStream(call.streamName);
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
      this.#audit.callFailed(thrown.type);
    }
    const serviceUs = this.#serviceTime.drawUs(call.operation, bodyBytes);
    const delayUs = this.#faults.delayUs(serviceUs, call.operation, call, nowUs);
    if (delayUs <= 0) done(call);
    else this.clock.setTimer(nowUs + delayUs, () => done(call));
  }

  /** Counts a call of the control plane. @throws ServiceError LimitExceededException past its rate */
  admitCall(operation: string, scope: string, perSecond: number): void {
    if (this.options.limits === 'off') return;
    if (this.#callLimits.take(`${operation} ${scope}`, perSecond, this.clock.nowUs())) return;
    const place = scope === '' ? '' : ` for stream ${scope}`;
    throw limitExceeded(`Rate exceeded${place} under account ${this.options.account}.`);
  }

  /**
   * Runs any other operation now and answers after its service time.
   * @param done `isCut` tells to end the connection without an answer
   */
  serve<T>(
    operation: string,
    work: () => T,
    done: (result: T | null, error: ServiceError | null, isCut: boolean) => void,
  ): void {
    const nowUs = this.clock.nowUs();
    let result: T | null = null;
    let error: ServiceError | null = null;
    let isCut = this.#faults.hitsCall('reset-before', operation, null, nowUs);
    try {
      const fault = this.#faults.callError(operation, null, nowUs);
      if (fault !== null) throw fault;
      if (!isCut) result = work();
    } catch (thrown) {
      if (!(thrown instanceof ServiceError)) throw thrown;
      error = thrown;
    }
    isCut ||= this.#faults.hitsCall('reset-after', operation, null, nowUs);
    const delayUs = this.#faults.delayUs(
      this.#serviceTime.drawUs(operation, 0),
      operation,
      null,
      nowUs,
    );
    if (delayUs <= 0) done(result, error, isCut);
    else this.clock.setTimer(nowUs + delayUs, () => done(result, error, isCut));
  }

  audit(): AuditReport {
    const shards: AuditShard[] = [];
    for (const stream of this.streams.values()) {
      for (const shard of stream.shards) {
        shards.push({
          stream: stream.name,
          id: shard.id,
          number: shard.place.number,
          records: shard.acceptedRecords,
          bytes: shard.acceptedBytes,
          throttled: shard.throttledRecords,
          internalFailures: shard.failedRecords,
        });
      }
    }
    const { heldBytes, droppedRecords } = this.store;
    return this.#audit.report(shards, this.#faults.counts(), { heldBytes, droppedRecords });
  }

  #route(call: PutCall, stream: Stream): void {
    const isSpread = stream.distribution === 'AUTO';
    this.#keys.makeRoom(call.count);
    for (let i = 0; i < call.count; i++) {
      if (isSpread) {
        call.shard[i] = stream.nextSpreadShard();
        continue;
      }
      if (call.keyStart[i] === call.keyEnd[i]) throw missingKey(call, i);
      const explicit = call.explicitHashKey[i] as string;
      if (explicit === '') {
        const start = call.keyStart[i] as number;
        const id = this.#keys.intern(call.body, start, call.keyEnd[i] as number);
        call.shard[i] = stream.map.routeKey(id, this.#keys);
      } else {
        call.shard[i] = stream.map.shardAt(explicitWords(explicit), 0).place.number;
      }
    }
  }

  #applyCallFaults(call: PutCall, nowUs: number): void {
    if (this.#faults.hitsCall('reset-before', call.operation, call, nowUs)) {
      call.outcome = 'cut';
      this.#audit.callCut(false);
      return;
    }
    const error = this.#faults.callError(call.operation, call, nowUs);
    if (error !== null) throw error;
  }

  #admit(call: PutCall, stream: Stream, nowUs: number): void {
    const number = this.#callNumber++;
    const epochMs = this.nowMs();
    call.arrivedSecond = Math.floor(epochMs / 1000);
    for (let i = 0; i < call.count; i++) {
      const shard = stream.shards[call.shard[i] as number] as ShardState;
      call.recordOutcome[i] = this.#recordOutcome(call, i, shard, nowUs, number);
      if (call.recordOutcome[i] !== ACCEPTED) call.refusedCount++;
    }
    this.#audit.records(call, stream.shards);
    this.#keep(call, stream, epochMs);
    if (this.#faults.hitsCall('reset-after', call.operation, call, nowUs)) {
      call.outcome = 'cut';
      this.#audit.callCut(true);
    } else if (call.operation === 'PutRecord' && call.refusedCount > 0) {
      this.#audit.callFailed(refusalType(call.recordOutcome[0] as number));
    } else {
      this.#audit.callAnswered(call.refusedCount);
      if (this.#faults.hitsCall('truncated-body', call.operation, call, nowUs)) {
        call.spoiled = 'truncated';
      } else if (this.#faults.hitsCall('wrong-record-count', call.operation, call, nowUs)) {
        call.spoiled = 'too-few';
      }
    }
  }

  #recordOutcome(
    call: PutCall,
    i: number,
    shard: ShardState,
    nowUs: number,
    callNumber: number,
  ): number {
    if (this.#faults.hasRecordRules) {
      const fault = this.#faults.hitRecord(call.operation, shard.place.number, nowUs);
      if (fault !== null) return fault === 'throttle' ? THROTTLED : INTERNAL_FAILED;
    }
    return shard.writeLimit.admit(recordBytes(call, i), nowUs, callNumber) ? ACCEPTED : THROTTLED;
  }

  #keep(call: PutCall, stream: Stream, arrivedMs: number): void {
    const acceptedCount = call.count - call.refusedCount;
    if (acceptedCount === 0) return;
    if (this.options.storedBytesMax === 0) {
      this.#passBy(call, stream);
      return;
    }
    const spans = new Uint32Array(acceptedCount * SPAN_WORDS);
    const body = new StoredBody(call.body, spans, arrivedMs);
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
      call.sequenceIndex[i] = shard.log.append(body, place++);
    }
    this.store.add(body);
  }

  /** Stores nothing: the records count as written, and as dropped at once. */
  #passBy(call: PutCall, stream: Stream): void {
    for (let i = 0; i < call.count; i++) {
      if (call.recordOutcome[i] !== ACCEPTED) continue;
      const shard = stream.shards[call.shard[i] as number] as ShardState;
      shard.writtenBytes += recordBytes(call, i);
      call.sequenceIndex[i] = shard.log.passBy();
      this.store.droppedRecords++;
    }
  }
}

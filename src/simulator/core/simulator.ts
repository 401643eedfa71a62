/**
 * The simulator's core: the service without its wire. In: calls, a clock and a seed. Out: answers by callback at the
 * time that the latency model and the faults say, and an audit. Everything is a function of the calls, the clock and the
 * seed, so the same code serves real sockets and virtual time. It holds no socket and awaits nothing.
 */
import type { Clock } from '../../core/clock.ts';
import { Audit, type AuditReport, type AuditShard } from './audit.ts';
import { CallLimits } from './call-limit.ts';
import type { CallScope } from './call-scope.ts';
import type { Damaged } from './damage.ts';
import { Faults } from './faults.ts';
import { ServiceTime } from './latency.ts';
import { OnDemandScaling } from './on-demand.ts';
import type { CoreOptions, FaultRule } from './options.ts';
import { PlannedReshards } from './planned-reshards.ts';
import type { PutCall } from './put-call.ts';
import { RecordStore, type StoredBody } from './record-store.ts';
import { limitExceeded, resourceNotFound, ServiceError } from './service-error.ts';
import { Stream, type StreamMode } from './stream.ts';
import { Writes } from './writes.ts';

/** How an answer goes wrong on its way: the connection ends before it, or in the middle of it. */
type Spoiled = 'no' | 'cut' | 'truncated';

/** Keeps what happens somewhere else as well. */
export interface Journal {
  /** A call is about to be admitted. */
  prepare(): void;
  /**
   * Its accepted records are in their logs; it is not answered yet.
   * @param damaged what is in the logs, where it is not just the accepted records
   */
  append(call: PutCall, stream: Stream, body: StoredBody, damaged: Damaged | null): void;
  /** Something other than records changed. */
  changed(): void;
}

/** Operations that change nothing. */
const READ_ONLY = /^(Get|List|Describe|Subscribe)/;

export class Simulator {
  readonly clock: Clock;
  readonly options: CoreOptions;
  readonly streams = new Map<string, Stream>();
  readonly store: RecordStore;
  /** Resource policies by ARN. */
  readonly policies = new Map<string, string>();
  /** Unix milliseconds since when the account has On-demand Advantage; null: it has not. */
  commitmentStartedMs: number | null = null;
  readonly faults: Faults;
  /** What the audit has counted. */
  ledger: Audit;
  /** null: nobody wants to know. */
  journal: Journal | null = null;
  readonly #serviceTime: ServiceTime;
  readonly #scaling = new OnDemandScaling(this);
  readonly #callLimits = new CallLimits();
  readonly #writes = new Writes(this);
  readonly #reshards = new PlannedReshards(this, (rule) => {
    this.faults.countReshard(rule);
    this.journal?.changed();
  });

  /**
   * @param release takes back the bytes of calls that are no longer held
   * @throws ShardstormError SHARDSTORM_SIMULATOR_USAGE for a fault that does not exist
   */
  constructor(clock: Clock, options: CoreOptions, release?: (bytes: Uint8Array) => void) {
    this.clock = clock;
    this.options = options;
    this.store = new RecordStore(options.storedBytesMax, release);
    this.ledger = new Audit(options.readsContents);
    this.#serviceTime = new ServiceTime(options.latency, options.seed);
    this.faults = new Faults(options, clock);
  }

  /** Unix milliseconds now, whole. */
  nowMs(): number {
    return Math.floor((this.clock.originEpochUs + this.clock.nowUs()) / 1000);
  }

  /** Begins a run: fault windows count from `originUs`, limits are full, the audit is empty. */
  startAt(originUs: number): void {
    this.faults.startAt(originUs);
    this.ledger = new Audit(this.options.readsContents);
    for (const stream of this.streams.values()) {
      for (const shard of stream.shards) {
        shard.writeLimit.reset();
        shard.clearCounters();
      }
    }
    this.store.droppedRecords = 0;
    this.store.expiredRecords = 0;
    this.#scaling.start();
    this.#reshards.clear();
    for (const { rule, atUs } of this.faults.reshards()) this.#reshards.plan(rule, atUs);
    this.journal?.changed();
  }

  /** Adds a fault now: a window without a beginning begins at once. */
  addFault(rule: FaultRule): void {
    const nowUs = this.clock.nowUs();
    const sinceUs = this.faults.sinceStartUs(nowUs);
    const isWindow = rule.atUs === null && rule.rate === null;
    const timed = isWindow ? { ...rule, atUs: sinceUs } : rule;
    this.faults.add(timed);
    if (PlannedReshards.isOne(timed)) {
      this.#reshards.plan(timed, nowUs + (timed.atUs ?? sinceUs) - sinceUs);
    }
  }

  /** Takes all faults away, planned ones too. */
  clearFaults(): void {
    this.faults.clear();
    this.#reshards.clear();
  }

  /** Carries out `change` when CREATING, UPDATING or DELETING is over. */
  later(change: () => void): void {
    this.clock.setTimer(this.clock.nowUs() + this.options.transitionUs, () => {
      change();
      this.journal?.changed();
    });
  }

  /** Ends all timers, so that the process can end. */
  close(): void {
    this.#scaling.stop();
    this.#reshards.clear();
  }

  /** A stream that takes records at once. */
  addActiveStream(name: string, mode: StreamMode, shardCount: number): Stream {
    const stream = new Stream(name, mode, shardCount, this.nowMs(), this.options, this.store);
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
    const bodyBytes = this.#writes.take(call, nowUs);
    const serviceUs = this.#serviceTime.drawUs(call.operation, bodyBytes);
    const delayUs = this.faults.delayUs(serviceUs, call, nowUs);
    if (delayUs <= 0) done(call);
    else this.clock.setTimer(nowUs + delayUs, () => done(call));
  }

  /** Of the key ids that {@link PutCall.keyId} may hold in the next call, which has `count` records. */
  keyGeneration(count: number): number {
    return this.#writes.keyGeneration(count);
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
   * @param done `spoiled` tells to end the connection without an answer, or in the middle of it
   */
  serve<T>(
    scope: CallScope,
    work: () => T,
    done: (result: T | null, error: ServiceError | null, spoiled: Spoiled) => void,
  ): void {
    const nowUs = this.clock.nowUs();
    const { faults } = this;
    let result: T | null = null;
    let error: ServiceError | null = null;
    let spoiled: Spoiled = faults.hitsCall('reset-before', scope, nowUs) ? 'cut' : 'no';
    if (spoiled === 'no') {
      try {
        const fault = faults.callError(scope, nowUs);
        if (fault !== null) throw fault;
        result = work();
        if (!READ_ONLY.test(scope.operation)) this.journal?.changed();
        if (faults.hitsCall('reset-after', scope, nowUs)) spoiled = 'cut';
        else if (faults.hitsCall('truncated-body', scope, nowUs)) spoiled = 'truncated';
      } catch (thrown) {
        if (!(thrown instanceof ServiceError)) throw thrown;
        error = thrown;
      }
    }
    const serviceUs = this.#serviceTime.drawUs(scope.operation, 0);
    const delayUs = faults.delayUs(serviceUs, scope, nowUs);
    if (delayUs <= 0) done(result, error, spoiled);
    else this.clock.setTimer(nowUs + delayUs, () => done(result, error, spoiled));
  }

  audit(): AuditReport {
    const shards: AuditShard[] = [];
    for (const stream of this.streams.values()) {
      for (const shard of stream.shards) {
        shards.push({
          stream: stream.name,
          id: shard.id,
          number: shard.place.number,
          isOpen: shard.isOpen,
          records: shard.acceptedRecords,
          bytes: shard.acceptedBytes,
          throttled: shard.throttledRecords,
          internalFailures: shard.failedRecords,
        });
      }
    }
    this.store.expire(this.nowMs());
    const { heldBytes, droppedRecords, expiredRecords } = this.store;
    const storage = { heldBytes, droppedRecords, expiredRecords };
    return this.ledger.report(shards, this.faults.counts(), storage);
  }
}

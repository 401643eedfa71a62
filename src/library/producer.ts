/**
 * The producer as a library: records in, each one's end out. It wires a transport, a shard map and a pipeline for each
 * stream; the pipeline is the load generator's own. No state outside of it, no thread, no child process.
 */
import { EventEmitter } from 'node:events';
import { type Clock, clockOrigin, realClock } from '../core/clock.ts';
import { ShardstormError, toShardstormError } from '../core/errors.ts';
import { KeyTable } from '../kinesis/key-table.ts';
import type { ListOpenShards } from '../kinesis/listing.ts';
import { createMd5 } from '../kinesis/md5.ts';
import type { Transport } from '../kinesis/put-records.ts';
import { openShardLister, openTransport, type TransportOptions } from '../transport/open.ts';
import { checkRecord } from './check.ts';
import { KeyNames } from './key-names.ts';
import { LateTransport } from './late-transport.ts';
import { type MetricSnapshot, StreamMetrics, snapshotMetrics } from './metrics.ts';
import {
  checkStream,
  type ProducerOptions,
  type ResolvedOptions,
  resolveOptions,
  usage,
} from './options.ts';
import type {
  BatchResult,
  CloseReport,
  OnSettled,
  ProducerRecord,
  RecordError,
  RecordResult,
} from './results.ts';
import { type CheckedRecord, ProducerStream } from './stream.ts';

/** What a producer tells of beside the ends of records. */
export interface ProducerEvents {
  /** The service throttles a shard, for the first time in 15 s. */
  throttled: [{ readonly stream: string; readonly shardId: string | null }];
  shardMap: [{ readonly stream: string; readonly openShards: number }];
  shardMapFailed: [{ readonly stream: string; readonly errorCode: string }];
  /** PutRecords takes longer than five times the buffering time. */
  slow: [{ readonly stream: string; readonly meanMs: number }];
  /** A record was given up. */
  recordFailed: [RecordError];
}

/** The outside of a producer; another one in tests. */
export interface ProducerEnvironment {
  readonly clock: Clock;
  readonly openTransport: (options: TransportOptions, clock: Clock) => Promise<Transport>;
  readonly openShardLister: (options: TransportOptions, clock: Clock) => ListOpenShards;
  /** A number in [0, 1), for the jitter of backoffs. */
  readonly random: () => number;
}

const CLOSE_DEADLINE_MS = 30_000;
/** Calls in flight end when their sockets do. */
const LAST_CALLS_US = 5_000_000;
/** Partition keys remembered at once, about 200 bytes each. */
const KEYS_MAX = 1 << 17;

export class Producer {
  readonly #options: ResolvedOptions;
  readonly #environment: ProducerEnvironment;
  readonly #events = new EventEmitter<ProducerEvents>();
  readonly #transport = new LateTransport();
  readonly #listOpenShards: ListOpenShards;
  readonly #keys = new KeyTable(KEYS_MAX, createMd5());
  readonly #names = new KeyNames(this.#keys);
  readonly #streams = new Map<string, ProducerStream>();
  readonly #metrics = new Map<string, StreamMetrics>();
  readonly #opened: Promise<void>;
  readonly #totals = { accepted: 0, failed: 0, expired: 0 };
  readonly #undelivered: RecordError[] = [];
  #closing: Promise<CloseReport> | null = null;
  /** Why nothing is taken any more; null while all is well. */
  #end: ShardstormError | null = null;
  #whenIdle: (() => void) | null = null;

  /**
   * Begins to open connections and to list shards; records may be put at once.
   * @throws ShardstormError SHARDSTORM_PRODUCER_USAGE
   */
  constructor(options: ProducerOptions, environment?: ProducerEnvironment) {
    this.#options = resolveOptions(options);
    this.#environment = environment ?? {
      clock: realClock(clockOrigin()),
      openTransport,
      openShardLister,
      random: Math.random,
    };
    const { clock } = this.#environment;
    const { transport, streams, signal } = this.#options;
    this.#listOpenShards = this.#environment.openShardLister(transport, clock);
    this.#opened = this.#open();
    this.#opened.catch(() => {});
    for (const stream of streams) this.#stream(stream);
    if (signal?.aborted) this.#abort();
    signal?.addEventListener('abort', this.#abort, { once: true });
  }

  /**
   * Resolves when the endpoint and the credentials are known. Not needed before a put.
   * @throws ShardstormError SHARDSTORM_TRANSPORT_UNREACHABLE, SHARDSTORM_CREDENTIALS_MISSING
   */
  ready(): Promise<void> {
    return this.#opened;
  }

  /** Records taken and not settled. */
  get outstanding(): number {
    let sum = 0;
    for (const stream of this.#streams.values()) sum += stream.outstanding;
    return sum;
  }

  /** Memory of payloads and keys that are held. */
  get bufferedBytes(): number {
    let sum = 0;
    for (const stream of this.#streams.values()) sum += stream.bufferedBytes;
    return sum;
  }

  /**
   * Puts one record. When the buffer is full it waits for room, in order: await it, or bound how many you leave open.
   * @returns where the record is, once it is stored
   * @throws RecordError when it was given up; ShardstormError SHARDSTORM_PRODUCER_USAGE, _CLOSED, _FULL at once
   */
  async put(record: ProducerRecord): Promise<RecordResult> {
    const { stream, checked } = this.#check(record);
    return new Promise((resolve, reject) => {
      const onSettled: OnSettled = (error, result) => {
        if (result === null) reject(error);
        else resolve(result);
      };
      if (!stream.put(checked, onSettled, null, true)) reject(this.#full());
    });
  }

  /**
   * Puts one record unless the buffer is full; no promise is made for it.
   * @returns whether it was taken: then `onSettled` is told once, with `token`
   * @throws ShardstormError SHARDSTORM_PRODUCER_USAGE, SHARDSTORM_PRODUCER_CLOSED
   */
  trySend(record: ProducerRecord, onSettled: OnSettled | null = null, token?: unknown): boolean {
    const { stream, checked } = this.#check(record);
    return stream.put(checked, onSettled, token, false);
  }

  /**
   * Waits until trySend would take a record, or the producer has ended.
   * @param stream needed only by a producer for several streams
   */
  async room(stream?: string): Promise<void> {
    const name = stream ?? this.#options.stream;
    const one = name === null ? undefined : this.#streams.get(name);
    if (one !== undefined) await new Promise<void>((done) => one.whenRoom(done));
  }

  /**
   * Puts records until the buffer is full; all are checked before the first is taken.
   * @param onBatch told once, when all that were taken are settled; not at all when none was
   * @returns how many were taken, from the first on
   * @throws ShardstormError SHARDSTORM_PRODUCER_USAGE, SHARDSTORM_PRODUCER_CLOSED
   */
  trySendBatch(
    records: readonly ProducerRecord[],
    onBatch: ((batch: BatchResult) => void) | null = null,
  ): number {
    const checks = records.map((record) => this.#check(record));
    const outcomes: (RecordResult | RecordError)[] = [];
    let taken = 0;
    let settled = 0;
    let failed = 0;
    let isWhole = false;
    const tellIfDone = () => {
      if (!isWhole || taken === 0 || settled < taken) return;
      onBatch?.({ accepted: taken - failed, failed, outcomes });
    };
    const onSettled: OnSettled = (error, result, place) => {
      const outcome = error ?? result;
      if (outcome !== null) outcomes[place as number] = outcome;
      if (error !== null) failed++;
      settled++;
      tellIfDone();
    };
    for (const { stream, checked } of checks) {
      if (!stream.put(checked, onSettled, taken, false)) break;
      taken++;
    }
    isWhole = true;
    tellIfDone();
    return taken;
  }

  /**
   * Sends what is buffered without waiting for company.
   * @param stream one stream; all of them when left out
   * @returns when every record put until now is settled
   */
  async flush(stream?: string): Promise<void> {
    const flushed =
      stream === undefined ? [...this.#streams.values()] : [this.#streams.get(checkStream(stream))];
    await Promise.all(
      flushed.map((one) => new Promise<void>((done) => (one ? one.flush(done) : done()))),
    );
  }

  /**
   * Takes nothing more, sends all that was taken and waits for it. At the deadline it gives up what is not settled and
   * says so. Closing twice is closing once.
   */
  close(options: { readonly deadlineMs?: number } = {}): Promise<CloseReport> {
    return this.#finish('Closed', options.deadlineMs ?? CLOSE_DEADLINE_MS);
  }

  /** The KPL's metrics since the start, by its names. */
  metrics(): MetricSnapshot[] {
    const { metricsLevel, metricsGranularity } = this.#options;
    return snapshotMetrics(this.#metrics, metricsLevel, metricsGranularity);
  }

  on<E extends keyof ProducerEvents>(
    event: E,
    listener: (...args: ProducerEvents[E]) => void,
  ): this {
    this.#events.on(event, listener as never);
    return this;
  }

  off<E extends keyof ProducerEvents>(
    event: E,
    listener: (...args: ProducerEvents[E]) => void,
  ): this {
    this.#events.off(event, listener as never);
    return this;
  }

  #check(record: ProducerRecord): { stream: ProducerStream; checked: CheckedRecord } {
    if (this.#end !== null) throw this.#end;
    const checked = checkRecord(record, this.#options.maxRecordBytes);
    const name = record.stream ?? this.#options.stream;
    if (name === null) throw usage('stream', 'missing', 'a stream, of the record or the producer');
    return { stream: this.#streams.get(name) ?? this.#stream(checkStream(name)), checked };
  }

  #stream(name: string): ProducerStream {
    const { settings, logger, sharedLimits, maxWaiting, metricsLevel } = this.#options;
    const { clock, random } = this.#environment;
    const metrics = new StreamMetrics(metricsLevel, this.#options.metricsGranularity);
    const stream = new ProducerStream({
      stream: name,
      settings: sharedLimits === null ? settings : { ...settings, rateLimit: { fraction: 1 } },
      keys: this.#keys,
      names: this.#names,
      clock,
      transport: this.#transport,
      listOpenShards: this.#listOpenShards,
      buckets: sharedLimits?.of(name) ?? null,
      metrics,
      maxWaiting,
      returnsRecord: this.#options.returnsRecord,
      random,
      logger,
      later: queueMicrotask,
      onSettled: this.#settled,
      onSlow: (meanMs) => this.#events.emit('slow', { stream: name, meanMs }),
      onThrottled: (shardId) => this.#events.emit('throttled', { stream: name, shardId }),
      onShardMap: (openShards) => this.#events.emit('shardMap', { stream: name, openShards }),
      onShardMapFailed: (errorCode) =>
        this.#events.emit('shardMapFailed', { stream: name, errorCode }),
    });
    this.#streams.set(name, stream);
    this.#metrics.set(name, metrics);
    return stream;
  }

  async #open(): Promise<void> {
    const { openTransport: open, clock } = this.#environment;
    try {
      this.#transport.open(await open(this.#options.transport, clock));
    } catch (thrown) {
      const error = toShardstormError(thrown);
      this.#options.logger?.error({ errorCode: error.code }, 'the producer could not be opened');
      this.#end = error;
      for (const stream of this.#streams.values()) stream.abort(error.code);
      await this.#transport.close();
      throw error;
    }
  }

  readonly #settled = (error: RecordError | null): void => {
    if (error === null) this.#totals.accepted++;
    else {
      this.#totals[error.outcome]++;
      if (this.#closing !== null) this.#undelivered.push(error);
      queueMicrotask(() => this.#events.emit('recordFailed', error));
    }
    if (this.#whenIdle !== null) queueMicrotask(this.#tellIfIdle);
  };

  readonly #tellIfIdle = (): void => {
    if (this.outstanding > 0) return;
    this.#whenIdle?.();
  };

  readonly #abort = (): void => {
    this.#finish('Aborted', 0).catch(() => {});
  };

  #finish(code: string, deadlineMs: number): Promise<CloseReport> {
    this.#end ??= new ShardstormError('SHARDSTORM_PRODUCER_CLOSED', 'the producer is closed', {
      hint: 'Put records before close(), or make another producer.',
    });
    this.#closing ??= this.#shutDown(code, deadlineMs);
    return this.#closing;
  }

  async #shutDown(code: string, deadlineMs: number): Promise<CloseReport> {
    const { logger, signal } = this.#options;
    const streams = [...this.#streams.values()];
    signal?.removeEventListener('abort', this.#abort);
    // So that #closing is set before the first record is given up.
    await Promise.resolve();
    if (deadlineMs > 0) for (const stream of streams) stream.drain();
    const isComplete = await this.#idle(deadlineMs * 1000);
    if (!isComplete) for (const stream of streams) stream.abort(code);
    await this.#transport.close();
    if (!isComplete) await this.#idle(LAST_CALLS_US);
    for (const stream of streams) stream.close();
    const report = { isComplete, ...this.#totals, undelivered: this.#undelivered };
    logger?.info({ ...report, undelivered: this.#undelivered.length }, 'producer closed');
    return report;
  }

  /** Whether nothing is outstanding within the time. */
  #idle(limitUs: number): Promise<boolean> {
    const { clock } = this.#environment;
    if (this.outstanding === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = clock.setTimer(clock.nowUs() + limitUs, () => finish(false));
      const finish = (isIdle: boolean) => {
        timer.cancel();
        this.#whenIdle = null;
        resolve(isIdle);
      };
      this.#whenIdle = () => finish(true);
    });
  }

  #full(): ShardstormError {
    const { maxWaiting } = this.#options;
    return new ShardstormError(
      'SHARDSTORM_PRODUCER_FULL',
      `${maxWaiting} records wait for room already`,
      { hint: 'Await put(), or raise maxBufferedBytes or maxWaiting.', retryable: true },
    );
  }
}

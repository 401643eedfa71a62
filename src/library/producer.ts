/**
 * The producer as a library: records in, each one's end out. It wires a transport, a shard map and a pipeline for each
 * stream; the pipeline is the load generator's own. No state outside of it, no thread, no child process.
 */
import { type ShardstormError, toShardstormError } from '../core/errors.ts';
import { KeyTable } from '../kinesis/key-table.ts';
import type { ListOpenShards } from '../kinesis/listing.ts';
import { createMd5 } from '../kinesis/md5.ts';
import { Batch } from './batch.ts';
import { type BatchInput, batchInput, checkRecord } from './batch-input.ts';
import { checkCallback, checkData } from './check.ts';
import { type ProducerEnvironment, type ProducerEvents, realEnvironment } from './environment.ts';
import { missingStream, producerClosed, producerFull } from './errors.ts';
import { Events } from './events.ts';
import { checkStream, whole } from './fields.ts';
import { Idle } from './idle.ts';
import { Incoming } from './incoming.ts';
import { KeyNames } from './key-names.ts';
import { LateTransport } from './late-transport.ts';
import type { MetricSnapshot } from './metric-snapshots.ts';
import { type ProducerOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import { type MetricsQuery, ProducerMetrics } from './producer-metrics.ts';
import type {
  BatchResult,
  CloseReport,
  OnSettled,
  ProducerRecord,
  RecordColumns,
  RecordError,
  RecordResult,
} from './results.ts';
import { ProducerStream } from './stream.ts';
import { TICKET_RECORDS_MAX } from './tickets.ts';
import { settleWaiter, type Waiter } from './waiter.ts';

const CLOSE_DEADLINE_MS = 30_000;
/** Calls in flight end when their sockets do; a sink of metrics is waited for as long past the deadline. */
const LAST_CALLS_US = 5_000_000;
/** Partition keys remembered at once, about 200 bytes each. */
const KEYS_MAX = 1 << 17;
/** Of a larger batch with more new keys than this the table holds more until the next put. */
const NEW_KEYS_MAX = 1 << 14;

/** Where a batch goes on, and what is handed back with its end. */
export interface BatchOptions {
  /** The first record that is put; those before it are passed over. */
  readonly from?: number;
  readonly token?: unknown;
}

export class Producer {
  readonly #options: ResolvedOptions;
  readonly #environment: ProducerEnvironment;
  readonly #events = new Events();
  readonly #transport = new LateTransport();
  readonly #listOpenShards: ListOpenShards;
  readonly #keys = new KeyTable(KEYS_MAX, createMd5());
  readonly #names = new KeyNames(this.#keys);
  readonly #streams = new Map<string, ProducerStream>();
  /** That of the records that name none; null: there is none. */
  readonly #home: ProducerStream | null;
  readonly #incoming = new Incoming();
  /** Ids of the keys of the batch that is being put. */
  #keyIds = new Uint32Array(0);
  readonly #metrics: ProducerMetrics;
  readonly #idle: Idle;
  readonly #opened: Promise<void>;
  readonly #totals = { accepted: 0, failed: 0, expired: 0 };
  readonly #undelivered: RecordError[] = [];
  #closing: Promise<CloseReport> | null = null;
  /** Why nothing is taken any more; null while all is well. */
  #end: ShardstormError | null = null;

  /**
   * Begins to open connections and to list shards; records may be put at once.
   * @throws ShardstormError SHARDSTORM_PRODUCER_USAGE
   */
  constructor(options: ProducerOptions, environment?: ProducerEnvironment) {
    this.#options = resolveOptions(options);
    this.#environment = environment ?? realEnvironment();
    const { clock } = this.#environment;
    const { transport, streams, signal, metrics, logger } = this.#options;
    this.#metrics = new ProducerMetrics(metrics, clock, logger);
    this.#idle = new Idle(clock, () => this.outstanding);
    this.#listOpenShards = this.#environment.openShardLister(transport, clock);
    this.#opened = this.#open();
    this.#opened.catch(() => {});
    for (const stream of streams) this.#stream(stream);
    this.#home = this.#streams.get(this.#options.stream ?? '') ?? null;
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

  /** How long the oldest of them has been here, milliseconds; 0 when there is none. Looks at them all. */
  get oldestRecordMs(): number {
    const puts = [...this.#streams.values()].map(({ oldestPutUs }) => oldestPutUs);
    return Math.max(0, this.#environment.clock.nowUs() - Math.min(...puts)) / 1000;
  }

  /** Memory of payloads and keys that are held, but for {@link waitingBytes}. */
  get bufferedBytes(): number {
    let sum = 0;
    for (const stream of this.#streams.values()) sum += stream.bufferedBytes;
    return sum;
  }

  /** Memory of what waits for room. */
  get waitingBytes(): number {
    let sum = 0;
    for (const stream of this.#streams.values()) sum += stream.waitingBytes;
    return sum;
  }

  /**
   * Puts one record. When the buffer is full it waits for room, in order: await it, or bound how many you leave open.
   * @returns where the record is, once it is stored
   * @throws RecordError when it was given up; ShardstormError SHARDSTORM_PRODUCER_USAGE, _CLOSED, _FULL at once
   */
  put(record: ProducerRecord): Promise<RecordResult> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { resolve, reject };
      const stream = this.#accept(record, settleWaiter, waiter);
      if (!stream.put(this.#incoming, true))
        reject(producerFull(stream.waitingCount, stream.waitingBytes));
    });
  }

  /**
   * Puts one record unless the buffer is full; no promise is made for it.
   * @returns whether it was taken: then `onSettled` is told once, with `token`
   * @throws ShardstormError SHARDSTORM_PRODUCER_USAGE, SHARDSTORM_PRODUCER_CLOSED
   */
  trySend(record: ProducerRecord, onSettled: OnSettled | null = null, token?: unknown): boolean {
    checkCallback('onSettled', onSettled);
    return this.#accept(record, onSettled, token).put(this.#incoming, false);
  }

  /**
   * Waits until trySend would take a record, or the producer has ended.
   * @param stream needed only by a producer for several streams
   * @throws ShardstormError SHARDSTORM_PRODUCER_USAGE
   */
  async room(stream?: string): Promise<void> {
    const name = stream ?? this.#options.stream;
    if (name === null) throw missingStream();
    const one = this.#streams.get(checkStream(name));
    if (one !== undefined) await new Promise<void>((done) => one.whenRoom(done));
  }

  /**
   * Puts records until the buffer is full; all are checked before the first is taken. The fastest way: given as columns,
   * nothing is made for a record, and nothing when it ends.
   * @param onBatch told once, when all that were taken are settled; not at all when none was
   * @returns how many were taken: to go on, call again with `from` that many further
   * @throws ShardstormError SHARDSTORM_PRODUCER_USAGE, SHARDSTORM_PRODUCER_CLOSED
   */
  trySendBatch(
    records: readonly ProducerRecord[] | RecordColumns,
    onBatch: ((batch: BatchResult) => void) | null = null,
    options: BatchOptions = {},
  ): number {
    checkCallback('onBatch', onBatch);
    if (this.#end !== null) throw this.#end;
    const input = batchInput(records);
    const from = whole('from', options.from, 0);
    const count = Math.min(TICKET_RECORDS_MAX, Math.max(0, input.count - from));
    const keyIds = this.#checkBatch(input, from, count);
    const nowUs = this.#environment.clock.nowUs();
    const batch = new Batch(onBatch ?? ignore, options.token, nowUs, queueMicrotask);
    this.#metrics.open();
    const taken = this.#putBatch(input, from, count, keyIds, batch, nowUs);
    batch.seal(taken);
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
   * @throws ShardstormError SHARDSTORM_PRODUCER_USAGE
   */
  async close(options: { readonly deadlineMs?: number } = {}): Promise<CloseReport> {
    const { deadlineMs } = Object(options) as typeof options;
    return this.#finish('Closed', whole('deadlineMs', deadlineMs, CLOSE_DEADLINE_MS));
  }

  /**
   * The KPL's metrics by its names, as far as level and granularity go.
   * @throws ShardstormError SHARDSTORM_PRODUCER_USAGE
   */
  metrics(query: MetricsQuery = {}): MetricSnapshot[] {
    return this.#metrics.query(query);
  }

  on<E extends keyof ProducerEvents>(
    event: E,
    listener: (...args: ProducerEvents[E]) => void,
  ): this {
    this.#events.on(event, listener);
    return this;
  }

  off<E extends keyof ProducerEvents>(
    event: E,
    listener: (...args: ProducerEvents[E]) => void,
  ): this {
    this.#events.off(event, listener);
    return this;
  }

  /** Reads one record into the place for it, checked. */
  #accept(record: ProducerRecord, receiver: OnSettled | null, token: unknown): ProducerStream {
    if (this.#end !== null) throw this.#end;
    const { partitionKey, explicitHashKey, data, stream } = checkRecord(record);
    const incoming = this.#incoming;
    this.#keys.makeRoom(2);
    incoming.keyId = this.#names.idOf(partitionKey, explicitHashKey);
    checkData(data, partitionKey, this.#options.maxRecordBytes);
    incoming.partitionKey = partitionKey;
    incoming.explicitHashKey = explicitHashKey;
    incoming.setData(data);
    incoming.record = this.#options.returnsRecord ? record : null;
    incoming.receiver = receiver;
    incoming.token = token;
    incoming.putUs = this.#environment.clock.nowUs();
    this.#metrics.open();
    return this.#streamOf(stream);
  }

  /**
   * @returns the ids of the keys of its records from `from` on, in the key table's generation of now
   */
  #checkBatch(input: BatchInput, from: number, count: number): Uint32Array {
    const { maxRecordBytes } = this.#options;
    const incoming = this.#incoming;
    if (this.#keyIds.length < count) this.#keyIds = new Uint32Array(count);
    const keyIds = this.#keyIds;
    this.#keys.makeRoom(Math.min(2 * count, NEW_KEYS_MAX));
    for (let i = 0; i < count; i++) {
      input.name(from + i, incoming);
      keyIds[i] = this.#names.idOf(incoming.partitionKey, incoming.explicitHashKey);
      input.checkData(from + i, incoming.partitionKey, maxRecordBytes);
      if (i === 0 || !input.hasOneStream) this.#streamOf(input.streamOf(from + i));
    }
    return keyIds;
  }

  /** @returns how many were taken */
  #putBatch(
    input: BatchInput,
    from: number,
    count: number,
    keyIds: Uint32Array,
    batch: Batch,
    nowUs: number,
  ): number {
    const incoming = this.#incoming;
    const { returnsRecord } = this.#options;
    let stream: ProducerStream | null = null;
    for (let i = 0; i < count; i++) {
      input.load(from + i, incoming);
      incoming.keyId = keyIds[i] as number;
      incoming.record = returnsRecord ? input.recordOf(from + i) : null;
      incoming.receiver = batch;
      incoming.token = i;
      incoming.putUs = nowUs;
      if (stream === null || !input.hasOneStream) {
        stream = this.#streamOf(input.streamOf(from + i));
      }
      if (!stream.put(incoming, false)) return i;
    }
    return count;
  }

  #streamOf(name: string | undefined): ProducerStream {
    if (name !== undefined) return this.#streams.get(name) ?? this.#stream(checkStream(name));
    if (this.#home === null) throw missingStream();
    return this.#home;
  }

  #stream(name: string): ProducerStream {
    const { settings, logger, sharedLimits, maxWaiting, maxWaitingBytes } = this.#options;
    const { clock, random } = this.#environment;
    const stream = new ProducerStream({
      stream: name,
      settings: sharedLimits === null ? settings : { ...settings, rateLimit: { fraction: 1 } },
      keys: this.#keys,
      names: this.#names,
      clock,
      transport: this.#transport,
      listOpenShards: this.#listOpenShards,
      buckets: sharedLimits?.of(name) ?? null,
      metrics: this.#metrics.add(name),
      maxWaiting,
      maxWaitingBytes,
      random,
      logger,
      later: queueMicrotask,
      onAccepted: this.#accepted,
      onGivenUp: this.#givenUp,
      onSlow: (meanMs) => this.#events.emit('slow', { stream: name, meanMs }),
      onThrottled: (shardId) => this.#events.emit('throttled', { stream: name, shardId }),
      onShardMap: (openShards) => this.#events.emit('shardMap', { stream: name, openShards }),
      onShardMapFailed: (errorCode) =>
        this.#events.emit('shardMapFailed', { stream: name, errorCode }),
    });
    this.#streams.set(name, stream);
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

  readonly #accepted = (count: number): void => {
    this.#totals.accepted += count;
    this.#idle.look();
  };

  readonly #givenUp = (error: RecordError): void => {
    this.#totals[error.outcome]++;
    if (this.#closing !== null) this.#undelivered.push(error);
    this.#events.emit('recordFailed', error);
    this.#idle.look();
  };

  readonly #abort = (): void => {
    this.#finish('Aborted', 0).catch(() => {});
  };

  #finish(code: string, deadlineMs: number): Promise<CloseReport> {
    this.#end ??= producerClosed();
    this.#closing ??= this.#shutDown(code, deadlineMs);
    return this.#closing;
  }

  async #shutDown(code: string, deadlineMs: number): Promise<CloseReport> {
    const { logger, signal } = this.#options;
    const { clock } = this.#environment;
    const endUs = clock.nowUs() + deadlineMs * 1000;
    const streams = [...this.#streams.values()];
    signal?.removeEventListener('abort', this.#abort);
    // So that #closing is set before the first record is given up.
    await Promise.resolve();
    if (deadlineMs > 0) for (const stream of streams) stream.drain();
    const isComplete = await this.#idle.within(deadlineMs * 1000);
    if (!isComplete) for (const stream of streams) stream.abort(code);
    await this.#transport.close();
    if (!isComplete) await this.#idle.within(LAST_CALLS_US);
    for (const stream of streams) stream.close();
    await this.#metrics.close(Math.max(endUs, clock.nowUs() + LAST_CALLS_US));
    const report = { isComplete, ...this.#totals, undelivered: this.#undelivered };
    logger?.info({ ...report, undelivered: this.#undelivered.length }, 'producer closed');
    return report;
  }
}

const ignore = (): void => {};

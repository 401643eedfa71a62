/**
 * The producer as a library: records in, each one's end out. It wires a transport, a shard map and a pipeline for each
 * stream; the pipeline is the load generator's own. No state outside of it, no thread, no child process.
 */
import { type ShardstormError, toShardstormError } from '../core/errors.ts';
import { KeyTable } from '../kinesis/key-table.ts';
import type { ListOpenShards } from '../kinesis/listing.ts';
import { createMd5 } from '../kinesis/md5.ts';
import { Batch } from './batch.ts';
import { type CheckedRecord, checkCallback, checkRecord } from './check.ts';
import { type ProducerEnvironment, type ProducerEvents, realEnvironment } from './environment.ts';
import { missingStream, producerClosed, producerFull, usage } from './errors.ts';
import { Events } from './events.ts';
import { checkStream, whole } from './fields.ts';
import { Idle } from './idle.ts';
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
  RecordError,
  RecordResult,
} from './results.ts';
import { ProducerStream } from './stream.ts';

const CLOSE_DEADLINE_MS = 30_000;
/** Calls in flight end when their sockets do; a sink of metrics is waited for as long past the deadline. */
const LAST_CALLS_US = 5_000_000;
/** Partition keys remembered at once, about 200 bytes each. */
const KEYS_MAX = 1 << 17;

export class Producer {
  readonly #options: ResolvedOptions;
  readonly #environment: ProducerEnvironment;
  readonly #events = new Events();
  readonly #transport = new LateTransport();
  readonly #listOpenShards: ListOpenShards;
  readonly #keys = new KeyTable(KEYS_MAX, createMd5());
  readonly #names = new KeyNames(this.#keys);
  readonly #streams = new Map<string, ProducerStream>();
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
  async put(record: ProducerRecord): Promise<RecordResult> {
    const { stream, checked } = this.#check(record);
    return new Promise((resolve, reject) => {
      const onSettled: OnSettled = (error, result) => {
        if (result === null) reject(error);
        else resolve(result);
      };
      if (!stream.put(checked, onSettled, null, true))
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
    const { stream, checked } = this.#check(record);
    return stream.put(checked, onSettled, token, false);
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
   * Puts records until the buffer is full; all are checked before the first is taken.
   * @param onBatch told once, when all that were taken are settled; not at all when none was
   * @returns how many were taken, from the first on
   * @throws ShardstormError SHARDSTORM_PRODUCER_USAGE, SHARDSTORM_PRODUCER_CLOSED
   */
  trySendBatch(
    records: readonly ProducerRecord[],
    onBatch: ((batch: BatchResult) => void) | null = null,
  ): number {
    checkCallback('onBatch', onBatch);
    if (!Array.isArray(records)) throw usage('records', typeof records, 'a list of records');
    const checks = records.map((record) => this.#check(record));
    const batch = new Batch(onBatch);
    let taken = 0;
    for (const { stream, checked } of checks) {
      if (!stream.put(checked, batch.onSettled, taken, false)) break;
      taken++;
    }
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

  #check(record: ProducerRecord): { stream: ProducerStream; checked: CheckedRecord } {
    if (this.#end !== null) throw this.#end;
    const checked = checkRecord(record, this.#options.maxRecordBytes);
    const name = record.stream ?? this.#options.stream;
    this.#metrics.open();
    if (name === null) throw missingStream();
    return { stream: this.#streams.get(name) ?? this.#stream(checkStream(name)), checked };
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
      this.#events.emit('recordFailed', error);
    }
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

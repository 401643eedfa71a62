/**
 * What a producer says, as the KPL does: a summary of each stream every 15 s in which something happened, a warning when
 * PutRecords is slow, and one when throttling sets in. Only counts, names and error codes: never data, keys, credentials
 * or the service's messages, which name accounts.
 */
import type { Clock, Timer } from '../core/clock.ts';
import type { CollectReason } from '../producer/collect.ts';
import { CLOSE_REASONS, type CloseReason } from '../producer/kinesis-record.ts';

/** The part of pino's logger that is used; fields first, then text. */
export interface Logger {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** The same, but what it throws is dropped: it costs a line, never a record. */
export function harmless(logger: Logger): Logger {
  const guard = (level: keyof Logger) => (fields: object, text: string) => {
    try {
      logger[level](fields, text);
    } catch {}
  };
  return { info: guard('info'), warn: guard('warn'), error: guard('error') };
}

/** The KPL's interval (aws/utils/processing_statistics_logger.cc). */
const SUMMARY_US = 15_000_000;
/** PutRecords is slow when its mean is this many times the buffering time. */
const SLOW_FACTOR = 5;

export interface StreamLogOptions {
  readonly stream: string;
  readonly logger: Logger | null;
  readonly clock: Clock;
  readonly maxBufferedTimeUs: number;
  readonly onSlow: (meanMs: number) => void;
  readonly onThrottled: (shardId: string | null) => void;
}

export class StreamLog {
  readonly #options: StreamLogOptions;
  #timer: Timer | null = null;
  #throttledUs = Number.NEGATIVE_INFINITY;
  #aggregation = { userRecords: 0, kinesisRecords: 0, closedBy: emptyCloses() };
  #collection = { kinesisRecords: 0, requests: 0, closedBy: emptyCollects() };
  #requestUs = 0;

  constructor(options: StreamLogOptions) {
    this.#options = options;
  }

  /** A Kinesis record left the aggregator. */
  closed(userRecords: number, reason: CloseReason): void {
    this.#aggregation.userRecords += userRecords;
    this.#aggregation.kinesisRecords++;
    this.#aggregation.closedBy[reason]++;
    this.#arm();
  }

  requestEnded(kinesisRecords: number, reason: CollectReason, durationUs: number): void {
    this.#collection.kinesisRecords += kinesisRecords;
    this.#collection.requests++;
    this.#collection.closedBy[reason]++;
    this.#requestUs += durationUs;
    this.#arm();
  }

  /** Tells of the first of a series only. */
  throttled(shardId: string | null, nowUs: number): void {
    const { stream, logger, onThrottled } = this.#options;
    const isOnset = nowUs - this.#throttledUs > SUMMARY_US;
    this.#throttledUs = nowUs;
    if (!isOnset) return;
    logger?.warn({ stream, shardId }, 'the stream is throttled');
    onThrottled(shardId);
  }

  shardMap(openShards: number): void {
    const { stream, logger } = this.#options;
    logger?.info({ stream, openShards }, 'shard map updated');
  }

  shardMapFailed(errorCode: string): void {
    const { stream, logger } = this.#options;
    logger?.warn({ stream, errorCode }, 'the shards of the stream could not be listed');
  }

  /** Says what is left to say. */
  close(): void {
    this.#timer?.cancel();
    if (this.#timer !== null) this.#summary();
  }

  #arm(): void {
    const { clock } = this.#options;
    this.#timer ??= clock.setTimer(clock.nowUs() + SUMMARY_US, this.#summary);
  }

  readonly #summary = (): void => {
    const { stream, logger, maxBufferedTimeUs, onSlow } = this.#options;
    const aggregation = this.#aggregation;
    const collection = this.#collection;
    const { requests } = collection;
    const meanUs = requests === 0 ? 0 : this.#requestUs / requests;
    const putRecordsMeanMs = Math.round(meanUs) / 1000;
    this.#timer = null;
    this.#aggregation = { userRecords: 0, kinesisRecords: 0, closedBy: emptyCloses() };
    this.#collection = { kinesisRecords: 0, requests: 0, closedBy: emptyCollects() };
    this.#requestUs = 0;
    logger?.info({ stream, aggregation, collection, putRecordsMeanMs }, 'producer summary');
    if (requests === 0 || meanUs <= SLOW_FACTOR * maxBufferedTimeUs) return;
    const limitMs = (SLOW_FACTOR * maxBufferedTimeUs) / 1000;
    logger?.warn({ stream, putRecordsMeanMs, limitMs }, 'PutRecords takes long');
    onSlow(putRecordsMeanMs);
  };
}

const emptyCloses = () =>
  Object.fromEntries(CLOSE_REASONS.map((reason) => [reason, 0])) as Record<CloseReason, number>;
const emptyCollects = (): Record<CollectReason, number> => ({
  count: 0,
  size: 0,
  shard: 0,
  time: 0,
  flush: 0,
});

import { EXPIRED } from '../kinesis/error-codes.ts';
import { shardId } from '../kinesis/shard.ts';
import type { AttemptOutcome } from '../producer/decide.ts';
import type { KinesisRecord } from '../producer/kinesis-record.ts';
import type { Pipeline } from '../producer/pipeline.ts';
import type { PipelineObserver } from '../producer/pipeline-options.ts';
import type { Request } from '../producer/send.ts';
import type { Callers } from './callers.ts';
import type { StreamLog } from './log.ts';
import type { StreamMetrics } from './metrics.ts';
import { type Attempt, type OnSettled, type ProducerRecord, RecordError } from './results.ts';

/** A record on its way, and who is to be told. */
export interface Ticket {
  readonly record: ProducerRecord;
  readonly onSettled: OnSettled | null;
  readonly token: unknown;
  /** Number of the put within its stream. */
  readonly serial: number;
  readonly putUs: number;
  /** Those that were refused or not answered; null: there was none. */
  attempts: Attempt[] | null;
  /** End of the last attempt, at first the time of the put. */
  sinceUs: number;
  /** Shard of its last attempt, as expected or as told; -1 before. */
  shard: number;
}

export interface TicketsOptions {
  readonly stream: string;
  readonly returnsRecord: boolean;
  readonly metrics: StreamMetrics;
  readonly log: StreamLog;
  /** Set once the pipeline is made; read when something happens. */
  readonly pipeline: () => Pipeline;
  readonly onSettled: (ticket: Ticket, error: RecordError | null) => void;
  /** Told after the pipeline has done its step, because who is told may put again. */
  readonly callers: Callers;
}

/**
 * The records of one stream that are with the pipeline: a ticket's number is its record's tag there. Turns what the
 * pipeline tells into attempts, results, metrics and the log.
 */
export class Tickets {
  readonly #options: TicketsOptions;
  readonly #tickets: (Ticket | null)[] = [];
  readonly #free: number[] = [];
  /** End of the call whose attempts are told of. */
  #doneUs = 0;
  /** Whether it was answered; otherwise it is one error, of the stream, not one of each record. */
  #wasAnswered = false;

  constructor(options: TicketsOptions) {
    this.#options = options;
  }

  /** A number for a ticket, until it is settled. */
  add(ticket: Ticket): number {
    const number = this.#free.pop() ?? this.#tickets.length;
    this.#tickets[number] = ticket;
    return number;
  }

  /** The pipeline did not take it. */
  remove(number: number): void {
    this.#tickets[number] = null;
    this.#free.push(number);
  }

  /** When the oldest of the records with the pipeline was put; Infinity when there is none. Looks at them all. */
  oldestPutUs(): number {
    let oldestUs = Number.POSITIVE_INFINITY;
    for (const ticket of this.#tickets) oldestUs = Math.min(oldestUs, ticket?.putUs ?? oldestUs);
    return oldestUs;
  }

  get observer(): PipelineObserver {
    const { log } = this.#options;
    return {
      closed: (record, reason) => log.closed(record.count, reason),
      requestEnded: (request) => this.#requestEnded(request),
      attempted: (record, outcome, code, shard, message) =>
        this.#attempted(record, outcome, code, shard, message),
      accepted: (record, request, entry) => this.#accepted(record, request, entry),
      givenUp: (slot, outcome, code, nowUs) => this.#givenUp(slot, outcome, code, nowUs),
    };
  }

  /** The end of a record that is not stored, whether it reached the pipeline or not. */
  giveUp(
    ticket: Ticket,
    outcome: 'failed' | 'expired',
    errorCode: string,
    nowUs: number,
    isUncertain = false,
    hint: string | null = null,
  ): void {
    const { stream, returnsRecord, callers, onSettled, metrics } = this.#options;
    const { shard } = ticket;
    const attempts = ticket.attempts ?? [];
    metrics.setTime(nowUs);
    if (outcome === 'expired') {
      attempts.push({
        delayMs: (nowUs - ticket.sinceUs) / 1000,
        durationMs: 0,
        isSuccessful: false,
        errorCode: EXPIRED,
        errorMessage: null,
      });
      metrics.add('UserRecordExpired', shard, 1);
    }
    metrics.add('UserRecordsPut', shard, 0);
    metrics.add('RetriesPerRecord', shard, Math.max(0, attempts.length - 1));
    const record = returnsRecord ? ticket.record : null;
    const error = new RecordError({
      stream,
      outcome,
      errorCode,
      attempts,
      isUncertain,
      record,
      hint,
    });
    onSettled(ticket, error);
    callers.add(ticket, error, null);
  }

  #requestEnded(request: Request): void {
    const { metrics, log } = this.#options;
    const { entries, entryCount, answer, sentUs, doneUs, collection } = request;
    let userRecords = 0;
    this.#doneUs = doneUs;
    this.#wasAnswered = answer.status === 'answered';
    metrics.setTime(doneUs);
    for (let i = 0; i < entryCount; i++) userRecords += entries[i]?.count ?? 0;
    metrics.add('RequestTime', -1, doneUs - sentUs);
    metrics.add('KinesisRecordsPerPutRecordsRequest', -1, entryCount);
    metrics.add('UserRecordsPerPutRecordsRequest', -1, userRecords);
    if (!this.#wasAnswered) metrics.error(-1, answer.errorCode);
    log.requestEnded(entryCount, collection?.closedBy ?? 'flush', doneUs - sentUs);
  }

  #attempted(
    record: KinesisRecord,
    outcome: AttemptOutcome,
    code: string,
    shard: number,
    message: string,
  ): void {
    const { metrics, log, pipeline } = this.#options;
    const isSuccessful = outcome === 'accepted';
    const { sentUs } = record;
    const doneUs = this.#doneUs;
    metrics.add('KinesisRecordsPut', shard, isSuccessful ? 1 : 0);
    metrics.add('UserRecordsPerKinesisRecord', shard, record.count);
    if (isSuccessful) {
      metrics.add('KinesisRecordsDataPut', shard, record.dataEnd - record.dataStart);
      metrics.add('AllErrors', shard, 0);
    } else if (this.#wasAnswered) metrics.error(shard, code);
    if (outcome === 'throttled') log.throttled(shard < 0 ? null : shardId(shard), doneUs);
    // The accepted attempt is told of with the result: most records have no other.
    if (isSuccessful) return;
    const { next } = pipeline().records;
    const bufferingTime = metrics.meter('BufferingTime', shard);
    for (let slot = record.firstSlot; slot >= 0; slot = next[slot] as number) {
      const ticket = this.#of(slot);
      if (ticket === null) continue;
      metrics.count(bufferingTime, sentUs - ticket.sinceUs);
      ticket.attempts ??= [];
      ticket.attempts.push({
        delayMs: (sentUs - ticket.sinceUs) / 1000,
        durationMs: (doneUs - sentUs) / 1000,
        isSuccessful: false,
        errorCode: code,
        errorMessage: message === '' ? null : message,
      });
      ticket.sinceUs = doneUs;
      ticket.shard = shard;
    }
  }

  #accepted(record: KinesisRecord, request: Request, entry: number): void {
    const { stream, metrics, pipeline, callers, onSettled } = this.#options;
    const { answer, doneUs } = request;
    const { sentUs } = record;
    const { next, tag, payloadBytes } = pipeline().records;
    const shard = answer.shardNumber[entry] as number;
    const shardName = shard < 0 ? null : shardId(shard);
    const sequenceNumber = answer.sequenceNumbers[entry] ?? '';
    const bufferingTime = metrics.meter('BufferingTime', shard);
    const dataPut = metrics.meter('UserRecordsDataPut', shard);
    const latency = metrics.meter('RecordLatency', shard);
    let place = 0;
    let atOnce = 0;
    let told = 0;
    for (let slot = record.firstSlot; slot >= 0; slot = next[slot] as number) {
      const ticket = this.#of(slot);
      const subSequenceNumber = record.isAggregate ? place++ : null;
      if (ticket === null) continue;
      const { attempts: refused, sinceUs } = ticket;
      told++;
      if (refused === null) atOnce++;
      else metrics.add('RetriesPerRecord', shard, refused.length);
      metrics.count(bufferingTime, sentUs - sinceUs);
      metrics.count(dataPut, payloadBytes[slot] as number);
      metrics.count(latency, doneUs - ticket.putUs);
      this.remove(tag[slot] as number);
      onSettled(ticket, null);
      if (ticket.onSettled === null) continue;
      const attempt: Attempt = {
        delayMs: (sentUs - sinceUs) / 1000,
        durationMs: (doneUs - sentUs) / 1000,
        isSuccessful: true,
        errorCode: null,
        errorMessage: null,
      };
      callers.add(ticket, null, {
        stream,
        shardId: shardName,
        sequenceNumber,
        userRecordsInRecord: record.count,
        subSequenceNumber,
        attempts: refused === null ? [attempt] : [...refused, attempt],
      });
    }
    metrics.add('UserRecordsPut', shard, 1, told);
    metrics.add('RetriesPerRecord', shard, 0, atOnce);
  }

  #givenUp(slot: number, outcome: 'failed' | 'expired', code: string, nowUs: number): void {
    const { tag, hadUnknown } = this.#options.pipeline().records;
    const ticket = this.#of(slot);
    if (ticket === null) return;
    this.remove(tag[slot] as number);
    this.giveUp(ticket, outcome, code, nowUs, hadUnknown[slot] === 1);
  }

  #of(slot: number): Ticket | null {
    return this.#tickets[this.#options.pipeline().records.tag[slot] as number] ?? null;
  }
}

import { EXPIRED } from '../kinesis/error-codes.ts';
import { shardId } from '../kinesis/shard.ts';
import type { AttemptOutcome } from '../producer/decide.ts';
import type { KinesisRecord } from '../producer/kinesis-record.ts';
import type { Pipeline } from '../producer/pipeline.ts';
import type { PipelineObserver } from '../producer/pipeline-options.ts';
import type { Request } from '../producer/send.ts';
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
  readonly attempts: Attempt[];
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
  /** Runs a caller's function after the pipeline has done its step, because it may put again. */
  readonly later: (run: () => void) => void;
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
  ): void {
    const { stream, returnsRecord, later, onSettled, metrics } = this.#options;
    const { attempts, token, shard } = ticket;
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
    const error = new RecordError({ stream, outcome, errorCode, attempts, isUncertain, record });
    onSettled(ticket, error);
    const tell = ticket.onSettled;
    if (tell !== null) later(() => tell(error, null, token));
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
    const { next } = pipeline().records;
    for (let slot = record.firstSlot; slot >= 0; slot = next[slot] as number) {
      const ticket = this.#of(slot);
      if (ticket === null) continue;
      metrics.add('BufferingTime', shard, sentUs - ticket.sinceUs);
      ticket.attempts.push({
        delayMs: (sentUs - ticket.sinceUs) / 1000,
        durationMs: (doneUs - sentUs) / 1000,
        isSuccessful,
        errorCode: isSuccessful ? null : code,
        errorMessage: isSuccessful || message === '' ? null : message,
      });
      ticket.sinceUs = doneUs;
      ticket.shard = shard;
    }
  }

  #accepted(record: KinesisRecord, request: Request, entry: number): void {
    const { stream, metrics, pipeline, later, onSettled } = this.#options;
    const { answer, doneUs } = request;
    const { next, tag, payloadBytes } = pipeline().records;
    const shard = answer.shardNumber[entry] as number;
    const where = {
      stream,
      shardId: shard < 0 ? null : shardId(shard),
      sequenceNumber: answer.sequenceNumbers[entry] ?? '',
      userRecordsInRecord: record.count,
    };
    let place = 0;
    for (let slot = record.firstSlot; slot >= 0; slot = next[slot] as number) {
      const ticket = this.#of(slot);
      const subSequenceNumber = record.isAggregate ? place++ : null;
      if (ticket === null) continue;
      const { attempts, token } = ticket;
      metrics.add('UserRecordsPut', shard, 1);
      metrics.add('UserRecordsDataPut', shard, payloadBytes[slot] as number);
      metrics.add('RetriesPerRecord', shard, attempts.length - 1);
      metrics.add('RecordLatency', shard, doneUs - ticket.putUs);
      this.remove(tag[slot] as number);
      onSettled(ticket, null);
      const tell = ticket.onSettled;
      if (tell !== null) later(() => tell(null, { ...where, subSequenceNumber, attempts }, token));
    }
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

/**
 * What the pipeline tells of the records of one stream, turned into results, errors, metrics and the log. In: attempts and
 * ends, by the pipeline's slots. Out: each record's end, to whom it belongs, once.
 *
 * HOT PATH: for an accepted record no object is made here.
 */
import { EXPIRED } from '../kinesis/error-codes.ts';
import { shardId } from '../kinesis/shard.ts';
import type { AttemptOutcome } from '../producer/decide.ts';
import type { KinesisRecord } from '../producer/kinesis-record.ts';
import type { PipelineObserver } from '../producer/pipeline-options.ts';
import type { Request } from '../producer/send.ts';
import type { UserRecords } from '../producer/user-records.ts';
import { Batch } from './batch.ts';
import type { Callers } from './callers.ts';
import type { Flushes } from './flushes.ts';
import type { StreamLog } from './log.ts';
import type { Meters, StreamMetrics } from './metrics.ts';
import { type Attempt, RecordError } from './results.ts';
import { ALONE, Stored } from './stored.ts';
import { type Past, TICKET_RECORDS_MAX, type Tickets, ticketOf } from './tickets.ts';

export interface OutcomesOptions {
  readonly stream: string;
  readonly tickets: Tickets;
  readonly flushes: Flushes;
  /** Told after the pipeline has done its step, because who is told may put again. */
  readonly callers: Callers;
  readonly metrics: StreamMetrics;
  readonly log: StreamLog;
  /** Set once the pipeline is made; read when something happens. */
  readonly records: () => UserRecords;
  readonly onAccepted: (count: number) => void;
  readonly onGivenUp: (error: RecordError) => void;
}

export class Outcomes {
  readonly #options: OutcomesOptions;
  readonly #shardIds = new Map<number, string>();
  /** End of the call whose attempts are told of. */
  #doneUs = 0;
  /** Whether it was answered; otherwise it is one error, of the stream, not one of each record. */
  #wasAnswered = false;

  constructor(options: OutcomesOptions) {
    this.#options = options;
  }

  get observer(): PipelineObserver {
    const { log } = this.#options;
    return {
      closed: (record, reason) => log.closed(record.count, reason),
      requestEnded: (request) => this.#requestEnded(request),
      attempted: (record, outcome, code, shard, message) =>
        this.#attempted(record, outcome, code, shard, message),
      accepted: (record, request, entry) => this.#accepted(record, request, entry),
      givenUp: (slot, outcome, code, nowUs) => {
        const { tag, hadUnknown } = this.#options.records();
        this.giveUp(tag[slot] as number, outcome, code, nowUs, hadUnknown[slot] === 1);
      },
    };
  }

  /** The end of a record that is not stored, whether it reached the pipeline or not. */
  giveUp(
    tag: number,
    outcome: 'failed' | 'expired',
    errorCode: string,
    nowUs: number,
    isUncertain = false,
    hint: string | null = null,
  ): void {
    const { stream, tickets, callers, metrics, onGivenUp } = this.#options;
    const past = this.#pastOf(tag);
    const { attempts, shard } = past;
    const meters = metrics.at(shard);
    metrics.setTime(nowUs);
    if (outcome === 'expired') {
      attempts.push(refusal(past, nowUs, nowUs, EXPIRED, ''));
      meters.UserRecordExpired.count(1);
    }
    meters.UserRecordsPut.count(0);
    meters.RetriesPerRecord.count(Math.max(0, attempts.length - 1));
    const ticket = ticketOf(tag);
    const record = tickets.records[ticket] ?? null;
    const receiver = tickets.receivers[ticket] ?? null;
    const token = tickets.tokens[ticket];
    const details = { stream, outcome, errorCode, attempts, isUncertain, record, hint };
    const error = new RecordError(details);
    onGivenUp(error);
    if (receiver instanceof Batch) {
      receiver.fail((token as number) + (tag % TICKET_RECORDS_MAX), error);
    } else if (receiver !== null) callers.givenUp(receiver, token, error);
    this.#settled(tag);
  }

  #requestEnded(request: Request): void {
    const { metrics, log } = this.#options;
    const { entries, entryCount, answer, sentUs, doneUs, collection } = request;
    const meters = metrics.at(-1);
    let userRecords = 0;
    this.#doneUs = doneUs;
    this.#wasAnswered = answer.status === 'answered';
    metrics.setTime(doneUs);
    for (let i = 0; i < entryCount; i++) userRecords += entries[i]?.count ?? 0;
    meters.RequestTime.count(doneUs - sentUs);
    meters.KinesisRecordsPerPutRecordsRequest.count(entryCount);
    meters.UserRecordsPerPutRecordsRequest.count(userRecords);
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
    const { metrics, log, records, tickets } = this.#options;
    const isSuccessful = outcome === 'accepted';
    const { sentUs } = record;
    const doneUs = this.#doneUs;
    const meters = metrics.at(shard);
    meters.KinesisRecordsPut.count(isSuccessful ? 1 : 0);
    meters.UserRecordsPerKinesisRecord.count(record.count);
    // The accepted attempt is told of with the result: most records have no other.
    if (isSuccessful) {
      meters.KinesisRecordsDataPut.count(record.dataEnd - record.dataStart);
      meters.AllErrors.count(0);
      return;
    }
    if (this.#wasAnswered) metrics.error(shard, code);
    if (outcome === 'throttled') log.throttled(shard < 0 ? null : shardId(shard), doneUs);
    const { next, tag } = records();
    for (let slot = record.firstSlot; slot >= 0; slot = next[slot] as number) {
      const past = this.#pastOf(tag[slot] as number);
      meters.BufferingTime.count(sentUs - past.sinceUs);
      past.attempts.push(refusal(past, sentUs, doneUs, code, message));
      past.sinceUs = doneUs;
      past.shard = shard;
      tickets.setPast(tag[slot] as number, past);
    }
  }

  #accepted(record: KinesisRecord, request: Request, entry: number): void {
    const { stream, tickets, callers, metrics, records, onAccepted } = this.#options;
    const { receivers, tokens, putUs } = tickets;
    const { answer, doneUs } = request;
    const { sentUs, count, isAggregate } = record;
    const { next, tag, payloadBytes } = records();
    const shard = answer.shardNumber[entry] as number;
    const meters = metrics.at(shard);
    const sequenceNumber = answer.sequenceNumbers[entry] ?? '';
    const where = this.#shardIdOf(shard);
    const stored = new Stored(stream, where, sequenceNumber, count, sentUs, doneUs);
    let place = isAggregate ? 0 : ALONE;
    let atOnce = 0;
    // Those of one call came at one time, and are counted together.
    let timesUs = 0;
    let times = 0;
    for (let slot = record.firstSlot; slot >= 0; slot = next[slot] as number) {
      const own = tag[slot] as number;
      const ticket = ticketOf(own);
      const past = tickets.pastOf(own);
      const cameUs = putUs[ticket] as number;
      const sinceUs = past === null ? cameUs : past.sinceUs;
      const refused = past === null ? null : past.attempts;
      if (refused === null) atOnce++;
      else meters.RetriesPerRecord.count(refused.length);
      if (past !== null) countTimes(meters, sentUs - sinceUs, doneUs - cameUs, 1);
      else if (cameUs === timesUs) times++;
      else {
        countTimes(meters, sentUs - timesUs, doneUs - timesUs, times);
        timesUs = cameUs;
        times = 1;
      }
      meters.UserRecordsDataPut.count(payloadBytes[slot] as number);
      const receiver = receivers[ticket] ?? null;
      if (receiver instanceof Batch) {
        const inBatch = (tokens[ticket] as number) + (own - ticket * TICKET_RECORDS_MAX);
        receiver.accept(inBatch, stored, place, sinceUs, refused);
      } else if (receiver !== null) {
        callers.accepted(receiver, tokens[ticket], stored, place, sinceUs, refused);
      }
      this.#settled(own);
      if (isAggregate) place++;
    }
    countTimes(meters, sentUs - timesUs, doneUs - timesUs, times);
    meters.UserRecordsPut.count(1, count);
    meters.RetriesPerRecord.count(0, atOnce);
    onAccepted(count);
  }

  #settled(tag: number): void {
    const { tickets, flushes } = this.#options;
    if (!flushes.isEmpty) flushes.settled(tickets.serial[ticketOf(tag)] as number);
    tickets.release(tag);
  }

  #pastOf(tag: number): Past {
    const { tickets } = this.#options;
    const sinceUs = tickets.putUs[ticketOf(tag)] as number;
    return tickets.pastOf(tag) ?? { attempts: [], sinceUs, shard: -1 };
  }

  #shardIdOf(shard: number): string | null {
    if (shard < 0) return null;
    let id = this.#shardIds.get(shard);
    if (id === undefined) {
      id = shardId(shard);
      this.#shardIds.set(shard, id);
    }
    return id;
  }
}

function countTimes(meters: Meters, bufferingUs: number, latencyUs: number, times: number): void {
  meters.BufferingTime.count(bufferingUs, times);
  meters.RecordLatency.count(latencyUs, times);
}

function refusal(
  { sinceUs }: Past,
  sentUs: number,
  doneUs: number,
  errorCode: string,
  message: string,
): Attempt {
  return {
    delayMs: (sentUs - sinceUs) / 1000,
    durationMs: (doneUs - sentUs) / 1000,
    isSuccessful: false,
    errorCode,
    errorMessage: message === '' ? null : message,
  };
}

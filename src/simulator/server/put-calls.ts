/**
 * PutRecords and PutRecord, from body to answer. In: a body whose type is known. Out: an answer when the core has one.
 * PutRecords is read without an object for each record; what is out of the ordinary is left to the general path.
 */
import { PutCall } from '../core/put-call.ts';
import { refusalMessage, refusalType } from '../core/put-checks.ts';
import { ServiceError } from '../core/service-error.ts';
import type { Simulator } from '../core/simulator.ts';
import type { Answers } from './answers.ts';
import type { BodyPool } from './body-pool.ts';
import { cut, type Response, respondHalf, setClock } from './exchange.ts';
import { CONTENT_TYPES, type Protocol } from './protocol.ts';
import { putRecordAnswer, putRecordsAnswer } from './put-answer.ts';
import { readPutRecordsCbor } from './put-fast-cbor.ts';
import { PutRecordsJsonReader } from './put-fast-json.ts';

/** Calls kept for reuse; more are in flight only for as long as they are. */
const FREE_CALLS_MAX = 256;

export class PutCalls {
  readonly #simulator: Simulator;
  readonly #answers: Answers;
  readonly #pool: BodyPool;
  readonly #free: PutCall[] = [];
  readonly #jsonReader = new PutRecordsJsonReader();
  readonly #take = (bytes: number) => this.#pool.take(bytes);

  constructor(simulator: Simulator, answers: Answers, pool: BodyPool) {
    this.#simulator = simulator;
    this.#answers = answers;
    this.#pool = pool;
  }

  /** An empty call. */
  next(): PutCall {
    return this.#free.pop() ?? new PutCall();
  }

  /** The call that a PutRecords body holds; null when the general path must read it. */
  read(body: Buffer, protocol: Protocol): PutCall | null {
    const call = this.next();
    const isRead =
      protocol === 'json'
        ? this.#jsonReader.read(body, call, this.#take)
        : readPutRecordsCbor(body, call);
    if (isRead) return call;
    this.#recycle(call);
    return null;
  }

  /** Carries the call out and answers it. The store has `call.body` then, or it goes back to the pool. */
  put(response: Response, protocol: Protocol, call: PutCall): void {
    const { body } = call;
    this.#simulator.putRecords(call, () => {
      this.#answer(response, protocol, call);
      this.#recycle(call);
    });
    if (!call.isStored) this.#pool.give(body);
  }

  #answer(response: Response, protocol: Protocol, call: PutCall): void {
    const { account } = this.#simulator.options;
    if (call.dateShiftMs !== 0) setClock(response, this.#simulator.nowMs() + call.dateShiftMs);
    if (call.outcome === 'cut') {
      cut(response);
    } else if (call.error !== null) {
      this.#answers.fail(response, protocol, call.error);
    } else if (call.operation === 'PutRecord' && call.refusedCount > 0) {
      this.#answers.fail(response, protocol, refusalOf(call, account));
    } else {
      const body =
        call.operation === 'PutRecord'
          ? putRecordAnswer(call, protocol)
          : putRecordsAnswer(call, protocol, account, this.#take);
      if (call.spoiled === 'truncated') {
        const type = { 'Content-Type': CONTENT_TYPES[protocol] };
        respondHalf(response, { ...this.#answers.idHeaders(), ...type }, body);
      } else this.#answers.succeed(response, protocol, body, this.#pool.give);
    }
  }

  #recycle(call: PutCall): void {
    call.clear();
    if (this.#free.length < FREE_CALLS_MAX) this.#free.push(call);
  }
}

/** The error of a PutRecord whose record was refused. */
function refusalOf(call: PutCall, account: string): ServiceError {
  const outcome = call.recordOutcome[0] as number;
  const type = refusalType(outcome);
  if (type === 'InternalFailure') return new ServiceError(type, '', 500);
  return new ServiceError(type, refusalMessage(outcome, call, 0, account));
}

import { ByteBuffer } from '../core/byte-buffer.ts';
import type { Clock, Timer } from '../core/clock.ts';
import {
  CONNECTION_RESET,
  INTERNAL_FAILURE,
  RECORD_COUNT_MISMATCH,
  REQUEST_TIMEOUT,
  UNREADABLE_ANSWER,
} from '../kinesis/error-codes.ts';
import type { ListOpenShards } from '../kinesis/listing.ts';
import {
  bodyCopiesOf,
  type PutRecordsAnswer,
  type PutRecordsEntry,
  type PutRecordsRequest,
  type Transport,
} from '../kinesis/put-records.ts';
import { ACCEPTED, PutCall } from '../simulator/core/put-call.ts';
import { refusalMessage, refusalType } from '../simulator/core/put-checks.ts';
import type { Simulator } from '../simulator/core/simulator.ts';

/** What CBOR adds to a body, to each record in it and to each hash key: names and heads. For body sizes only. */
const BODY_FRAME_BYTES = 24;
const RECORD_FRAME_BYTES = 25;
const HASH_KEY_FRAME_BYTES = 18;

/** Keys of a call of usual size; the buffer grows. */
const BODY_BYTES_FIRST = 1024;
const KEYS_FIRST = 1024;

/** A call in flight; used again when the core has answered it. */
class VirtualCall {
  /** null when its time-out has come, or the transport has closed: nobody waits for the answer. */
  request: PutRecordsRequest | null = null;
  done: () => void = () => {};
  sentUs = 0;
  /** Neighbours among the calls that are waited for, oldest first. */
  older: VirtualCall | null = null;
  younger: VirtualCall | null = null;
  /** Whether the core answers inside `send`, which the caller must not see. */
  isStarting = false;
  /** Bound once: no closure for each call. */
  readonly whenAnswered: () => void;

  constructor(onAnswered: (call: VirtualCall) => void) {
    this.whenAnswered = () => onAnswered(this);
  }
}

/**
 * The core's id of each key of the producers' table, so that a key's bytes are handed over and looked up once. The core
 * hashes and routes by its own table all the same.
 */
class KeyIds {
  /** By the producers' id: 1 + the core's; 0 where it is not known. */
  #ids = new Int32Array(0);
  #producersGeneration = -1;
  #coreGeneration = -1;

  /** @param coreGeneration of the ids that the core takes now */
  follow(coreGeneration: number): void {
    if (this.#coreGeneration === coreGeneration) return;
    this.#coreGeneration = coreGeneration;
    this.#ids.fill(0);
  }

  /** -1 when it is not known. */
  idOf({ keyId, keyGeneration }: PutRecordsEntry): number {
    if (keyGeneration !== this.#producersGeneration || keyId < 0) return -1;
    return keyId < this.#ids.length ? (this.#ids[keyId] as number) - 1 : -1;
  }

  /** @param coreId -1: it was not looked up */
  learn({ keyId, keyGeneration }: PutRecordsEntry, coreId: number): void {
    if (keyId < 0 || coreId < 0 || keyGeneration < this.#producersGeneration) return;
    if (keyGeneration > this.#producersGeneration) {
      this.#producersGeneration = keyGeneration;
      this.#ids.fill(0);
    }
    if (keyId >= this.#ids.length) {
      const wider = new Int32Array(Math.max(KEYS_FIRST, keyId + 1, this.#ids.length * 2));
      wider.set(this.#ids);
      this.#ids = wider;
    }
    this.#ids[keyId] = coreId + 1;
  }
}

interface VirtualTransportOptions {
  /** What it stands for. */
  readonly protocol: 'cbor' | 'json';
  readonly requestTimeoutUs: number;
}

/**
 * PutRecords without a socket. In: requests. Out: the core's answers at the time it gives them, or a time-out before.
 * Only keys and sizes are handed over, so the core must neither keep records for readers (`storedBytesMax: 0`) nor look
 * into them (`readsContents: false`). `done` is called exactly once and never inside `send`.
 */
export class VirtualTransport implements Transport {
  readonly #core: Simulator;
  readonly #clock: Clock;
  readonly #timeoutUs: number;
  /** The call that is handed to the core: it decides at once, only the answer takes its time, so there is one. */
  readonly #put = new PutCall();
  readonly #body = new ByteBuffer(BODY_BYTES_FIRST);
  readonly #keyIds = new KeyIds();
  #hasNewKeys = false;
  readonly #idle: VirtualCall[] = [];
  #oldest: VirtualCall | null = null;
  #youngest: VirtualCall | null = null;
  /** One timer for all calls: they time out in the order in which they were sent. */
  #timer: Timer | null = null;

  /** Nothing lies in memory here; what a producer may hold is as on the wire. */
  readonly bodyCopies: number;

  constructor(core: Simulator, { protocol, requestTimeoutUs }: VirtualTransportOptions) {
    this.#core = core;
    this.bodyCopies = bodyCopiesOf(protocol);
    this.#clock = core.clock;
    this.#timeoutUs = requestTimeoutUs;
  }

  send(request: PutRecordsRequest, done: () => void): void {
    const call = this.#idle.pop() ?? new VirtualCall(this.#answered);
    request.answer.reset();
    this.#load(request);
    call.request = request;
    call.done = done;
    call.sentUs = this.#clock.nowUs();
    this.#await(call);
    call.isStarting = true;
    this.#core.putRecords(this.#put, call.whenAnswered);
    if (this.#hasNewKeys) this.#learn(request);
    readAnswer(this.#put, request.answer, this.#core.options.account);
    call.isStarting = false;
  }

  /** The core has looked up those keys that came with their bytes. */
  #learn({ entries, entryCount }: PutRecordsRequest): void {
    const { keyId } = this.#put;
    this.#hasNewKeys = false;
    for (let i = 0; i < entryCount; i++) {
      const entry = entries[i];
      if (entry !== undefined) this.#keyIds.learn(entry, keyId[i] as number);
    }
  }

  /** Takes over keys and sizes; nobody looks at the data. */
  #load(request: PutRecordsRequest): void {
    const put = this.#put;
    const body = this.#body;
    const { entries, entryCount } = request;
    put.clear();
    this.#keyIds.follow(this.#core.keyGeneration(entryCount));
    put.streamName = request.streamName;
    body.clear();
    let bodyBytes = BODY_FRAME_BYTES + request.streamName.length;
    for (let i = 0; i < entryCount; i++) {
      const entry = entries[i];
      if (entry === undefined) break;
      const { explicitHashKey, keyStart, keyEnd } = entry;
      const dataBytes = entry.dataEnd - entry.dataStart;
      const keyBytes = keyEnd - keyStart;
      const keyId = this.#keyIds.idOf(entry);
      let keyAt = 0;
      if (keyId < 0) {
        this.#hasNewKeys = true;
        keyAt = body.length;
        body.append(entry.keyBytes, keyStart, keyEnd);
      }
      put.keyId[put.add(keyAt, keyAt + keyBytes, 0, dataBytes, explicitHashKey)] = keyId;
      bodyBytes += RECORD_FRAME_BYTES + keyBytes + dataBytes;
      if (explicitHashKey !== '') bodyBytes += HASH_KEY_FRAME_BYTES + explicitHashKey.length;
    }
    put.body = body.bytes;
    request.answer.requestBodyBytes = bodyBytes;
  }

  /** Calls in flight end as unknown, in the order in which they were sent. */
  close(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    for (let call = this.#oldest; call !== null; call = this.#oldest) {
      const { done } = call;
      if (call.request !== null) lose(call.request, CONNECTION_RESET, 'the transport was closed');
      this.#forget(call);
      call.request = null;
      this.#clock.setImmediate(done);
    }
    return Promise.resolve();
  }

  readonly #answered = (call: VirtualCall): void => {
    const { request, done } = call;
    if (request !== null) {
      call.request = null;
      this.#forget(call);
    }
    const { isStarting } = call;
    this.#idle.push(call);
    if (request === null) return;
    if (isStarting) this.#clock.setImmediate(done);
    else done();
  };

  #await(call: VirtualCall): void {
    call.older = this.#youngest;
    call.younger = null;
    if (this.#youngest === null) this.#oldest = call;
    else this.#youngest.younger = call;
    this.#youngest = call;
    this.#timer ??= this.#clock.setTimer(call.sentUs + this.#timeoutUs, this.#timeOut);
  }

  #forget(call: VirtualCall): void {
    const { older, younger } = call;
    if (older === null) this.#oldest = younger;
    else older.younger = younger;
    if (younger === null) this.#youngest = older;
    else younger.older = older;
    call.older = null;
    call.younger = null;
  }

  readonly #timeOut = (): void => {
    this.#timer = null;
    const nowUs = this.#clock.nowUs();
    for (let call = this.#oldest; call !== null; call = this.#oldest) {
      const timeoutUs = call.sentUs + this.#timeoutUs;
      if (timeoutUs > nowUs) {
        this.#timer = this.#clock.setTimer(timeoutUs, this.#timeOut);
        return;
      }
      const { request, done } = call;
      const message = `no whole answer within ${this.#timeoutUs / 1000} ms`;
      if (request !== null) lose(request, REQUEST_TIMEOUT, message);
      call.request = null;
      this.#forget(call);
      done();
    }
  };
}

/** The answer is there and never comes. */
function lose({ answer }: PutRecordsRequest, code: string, message: string): void {
  const { requestBodyBytes } = answer;
  answer.reset();
  answer.requestBodyBytes = requestBodyBytes;
  answer.fail('unknown', code, message);
}

/** What a client makes of the core's answer, as it would of the same answer on the wire. */
function readAnswer(put: PutCall, answer: PutRecordsAnswer, account: string): void {
  const { error } = put;
  if (put.outcome === 'cut') {
    answer.fail('unknown', CONNECTION_RESET, 'the connection ended without an answer');
  } else if (error !== null) {
    answer.fail('failed', error.type, error.message, error.httpStatus);
  } else if (put.spoiled === 'truncated') {
    answer.fail('unknown', UNREADABLE_ANSWER, 'not a whole PutRecords answer', 200);
  } else if (put.spoiled === 'too-few') {
    const message = `${put.count - 1} results for ${put.count} records`;
    answer.fail('unknown', RECORD_COUNT_MISMATCH, message, 200);
  } else {
    readResults(put, answer, account);
  }
}

function readResults(put: PutCall, answer: PutRecordsAnswer, account: string): void {
  answer.status = 'answered';
  answer.httpStatus = 200;
  answer.resultCount = put.count;
  for (let i = 0; i < put.count; i++) {
    const outcome = put.recordOutcome[i] as number;
    if (outcome === ACCEPTED) answer.acceptEntry(i, put.shard[i] as number);
    else answer.refuseEntry(i, refusalType(outcome), refusalMessage(outcome, put, i, account));
  }
}

/** ListShards with the filter AT_LATEST, answered after its service time. */
export function virtualShardLister(core: Simulator): ListOpenShards {
  return (streamName, done) => {
    core.serve(
      { operation: 'ListShards', count: 0, shard: [], signedAtMs: null, dateShiftMs: 0 },
      () => core.readyStream(streamName).openShards.map(({ place, id }) => ({ ...place, id })),
      (places, error, spoiled) => {
        const isCut = spoiled !== 'no';
        const code = error?.type ?? (isCut ? CONNECTION_RESET : INTERNAL_FAILURE);
        const message = error?.message ?? '';
        const shards = places?.map((place) => ({ ...place, isOpen: true })) ?? null;
        core.clock.setImmediate(() => {
          if (shards === null || isCut) done(null, code, message);
          else done(shards, '', '');
        });
      },
    );
  };
}

/**
 * The direct transport. In: PutRecords requests whose entries are views into the producer's
 * buffers. Out: the answer filled in, one call back each. A call writes its body once into a buffer
 * of its own, hashes and signs it, sends it, collects the response into a second buffer and walks
 * that: nothing is allocated for a record.
 *
 * Invariants: `done` is called exactly once and never inside `send`; `failed` only when no entry
 * can have been stored.
 */
import { present } from '../core/assert.ts';
import { ByteBuffer } from '../core/byte-buffer.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { describeCause } from '../core/errors.ts';
import {
  CONNECTION_FAILED,
  CONNECTION_RESET,
  RECORD_COUNT_MISMATCH,
  REQUEST_TIMEOUT,
  UNREADABLE_ANSWER,
} from '../kinesis/error-codes.ts';
import { bodyCopiesOf, type PutRecordsRequest, type Transport } from '../kinesis/put-records.ts';
import { Bodies } from './bodies.ts';
import { CborAnswerReader } from './cbor-answer.ts';
import { writeCborBody } from './cbor-body.ts';
import type { CredentialSource } from './credential-source.ts';
import { readErrorAnswer } from './error-answer.ts';
import type { HttpCall, HttpClient } from './http-client.ts';
import { JsonAnswerReader } from './json-answer.ts';
import { writeJsonBody } from './json-body.ts';
import { Signer } from './sigv4.ts';

export interface DirectOptions {
  readonly protocol: 'cbor' | 'json';
  readonly endpoint: URL;
  readonly region: string;
  /** From `send` to the end of the response. */
  readonly requestTimeoutUs: number;
}

const PUT_RECORDS_TARGET = 'Kinesis_20131202.PutRecords';
const CONTENT_TYPE = {
  cbor: 'application/x-amz-cbor-1.1',
  json: 'application/x-amz-json-1.1',
} as const;
/** Grows at the first answer: calls to a target that is silent hold little. */
const RESPONSE_FIRST_BYTES = 4 * 1024;
/** Longest response kept: 500 refused entries with long messages take a tenth of it. */
const RESPONSE_BYTES_MAX = 4 * 1024 * 1024;
/**
 * Bodies kept while they are of no use: those of a dozen calls of 1 MB, which end in bursts. A body that is let go and made
 * again costs its pages, and collections by the garbage collector, which counts such memory (docs/performance.md).
 */
const BODIES_KEPT_BYTES_MAX = 16 * 1024 * 1024;
const EXPIRED_TOKEN = /^ExpiredToken/;
const BRACE_OPEN = 0x7b;

/** What the calls of one transport share. */
interface Shared {
  readonly options: DirectOptions;
  readonly clock: Clock;
  readonly client: HttpClient;
  readonly credentials: CredentialSource;
  readonly signer: Signer;
  readonly json: JsonAnswerReader;
  readonly cbor: CborAnswerReader;
  readonly bodies: Bodies;
}

/** A transport of our own codec and signer over `client`; it owns the client from now on. */
export function directTransport(
  options: DirectOptions,
  client: HttpClient,
  credentials: CredentialSource,
  clock: Clock,
): Transport {
  const { endpoint, region, protocol } = options;
  const signer = new Signer({
    region,
    service: 'kinesis',
    host: endpoint.host,
    path: endpoint.pathname,
    contentType: CONTENT_TYPE[protocol],
    target: PUT_RECORDS_TARGET,
  });
  const json = new JsonAnswerReader();
  const cbor = new CborAnswerReader();
  const bodies = new Bodies(BODIES_KEPT_BYTES_MAX);
  const shared: Shared = { options, clock, client, credentials, signer, json, cbor, bodies };
  // As many as were ever in flight at once; the producer bounds that.
  const idle: Call[] = [];
  return {
    bodyCopies: bodyCopiesOf(protocol),
    send(request, done) {
      const call = idle.pop() ?? new Call(shared, (ended) => idle.push(ended));
      call.start(request, done);
    },
    close: () => client.close(),
  };
}

/** One call in flight, with its buffers; used again when it has ended. */
class Call implements HttpCall {
  readonly headers: string[] = [];
  body: Buffer = Buffer.alloc(0);
  readonly #shared: Shared;
  readonly #release: (call: Call) => void;
  /** From the start of a call until the client is done with it. */
  #bodyBytes: ByteBuffer | null = null;
  readonly #response = new ByteBuffer(RESPONSE_FIRST_BYTES);
  #request: PutRecordsRequest | null = null;
  #done: (() => void) | null = null;
  #timer: Timer | null = null;
  #abort: ((reason: Error) => void) | null = null;
  #isStarting = false;
  #hasTimedOut = false;
  #status = 0;
  #errorType = '';

  constructor(shared: Shared, release: (call: Call) => void) {
    this.#shared = shared;
    this.#release = release;
  }

  start(request: PutRecordsRequest, done: () => void): void {
    const { clock, client, options } = this.#shared;
    this.#request = request;
    this.#done = done;
    this.#abort = null;
    this.#hasTimedOut = false;
    this.#status = 0;
    this.#errorType = '';
    this.#response.clear();
    this.#isStarting = true;
    request.answer.reset();
    this.#writeBody(request);
    this.#sign();
    this.#timer = clock.setTimer(clock.nowUs() + options.requestTimeoutUs, () => this.#timeOut());
    client.send(this);
    this.#isStarting = false;
  }

  onSent(abort: (reason: Error) => void): void {
    this.#abort = abort;
    if (this.#hasTimedOut) abort(new Error('timed out before it was sent'));
  }

  onHead(status: number, errorType: string): void {
    this.#status = status;
    this.#errorType = errorType;
  }

  onData(chunk: Uint8Array): void {
    if (this.#response.length + chunk.length > RESPONSE_BYTES_MAX) {
      this.#abort?.(new Error(`response of more than ${RESPONSE_BYTES_MAX} bytes`));
    } else {
      this.#response.append(chunk);
    }
  }

  onEnd(): void {
    if (this.#request === null) return;
    if (this.#status === 200) this.#readResults(this.#request);
    else this.#readError(this.#request);
    this.#finish();
  }

  onError(error: Error): void {
    if (this.#request === null) {
      // It timed out while it waited for a connection; only now is the client done with its body.
      this.#giveBack();
      return;
    }
    const { answer } = this.#request;
    if (this.#hasTimedOut) {
      answer.fail('unknown', REQUEST_TIMEOUT, this.#timeoutMessage(), this.#status);
    } else if (this.#abort === null) {
      answer.fail('failed', CONNECTION_FAILED, describeCause(error));
    } else if (this.#status >= 300) {
      this.#readError(this.#request);
    } else {
      const code = this.#status === 0 ? CONNECTION_RESET : UNREADABLE_ANSWER;
      answer.fail('unknown', code, describeCause(error), this.#status);
    }
    this.#finish();
  }

  #writeBody(request: PutRecordsRequest): void {
    const bytes = this.#shared.bodies.take();
    this.#bodyBytes = bytes;
    if (this.#shared.options.protocol === 'cbor') writeCborBody(request, bytes);
    else writeJsonBody(request, bytes);
    this.body = Buffer.from(bytes.bytes.buffer as ArrayBuffer, 0, bytes.length);
  }

  #sign(): void {
    const { clock, credentials, signer, options } = this.#shared;
    const epochMs = this.#epochMs(clock);
    const current = credentials.current(epochMs);
    const { date, authorization } = signer.sign(this.body, current, epochMs);
    const { headers } = this;
    headers.length = 0;
    headers.push('content-type', CONTENT_TYPE[options.protocol]);
    headers.push('x-amz-target', PUT_RECORDS_TARGET, 'x-amz-date', date);
    if (current.sessionToken !== null) headers.push('x-amz-security-token', current.sessionToken);
    headers.push('authorization', authorization, 'user-agent', 'shardstorm');
  }

  #epochMs(clock: Clock): number {
    return (clock.originEpochUs + clock.nowUs()) / 1000;
  }

  #timeOut(): void {
    if (this.#request === null) return;
    this.#hasTimedOut = true;
    if (this.#abort !== null) {
      this.#abort(new Error('timed out'));
      return;
    }
    // Not idle yet: the client holds its body until it offers a connection.
    this.#request.answer.fail('failed', REQUEST_TIMEOUT, this.#timeoutMessage());
    this.#callBack();
  }

  #timeoutMessage(): string {
    const limitMs = this.#shared.options.requestTimeoutUs / 1000;
    const stage = this.#abort === null ? 'no connection' : 'no whole answer';
    return `${stage} within ${limitMs} ms`;
  }

  #readResults(request: PutRecordsRequest): void {
    const { answer, entryCount } = request;
    const { bytes, length } = this.#response;
    const reader = bytes[0] === BRACE_OPEN ? this.#shared.json : this.#shared.cbor;
    if (!reader.read(bytes, length, answer, entryCount)) {
      answer.reset();
      answer.fail('unknown', UNREADABLE_ANSWER, 'not a whole PutRecords answer', this.#status);
    } else if (answer.resultCount !== entryCount) {
      const message = `${answer.resultCount} results for ${entryCount} records`;
      answer.fail('unknown', RECORD_COUNT_MISMATCH, message, this.#status);
    } else {
      answer.status = 'answered';
      answer.httpStatus = this.#status;
    }
  }

  #readError(request: PutRecordsRequest): void {
    const { answer } = request;
    if (this.#status < 300) {
      answer.fail('unknown', UNREADABLE_ANSWER, `HTTP status ${this.#status}`, this.#status);
      return;
    }
    const { cbor, credentials, clock } = this.#shared;
    const { bytes, length } = this.#response;
    readErrorAnswer(answer, this.#status, this.#errorType, bytes, length, cbor);
    if (EXPIRED_TOKEN.test(answer.errorCode)) credentials.refresh(this.#epochMs(clock));
  }

  #finish(): void {
    this.#giveBack();
    this.#callBack();
  }

  /** The client is done with the body: the call may be used again. */
  #giveBack(): void {
    if (this.#bodyBytes !== null) this.#shared.bodies.give(this.#bodyBytes);
    this.#bodyBytes = null;
    this.#release(this);
  }

  /**
   * Calls `done`, at a later turn when still inside `send`. What it throws is a bug of the caller,
   * and must not end in a client's error handling: it is thrown again where nothing catches it.
   */
  #callBack(): void {
    const { clock } = this.#shared;
    const done = present(this.#done, 'callback of a call in flight');
    present(this.#request, 'request of a call in flight').answer.requestBodyBytes =
      this.body.length;
    this.#timer?.cancel();
    this.#timer = null;
    this.#request = null;
    this.#done = null;
    if (this.#isStarting) {
      clock.setImmediate(done);
      return;
    }
    try {
      done();
    } catch (thrown) {
      clock.setImmediate(() => {
        throw thrown;
      });
    }
  }
}

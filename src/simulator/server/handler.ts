/**
 * From a request to its answer, in the service's order of checks: method, body, content type, syntax, operation,
 * signature, types, constraints, meaning. PutRecords takes a short way through the same checks.
 */
import { PutCall } from '../core/put-call.ts';
import { refusalMessage, refusalType } from '../core/put-checks.ts';
import { ServiceError } from '../core/service-error.ts';
import type { Simulator } from '../core/simulator.ts';
import { Input } from '../operations/input.ts';
import type { Members } from '../operations/member.ts';
import type { Operation, Output } from '../operations/operation.ts';
import { fillPutRecord, PUT_RECORD_MEMBERS } from '../operations/put-record.ts';
import { fillPutRecords, PUT_RECORDS_MEMBERS } from '../operations/put-records.ts';
import { SUBSCRIBE_MEMBERS } from '../operations/subscribe-to-shard.ts';
import { OPERATIONS } from '../operations/table.ts';
import { checkSigned } from './auth.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import {
  AnswerIds,
  cut,
  type Request,
  type Response,
  readBody,
  respond,
  respondHalf,
} from './exchange.ts';
import { encodeJson } from './json.ts';
import { putRecordAnswer, putRecordsAnswer } from './put-answer.ts';
import { readPutRecordsCbor } from './put-fast-cbor.ts';
import { readPutRecordsJson } from './put-fast-json.ts';
import { type Credentials, verifySignature } from './signature.ts';
import { subscribe } from './subscribe.ts';
import { checkConstraints, checkTypes, type Protocol } from './validate.ts';

const TARGET_PREFIX = 'Kinesis_20131202.';
const CONTENT_TYPES: Readonly<Record<Protocol, string>> = {
  json: 'application/x-amz-json-1.1',
  cbor: 'application/x-amz-cbor-1.1',
};
const NO_BODY = new Uint8Array(0);
const ACCESS_DENIED = Buffer.from(
  '<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be ' +
    'authorized</Message>\n</AccessDeniedException>\n',
);
/** Operations that OPERATIONS does not hold. */
const SPECIAL_OPERATIONS: ReadonlySet<string> = new Set([
  'PutRecords',
  'PutRecord',
  'SubscribeToShard',
]);
/** Calls kept for reuse; more are in flight only for as long as they are. */
const FREE_CALLS_MAX = 256;

/** Answers requests for one simulator. */
export class Handler {
  readonly #simulator: Simulator;
  readonly #account: string;
  readonly #credentials: Credentials | null;
  readonly #ids = new AnswerIds();
  readonly #freeCalls: PutCall[] = [];

  /** @param credentials whose signatures are verified; null: a signature need only be there */
  constructor(simulator: Simulator, credentials: Credentials | null) {
    this.#simulator = simulator;
    this.#credentials = credentials;
    this.#account = simulator.options.account;
  }

  /** Takes a request from an HTTP server. */
  readonly handle = (request: Request, response: Response): void => {
    readBody(request, (body) => {
      if (body === null) this.#send(response, 413, {}, NO_BODY);
      else this.#dispatch(request, response, body);
    });
  };

  #dispatch(request: Request, response: Response, body: Uint8Array): void {
    if (request.method === 'OPTIONS' && request.headers.origin !== undefined) {
      this.#send(response, 200, preflightHeaders(request.headers), NO_BODY);
      return;
    }
    if (request.method !== 'POST') {
      this.#send(response, 403, {}, ACCESS_DENIED);
      return;
    }
    const contentType = request.headers['content-type']?.split(';')[0]?.trim();
    const protocol = protocolOf(contentType);
    if (protocol === null) {
      this.#unknownContentType(request, response, contentType, body);
      return;
    }
    try {
      this.#operate(request, response, body, protocol);
    } catch (thrown) {
      if (!(thrown instanceof ServiceError)) throw thrown;
      this.#fail(response, protocol, thrown);
    }
  }

  #operate(request: Request, response: Response, body: Uint8Array, protocol: Protocol): void {
    const target = String(request.headers['x-amz-target'] ?? '');
    const name = target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : '';
    if (name === 'PutRecords' && this.#putFast(request, response, body, protocol)) return;
    const values = parse(body, protocol);
    const operation = OPERATIONS.get(name);
    if (operation === undefined && !SPECIAL_OPERATIONS.has(name)) {
      throw new ServiceError('UnknownOperationException', '');
    }
    this.#checkSignature(request, body);
    if (operation !== undefined) {
      this.#run(response, protocol, operation, checked(values, operation.members, protocol));
      return;
    }
    if (name === 'SubscribeToShard') {
      const input = checked(values, SUBSCRIBE_MEMBERS, protocol);
      subscribe(this.#simulator, input, protocol, response, this.#idHeaders());
      return;
    }
    const call = this.#freeCalls.pop() ?? new PutCall();
    if (name === 'PutRecords') fillPutRecords(call, checked(values, PUT_RECORDS_MEMBERS, protocol));
    else fillPutRecord(call, checked(values, PUT_RECORD_MEMBERS, protocol), this.#account);
    this.#put(response, protocol, call);
  }

  #putFast(request: Request, response: Response, body: Uint8Array, protocol: Protocol): boolean {
    const call = this.#freeCalls.pop() ?? new PutCall();
    const isRead =
      protocol === 'json' ? readPutRecordsJson(body, call) : readPutRecordsCbor(body, call);
    if (!isRead) {
      this.#free(call);
      return false;
    }
    this.#checkSignature(request, body);
    this.#put(response, protocol, call);
    return true;
  }

  #checkSignature({ headers, method = '', url = '/' }: Request, body: Uint8Array): void {
    checkSigned(headers, url.split('?', 2)[1] ?? '');
    if (this.#credentials !== null) {
      verifySignature({ method, url, headers, body }, this.#credentials);
    }
  }

  #put(response: Response, protocol: Protocol, call: PutCall): void {
    this.#simulator.putRecords(call, () => {
      this.#answerPut(response, protocol, call);
      this.#free(call);
    });
  }

  #answerPut(response: Response, protocol: Protocol, call: PutCall): void {
    const account = this.#account;
    if (call.outcome === 'cut') {
      cut(response);
    } else if (call.error !== null) {
      this.#fail(response, protocol, call.error);
    } else if (call.spoiled === 'truncated') {
      const headers = { ...this.#idHeaders(), 'Content-Type': CONTENT_TYPES[protocol] };
      respondHalf(response, headers, putRecordsAnswer(call, protocol, account));
    } else if (call.operation === 'PutRecords') {
      this.#succeed(response, protocol, putRecordsAnswer(call, protocol, account));
    } else if (call.refusedCount === 0) {
      this.#succeed(response, protocol, putRecordAnswer(call, protocol));
    } else {
      const outcome = call.recordOutcome[0] as number;
      const type = refusalType(outcome);
      const message = type === 'InternalFailure' ? '' : refusalMessage(outcome, call, 0, account);
      const status = type === 'InternalFailure' ? 500 : 400;
      this.#fail(response, protocol, new ServiceError(type, message, status));
    }
  }

  #free(call: PutCall): void {
    call.clear();
    if (this.#freeCalls.length < FREE_CALLS_MAX) this.#freeCalls.push(call);
  }

  #run(response: Response, protocol: Protocol, operation: Operation, input: Input): void {
    this.#simulator.serve(
      operation.name,
      () => {
        admitCall(this.#simulator, operation, input);
        return operation.run(this.#simulator, input);
      },
      (result, error, isCut) => {
        if (isCut) cut(response);
        else if (error !== null) this.#fail(response, protocol, error);
        else
          this.#succeed(response, protocol, result === null ? NO_BODY : encode(result, protocol));
      },
    );
  }

  #unknownContentType(
    request: Request,
    response: Response,
    contentType: string | undefined,
    body: Uint8Array,
  ): void {
    const target = request.headers['x-amz-target'];
    if (contentType === 'application/json') {
      const isJson = isParsable(body);
      const type = isJson ? 'UnknownOperationException' : 'SerializationException';
      const answer = { Output: { __type: `com.amazon.coral.service#${type}` }, Version: '1.0' };
      const headers = { 'Content-Type': 'application/json' };
      this.#send(response, isJson ? 404 : 400, headers, encodeJson(answer));
    } else if (target === undefined) {
      this.#send(response, 403, {}, ACCESS_DENIED);
    } else {
      this.#send(response, 404, {}, Buffer.from('<UnknownOperationException/>\n'));
    }
  }

  #succeed(response: Response, protocol: Protocol, body: Uint8Array): void {
    this.#send(response, 200, { 'Content-Type': CONTENT_TYPES[protocol] }, body);
  }

  #fail(response: Response, protocol: Protocol, error: ServiceError): void {
    const key = error.type === 'SerializationException' ? 'Message' : 'message';
    const text = error.message === '' ? {} : { [key]: error.message };
    const headers = { 'Content-Type': CONTENT_TYPES[protocol], 'x-amzn-ErrorType': error.type };
    this.#send(
      response,
      error.httpStatus,
      headers,
      encode({ __type: error.type, ...text }, protocol),
    );
  }

  #send(
    response: Response,
    status: number,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array,
  ): void {
    const cors = corsHeaders(response.req.headers);
    respond(response, status, { ...this.#idHeaders(), ...cors, ...headers }, body);
  }

  #idHeaders(): Readonly<Record<string, string>> {
    const { requestId, secondId } = this.#ids.next();
    return { 'x-amzn-RequestId': requestId, 'x-amz-id-2': secondId };
  }
}

function protocolOf(contentType: string | undefined): Protocol | null {
  if (contentType === CONTENT_TYPES.json) return 'json';
  return contentType === CONTENT_TYPES.cbor ? 'cbor' : null;
}

function encode(value: { readonly [member: string]: Output }, protocol: Protocol): Uint8Array {
  return protocol === 'json' ? encodeJson(value) : encodeCbor(value);
}

function parse(body: Uint8Array, protocol: Protocol): unknown {
  try {
    return protocol === 'cbor' ? decodeCbor(body) : JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw new ServiceError('SerializationException', '');
  }
}

function isParsable(body: Uint8Array): boolean {
  try {
    JSON.parse(Buffer.from(body).toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

/** Counts the call against its rate. */
function admitCall(simulator: Simulator, operation: Operation, input: Input): void {
  if (operation.callsPerSecond === undefined) return;
  const isOfStream = operation.isRateOfStream === true && !input.has('NextToken');
  const scope = isOfStream ? (input.text('StreamName') ?? input.text('StreamARN') ?? '') : '';
  simulator.admitCall(operation.name, scope, operation.callsPerSecond);
}

function checked(values: unknown, members: Members, protocol: Protocol): Input {
  const known = checkTypes(values, members, protocol);
  checkConstraints(known, members);
  return new Input(known);
}

/**
 * From a request to its answer, in the service's order of checks: method, body, content type, syntax, operation,
 * signature, types, constraints, meaning. PutRecords takes a short way through the same checks.
 */
import { ServiceError } from '../core/service-error.ts';
import type { Simulator } from '../core/simulator.ts';
import { Input } from '../operations/input.ts';
import type { Members } from '../operations/member.ts';
import type { Operation } from '../operations/operation.ts';
import { fillPutRecord, PUT_RECORD_MEMBERS } from '../operations/put-record.ts';
import { fillPutRecords, PUT_RECORDS_MEMBERS } from '../operations/put-records.ts';
import { SUBSCRIBE_MEMBERS } from '../operations/subscribe-to-shard.ts';
import { NOT_SIMULATED, OPERATIONS } from '../operations/table.ts';
import { Answers } from './answers.ts';
import { checkSigned, signedAtMs } from './auth.ts';
import type { BodyPool } from './body-pool.ts';
import { preflightHeaders } from './cors.ts';
import {
  cut,
  type Request,
  type Response,
  readBody,
  respond,
  respondHalf,
  setClock,
} from './exchange.ts';
import { encodeJson } from './json.ts';
import { CONTENT_TYPES, encode, type Protocol, parse, protocolOf } from './protocol.ts';
import { PutCalls } from './put-calls.ts';
import { scopeOf } from './scope.ts';
import { type Credentials, verifySignature } from './signature.ts';
import { subscribe } from './subscribe.ts';
import { checkConstraints, checkTypes } from './validate.ts';

const TARGET_PREFIX = 'Kinesis_20131202.';
const NO_BODY = new Uint8Array(0);
const ACCESS_DENIED = Buffer.from(
  '<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be ' +
    'authorized</Message>\n</AccessDeniedException>\n',
);
const UNKNOWN_OPERATION = Buffer.from('<UnknownOperationException/>\n');
/** Operations that OPERATIONS does not hold. */
const SPECIAL_OPERATIONS: ReadonlySet<string> = new Set([
  'PutRecords',
  'PutRecord',
  'SubscribeToShard',
]);

/** Answers requests for one simulator. */
export class Handler {
  readonly #simulator: Simulator;
  readonly #credentials: readonly Credentials[];
  readonly #pool: BodyPool;
  readonly #answers = new Answers();
  readonly #puts: PutCalls;

  /** @param credentials whose signatures are verified; none: a signature need only be there */
  constructor(simulator: Simulator, credentials: readonly Credentials[], pool: BodyPool) {
    this.#simulator = simulator;
    this.#credentials = credentials;
    this.#pool = pool;
    this.#puts = new PutCalls(simulator, this.#answers, pool);
  }

  /** Takes a request from an HTTP server. */
  readonly handle = (request: Request, response: Response): void => {
    readBody(request, this.#pool, (body) => {
      if (body === null) {
        this.#countRefused(operationOf(request), 'RequestEntityTooLarge');
        respond(response, 413, {}, NO_BODY);
      } else if (!this.#dispatch(request, response, body)) this.#pool.give(body);
    });
  };

  /** Whether somebody goes on using the body. */
  #dispatch(request: Request, response: Response, body: Buffer): boolean {
    if (request.method === 'OPTIONS' && request.headers.origin !== undefined) {
      this.#answers.send(response, 200, preflightHeaders(request.headers), NO_BODY);
      return false;
    }
    if (request.method !== 'POST') {
      this.#answers.send(response, 403, {}, ACCESS_DENIED);
      return false;
    }
    const contentType = request.headers['content-type']?.split(';')[0]?.trim() ?? '';
    const protocol = protocolOf(contentType);
    const name = operationOf(request);
    if (body.length === 0) {
      const type = isKnown(name) ? 'SerializationException' : 'UnknownOperationException';
      this.#countRefused(name, type);
      this.#answers.fail(response, protocol ?? 'cbor', new ServiceError(type, ''));
    } else if (protocol === null) {
      this.#countRefused(name, 'UnknownOperationException');
      this.#unknownContentType(request, response, contentType, body);
    } else {
      try {
        return this.#operate(request, response, body, protocol, name);
      } catch (thrown) {
        if (!(thrown instanceof ServiceError)) throw thrown;
        this.#countRefused(name, thrown.type);
        this.#answers.fail(response, protocol, thrown);
      }
    }
    return false;
  }

  /** The audit hears of a put that ends before the core. */
  #countRefused(name: string, type: string): void {
    if (name === 'PutRecords' || name === 'PutRecord') this.#simulator.ledger.callFailed(type);
  }

  #operate(
    request: Request,
    response: Response,
    body: Buffer,
    protocol: Protocol,
    name: string,
  ): boolean {
    const quick = name === 'PutRecords' ? this.#puts.read(body, protocol) : null;
    const values = quick === null ? parse(body, protocol) : null;
    if (!isKnown(name)) {
      throw new ServiceError('UnknownOperationException', NOT_SIMULATED.get(name) ?? '');
    }
    this.#checkSignature(request, body);
    const atMs = signedAtMs(request.headers);
    if (quick !== null) {
      quick.signedAtMs = atMs;
      // In CBOR what is kept is the body itself; `put` has given it back to the pool if it was not stored.
      this.#puts.put(response, protocol, quick);
      return protocol === 'cbor';
    }
    const operation = OPERATIONS.get(name);
    if (operation !== undefined) {
      const input = checked(values, operation.members, protocol);
      this.#run(response, protocol, operation, input, atMs);
    } else if (name === 'SubscribeToShard') {
      const input = checked(values, SUBSCRIBE_MEMBERS, protocol);
      this.#subscribe(response, protocol, input, atMs);
    } else {
      const call = this.#puts.next();
      if (name === 'PutRecord') {
        const input = checked(values, PUT_RECORD_MEMBERS, protocol);
        fillPutRecord(call, input, this.#simulator);
      } else fillPutRecords(call, checked(values, PUT_RECORDS_MEMBERS, protocol), this.#simulator);
      call.signedAtMs = atMs;
      this.#puts.put(response, protocol, call);
    }
    return false;
  }

  #checkSignature({ headers, method = '', url = '/' }: Request, body: Uint8Array): void {
    checkSigned(headers, url.split('?', 2)[1] ?? '');
    if (this.#credentials.length > 0) {
      verifySignature({ method, url, headers, body }, this.#credentials);
    }
  }

  #run(
    response: Response,
    protocol: Protocol,
    operation: Operation,
    input: Input,
    atMs: number | null,
  ): void {
    const simulator = this.#simulator;
    const scope = scopeOf(operation.name, input, atMs);
    simulator.serve(
      scope,
      () => {
        admitCall(simulator, operation, input);
        // Encoded at once: the bytes of records may be gone when the answer is due.
        return encode(operation.run(simulator, input), protocol);
      },
      (body, error, spoiled) => {
        if (scope.dateShiftMs !== 0) setClock(response, simulator.nowMs() + scope.dateShiftMs);
        if (spoiled === 'cut') cut(response);
        else if (error !== null) this.#answers.fail(response, protocol, error);
        else if (spoiled === 'truncated') {
          const type = { 'Content-Type': CONTENT_TYPES[protocol] };
          respondHalf(response, { ...this.#answers.idHeaders(), ...type }, body ?? NO_BODY);
        } else this.#answers.succeed(response, protocol, body ?? NO_BODY);
      },
    );
  }

  #subscribe(response: Response, protocol: Protocol, input: Input, atMs: number | null): void {
    const simulator = this.#simulator;
    const scope = scopeOf('SubscribeToShard', input, atMs);
    const begin = () => subscribe(simulator, input, protocol, response, this.#answers.idHeaders());
    simulator.serve(
      scope,
      () => null,
      (_, error, spoiled) => {
        if (scope.dateShiftMs !== 0) setClock(response, simulator.nowMs() + scope.dateShiftMs);
        if (spoiled !== 'no') {
          cut(response);
          return;
        }
        try {
          if (error !== null) throw error;
          begin();
        } catch (thrown) {
          if (!(thrown instanceof ServiceError)) throw thrown;
          this.#answers.fail(response, protocol, thrown);
        }
      },
    );
  }

  #unknownContentType(
    request: Request,
    response: Response,
    contentType: string,
    body: Buffer,
  ): void {
    if (contentType === 'application/json') {
      const isJson = isParsable(body);
      const type = isJson ? 'UnknownOperationException' : 'SerializationException';
      const answer = { Output: { __type: `com.amazon.coral.service#${type}` }, Version: '1.0' };
      const headers = { 'Content-Type': 'application/json' };
      this.#answers.send(response, isJson ? 404 : 400, headers, encodeJson(answer));
    } else if (request.headers['x-amz-target'] === undefined) {
      this.#answers.send(response, 403, {}, ACCESS_DENIED);
    } else {
      this.#answers.send(response, 404, {}, UNKNOWN_OPERATION);
    }
  }
}

/** Name of the operation that is asked for; '' when it is none of this service's. */
function operationOf({ headers }: Request): string {
  const target = String(headers['x-amz-target'] ?? '');
  return target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : '';
}

function isKnown(name: string): boolean {
  return OPERATIONS.has(name) || SPECIAL_OPERATIONS.has(name);
}

function isParsable(body: Buffer): boolean {
  try {
    parse(body, 'json');
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

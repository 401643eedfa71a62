/** Answers with the headers that each of the service's carries. */
import type { ServiceError } from '../core/service-error.ts';
import { corsHeaders } from './cors.ts';
import { AnswerIds, type Response, respond } from './exchange.ts';
import { CONTENT_TYPES, encode, type Protocol } from './protocol.ts';

type Headers = Readonly<Record<string, string>>;

export class Answers {
  readonly #ids = new AnswerIds();

  /** An answer of the operation itself. @param whenSent may have the body once nobody reads it any more */
  succeed(
    response: Response,
    protocol: Protocol,
    body: Uint8Array,
    whenSent?: (body: Uint8Array) => void,
  ): void {
    this.send(response, 200, { 'Content-Type': CONTENT_TYPES[protocol] }, body, whenSent);
  }

  fail(response: Response, protocol: Protocol, error: ServiceError): void {
    const key = error.type === 'SerializationException' ? 'Message' : 'message';
    const text = error.message === '' ? {} : { [key]: error.message };
    const headers = { 'Content-Type': CONTENT_TYPES[protocol], 'x-amzn-ErrorType': error.type };
    const body = encode({ __type: error.type, ...text }, protocol);
    this.send(response, error.httpStatus, headers, body);
  }

  send(
    response: Response,
    status: number,
    headers: Headers,
    body: Uint8Array,
    whenSent?: (body: Uint8Array) => void,
  ): void {
    const cors = corsHeaders(response.req.headers);
    respond(response, status, { ...this.idHeaders(), ...cors, ...headers }, body, whenSent);
  }

  idHeaders(): Headers {
    const { requestId, secondId } = this.#ids.next();
    return { 'x-amzn-RequestId': requestId, 'x-amz-id-2': secondId };
  }
}

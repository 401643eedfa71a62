/** One request and its answer, over HTTP/1.1 or HTTP/2. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { BodyPool } from './body-pool.ts';

export type Request = IncomingMessage | Http2ServerRequest;
export type Response = ServerResponse | Http2ServerResponse;

/** Ten MiB of data in base64 and its frame; a larger body is refused with 413. */
const BODY_BYTES_MAX = 15 * 1024 * 1024;

/**
 * Reads the body to its end into a buffer of the pool, which `done` then owns; null when it is too large. `done` is not
 * called for a request that is cut off.
 */
export function readBody(
  request: Request,
  pool: BodyPool,
  done: (body: Buffer | null) => void,
): void {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > BODY_BYTES_MAX) {
    request.resume();
    done(null);
    return;
  }
  let body = pool.take(declared);
  let bytes = 0;
  let isOver = false;
  request.on('data', (chunk: Buffer) => {
    if (isOver) return;
    const end = bytes + chunk.length;
    isOver = end > BODY_BYTES_MAX;
    if (isOver) {
      pool.give(body);
      done(null);
      return;
    }
    if (end > body.length) body = wider(body, bytes, end, pool);
    body.set(chunk, bytes);
    bytes = end;
  });
  request.on('end', () => {
    if (!isOver) done(body.subarray(0, bytes));
  });
  request.on('error', () => {});
}

/** A body whose length nobody declared doubles. */
function wider(body: Buffer, bytes: number, needed: number, pool: BodyPool): Buffer {
  const wide = pool.take(Math.max(needed, bytes * 2));
  wide.set(body.subarray(0, bytes));
  pool.give(body);
  return wide;
}

/** Ids of answers: unlike for each, random once for each server. */
export class AnswerIds {
  readonly #second = randomBytes(72).toString('base64');
  #count = 0;

  next(): { readonly requestId: string; readonly secondId: string } {
    const count = String(this.#count++).padStart(16, '0');
    return {
      requestId: randomUUID(),
      secondId: this.#second.slice(16, 80) + count + '+/'.repeat(8),
    };
  }
}

/**
 * Ends the exchange with an answer. Nothing happens when the client is gone.
 * @param whenSent gets the body when the system has it; over HTTP/1.1 only, HTTP/2 does not tell
 */
export function respond(
  response: Response,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  whenSent?: (body: Uint8Array) => void,
): void {
  if (response.destroyed || response.writableEnded) return;
  // The two response classes have the same call with other types, so the union cannot be called.
  (response as ServerResponse).writeHead(status, { ...headers, 'Content-Length': body.length });
  if (whenSent === undefined || 'stream' in response) (response as ServerResponse).end(body);
  else response.end(body, () => whenSent(body));
}

/** Sends the head and half of the body, then cuts the connection. */
export function respondHalf(
  response: Response,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): void {
  if (response.destroyed || response.writableEnded) return;
  const out = response as ServerResponse;
  out.writeHead(200, { ...headers, 'Content-Length': body.length });
  out.write(body.subarray(0, body.length >> 1), () => cut(response));
}

/** The answer will say that it is `epochMs` now. Before it is sent. */
export function setClock(response: Response, epochMs: number): void {
  response.setHeader('Date', new Date(epochMs).toUTCString());
}

/** Ends the exchange without an answer: the whole connection in HTTP/1.1, the stream in HTTP/2. */
export function cut(response: Response): void {
  if ('stream' in response) response.stream.close(2);
  else response.socket?.destroy();
}

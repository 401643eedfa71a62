import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import type { Clock } from '../core/clock.ts';
import {
  ERROR_TYPE_HEADER,
  type HttpCall,
  type HttpClient,
  type HttpClientOptions,
} from './http-client.ts';
import { tlsOptions } from './target-address.ts';

/**
 * Bytes of answers that may be under way on one connection, so that no answer waits for a window
 * update.
 */
const RECEIVE_WINDOW_BYTES = 4 * 1024 * 1024;

/**
 * HTTP/2 over node:http2: all calls are streams of one connection; prior knowledge on `http://`
 * endpoints, ALPN on `https://`. A connection that ends or is told to go away is replaced at the
 * next call.
 */
export function http2Client(options: HttpClientOptions, clock: Clock): HttpClient {
  const sessions = new Set<ClientHttp2Session>();
  let current: ClientHttp2Session | null = null;

  const open = (): ClientHttp2Session => {
    const session = connect(options.endpoint.origin, {
      ...tlsOptions(options.tls),
      settings: { enablePush: false, initialWindowSize: RECEIVE_WINDOW_BYTES },
    });
    const leave = () => {
      if (current === session) current = null;
    };
    session.setTimeout(0);
    session.once('connect', () => session.setLocalWindowSize(RECEIVE_WINDOW_BYTES));
    session.on('goaway', leave);
    session.on('error', leave); // Streams get the error themselves.
    session.once('close', () => {
      leave();
      sessions.delete(session);
    });
    limitConnectTime(session, options.connectTimeoutUs, clock);
    sessions.add(session);
    return session;
  };

  return {
    send(call) {
      if (current === null || current.closed || current.destroyed) current = open();
      start(current, options.endpoint.pathname, call);
    },
    async close() {
      await Promise.all([...sessions].map(destroyed));
    },
  };
}

function start(session: ClientHttp2Session, path: string, call: HttpCall): void {
  const headers: Record<string, string> = { ':method': 'POST', ':path': path };
  for (let i = 0; i + 1 < call.headers.length; i += 2) {
    headers[call.headers[i] as string] = call.headers[i + 1] as string;
  }
  headers['content-length'] = String(call.body.length);
  const stream = session.request(headers);
  new StreamEvents(stream, call).listen();
  const send = () => {
    if (stream.destroyed) return;
    call.onSent((reason) => stream.destroy(reason));
    if (!stream.destroyed) stream.end(call.body);
  };
  if (session.connecting) session.once('connect', send);
  else send();
}

/** Turns a stream's events into exactly one end of the call. */
class StreamEvents {
  readonly #stream: ClientHttp2Stream;
  readonly #call: HttpCall;
  #hasEnded = false;

  constructor(stream: ClientHttp2Stream, call: HttpCall) {
    this.#stream = stream;
    this.#call = call;
  }

  listen(): void {
    const stream = this.#stream;
    stream.on('response', (headers: IncomingHttpHeaders & { ':status'?: number }) => {
      const errorType = headers[ERROR_TYPE_HEADER];
      this.#call.onHead(headers[':status'] ?? 0, typeof errorType === 'string' ? errorType : '');
    });
    stream.on('data', (chunk: Buffer) => this.#call.onData(chunk));
    stream.on('end', () => {
      // A reset stream ends too; only one that was closed in order has a whole answer.
      if (stream.rstCode === constants.NGHTTP2_NO_ERROR) this.#end(null);
    });
    stream.on('error', (error: Error) => this.#end(error));
    stream.on('close', () => this.#end(new Error(`stream closed with code ${stream.rstCode}`)));
  }

  #end(error: Error | null): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (error === null) this.#call.onEnd();
    else this.#call.onError(error);
  }
}

/** node:http2 has no time limit of its own for connecting. */
function limitConnectTime(session: ClientHttp2Session, limitUs: number, clock: Clock): void {
  const timer = clock.setTimer(clock.nowUs() + limitUs, () =>
    session.destroy(new Error('connect timed out')),
  );
  session.once('connect', timer.cancel);
  session.once('close', timer.cancel);
}

function destroyed(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve) => {
    session.once('close', resolve);
    session.destroy(new Error('transport closed'));
  });
}

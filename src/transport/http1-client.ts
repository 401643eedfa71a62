import type { Dispatcher } from 'undici';
// Of undici, what a thread needs: all of it (fetch, caches, mocks) holds three times as much memory in each.
import Pool from 'undici/lib/dispatcher/pool.js';
import {
  ERROR_TYPE_HEADER,
  type HttpCall,
  type HttpClient,
  type HttpClientOptions,
} from './http-client.ts';
import { tlsOptions } from './target-address.ts';

/**
 * HTTP/1.1 over undici: a pool of connections that are kept alive, one call at a time on each (a
 * second call behind a slow one would inherit its latency). Timeouts are the caller's: undici's own
 * have a granularity of half a second.
 */
export function http1Client(options: HttpClientOptions): HttpClient {
  const { endpoint } = options;
  const pool = new Pool(endpoint.origin, {
    connections: options.maxConnections,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: options.connectTimeoutUs / 1000, ...tlsOptions(options.tls) },
  });
  const path = endpoint.pathname;
  return {
    send(call) {
      const { headers, body } = call;
      pool.dispatch({ method: 'POST', path, headers: headers as string[], body }, handlerOf(call));
    },
    close: () => pool.destroy(new Error('transport closed')),
  };
}

/** undici's view of a call. */
function handlerOf(call: HttpCall): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (controller) => call.onSent((reason) => controller.abort(reason)),
    onResponseStart(_controller, status, headers) {
      const errorType = headers[ERROR_TYPE_HEADER];
      if (status >= 200) call.onHead(status, typeof errorType === 'string' ? errorType : '');
    },
    onResponseData: (_controller, chunk) => call.onData(chunk),
    onResponseEnd: () => call.onEnd(),
    onResponseError: (_controller, error) => call.onError(error),
  };
}

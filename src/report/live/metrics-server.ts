/**
 * The endpoint that a run under way is scraped at. In: a function that renders the page. Out: an address. Invariant: it
 * answers GET and HEAD only, holds at most a few connections, and nothing of it is left after `close`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A scraper or two and a person; more would be somebody else. */
const CONNECTIONS_MAX = 16;
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const PATH = '/metrics';

export interface MetricsServer {
  /** `http://127.0.0.1:9464/metrics`. */
  readonly url: string;
  /** Ends open connections too; calling it again does nothing. */
  readonly close: () => void;
}

/**
 * Listens.
 * @param port 0 takes a free one
 * @param render called for each scrape
 * @throws what listening throws, such as a port in use
 */
export async function serveMetrics(
  host: string,
  port: number,
  render: () => string,
): Promise<MetricsServer> {
  const server = createServer((request, response) => answer(request, response, render));
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  // An error of the listening socket later on is the scraper's loss, not the run's.
  server.on('error', () => {});
  // The run decides when the program ends, not a scraper that keeps its connection.
  server.unref();
  const { address, port: taken, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}${PATH}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(
  { method, url = '/' }: IncomingMessage,
  response: ServerResponse,
  render: () => string,
): void {
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  if (url.split('?')[0] !== PATH) {
    response.writeHead(404, { 'content-type': CONTENT_TYPE }).end(`Metrics are at ${PATH}\n`);
    return;
  }
  const body = render();
  response.writeHead(200, {
    'content-type': CONTENT_TYPE,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(method === 'HEAD' ? undefined : body);
}

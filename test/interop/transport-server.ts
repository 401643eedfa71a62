import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** What the server does with a request, once its body is read. */
export type Respond = (response: ServerResponse, received: Received, socket: Socket) => void;

/** A server on loopback that does with each request whatever a test wants. */
export interface TestServer {
  readonly endpoint: string;
  readonly received: Received[];
  respond: Respond;
  close(): Promise<void>;
}

export async function startTestServer(): Promise<TestServer> {
  const received: Received[] = [];
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const call = { headers: request.headers, body: Buffer.concat(chunks) };
      received.push(call);
      server.respond(response, call, request.socket);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const server: TestServer = {
    endpoint: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    received,
    respond: (response) => response.end(),
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return server;
}

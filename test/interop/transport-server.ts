import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
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

/** @param http `2`: cleartext HTTP/2 with prior knowledge */
export async function startTestServer(http: '1.1' | '2' = '1.1'): Promise<TestServer> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const call = { headers: request.headers, body: Buffer.concat(chunks) };
      received.push(call);
      server.respond(response, call, request.socket);
    });
  };
  const listening =
    http === '2' ? createHttp2Server(listener as unknown as Http2Listener) : createServer(listener);
  listening.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const server: TestServer = {
    endpoint: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    received,
    respond: (response) => response.end(),
    close: () =>
      new Promise((resolve) => {
        listening.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return server;
}

/** The compatibility API of HTTP/2 has the parts of HTTP/1.1's that are used here. */
type Http2Listener = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

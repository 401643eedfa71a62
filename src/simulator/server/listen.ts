/**
 * The socket side. In: a handler. Out: listening servers with their addresses. A cleartext port speaks HTTP/1.1 and
 * HTTP/2 with prior knowledge, told apart by the client's first bytes; a TLS port speaks both, chosen by ALPN.
 */
import http from 'node:http';
import http2 from 'node:http2';
import net, { type AddressInfo } from 'node:net';
import { describeCause, ShardstormError } from '../../core/errors.ts';
import type { Certificate } from './certificate.ts';
import type { Request, Response } from './exchange.ts';

/** `PRI * HTTP/2.0…`: three bytes tell it from any HTTP/1.1 method. */
const PREFACE = 'PRI';
const KEEP_ALIVE_MS = 120_000;

export type Handle = (request: Request, response: Response) => void;

export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Ends every connection, then the server. */
  close(): Promise<void>;
}

/** @throws ShardstormError SHARDSTORM_SIMULATOR_LISTEN when the address cannot be had */
export async function listen(handle: Handle, host: string, port: number): Promise<Listener> {
  const http1Server = http.createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, handle);
  const http2Server = http2.createServer(handle);
  http2Server.on('sessionError', () => {});
  const server = net.createServer({ noDelay: true }, (socket) => {
    let first = '';
    const read = () => {
      const chunk: Buffer | null = socket.read();
      if (chunk === null) {
        socket.destroy();
        return;
      }
      first += chunk.toString('latin1');
      if (first.length < PREFACE.length && PREFACE.startsWith(first)) {
        socket.once('readable', read);
        return;
      }
      // Handed over with its first bytes put back and not resumed: both servers then read it as if it were new.
      socket.unshift(Buffer.from(first, 'latin1'));
      (first.startsWith(PREFACE) ? http2Server : http1Server).emit('connection', socket);
    };
    socket.once('readable', read);
  });
  return bind(server, host, port);
}

/** @throws ShardstormError SHARDSTORM_SIMULATOR_LISTEN when the address cannot be had or the certificate is unusable */
export async function listenTls(
  handle: Handle,
  host: string,
  port: number,
  certificate: Certificate,
): Promise<Listener> {
  let server: http2.Http2SecureServer;
  try {
    server = http2.createSecureServer({ ...certificate, allowHTTP1: true }, handle);
  } catch (thrown) {
    throw new ShardstormError(
      'SHARDSTORM_SIMULATOR_USAGE',
      `the certificate cannot be used: ${describeCause(thrown)}`,
      { hint: 'Give a PEM certificate and its PEM key, or none to have one made.', cause: thrown },
    );
  }
  server.on('sessionError', () => {});
  server.on('tlsClientError', () => {});
  return bind(server, host, port);
}

async function bind(server: net.Server, host: string, port: number): Promise<Listener> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(unlistenable(host, port, error)));
    server.listen(port, host, () => resolve());
  });
  const address = server.address() as AddressInfo;
  return {
    host,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function unlistenable(host: string, port: number, error: Error): ShardstormError {
  return new ShardstormError(
    'SHARDSTORM_SIMULATOR_LISTEN',
    `the simulator cannot listen on ${host}:${port}: ${describeCause(error)}`,
    { hint: 'Choose another port, or 0 for a free one.', cause: error },
  );
}

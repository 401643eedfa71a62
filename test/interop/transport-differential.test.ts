import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clockOrigin, realClock } from '../../src/core/clock.ts';
import type { Transport } from '../../src/kinesis/put-records.ts';
import { openTransport, type TransportOptions } from '../../src/transport/open.ts';
import { type CborValue, decodeCbor } from '../transport/cbor-decoder.ts';
import {
  type EntryValues,
  entryValues,
  requestOf,
  streamName,
} from '../transport/put-records-builder.ts';
import { type Received, startTestServer, type TestServer } from './transport-server.ts';

const clock = realClock(clockOrigin());

type Kind = Pick<TransportOptions, 'kind' | 'protocol' | 'http'>;
const KINDS: readonly Kind[] = [
  { kind: 'sdk', protocol: 'json', http: '1.1' },
  { kind: 'sdk', protocol: 'json', http: '2' },
  { kind: 'direct', protocol: 'json', http: '1.1' },
  { kind: 'direct', protocol: 'json', http: '2' },
  { kind: 'direct', protocol: 'cbor', http: '1.1' },
  { kind: 'direct', protocol: 'cbor', http: '2' },
];

/** What the service would see, whatever the wire looks like: blobs in base64. */
function decoded({ headers, body }: Received): unknown {
  const isCbor = headers['content-type'] === 'application/x-amz-cbor-1.1';
  if (!isCbor) expect(headers['content-type']).toBe('application/x-amz-json-1.1');
  const call = (isCbor ? decodeCbor(body) : JSON.parse(body.toString())) as {
    Records: { Data: CborValue }[];
  };
  if (isCbor) {
    for (const record of call.Records) {
      record.Data = Buffer.from(record.Data as Uint8Array).toString('base64');
    }
  }
  return { target: headers['x-amz-target'], call };
}

/** A valid PutRecords call: at least one record, keys that UTF-8 can hold. */
const call = fc.record({
  values: fc.array(entryValues, { minLength: 1, maxLength: 8 }),
  stream: streamName,
});

describe('sdk and direct transports, over HTTP/1.1 and HTTP/2', () => {
  const servers = new Map<string, TestServer>();
  const transports: Transport[] = [];

  beforeAll(async () => {
    for (const http of ['1.1', '2'] as const) servers.set(http, await startTestServer(http));
    for (const kind of KINDS) {
      transports.push(
        await openTransport(
          {
            ...kind,
            endpoint: servers.get(kind.http)?.endpoint ?? null,
            region: 'eu-west-1',
            credentials: 'simulator',
            maxConnections: 2,
            requestTimeoutUs: 10_000_000,
            nullShards: 1,
          },
          clock,
        ),
      );
    }
  });
  afterAll(async () => {
    for (const transport of transports) await transport.close();
    for (const server of servers.values()) await server.close();
  });

  async function send(index: number, values: readonly EntryValues[], stream: string) {
    const server = servers.get(KINDS[index]?.http ?? '') as TestServer;
    const results = values.map((_, i) =>
      i % 3 === 2
        ? { ErrorCode: 'InternalFailure', ErrorMessage: `entry ${i}` }
        : { SequenceNumber: `${i}7`, ShardId: `shardId-00000000000${i % 10}` },
    );
    server.respond = (response) => {
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(JSON.stringify({ FailedRecordCount: 0, Records: results }));
    };
    const request = requestOf(values, stream);
    request.answer.wantsSequenceNumbers = true;
    await new Promise<void>((resolve) => transports[index]?.send(request, resolve));
    const { answer } = request;
    const received = server.received.pop() as Received;
    expect(answer.requestBodyBytes).toBe(received.body.length);
    return {
      sent: decoded(received),
      status: answer.status,
      errors: [...answer.entryError.slice(0, values.length)],
      shards: [...answer.shardNumber.slice(0, values.length)],
      codes: answer.entryErrorCodes,
      messages: answer.entryErrorMessages,
      sequenceNumbers: answer.sequenceNumbers,
    };
  }

  it('send the same records and read the same answers', async () => {
    await fc.assert(
      fc.asyncProperty(call, async ({ values, stream }) => {
        const reference = await send(0, values, stream);
        expect(reference.status).toBe('answered');
        for (let i = 1; i < KINDS.length; i++) {
          expect(await send(i, values, stream), JSON.stringify(KINDS[i])).toEqual(reference);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe.each(KINDS)('$kind over $protocol and HTTP/$http', (kind) => {
  async function outcome(respond: TestServer['respond'], requestTimeoutUs = 10_000_000) {
    const server = await startTestServer(kind.http);
    const transport = await openTransport(
      {
        ...kind,
        endpoint: server.endpoint,
        region: null,
        credentials: 'simulator',
        maxConnections: 1,
        requestTimeoutUs,
        nullShards: 1,
      },
      clock,
    );
    server.respond = respond;
    const request = requestOf([{ data: Buffer.of(1), key: 'k', explicitHashKey: '' }]);
    await new Promise<void>((resolve) => transport.send(request, resolve));
    await transport.close();
    await server.close();
    return request.answer;
  }

  it('has failed with the code of a refusal', async () => {
    const answer = await outcome((response) => {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end('{"__type":"ResourceNotFoundException","message":"no such stream"}');
    });
    expect(answer).toMatchObject({
      status: 'failed',
      errorCode: 'ResourceNotFoundException',
      errorMessage: 'no such stream',
      httpStatus: 400,
    });
  });

  it('makes one attempt of a call that fails', async () => {
    let attempts = 0;
    const answer = await outcome((response) => {
      attempts++;
      response.writeHead(500).end('{"__type":"InternalFailure"}');
    });
    expect(answer).toMatchObject({ status: 'failed', errorCode: 'InternalFailure' });
    expect(attempts).toBe(1);
  });

  it('is unknown after a time-out', async () => {
    const answer = await outcome(() => {}, 300_000);
    expect(answer).toMatchObject({ status: 'unknown', errorCode: 'RequestTimeout' });
  });

  it('is unknown after the connection ends', async () => {
    const answer = await outcome((response, _received, socket) => {
      // HTTP/2 hands out a stand-in for its socket that must not be destroyed itself.
      const { stream } = response as unknown as { stream?: { session: { destroy(): void } } };
      if (stream === undefined) socket.destroy();
      else stream.session.destroy();
    });
    expect(answer).toMatchObject({ status: 'unknown', errorCode: 'ConnectionReset' });
  });

  it('is unknown after an answer that is none', async () => {
    const answer = await outcome((response) => response.end('<html>'));
    expect(answer).toMatchObject({ status: 'unknown', errorCode: 'UnreadableAnswer' });
  });

  it('is unknown after too few results', async () => {
    const answer = await outcome((response) =>
      response.end('{"FailedRecordCount":0,"Records":[]}'),
    );
    expect(answer).toMatchObject({ status: 'unknown', errorCode: 'Record Count Mismatch' });
  });

  it('has failed when nobody listens', async () => {
    const server = await startTestServer(kind.http);
    await server.close();
    const transport = await openTransport(
      {
        ...kind,
        endpoint: server.endpoint,
        region: null,
        credentials: 'simulator',
        maxConnections: 1,
        requestTimeoutUs: 10_000_000,
        nullShards: 1,
      },
      clock,
    );
    const request = requestOf([{ data: Buffer.of(1), key: 'k', explicitHashKey: '' }]);
    await new Promise<void>((resolve) => transport.send(request, resolve));
    expect(request.answer).toMatchObject({ status: 'failed', errorCode: 'ConnectionFailed' });
    await transport.close();
  });
});

import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clockOrigin, realClock } from '../../src/core/clock.ts';
import type { PutRecordsRequest, Transport } from '../../src/kinesis/put-records.ts';
import { openTransport, type TransportOptions } from '../../src/transport/open.ts';
import { requestOf } from '../transport/put-records-builder.ts';
import { type Respond, startTestServer, type TestServer } from './transport-server.ts';

const clock = realClock(clockOrigin());
let server: TestServer;
let transport: Transport | null = null;

beforeEach(async () => {
  server = await startTestServer();
});
afterEach(async () => {
  await transport?.close();
  transport = null;
  await server.close();
});

async function open(overrides: Partial<TransportOptions> = {}): Promise<Transport> {
  transport = await openTransport(
    {
      kind: 'direct',
      protocol: 'cbor',
      http: '1.1',
      endpoint: server.endpoint,
      region: null,
      credentials: 'simulator',
      maxConnections: 2,
      requestTimeoutUs: 5_000_000,
      nullShards: 1,
      ...overrides,
    },
    clock,
  );
  return transport;
}

function twoRecords(): PutRecordsRequest {
  return requestOf([
    { data: Buffer.from('one'), key: 'a', explicitHashKey: '' },
    { data: Buffer.from('two'), key: 'b', explicitHashKey: '5' },
  ]);
}

/** Sends and waits for the one call back, which must not come inside `send`. */
async function send(to: Transport, request = twoRecords()): Promise<PutRecordsRequest['answer']> {
  await new Promise<void>((resolve) => {
    let hasReturned = false;
    to.send(request, () => {
      expect(hasReturned).toBe(true);
      resolve();
    });
    hasReturned = true;
  });
  return request.answer;
}

const ACCEPTED = JSON.stringify({
  FailedRecordCount: 1,
  Records: [
    { SequenceNumber: '4954', ShardId: 'shardId-000000000003' },
    { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'Rate exceeded' },
  ],
});

const body =
  (status: number, text: string, headers: Record<string, string> = {}): Respond =>
  (response) =>
    response.writeHead(status, headers).end(text);

describe('an answered call', () => {
  it('has an outcome for each entry', async () => {
    server.respond = body(200, ACCEPTED);
    const answer = await send(await open());
    expect(answer).toMatchObject({
      status: 'answered',
      httpStatus: 200,
      resultCount: 2,
      refusedCount: 1,
      entryErrorCodes: ['ProvisionedThroughputExceededException'],
      entryErrorMessages: ['Rate exceeded'],
    });
    expect([...answer.entryError.slice(0, 2)]).toEqual([0, 1]);
    expect([...answer.shardNumber.slice(0, 2)]).toEqual([3, -1]);
    expect(answer.requestBodyBytes).toBe(server.received[0]?.body.length);
  });

  it('gives sequence numbers when they are wanted', async () => {
    server.respond = body(200, ACCEPTED);
    const request = twoRecords();
    request.answer.wantsSequenceNumbers = true;
    await send(await open(), request);
    expect(request.answer.sequenceNumbers).toEqual(['4954', '']);
  });

  it('may come in pieces', async () => {
    server.respond = (response) => {
      for (const byte of Buffer.from(ACCEPTED)) response.write(Buffer.of(byte));
      response.end();
    };
    expect(await send(await open())).toMatchObject({ status: 'answered', resultCount: 2 });
  });

  it('uses its connections again', async () => {
    const ports = new Set<number | undefined>();
    server.respond = (response, _received, socket) => {
      ports.add(socket.remotePort);
      response.end(ACCEPTED);
    };
    const to = await open();
    for (let i = 0; i < 20; i++) await send(to);
    expect(ports.size).toBeLessThanOrEqual(2);
  });
});

describe('a refused call has failed', () => {
  const refusals: [string, number, string, Record<string, string>, object][] = [
    [
      'with the code of the body',
      400,
      '{"__type":"ResourceNotFoundException","message":"Stream x not found."}',
      {},
      { errorCode: 'ResourceNotFoundException', errorMessage: 'Stream x not found.' },
    ],
    [
      'with the code of the header',
      400,
      '{}',
      { 'x-amzn-errortype': 'LimitExceededException:http://internal/' },
      { errorCode: 'LimitExceededException', errorMessage: 'HTTP status 400' },
    ],
    [
      'with the code of a CBOR body',
      400,
      '\xa2\x66__type\x6bcom.a#Other\x67message\x62no',
      {},
      { errorCode: 'Other', errorMessage: 'no' },
    ],
    [
      'with the code of an XML body',
      403,
      '<AccessDeniedException>\n  <Message>No target</Message>\n</AccessDeniedException>',
      {},
      { errorCode: 'AccessDeniedException', errorMessage: 'No target' },
    ],
    ['without a body: 500', 500, '', {}, { errorCode: 'InternalFailure' }],
    ['without a body: 503', 503, '', {}, { errorCode: 'ServiceUnavailable' }],
    ['without a body: 413', 413, '', {}, { errorCode: 'Http413' }],
    ['with a page of a proxy', 502, '<html>Bad gateway</html>', {}, { errorCode: 'Http502' }],
  ];
  it.each(refusals)('%s', async (_name, status, text, headers, expected) => {
    server.respond = (response) => response.writeHead(status, headers).end(text, 'latin1');
    const answer = await send(await open());
    expect(answer).toMatchObject({ status: 'failed', httpStatus: status, ...expected });
  });
});

describe('a call without a usable answer is unknown', () => {
  const unusable: [string, string, string][] = [
    ['an empty body', '', 'UnreadableAnswer'],
    ['XML', '<PutRecordsResponse/>', 'UnreadableAnswer'],
    ['JSON that is no answer', '{"Shards":[]}', 'UnreadableAnswer'],
    ['half an answer', ACCEPTED.slice(0, -20), 'UnreadableAnswer'],
    [
      'too few results',
      '{"Records":[{"SequenceNumber":"1","ShardId":"s-1"}]}',
      'Record Count Mismatch',
    ],
  ];
  it.each(unusable)('after %s', async (_name, text, errorCode) => {
    server.respond = body(200, text);
    const answer = await send(await open());
    expect(answer).toMatchObject({
      status: 'unknown',
      errorCode,
      httpStatus: 200,
      refusedCount: 0,
    });
  });

  it('after a response that ends before its length', async () => {
    server.respond = (response, _received, socket) => {
      response.writeHead(200, { 'content-length': ACCEPTED.length }).write(ACCEPTED.slice(0, 30));
      setImmediate(() => socket.destroy());
    };
    const answer = await send(await open());
    expect(answer).toMatchObject({ status: 'unknown', errorCode: 'UnreadableAnswer' });
  });

  it('after a reset before the response', async () => {
    server.respond = (_response, _received, socket) => socket.resetAndDestroy();
    const answer = await send(await open());
    expect(answer).toMatchObject({
      status: 'unknown',
      errorCode: 'ConnectionReset',
      httpStatus: 0,
    });
  });

  it('after the time-out', async () => {
    server.respond = () => {};
    const answer = await send(await open({ requestTimeoutUs: 50_000 }));
    expect(answer).toMatchObject({
      status: 'unknown',
      errorCode: 'RequestTimeout',
      errorMessage: 'no whole answer within 50 ms',
    });
  });

  it('when the transport is closed', async () => {
    const to = await open();
    server.respond = () => to.close();
    expect(await send(to)).toMatchObject({ status: 'unknown', errorCode: 'ConnectionReset' });
  });
});

describe('a call that never reached the service has failed', () => {
  it('when the connection is refused', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    const answer = await send(await open({ endpoint: `http://127.0.0.1:${port}` }));
    expect(answer).toMatchObject({
      status: 'failed',
      errorCode: 'ConnectionFailed',
      httpStatus: 0,
    });
    expect(answer.errorMessage).toContain('ECONNREFUSED');
  });

  it('when the transport was closed', async () => {
    const to = await open();
    await to.close();
    expect(await send(to)).toMatchObject({ status: 'failed', errorCode: 'ConnectionFailed' });
  });
});

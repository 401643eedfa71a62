import http2 from 'node:http2';
import https from 'node:https';
import { KinesisClient, ListStreamsCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { type NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clockOrigin, realClock } from '../../src/core/clock.ts';
import type { AuditReport } from '../../src/simulator/core/audit.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/server/server.ts';

const STREAM = 's';
const OPTIONS = {
  mode: 'provisioned',
  shards: 2,
  latency: { kind: 'zero' },
  faults: [],
  stream: STREAM,
  seed: 1,
  region: 'us-east-1',
  tls: { port: 0 },
  controlPort: 0,
} as const;
let simulator: RunningSimulator;

beforeAll(async () => {
  simulator = await startSimulator(OPTIONS, realClock(clockOrigin()));
});

afterAll(async () => {
  await simulator.close();
});

function client(requestHandler: NodeHttpHandler | NodeHttp2Handler): KinesisClient {
  return new KinesisClient({
    region: 'us-east-1',
    endpoint: simulator.tlsEndpoint ?? '',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler,
  });
}

async function control(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(new URL(path, simulator.controlEndpoint ?? ''), {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
}

async function put(kinesis: KinesisClient, count = 1) {
  const Records = Array.from({ length: count }, (_, i) => ({
    Data: Buffer.from('x'),
    PartitionKey: `${i}`,
  }));
  return kinesis.send(new PutRecordsCommand({ StreamName: STREAM, Records }));
}

describe('TLS', () => {
  it('serves HTTP/1.1 under a certificate that a client can trust', async () => {
    const kinesis = client(
      new NodeHttpHandler({ httpsAgent: new https.Agent({ ca: simulator.certificate ?? '' }) }),
    );
    expect((await kinesis.send(new ListStreamsCommand({}))).StreamNames).toEqual([STREAM]);
    kinesis.destroy();
  });

  it('chooses HTTP/2 by ALPN', async () => {
    const session = http2.connect(simulator.tlsEndpoint ?? '', { ca: simulator.certificate ?? '' });
    await new Promise((resolve, reject) => {
      session.on('connect', resolve);
      session.on('error', reject);
    });
    expect(session.alpnProtocol).toBe('h2');
    session.destroy();
  });

  it('refuses a certificate that is none, with what to give', async () => {
    const certificate = { key: 'no key', cert: 'no certificate' };
    const starting = startSimulator(
      { ...OPTIONS, tls: { port: 0, certificate } },
      realClock(clockOrigin()),
    );
    await expect(starting).rejects.toMatchObject({ code: 'SHARDSTORM_SIMULATOR_USAGE' });
  });
});

describe('the control port', () => {
  let kinesis: KinesisClient;
  beforeAll(() => {
    kinesis = new KinesisClient({
      region: 'us-east-1',
      endpoint: simulator.endpoint,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler(),
    });
  });
  afterAll(() => kinesis.destroy());

  it('tells its health, on the port of the service too', async () => {
    expect(await control('GET', '/_health')).toEqual({
      status: 200,
      body: { status: 'ok', streams: 1 },
    });
    const answer = await fetch(new URL('/_health', simulator.endpoint));
    expect(answer.status).toBe(200);
    expect((await fetch(simulator.endpoint)).status).toBe(403);
  });

  it('gives the audit, the same in Prometheus metrics, and starts it anew', async () => {
    await put(kinesis, 10);
    const audit = (await control('GET', '/_audit')).body as AuditReport;
    expect(audit.kinesisRecords.accepted).toBeGreaterThanOrEqual(10);
    const metrics = await (
      await fetch(new URL('/metrics', simulator.controlEndpoint ?? ''))
    ).text();
    expect(metrics).toContain(
      `shardstorm_simulator_records_accepted_total ${audit.kinesisRecords.accepted}\n`,
    );
    simulator.core.store.droppedRecords = 5;
    await control('POST', '/_reset');
    expect((await control('GET', '/_audit')).body).toMatchObject({
      kinesisRecords: { accepted: 0 },
      storage: { droppedRecords: 0, expiredRecords: 0 },
    });
  });

  it('takes faults at run time and takes them away again', async () => {
    expect(
      (await control('POST', '/_faults', { kind: 'call-throttle', rate: '100%' })).status,
    ).toBe(201);
    await expect(put(kinesis)).rejects.toMatchObject({
      name: 'ProvisionedThroughputExceededException',
      $metadata: { httpStatusCode: 400 },
    });
    await control('DELETE', '/_faults');
    await control('POST', '/_faults', { kind: 'internal-failure', for: '1h', shard: 1 });
    const { Records = [] } = await put(kinesis, 50);
    expect(new Set(Records.map(({ ShardId, ErrorCode }) => ShardId ?? ErrorCode))).toEqual(
      new Set(['shardId-000000000000', 'InternalFailure']),
    );
    await control('DELETE', '/_faults');
  });

  it('spoils answers after storing', async () => {
    const before = simulator.core.audit().kinesisRecords.accepted;
    await control('POST', '/_faults', { kind: 'wrong-record-count', rate: 1 });
    expect((await put(kinesis, 5)).Records).toHaveLength(4);
    await control('DELETE', '/_faults');
    await control('POST', '/_faults', { kind: 'truncated-body', rate: 1 });
    await expect(put(kinesis, 5)).rejects.toThrow();
    await control('DELETE', '/_faults');
    expect(simulator.core.audit().kinesisRecords.accepted).toBe(before + 10);
  });

  it.each([
    [{ kind: 'slow' }, /kind is "slow"; it must be one of throttle/],
    [{ kind: 'stall', rate: 'often' }, /rate is "often"/],
    [{ kind: 'stall', for: 5 }, /for is 5; it must be a duration/],
    [{ kind: 'stall', shards: ['a'] }, /shards is \["a"\]/],
    [{ kind: 'stall', rate: 1, operation: 'Put' }, /operation is "Put"; it must be one of AddTags/],
    [{ kind: 'merge-shards', rate: '0%' }, /rate is/],
    [{ kind: 'stall', rates: 1 }, /'rates' is no field of a fault/],
    ['stall', /must be an object/],
  ])('refuses the fault %j', async (fault, message) => {
    const { status, body } = await control('POST', '/_faults', fault);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 'SHARDSTORM_SIMULATOR_USAGE',
      message: expect.stringMatching(message),
    });
  });

  it('has a status page that loads nothing from elsewhere', async () => {
    const answer = await fetch(simulator.controlEndpoint ?? '');
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect(await answer.text()).not.toMatch(/(src|href)=|https?:\/\//);
  });
});

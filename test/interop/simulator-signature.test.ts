import http from 'node:http';
import {
  KinesisClient,
  type KinesisClientConfig,
  ListStreamsCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clockOrigin, realClock } from '../../src/core/clock.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/server/server.ts';

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret/with+signs' };
let simulator: RunningSimulator;

beforeAll(async () => {
  simulator = await startSimulator(
    {
      mode: 'provisioned',
      shards: 1,
      latency: { kind: 'zero' },
      faults: [],
      stream: 's',
      seed: 1,
      region: 'us-east-1',
      credentials: [CREDENTIALS],
    },
    realClock(clockOrigin()),
  );
});

afterAll(async () => {
  await simulator.close();
});

function client(credentials: typeof CREDENTIALS, config: KinesisClientConfig = {}): KinesisClient {
  const { endpoint } = simulator;
  return new KinesisClient({
    region: 'us-east-1',
    endpoint,
    credentials,
    maxAttempts: 1,
    ...config,
  });
}

describe('signatures', () => {
  it.each([
    ['HTTP/2', {}],
    ['HTTP/1.1', { requestHandler: new NodeHttpHandler() }],
  ])('of the AWS SDK are accepted over %s', async (_, config) => {
    const kinesis = client(CREDENTIALS, config);
    expect((await kinesis.send(new ListStreamsCommand({}))).StreamNames).toEqual(['s']);
    const Records = [{ Data: Buffer.from('x'), PartitionKey: 'k' }];
    expect(
      (await kinesis.send(new PutRecordsCommand({ StreamName: 's', Records }))).FailedRecordCount,
    ).toBe(0);
    kinesis.destroy();
  });

  it('made with another secret or key are refused', async () => {
    const wrongSecret = client({ ...CREDENTIALS, secretAccessKey: 'another' });
    await expect(wrongSecret.send(new ListStreamsCommand({}))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    });
    const wrongKey = client({ ...CREDENTIALS, accessKeyId: 'AKIDOTHER' });
    await expect(wrongKey.send(new ListStreamsCommand({}))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
    wrongSecret.destroy();
    wrongKey.destroy();
  });
});

function send(method: string, headers: Record<string, string>, body: string) {
  return new Promise<{ status: number; headers: http.IncomingHttpHeaders; isContinued: boolean }>(
    (resolve, reject) => {
      const request = http.request(simulator.endpoint, { method, headers });
      let isContinued = false;
      request.on('continue', () => {
        isContinued = true;
        request.end(body);
      });
      request.on('response', (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, isContinued });
      });
      request.on('error', reject);
      if (headers['expect'] === undefined) request.end(body);
      else request.flushHeaders();
    },
  );
}

it('answers Expect: 100-continue', async () => {
  const headers = {
    expect: '100-continue',
    'content-type': 'application/x-amz-json-1.1',
    'content-length': '2',
  };
  const answer = await send(
    'POST',
    { ...headers, 'x-amz-target': 'Kinesis_20131202.ListStreams' },
    '{}',
  );
  expect(answer).toMatchObject({ isContinued: true, status: 400 });
});

it('lets browsers in', async () => {
  const { status, headers } = await send(
    'OPTIONS',
    {
      origin: 'http://page',
      'access-control-request-headers': 'x-amz-target',
      'access-control-request-method': 'POST',
    },
    '',
  );
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    'access-control-allow-origin': '*',
    'access-control-allow-headers': 'x-amz-target',
    'access-control-allow-methods': 'POST',
    'access-control-max-age': '172800',
  });
});

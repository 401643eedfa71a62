/** Faults as clients meet them: what the SDK makes of a wrong clock, and reads that misbehave. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as kinesis from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterEach, expect, it } from 'vitest';
import { clockOrigin, realClock } from '../../src/core/clock.ts';
import type { FaultRule } from '../../src/simulator/core/options.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/server/server.ts';

const SIGNER = { accessKeyId: 'test', secretAccessKey: 'secret' };
const StreamName = 's';
let simulator: RunningSimulator;
let client: kinesis.KinesisClient;

async function start(fault: Partial<FaultRule>, credentials: (typeof SIGNER)[] = []) {
  simulator = await startSimulator(
    {
      mode: 'provisioned',
      shards: 2,
      latency: { kind: 'zero' },
      faults: [
        {
          kind: 'stall',
          rate: null,
          atUs: null,
          forUs: null,
          shards: null,
          operation: null,
          ...fault,
        },
      ],
      stream: StreamName,
      seed: 1,
      region: null,
      credentials,
    },
    realClock(clockOrigin()),
  );
  client = clientOf(simulator.endpoint);
}

function clientOf(endpoint: string, maxAttempts = 2): kinesis.KinesisClient {
  return new kinesis.KinesisClient({
    region: 'us-east-1',
    endpoint,
    credentials: SIGNER,
    maxAttempts,
    requestHandler: new NodeHttpHandler(),
  });
}

afterEach(async () => {
  client.destroy();
  await simulator.close();
});

const put = () =>
  client.send(new kinesis.PutRecordCommand({ StreamName, Data: Buffer.of(1), PartitionKey: 'k' }));
const fired = () => simulator.core.audit().faults[0]?.fired;

it('lets a client through that corrects its clock by the answer, under verified signatures', async () => {
  await start({ kind: 'clock-skew' }, [SIGNER]);
  const first = await put();
  expect(first.$metadata.attempts).toBe(2);
  const second = await put();
  expect(second.$metadata.attempts).toBe(1);
  expect(simulator.core.audit().requests.failed).toEqual({ InvalidSignatureException: 1 });
  expect(fired()).toBe(3);
});

it('refuses a signature of another time when signatures are verified, and says both times', async () => {
  await start({ kind: 'stall', operation: 'none' }, [SIGNER]);
  client = clientOf(simulator.endpoint, 1);
  client.config.systemClockOffset = -3_600_000;
  await expect(put()).rejects.toMatchObject({
    name: 'InvalidSignatureException',
    message: expect.stringMatching(
      /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)$/,
    ),
  });
});

it('throttles reads of the named shard only', async () => {
  await start({ kind: 'throttle', operation: 'GetRecords', shards: [1] });
  client = clientOf(simulator.endpoint, 1);
  const read = async (ShardId: string) => {
    const { ShardIterator } = await client.send(
      new kinesis.GetShardIteratorCommand({
        StreamName,
        ShardId,
        ShardIteratorType: 'TRIM_HORIZON',
      }),
    );
    return client.send(new kinesis.GetRecordsCommand({ ShardIterator }));
  };
  await expect(read('shardId-000000000000')).resolves.toMatchObject({ Records: [] });
  await expect(read('shardId-000000000001')).rejects.toMatchObject({
    name: 'ProvisionedThroughputExceededException',
  });
  expect(fired()).toBe(1);
});

it('ends an answer of another operation in the middle', async () => {
  await start({ kind: 'truncated-body', operation: 'ListShards' });
  client = clientOf(simulator.endpoint, 1);
  await expect(client.send(new kinesis.ListShardsCommand({ StreamName }))).rejects.toThrow();
  expect(fired()).toBe(1);
});

it('refuses a subscription', async () => {
  await start({ kind: 'call-500', operation: 'SubscribeToShard' });
  client = clientOf(simulator.endpoint, 1);
  await expect(
    client.send(
      new kinesis.SubscribeToShardCommand({
        ConsumerARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/s/consumer/c:1',
        ShardId: 'shardId-000000000000',
        StartingPosition: { Type: 'LATEST' },
      }),
    ),
  ).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
});

it('tells a client to go on that asks first whether it may', async () => {
  await start({ operation: 'none' });
  const request = http.request(simulator.endpoint, {
    method: 'POST',
    headers: {
      expect: '100-continue',
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Kinesis_20131202.ListStreams',
      'x-amz-date': '20261123T120000Z',
      authorization: 'AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=b',
    },
  });
  request.flushHeaders();
  await once(request, 'continue');
  request.end('{}');
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  expect(response.statusCode).toBe(200);
  response.resume();
});

it('goes on after it was killed, with every record that was answered and numbers that grow', async () => {
  await start({ operation: 'none' });
  const folder = mkdtempSync(join(tmpdir(), 'simulate-persist-'));
  const run = async () => {
    const words = ['simulate', '--json', '--port', '0', '--control-port', '0', '--persist', folder];
    const program = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...words], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = await once(program.stdout, 'data');
    return { program, endpoint: JSON.parse(String(line)).endpoint as string };
  };
  const put20 = async (endpoint: string) => {
    const own = clientOf(endpoint);
    const { Records = [] } = await own.send(
      new kinesis.PutRecordsCommand({
        StreamName: 'simulated',
        Records: Array.from({ length: 20 }, (_, i) => ({
          Data: Buffer.from(`${i}`),
          PartitionKey: `k${i}`,
        })),
      }),
    );
    own.destroy();
    return Records;
  };
  const first = await run();
  const before = await put20(first.endpoint);
  first.program.kill('SIGKILL');
  await once(first.program, 'exit');
  const second = await run();
  const audit = await (await fetch(new URL('/_audit', second.endpoint))).json();
  expect(audit).toMatchObject({ kinesisRecords: { accepted: 20 } });
  for (const [i, { ShardId, SequenceNumber = '' }] of (await put20(second.endpoint)).entries()) {
    expect(ShardId).toBe(before[i]?.ShardId);
    expect(BigInt(SequenceNumber)).toBeGreaterThan(BigInt(before[i]?.SequenceNumber ?? 0));
  }
  second.program.kill('SIGTERM');
  await once(second.program, 'exit');
  rmSync(folder, { recursive: true });
});

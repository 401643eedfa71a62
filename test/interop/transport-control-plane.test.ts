import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { clockOrigin, realClock } from '../../src/core/clock.ts';
import type { ShardstormError } from '../../src/core/errors.ts';
import type { Shard } from '../../src/kinesis/shard.ts';
import { checkTarget, connectControlPlane } from '../../src/transport/control-plane.ts';
import { openShardLister, openTransport, type TransportOptions } from '../../src/transport/open.ts';
import type { TargetAddress } from '../../src/transport/target-address.ts';
import { startTestServer, type TestServer } from './transport-server.ts';

type Answers = Record<string, (input: Record<string, unknown>) => [status: number, body: object]>;

let server: TestServer;
let operations: string[];

beforeEach(async () => {
  server = await startTestServer();
  operations = [];
  // No credentials, region or metadata service of this machine must reach a test.
  for (const name of [
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'AWS_PROFILE',
  ]) {
    vi.stubEnv(name, undefined);
  }
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_ENDPOINT_URL'])
    vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

function answer(answers: Answers): TargetAddress {
  server.respond = (response, { headers, body }) => {
    const operation = String(headers['x-amz-target']).split('.')[1] ?? '';
    operations.push(operation);
    const [status, reply] = answers[operation]?.(JSON.parse(body.toString())) ?? [404, {}];
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(reply));
  };
  return { endpoint: server.endpoint, region: null, credentials: 'simulator' };
}

const stream = (StreamStatus: string) => ({
  StreamDescriptionSummary: {
    StreamName: 'clicks',
    StreamStatus,
    StreamModeDetails: { StreamMode: 'PROVISIONED' },
    OpenShardCount: 4,
    RetentionPeriodHours: 24,
  },
});
const MISSING: [number, object] = [
  400,
  { __type: 'ResourceNotFoundException', message: 'Stream clicks not found.' },
];

async function refusal(check: Promise<unknown>): Promise<ShardstormError> {
  return check.then(
    () => expect.fail('it was accepted'),
    (error: ShardstormError) => error,
  );
}

describe('the check of a target', () => {
  it('describes a stream that can be written to', async () => {
    const address = answer({ DescribeStreamSummary: () => [200, stream('UPDATING')] });
    expect(await checkTarget(address, 'clicks', null)).toEqual({
      name: 'clicks',
      status: 'UPDATING',
      mode: 'provisioned',
      openShardCount: 4,
      retentionHours: 24,
    });
  });

  it('names a missing stream and how to create it', async () => {
    const error = await refusal(
      checkTarget(answer({ DescribeStreamSummary: () => MISSING }), 'clicks', null),
    );
    expect(error.code).toBe('SHARDSTORM_SERVICE_STREAM_MISSING');
    expect(error.message).toContain('"clicks"');
    expect(error.message).toContain(server.endpoint);
    expect(error.hint).toContain('aws kinesis create-stream --stream-name clicks');
  });

  it('creates a missing stream and waits until it is active', async () => {
    const states: [number, object][] = [
      MISSING,
      [200, stream('CREATING')],
      [200, stream('ACTIVE')],
    ];
    const address = answer({
      DescribeStreamSummary: () => states.shift() ?? MISSING,
      CreateStream: (input) => {
        expect(input).toMatchObject({ StreamName: 'clicks', ShardCount: 3 });
        return [200, {}];
      },
    });
    expect(await checkTarget(address, 'clicks', { shards: 3 })).toMatchObject({ status: 'ACTIVE' });
    expect(operations[1]).toBe('CreateStream');
  });

  it('takes a stream that another member created meanwhile', async () => {
    const states: [number, object][] = [MISSING, [200, stream('ACTIVE')]];
    const address = answer({
      DescribeStreamSummary: () => states.shift() ?? MISSING,
      CreateStream: () => [400, { __type: 'ResourceInUseException', message: 'exists' }],
    });
    expect(await checkTarget(address, 'clicks', { shards: 3 })).toMatchObject({ status: 'ACTIVE' });
  });

  it('names an endpoint that nobody listens at, and the cause', async () => {
    const address = answer({});
    await server.close();
    const error = await refusal(checkTarget(address, 'clicks', null));
    expect(error.code).toBe('SHARDSTORM_TRANSPORT_UNREACHABLE');
    expect(error.message).toContain(server.endpoint);
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('gives up an endpoint that never answers', async () => {
    const address = answer({});
    server.respond = () => {};
    const plane = connectControlPlane(address, 100);
    const error = await refusal(plane.describeStream('clicks'));
    expect(error.code).toBe('SHARDSTORM_TRANSPORT_UNREACHABLE');
    expect(error.message).toBe(`cannot reach ${server.endpoint}: no answer within 0.1 s`);
    plane.close();
  });

  it('tells refused credentials', async () => {
    const error = await refusal(
      checkTarget(
        answer({
          DescribeStreamSummary: () => [
            400,
            { __type: 'UnrecognizedClientException', message: 'The security token is invalid.' },
          ],
        }),
        'clicks',
        null,
      ),
    );
    expect(error.code).toBe('SHARDSTORM_CREDENTIALS_REFUSED');
  });

  it('tells any other refusal with its name', async () => {
    const error = await refusal(
      checkTarget(
        answer({
          DescribeStreamSummary: () => [400, { __type: 'InvalidArgumentException', message: 'no' }],
        }),
        'clicks',
        null,
      ),
    );
    expect(error.code).toBe('SHARDSTORM_SERVICE_ERROR');
    expect(error.message).toContain('InvalidArgumentException: no');
  });

  it('tells missing credentials and how to give them', async () => {
    const address = { ...answer({}), region: 'us-east-1', credentials: 'chain' } as const;
    const error = await refusal(checkTarget(address, 'clicks', null));
    expect(error.code).toBe('SHARDSTORM_CREDENTIALS_MISSING');
    expect(error.hint).toContain('AWS_PROFILE');
    expect(operations).toEqual([]);
  });

  it('tells a missing region', async () => {
    const address = { endpoint: null, region: null, credentials: 'chain' } as const;
    const error = await refusal(checkTarget(address, 'clicks', null));
    expect(error.code).toBe('SHARDSTORM_TRANSPORT_UNREACHABLE');
    expect(error.message).toBe('no AWS region is set');
  });
});

const OPTIONS: TransportOptions = {
  kind: 'direct',
  protocol: 'cbor',
  http: '1.1',
  endpoint: null,
  region: null,
  credentials: 'chain',
  maxConnections: 1,
  requestTimeoutUs: 1_000_000,
  nullShards: 4,
};
const clock = realClock(clockOrigin());

describe('opening a transport', () => {
  it('takes endpoint, region and credentials of the environment as the SDK does', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_KINESIS', `${server.endpoint}/some/path`);
    vi.stubEnv('AWS_REGION', 'eu-north-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_SESSION_TOKEN', 'token');
    const transport = await openTransport(OPTIONS, clock);
    const { requestOf } = await import('../transport/put-records-builder.ts');
    await new Promise<void>((resolve) => transport.send(requestOf([]), resolve));
    await transport.close();
    const { headers } = server.received[0] ?? {};
    expect(headers?.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE\/\d{8}\/eu-north-1\/kinesis\/aws4_request, /,
    );
    expect(headers?.['x-amz-security-token']).toBe('token');
  });

  it.each([
    [{}, 'SHARDSTORM_TRANSPORT_UNREACHABLE', 'no AWS region is set'],
    [{ region: 'us-east-1' }, 'SHARDSTORM_CREDENTIALS_MISSING', 'no AWS credentials'],
    [
      { endpoint: 'localhost:4567', credentials: 'simulator' as const },
      'SHARDSTORM_TRANSPORT_UNREACHABLE',
      '"localhost:4567" is not an endpoint',
    ],
  ])('with %o is refused with a reason', async (overrides, code, message) => {
    const error = await refusal(openTransport({ ...OPTIONS, ...overrides }, clock));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });
});

describe('the list of open shards', () => {
  const shard = (number: number, ending?: string) => ({
    ShardId: `shardId-00000000000${number}`,
    HashKeyRange: { StartingHashKey: `${number}`, EndingHashKey: `${number}9` },
    SequenceNumberRange: { StartingSequenceNumber: '1', EndingSequenceNumber: ending },
    ...(number === 0 ? {} : { ParentShardId: 'shardId-000000000000' }),
  });

  it('has all pages, without closed shards', async () => {
    const inputs: object[] = [];
    const address = answer({
      ListShards: (input) => {
        inputs.push(input);
        return 'NextToken' in input
          ? [200, { Shards: [shard(2)] }]
          : [200, { Shards: [shard(0, '5'), shard(1)], NextToken: 'more' }];
      },
    });
    const list = openShardLister({ ...OPTIONS, ...address }, clock);
    const shards = await new Promise<readonly Shard[] | null>((resolve) => list('clicks', resolve));
    expect(inputs).toEqual([
      { StreamName: 'clicks', ShardFilter: { Type: 'AT_LATEST' } },
      { NextToken: 'more' },
    ]);
    expect(shards).toEqual(
      [1, 2].map((number) => ({
        id: `shardId-00000000000${number}`,
        number,
        startingHashKey: BigInt(number),
        endingHashKey: BigInt(number * 10 + 9),
        parentNumber: 0,
        adjacentParentNumber: null,
        isOpen: true,
      })),
    );
  });

  it('says why there is none', async () => {
    const plane = connectControlPlane(answer({ ListShards: () => MISSING }));
    const told = await new Promise((resolve) =>
      plane.listOpenShards('clicks', (...result) => resolve(result)),
    );
    expect(told).toEqual([
      null,
      'ResourceNotFoundException',
      expect.stringContaining('Stream clicks not found.'),
    ]);
    plane.close();
  });

  it.each([
    ['an endpoint', {}],
    ['a provider of credentials', { credentials: () => new Promise<never>(() => {}) }],
  ])('is given up where %s never answers, so that it can be asked for again', async (_what, of) => {
    const address = { ...answer({}), region: 'us-east-1', ...of };
    server.respond = () => {};
    const plane = connectControlPlane(address, 100);
    const told = await new Promise((resolve) =>
      plane.listOpenShards('clicks', (...result) => resolve(result)),
    );
    expect(told).toEqual([null, 'TimeoutError', 'no answer within 0.1 s']);
    plane.close();
  });
});

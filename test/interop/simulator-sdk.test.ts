import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  ListStreamsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { aggregate } from 'aws-kinesis-agg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clockOrigin } from '../../src/core/clock.ts';
import { type SimulatorHandle, startSimulatorThread } from '../../src/simulator/host.ts';

const STREAM = 'first';
let simulator: SimulatorHandle;

beforeAll(async () => {
  simulator = await startSimulatorThread({
    mode: 'provisioned',
    shards: 1,
    latency: { kind: 'zero' },
    faults: [],
    stream: STREAM,
    seed: 1,
    region: 'eu-west-1',
  });
});

afterAll(async () => {
  await simulator.close();
});

const HANDLERS = [
  ['its default handler, cleartext HTTP/2', () => ({})],
  ['NodeHttpHandler, HTTP/1.1', () => ({ requestHandler: new NodeHttpHandler() })],
] as const;

describe.each(HANDLERS)('the AWS SDK with %s', (_, handler) => {
  let client: KinesisClient;
  beforeAll(() => {
    client = new KinesisClient({
      region: 'eu-west-1',
      endpoint: simulator.endpoint,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
      ...handler(),
    });
  });
  afterAll(() => client.destroy());

  it('creates a stream, writes, lists shards, reads back and deletes', async () => {
    const StreamName = 'made-by-sdk';
    await client.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }));
    await waitUntilStreamExists({ client, maxWaitTime: 20, minDelay: 1 }, { StreamName });
    const put = await client.send(
      new PutRecordsCommand({
        StreamName,
        Records: [
          { Data: Buffer.from('low'), PartitionKey: 'a', ExplicitHashKey: '0' },
          { Data: Buffer.from('größer'), PartitionKey: 'schlüssel"\\', ExplicitHashKey: '1' },
          { Data: Buffer.from('hashed'), PartitionKey: 'c' },
        ],
      }),
    );
    expect(put.FailedRecordCount).toBe(0);
    const single = await client.send(
      new PutRecordCommand({
        StreamName,
        Data: Buffer.from('single'),
        PartitionKey: 'a',
        ExplicitHashKey: '0',
      }),
    );
    expect(single.ShardId).toBe('shardId-000000000000');

    const { Shards, NextToken } = await client.send(
      new ListShardsCommand({ StreamName, MaxResults: 1, ShardFilter: { Type: 'AT_LATEST' } }),
    );
    expect(Shards?.map(({ ShardId }) => ShardId)).toEqual(['shardId-000000000000']);
    const second = await client.send(new ListShardsCommand({ NextToken }));
    expect(second.Shards?.map(({ ShardId }) => ShardId)).toEqual(['shardId-000000000001']);
    expect(second.NextToken).toBeUndefined();

    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({
        StreamName,
        ShardId: 'shardId-000000000000',
        ShardIteratorType: 'AT_SEQUENCE_NUMBER',
        StartingSequenceNumber: put.Records?.[0]?.SequenceNumber,
      }),
    );
    const page = await client.send(new GetRecordsCommand({ ShardIterator }));
    const texts = page.Records?.map(({ Data }) => Buffer.from(Data ?? []).toString());
    expect(texts?.filter((text) => text !== 'hashed')).toEqual(['low', 'größer', 'single']);
    expect(page.Records?.[1]?.PartitionKey).toBe('schlüssel"\\');
    expect(page.Records?.[0]?.SequenceNumber).toBe(put.Records?.[0]?.SequenceNumber);
    expect(page.Records?.at(-1)?.SequenceNumber).toBe(single.SequenceNumber);
    expect(page.MillisBehindLatest).toBe(0);

    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamName }));
    expect(StreamDescription?.StreamARN).toBe(
      `arn:aws:kinesis:eu-west-1:000000000000:stream/${StreamName}`,
    );
    await client.send(new DeleteStreamCommand({ StreamARN: StreamDescription?.StreamARN }));
    await expect
      .poll(async () => (await client.send(new ListStreamsCommand({}))).StreamNames, {
        timeout: 10_000,
      })
      .not.toContain(StreamName);
  });

  it('meets the throttle after the first 1,000 records of a second', async () => {
    await simulator.startClock(clockOrigin());
    const Records = Array.from({ length: 500 }, (_unused, i) => ({
      Data: Buffer.from('x'),
      PartitionKey: String(i),
    }));
    const command = () => new PutRecordsCommand({ StreamName: STREAM, Records });
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.send(command())));
    const refused = answers.reduce((sum, { FailedRecordCount = 0 }) => sum + FailedRecordCount, 0);
    expect(refused).toBeGreaterThan(0);
    const failure = answers.flatMap(({ Records: list = [] }) => list).find((r) => r.ErrorCode);
    expect(failure).toEqual({
      ErrorCode: 'ProvisionedThroughputExceededException',
      ErrorMessage: `Rate exceeded for shard shardId-000000000000 in stream ${STREAM} under account 000000000000.`,
    });
    const audit = await simulator.audit();
    expect(audit.kinesisRecords.accepted).toBe(4000 - refused);
    expect(audit.kinesisRecords.refused).toMatchObject({
      ProvisionedThroughputExceededException: refused,
    });
    expect(audit.shards[0]?.throttled).toBe(refused);
  });

  it('reports errors under their names', async () => {
    const put = client.send(
      new PutRecordCommand({ StreamName: 'none', Data: Buffer.from('x'), PartitionKey: 'k' }),
    );
    await expect(put).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Stream none under account 000000000000 not found.',
    });
    const list = client.send(new ListShardsCommand({}));
    await expect(list).rejects.toMatchObject({ name: 'InvalidArgumentException' });
  });
});

/** An aggregate of `count` user records over five keys. */
function aggregateOf(count: number): Promise<Buffer> {
  const list = Array.from({ length: count }, (_unused, i) => ({
    partitionKey: `key-${i % 5}`,
    data: Buffer.from(`record ${i}`),
  }));
  return new Promise((resolve, reject) => {
    aggregate(
      list,
      (encoded, next) => {
        resolve(encoded.data);
        next();
      },
      () => {},
      reject,
    );
  });
}

it('counts the user records of an aggregate made by aws-kinesis-agg', async () => {
  const client = new KinesisClient({
    region: 'eu-west-1',
    endpoint: simulator.endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await client.send(new CreateStreamCommand({ StreamName: 'aggregates', ShardCount: 1 }));
  await waitUntilStreamExists(
    { client, maxWaitTime: 20, minDelay: 1 },
    { StreamName: 'aggregates' },
  );
  await simulator.startClock(clockOrigin());
  const whole = await aggregateOf(37);
  await client.send(
    new PutRecordsCommand({
      StreamName: 'aggregates',
      Records: [
        { Data: whole, PartitionKey: 'a' },
        { Data: Buffer.from('plain'), PartitionKey: 'b' },
      ],
    }),
  );
  const { userRecords, kinesisRecords } = await simulator.audit();
  expect(userRecords).toMatchObject({ accepted: 38, aggregates: 1 });
  expect(kinesisRecords.accepted).toBe(2);
  client.destroy();
});

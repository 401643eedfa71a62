import {
  DescribeStreamConsumerCommand,
  KinesisClient,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
  SubscribeToShardCommand,
  type SubscribeToShardEvent,
} from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SimulatorHandle, startSimulatorThread } from '../../src/simulator/host.ts';

const StreamName = 'pushed';
const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`;
let simulator: SimulatorHandle;
let client: KinesisClient;

beforeAll(async () => {
  simulator = await startSimulatorThread({
    mode: 'provisioned',
    shards: 1,
    latency: { kind: 'zero' },
    faults: [],
    stream: StreamName,
    seed: 1,
    region: null,
  });
  client = new KinesisClient({
    region: 'us-east-1',
    endpoint: simulator.endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
});

afterAll(async () => {
  client.destroy();
  await simulator.close();
});

async function consumer(ConsumerName: string): Promise<string> {
  const { Consumer } = await client.send(
    new RegisterStreamConsumerCommand({ StreamARN, ConsumerName }),
  );
  const ConsumerARN = Consumer?.ConsumerARN ?? '';
  await expect
    .poll(async () => {
      const answer = await client.send(new DescribeStreamConsumerCommand({ ConsumerARN }));
      return answer.ConsumerDescription?.ConsumerStatus;
    })
    .toBe('ACTIVE');
  return ConsumerARN;
}

function put(text: string): Promise<unknown> {
  return client.send(
    new PutRecordCommand({ StreamName, Data: Buffer.from(text), PartitionKey: 'k' }),
  );
}

it('pushes what is there and what comes, until the shard ends', async () => {
  await put('before');
  const ConsumerARN = await consumer('c');
  const subscribe = () =>
    client.send(
      new SubscribeToShardCommand({
        ConsumerARN,
        ShardId: 'shardId-000000000000',
        StartingPosition: { Type: 'TRIM_HORIZON' },
      }),
    );
  const { EventStream = [] } = await subscribe();
  await expect(subscribe()).rejects.toMatchObject({ name: 'ResourceInUseException' });

  const texts: string[] = [];
  let last: SubscribeToShardEvent | undefined;
  for await (const { SubscribeToShardEvent: event } of EventStream) {
    last = event;
    for (const { Data } of event?.Records ?? []) texts.push(Buffer.from(Data ?? []).toString());
    if (texts.length === 1) await put('after');
    if (texts.length === 2 && event?.ChildShards === undefined) {
      await client.send(
        new SplitShardCommand({
          StreamName,
          ShardToSplit: 'shardId-000000000000',
          NewStartingHashKey: '1000',
        }),
      );
    }
  }
  expect(texts).toEqual(['before', 'after']);
  expect(last?.ChildShards?.map(({ ShardId }) => ShardId)).toEqual([
    'shardId-000000000001',
    'shardId-000000000002',
  ]);
});

it('answers errors of the call as errors', async () => {
  const ConsumerARN = await consumer('d');
  const subscribe = client.send(
    new SubscribeToShardCommand({
      ConsumerARN,
      ShardId: 'shardId-000000000009',
      StartingPosition: { Type: 'LATEST' },
    }),
  );
  await expect(subscribe).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

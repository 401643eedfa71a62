import * as kinesis from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, StreamARN, StreamName, simulatedStream } from './simulated-stream.ts';

let stream: Awaited<ReturnType<typeof simulatedStream>>;
let client: kinesis.KinesisClient;

beforeAll(async () => {
  stream = await simulatedStream();
  client = stream.client;
});

afterAll(() => stream.close());

async function openShards(): Promise<string[]> {
  const { Shards = [] } = await client.send(
    new kinesis.ListShardsCommand({ StreamName, ShardFilter: { Type: 'AT_LATEST' } }),
  );
  return Shards.map(({ ShardId = '' }) => ShardId);
}

describe('resharding', () => {
  it('splits, merges and rescales, with parents closed', async () => {
    await client.send(
      new kinesis.SplitShardCommand({
        StreamName,
        ShardToSplit: 'shardId-000000000000',
        NewStartingHashKey: '1000',
      }),
    );
    await expect(
      client.send(
        new kinesis.MergeShardsCommand({
          StreamName,
          ShardToMerge: 'shardId-000000000000',
          AdjacentShardToMerge: 'shardId-000000000001',
        }),
      ),
    ).rejects.toMatchObject({
      name: 'ResourceInUseException',
      message: `Stream ops under account ${ACCOUNT} not ACTIVE, instead in state UPDATING`,
    });
    expect((await stream.active()).OpenShardCount).toBe(3);
    expect(await openShards()).toEqual([
      'shardId-000000000001',
      'shardId-000000000002',
      'shardId-000000000003',
    ]);
    await client.send(
      new kinesis.MergeShardsCommand({
        StreamARN,
        ShardToMerge: 'shardId-000000000003',
        AdjacentShardToMerge: 'shardId-000000000001',
      }),
    );
    await stream.active();
    expect(await openShards()).toEqual(['shardId-000000000002', 'shardId-000000000004']);
    const rescaled = await client.send(
      new kinesis.UpdateShardCountCommand({
        StreamName,
        TargetShardCount: 3,
        ScalingType: 'UNIFORM_SCALING',
      }),
    );
    expect(rescaled).toMatchObject({ CurrentShardCount: 2, TargetShardCount: 3, StreamARN });
    expect((await stream.active()).OpenShardCount).toBe(3);
    const { Shards = [] } = await client.send(new kinesis.ListShardsCommand({ StreamName }));
    const first = Shards[0];
    expect(first?.SequenceNumberRange?.EndingSequenceNumber).toBeDefined();
    const page = await readAll('shardId-000000000000');
    expect(page.NextShardIterator).toBeUndefined();
    expect(page.ChildShards?.map(({ ShardId }) => ShardId)).toEqual([
      'shardId-000000000002',
      'shardId-000000000003',
    ]);
  });

  it('refuses targets that the service refuses', async () => {
    const target = (TargetShardCount: number) =>
      client.send(
        new kinesis.UpdateShardCountCommand({
          StreamName,
          TargetShardCount,
          ScalingType: 'UNIFORM_SCALING',
        }),
      );
    await expect(target(7)).rejects.toMatchObject({ name: 'InvalidArgumentException' });
    await expect(target(1)).rejects.toMatchObject({ name: 'InvalidArgumentException' });
    const split = client.send(
      new kinesis.SplitShardCommand({
        StreamName,
        ShardToSplit: 'shardId-000000009999',
        NewStartingHashKey: '5',
      }),
    );
    await expect(split).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Could not find shard shardId-000000009999 in stream ops under account ${ACCOUNT}.`,
    });
  });
});

async function readAll(ShardId: string): Promise<kinesis.GetRecordsCommandOutput> {
  const { ShardIterator } = await client.send(
    new kinesis.GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
  );
  return client.send(new kinesis.GetRecordsCommand({ ShardIterator }));
}

describe('settings of a stream', () => {
  it('are changed and told', async () => {
    await client.send(
      new kinesis.IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 48 }),
    );
    expect((await stream.active()).RetentionPeriodHours).toBe(48);
    await client.send(
      new kinesis.DecreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 24 }),
    );
    expect((await stream.active()).RetentionPeriodHours).toBe(24);
    await client.send(
      new kinesis.StartStreamEncryptionCommand({
        StreamName,
        EncryptionType: 'KMS',
        KeyId: 'alias/k',
      }),
    );
    expect(await stream.active()).toMatchObject({ EncryptionType: 'KMS', KeyId: 'alias/k' });
    const put = await client.send(
      new kinesis.PutRecordsCommand({
        StreamName,
        Records: [{ Data: Buffer.of(1), PartitionKey: 'k' }],
      }),
    );
    expect(put.EncryptionType).toBe('KMS');
    await client.send(
      new kinesis.StopStreamEncryptionCommand({
        StreamName,
        EncryptionType: 'KMS',
        KeyId: 'alias/k',
      }),
    );
    expect((await stream.active()).EncryptionType).toBe('NONE');
    await client.send(
      new kinesis.UpdateMaxRecordSizeCommand({ StreamARN, MaxRecordSizeInKiB: 2048 }),
    );
    expect((await stream.active()).MaxRecordSizeInKiB).toBe(2048);
    const enabled = await client.send(
      new kinesis.EnableEnhancedMonitoringCommand({ StreamName, ShardLevelMetrics: ['ALL'] }),
    );
    expect(enabled.DesiredShardLevelMetrics).toHaveLength(7);
    const disabled = await client.send(
      new kinesis.DisableEnhancedMonitoringCommand({
        StreamName,
        ShardLevelMetrics: ['IncomingBytes'],
      }),
    );
    expect(disabled.DesiredShardLevelMetrics).toHaveLength(6);
  });

  it('carry tags and policies', async () => {
    await client.send(new kinesis.AddTagsToStreamCommand({ StreamName, Tags: { b: '2', a: '1' } }));
    await client.send(new kinesis.TagResourceCommand({ ResourceARN: StreamARN, Tags: { c: '3' } }));
    await client.send(new kinesis.RemoveTagsFromStreamCommand({ StreamName, TagKeys: ['a'] }));
    const tags = await client.send(new kinesis.ListTagsForStreamCommand({ StreamName, Limit: 1 }));
    expect(tags).toMatchObject({ Tags: [{ Key: 'b', Value: '2' }], HasMoreTags: true });
    await client.send(new kinesis.UntagResourceCommand({ ResourceARN: StreamARN, TagKeys: ['b'] }));
    const resource = await client.send(
      new kinesis.ListTagsForResourceCommand({ ResourceARN: StreamARN }),
    );
    expect(resource.Tags).toEqual([{ Key: 'c', Value: '3' }]);
    await client.send(
      new kinesis.PutResourcePolicyCommand({ ResourceARN: StreamARN, Policy: '{}' }),
    );
    const policy = () =>
      client.send(new kinesis.GetResourcePolicyCommand({ ResourceARN: StreamARN }));
    expect((await policy()).Policy).toBe('{}');
    await client.send(new kinesis.DeleteResourcePolicyCommand({ ResourceARN: StreamARN }));
    expect((await policy()).Policy).toBe('');
  });
});

it('registers, lists and deregisters consumers', async () => {
  const { Consumer } = await client.send(
    new kinesis.RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'c1' }),
  );
  expect(Consumer?.ConsumerARN).toMatch(new RegExp(`^${StreamARN}/consumer/c1:\\d+$`));
  const describe = () =>
    client.send(new kinesis.DescribeStreamConsumerCommand({ ConsumerARN: Consumer?.ConsumerARN }));
  await expect
    .poll(async () => (await describe()).ConsumerDescription?.ConsumerStatus)
    .toBe('ACTIVE');
  const again = client.send(
    new kinesis.RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'c1' }),
  );
  await expect(again).rejects.toMatchObject({ name: 'ResourceInUseException' });
  await client.send(new kinesis.RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'c2' }));
  const names: (string | undefined)[] = [];
  const pages = kinesis.paginateListStreamConsumers({ client, pageSize: 1 }, { StreamARN });
  for await (const { Consumers = [] } of pages) names.push(...Consumers.map((c) => c.ConsumerName));
  expect(names).toEqual(['c1', 'c2']);
  await expect(client.send(new kinesis.DeleteStreamCommand({ StreamName }))).rejects.toMatchObject({
    name: 'ResourceInUseException',
  });
  await client.send(new kinesis.DeregisterStreamConsumerCommand({ StreamARN, ConsumerName: 'c1' }));
  await expect
    .poll(async () => describe().catch((error: Error) => error.name))
    .toBe('ResourceNotFoundException');
});

it('refuses a dry run that would have succeeded', async () => {
  const before = stream.simulator.core.audit().kinesisRecords.accepted;
  const put = client.send(
    new kinesis.PutRecordCommand({
      StreamName,
      Data: Buffer.of(1),
      PartitionKey: 'k',
      DryRun: true,
    }),
  );
  await expect(put).rejects.toMatchObject({ name: 'DryRunOperationException' });
  expect(stream.simulator.core.audit().kinesisRecords.accepted).toBe(before);
});

it('does not know channels', async () => {
  await expect(client.send(new kinesis.ListChannelsCommand({}))).rejects.toMatchObject({
    name: 'UnknownOperationException',
  });
});

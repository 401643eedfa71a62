/**
 * Every command of the SDK once, in the life of a stream named by its ARN, through both of the SDK's HTTP handlers. A
 * command that the SDK gains fails this test until it is in the list.
 */
import * as kinesis from '@aws-sdk/client-kinesis';
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clockOrigin, realClock } from '../../src/core/clock.ts';
import { startSimulator } from '../../src/simulator/server/server.ts';

let simulator: Awaited<ReturnType<typeof startSimulator>>;

beforeAll(async () => {
  simulator = await startSimulator(
    {
      mode: 'provisioned',
      shards: 1,
      latency: { kind: 'zero' },
      faults: [],
      stream: 'other',
      seed: 1,
      region: 'us-east-1',
      transitionUs: 0,
      limits: 'off',
    },
    realClock(clockOrigin()),
  );
});
afterAll(() => simulator.close());

/** The names of all commands, those of `$`-names left out. */
const COMMANDS = Object.keys(kinesis).filter((name) => /^[A-Z]\w+Command$/.test(name));
const CHANNELS = COMMANDS.filter((name) => name.includes('Channel'));

describe.each([
  ['HTTP/1.1', 'one', () => new NodeHttpHandler()],
  ['HTTP/2', 'two', () => new NodeHttp2Handler()],
])('every command of the SDK over %s', (_, StreamName, handler) => {
  const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`;
  const ResourceARN = StreamARN;
  const used = new Set<string>();
  const send: kinesis.KinesisClient['send'] = (command: object) => {
    used.add(command.constructor.name);
    return client.send(command as never) as never;
  };
  let client: kinesis.KinesisClient;
  beforeAll(() => {
    client = new kinesis.KinesisClient({
      region: 'us-east-1',
      endpoint: simulator.endpoint,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
      requestHandler: handler(),
    });
  });
  afterAll(() => client.destroy());

  const settled = async () => {
    await kinesis.waitUntilStreamExists(
      { client, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.05 },
      { StreamARN },
    );
  };

  it('makes a stream and changes what can be changed', async () => {
    await send(new kinesis.CreateStreamCommand({ StreamName, ShardCount: 2, Tags: { a: '1' } }));
    await settled();
    await send(new kinesis.AddTagsToStreamCommand({ StreamARN, Tags: { b: '2' } }));
    await send(new kinesis.RemoveTagsFromStreamCommand({ StreamARN, TagKeys: ['a'] }));
    const tags = await send(new kinesis.ListTagsForStreamCommand({ StreamARN }));
    expect(tags.Tags).toEqual([{ Key: 'b', Value: '2' }]);
    await send(new kinesis.TagResourceCommand({ ResourceARN, Tags: { c: '3' } }));
    await send(new kinesis.UntagResourceCommand({ ResourceARN, TagKeys: ['b'] }));
    const resourceTags = await send(new kinesis.ListTagsForResourceCommand({ ResourceARN }));
    expect(resourceTags.Tags).toEqual([{ Key: 'c', Value: '3' }]);
    await send(new kinesis.PutResourcePolicyCommand({ ResourceARN, Policy: '{"a":1}' }));
    const policy = await send(new kinesis.GetResourcePolicyCommand({ ResourceARN }));
    expect(policy.Policy).toBe('{"a":1}');
    await send(new kinesis.DeleteResourcePolicyCommand({ ResourceARN }));
    const hours = { StreamARN, RetentionPeriodHours: 48 };
    await send(new kinesis.IncreaseStreamRetentionPeriodCommand(hours));
    await settled();
    await send(
      new kinesis.DecreaseStreamRetentionPeriodCommand({ StreamARN, RetentionPeriodHours: 36 }),
    );
    await settled();
    await send(
      new kinesis.StartStreamEncryptionCommand({ StreamARN, EncryptionType: 'KMS', KeyId: 'k' }),
    );
    await settled();
    await send(
      new kinesis.StopStreamEncryptionCommand({ StreamARN, EncryptionType: 'KMS', KeyId: 'k' }),
    );
    await settled();
    const metrics = { StreamARN, ShardLevelMetrics: ['IncomingBytes' as const] };
    await send(new kinesis.EnableEnhancedMonitoringCommand(metrics));
    await settled();
    await send(new kinesis.DisableEnhancedMonitoringCommand(metrics));
    await settled();
    await send(new kinesis.UpdateMaxRecordSizeCommand({ StreamARN, MaxRecordSizeInKiB: 2048 }));
    await settled();
    const { StreamDescriptionSummary } = await send(
      new kinesis.DescribeStreamSummaryCommand({ StreamARN }),
    );
    expect(StreamDescriptionSummary).toMatchObject({
      StreamName,
      RetentionPeriodHours: 36,
      MaxRecordSizeInKiB: 2048,
      OpenShardCount: 2,
    });
  });

  it('writes, reads, pushes and pages', async () => {
    const Data = Buffer.from('data');
    await send(new kinesis.PutRecordCommand({ StreamARN, Data, PartitionKey: 'k' }));
    const Records = Array.from({ length: 3 }, (__, i) => ({ Data, PartitionKey: `k${i}` }));
    const put = await send(new kinesis.PutRecordsCommand({ StreamARN, Records }));
    expect(put.FailedRecordCount).toBe(0);
    const ids: string[] = [];
    for (const page of [await send(new kinesis.ListShardsCommand({ StreamARN }))]) {
      ids.push(...(page.Shards ?? []).map(({ ShardId = '' }) => ShardId));
    }
    let read = 0;
    for (const ShardId of ids) {
      const { ShardIterator } = await send(
        new kinesis.GetShardIteratorCommand({
          StreamARN,
          ShardId,
          ShardIteratorType: 'TRIM_HORIZON',
        }),
      );
      const page = await send(new kinesis.GetRecordsCommand({ ShardIterator, StreamARN }));
      read += page.Records?.length ?? 0;
    }
    expect(read).toBe(4);
    const { Consumer } = await send(
      new kinesis.RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'c' }),
    );
    const ConsumerARN = Consumer?.ConsumerARN ?? '';
    await expect
      .poll(async () => {
        const found = await send(new kinesis.DescribeStreamConsumerCommand({ ConsumerARN }));
        return found.ConsumerDescription?.ConsumerStatus;
      })
      .toBe('ACTIVE');
    const subscribed = await send(
      new kinesis.SubscribeToShardCommand({
        ConsumerARN,
        ShardId: ids[0] ?? '',
        StartingPosition: { Type: 'TRIM_HORIZON' },
      }),
    );
    for await (const event of subscribed.EventStream ?? []) {
      expect(event.SubscribeToShardEvent?.ContinuationSequenceNumber).toMatch(/^\d+$/);
      break;
    }
    const listed = await send(new kinesis.ListStreamConsumersCommand({ StreamARN }));
    expect(listed.Consumers).toHaveLength(1);
    await send(new kinesis.DeregisterStreamConsumerCommand({ ConsumerARN }));
    await expect
      .poll(
        async () =>
          (await client.send(new kinesis.ListStreamConsumersCommand({ StreamARN }))).Consumers,
      )
      .toEqual([]);
    await send(new kinesis.ListStreamsCommand({}));
    const names: string[] = [];
    for await (const page of kinesis.paginateListStreams({ client, pageSize: 1 }, {})) {
      names.push(...(page.StreamNames ?? []));
    }
    expect(names).toContain(StreamName);
  });

  it('scales, changes its mode and its account, and goes', async () => {
    await send(
      new kinesis.SplitShardCommand({
        StreamARN,
        ShardToSplit: 'shardId-000000000000',
        NewStartingHashKey: '10000',
      }),
    );
    await settled();
    await send(
      new kinesis.MergeShardsCommand({
        StreamARN,
        ShardToMerge: 'shardId-000000000002',
        AdjacentShardToMerge: 'shardId-000000000003',
      }),
    );
    await settled();
    await send(
      new kinesis.UpdateShardCountCommand({
        StreamARN,
        TargetShardCount: 4,
        ScalingType: 'UNIFORM_SCALING',
      }),
    );
    await settled();
    const described = await send(new kinesis.DescribeStreamCommand({ StreamARN }));
    expect(described.StreamDescription?.Shards?.length).toBeGreaterThan(4);
    const StreamModeDetails = { StreamMode: 'ON_DEMAND' as const };
    await send(new kinesis.UpdateStreamModeCommand({ StreamARN, StreamModeDetails }));
    await settled();
    const MinimumThroughputBillingCommitment = { Status: 'ENABLED' as const };
    await send(new kinesis.UpdateAccountSettingsCommand({ MinimumThroughputBillingCommitment }));
    const account = await send(new kinesis.DescribeAccountSettingsCommand({}));
    expect(account.MinimumThroughputBillingCommitment?.Status).toBe('ENABLED');
    await send(
      new kinesis.UpdateStreamWarmThroughputCommand({ StreamARN, WarmThroughputMiBps: 8 }),
    );
    await settled();
    await send(
      new kinesis.UpdateStreamRecordDistributionStrategyCommand({
        StreamARN,
        RecordDistributionStrategy: 'AUTO',
      }),
    );
    const limits = await send(new kinesis.DescribeLimitsCommand({}));
    expect(limits.OpenShardCount).toBeGreaterThan(4);
    await send(new kinesis.DeleteStreamCommand({ StreamARN }));
    await kinesis.waitUntilStreamNotExists(
      { client, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.05 },
      { StreamARN },
    );
  });

  it.each(CHANNELS)('%s is answered as an operation that there is not', async (name) => {
    const response = await fetch(simulator.endpoint, {
      method: 'POST',
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=b',
        'x-amz-date': '20261123T120000Z',
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `Kinesis_20131202.${name.replace(/Command$/, '')}`,
      },
      body: '{}',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      __type: 'UnknownOperationException',
      message: expect.stringContaining('is not simulated'),
    });
  });

  it('leaves no command out', () => {
    expect([...used, ...CHANNELS].sort()).toEqual([...COMMANDS].sort());
  });
});

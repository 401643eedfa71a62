import * as kinesis from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arnOf, simulatedStream } from './simulated-stream.ts';

let stream: Awaited<ReturnType<typeof simulatedStream>>;
let client: kinesis.KinesisClient;

beforeAll(async () => {
  stream = await simulatedStream();
  client = stream.client;
});

afterAll(() => stream.close());

describe('on-demand streams', () => {
  const name = 'on-demand';
  const arn = arnOf(name);

  it('begin with four shards and refuse resharding by hand', async () => {
    await client.send(new kinesis.CreateStreamCommand({ StreamName: name }));
    expect(await stream.active(name)).toMatchObject({
      OpenShardCount: 4,
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
      RecordDistributionStrategy: 'USER_PARTITION_KEY',
    });
    const split = client.send(
      new kinesis.SplitShardCommand({
        StreamName: name,
        ShardToSplit: 'shardId-000000000000',
        NewStartingHashKey: '5',
      }),
    );
    await expect(split).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('spread records without a key when the service distributes them', async () => {
    const put = () =>
      client.send(
        new kinesis.PutRecordsCommand({
          StreamName: name,
          Records: Array.from({ length: 8 }, () => ({
            Data: Buffer.of(1),
          })) as kinesis.PutRecordsRequestEntry[],
        }),
      );
    await expect(put()).rejects.toMatchObject({
      message:
        "1 validation error detected: Value null at 'records.1.member.partitionKey' failed to " +
        'satisfy constraint: Member must not be null',
    });
    await client.send(
      new kinesis.UpdateStreamRecordDistributionStrategyCommand({
        StreamARN: arn,
        RecordDistributionStrategy: 'AUTO',
      }),
    );
    const { Records = [] } = await put();
    expect(new Set(Records.map(({ ShardId }) => ShardId)).size).toBe(4);
  });

  it('change their warm throughput and their mode', async () => {
    await client.send(
      new kinesis.UpdateStreamWarmThroughputCommand({ StreamARN: arn, WarmThroughputMiBps: 8 }),
    );
    expect(await stream.active(name)).toMatchObject({
      OpenShardCount: 8,
      WarmThroughput: { TargetMiBps: 8, CurrentMiBps: 8 },
    });
    await client.send(
      new kinesis.UpdateStreamModeCommand({
        StreamARN: arn,
        StreamModeDetails: { StreamMode: 'PROVISIONED' },
      }),
    );
    expect((await stream.active(name)).StreamModeDetails?.StreamMode).toBe('PROVISIONED');
  });
});

describe('the account', () => {
  it('tells its limits and settings', async () => {
    const limits = await client.send(new kinesis.DescribeLimitsCommand({}));
    expect(limits).toMatchObject({ ShardLimit: 20_000, OnDemandStreamCountLimit: 50 });
    await client.send(
      new kinesis.UpdateAccountSettingsCommand({
        MinimumThroughputBillingCommitment: { Status: 'ENABLED' },
      }),
    );
    const settings = await client.send(new kinesis.DescribeAccountSettingsCommand({}));
    expect(settings.MinimumThroughputBillingCommitment?.Status).toBe('ENABLED');
  });

  it('has a quota of shards', async () => {
    const create = client.send(
      new kinesis.CreateStreamCommand({ StreamName: 'big', ShardCount: 20_000 }),
    );
    await expect(create).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: expect.stringContaining(
        'Number of additional shards that would have resulted from this request: 20000.',
      ),
    });
  });
});

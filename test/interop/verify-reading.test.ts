import {
  DescribeStreamSummaryCommand,
  KinesisClient,
  MergeShardsCommand,
  PutRecordsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clockOrigin, realClock } from '../../src/core/clock.ts';
import { ByteBudget, SequenceSet } from '../../src/core/sequence-set.ts';
import type { ReadableStream } from '../../src/kinesis/reading.ts';
import { type SimulatorHandle, startSimulatorThread } from '../../src/simulator/host.ts';
import { openStream } from '../../src/transport/stream-reader.ts';
import { restoreVerification, saveVerification } from '../../src/verify/checkpoint.ts';
import { judge } from '../../src/verify/judge.ts';
import { Verification } from '../../src/verify/verification.ts';
import { aggregate, RUN, stamped } from '../verify/builders.ts';

const STREAM = 'read-back';
const KEYS = 20;
let simulator: SimulatorHandle;
let client: KinesisClient;
let sequence = 0;

beforeAll(async () => {
  simulator = await startSimulatorThread({
    mode: 'provisioned',
    shards: 2,
    latency: { kind: 'zero' },
    faults: [],
    stream: STREAM,
    seed: 1,
    region: null,
    transitionUs: 20_000,
  });
  client = new KinesisClient({
    region: 'us-east-1',
    endpoint: simulator.endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await putSome();
  await client.send(new SplitShardCommand({ StreamName: STREAM, ...SPLIT }));
  await untilActive();
  await putSome();
  await client.send(new MergeShardsCommand({ StreamName: STREAM, ...MERGE }));
  await untilActive();
  await putSome();
});

afterAll(async () => {
  client.destroy();
  await simulator.close();
});

const SPLIT = {
  ShardToSplit: 'shardId-000000000000',
  NewStartingHashKey: String(1n << 126n),
};
const MERGE = {
  ShardToMerge: 'shardId-000000000003',
  AdjacentShardToMerge: 'shardId-000000000001',
};

/** Every key is written in each state of the stream, lone records and aggregates of one key in turn. */
async function putSome(): Promise<void> {
  for (let key = 0; key < KEYS; key++) {
    const name = `key-${key}`;
    const users = [sequence, sequence + 1].map((n) => ({ key: name, data: stamped(0, n) }));
    sequence += 3;
    await client.send(
      new PutRecordsCommand({
        StreamName: STREAM,
        Records: [
          { PartitionKey: name, Data: aggregate(users) },
          { PartitionKey: name, Data: stamped(0, sequence - 1) },
        ],
      }),
    );
  }
}

/** A change of shards takes a moment. */
async function untilActive(): Promise<void> {
  for (let looks = 0; looks < 1000; looks++) {
    const command = new DescribeStreamSummaryCommand({ StreamName: STREAM });
    const { StreamDescriptionSummary } = await client.send(command);
    if (StreamDescriptionSummary?.StreamStatus === 'ACTIVE') return;
  }
  throw new Error('the stream does not become active');
}

const clock = realClock(clockOrigin());
const open = (method: 'polling' | 'fan-out'): Promise<ReadableStream> =>
  openStream({
    address: { endpoint: simulator.endpoint, region: null, credentials: 'simulator' },
    streamName: STREAM,
    method,
    clock,
  });

function verificationOf(stream: ReadableStream, onProgress = () => {}): Verification {
  return new Verification({
    stream,
    clock,
    run: RUN,
    contents: null,
    onTimes: () => {},
    fromEpochMs: Date.now() - 3_600_000,
    onProgress,
  });
}

function judged(verification: Verification) {
  const none = () => new SequenceSet(new ByteBudget(0));
  const sets = { notAccepted: none(), uncertain: none(), repeated: none() };
  return judge(verification.audit, {
    producers: [{ offered: sequence, ...sets }],
    workers: 1,
    problem: '',
    accepted: sequence,
  });
}

describe('reading back across a split and a merge', () => {
  it.each(['polling', 'fan-out'] as const)(
    'finds every record once and in the order of its key, by %s',
    async (method) => {
      const stream = await open(method);
      const verification = verificationOf(stream);
      verification.end();
      expect(await verification.run()).toBe(true);
      await stream.close();
      expect(judged(verification)).toMatchObject({
        expected: 3 * 3 * KEYS,
        found: 3 * 3 * KEYS,
        lost: 0,
        duplicatesUnexplained: 0,
      });
      expect(verification.audit.keyOrder.lateRecords).toBe(0);
      expect(verification.audit.counts.misplacedRecords).toBe(0);
      expect([...verification.progress.keys()].sort()).toHaveLength(5);
    },
  );

  it('goes on from a checkpoint and counts nothing twice', async () => {
    const first = await open('polling');
    let pages = 0;
    const stopped: Verification = verificationOf(first, () => {
      if (++pages === 2) stopped.interrupt();
    });
    stopped.end();
    expect(await stopped.run()).toBe(false);
    await first.close();
    expect(judged(stopped).lost).toBeGreaterThan(0);

    const second = await open('polling');
    const resumed = verificationOf(second);
    restoreVerification(resumed, structuredClone(saveVerification(stopped)));
    resumed.end();
    expect(await resumed.run()).toBe(true);
    await second.close();
    expect(judged(resumed)).toMatchObject({ lost: 0, duplicatesUnexplained: 0 });
    expect(resumed.audit.keyOrder.lateRecords).toBe(0);
    expect(resumed.audit.counts.ownRecords).toBe(9 * KEYS);
  });

  it('says which stream is missing', async () => {
    const stream = await openStream({
      address: { endpoint: simulator.endpoint, region: null, credentials: 'simulator' },
      streamName: 'none-such',
      method: 'polling',
      clock,
    });
    await expect(stream.listShards()).rejects.toMatchObject({
      code: 'SHARDSTORM_SERVICE_STREAM_MISSING',
    });
    await stream.close();
  });
});

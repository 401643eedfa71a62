import * as kinesis from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { expect } from 'vitest';
import { clockOrigin, realClock } from '../../src/core/clock.ts';
import { startSimulator } from '../../src/simulator/server/server.ts';

export const ACCOUNT = '000000000000';
export const StreamName = 'ops';
export const StreamARN = arnOf(StreamName);

export function arnOf(name: string): string {
  return `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/${name}`;
}

/** A simulator with one stream of two shards, and the SDK's client of it. */
export async function simulatedStream() {
  const simulator = await startSimulator(
    {
      mode: 'provisioned',
      shards: 2,
      latency: { kind: 'zero' },
      faults: [],
      stream: StreamName,
      seed: 1,
      region: 'us-east-1',
      transitionUs: 50_000,
      limits: 'off',
    },
    realClock(clockOrigin()),
  );
  const client = new kinesis.KinesisClient({
    region: 'us-east-1',
    endpoint: simulator.endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
  });
  const summary = async (name: string): Promise<kinesis.StreamDescriptionSummary> => {
    const command = new kinesis.DescribeStreamSummaryCommand({ StreamName: name });
    const { StreamDescriptionSummary } = await client.send(command);
    if (StreamDescriptionSummary === undefined) throw new Error('no summary');
    return StreamDescriptionSummary;
  };
  return {
    simulator,
    client,
    /** Waits until the stream is ACTIVE. */
    async active(name = StreamName): Promise<kinesis.StreamDescriptionSummary> {
      await expect.poll(async () => (await summary(name)).StreamStatus).toBe('ACTIVE');
      return summary(name);
    },
    async close(): Promise<void> {
      client.destroy();
      await simulator.close();
    },
  };
}

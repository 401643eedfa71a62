/** What is offered is the seed's doing: seen by the target, whatever made it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OutFolder, run, startEndpoint } from './program.ts';

const KEYS = { accessKeyId: 'AKIDTEST', secretAccessKey: 'sekret' };
const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
};
const STREAM = 'seeded';
const SHARDS = 2;
const RECORDS = 300;

let out: OutFolder;
beforeEach(() => {
  out = new OutFolder();
});
afterEach(() => out.remove());

/** Every record of a stream as `key data`, sorted. */
async function recordsOf(endpoint: string): Promise<string[]> {
  const client = new KinesisClient({
    endpoint,
    region: 'us-east-1',
    credentials: KEYS,
    requestHandler: new NodeHttpHandler(),
  });
  const found: string[] = [];
  for (let shard = 0; shard < SHARDS; shard++) {
    const place = {
      StreamName: STREAM,
      ShardId: `shardId-${String(shard).padStart(12, '0')}`,
      ShardIteratorType: 'TRIM_HORIZON',
    } as const;
    const { ShardIterator } = await client.send(new GetShardIteratorCommand(place));
    const { Records = [] } = await client.send(new GetRecordsCommand({ ShardIterator }));
    for (const { PartitionKey, Data } of Records) {
      found.push(`${PartitionKey} ${Buffer.from(Data ?? []).toString('base64')}`);
    }
  }
  client.destroy();
  return found.sort();
}

/** What a target of its own gets to see of a seed. */
async function offered(seed: number, workers: number): Promise<string[]> {
  const name = `seed-${seed}-${workers}`;
  const endpoint = await startEndpoint({ stream: STREAM, shards: SHARDS });
  try {
    const file = join(out.path, `${name}.yaml`);
    const scenario = `version: 1
name: ${name}
target: { kind: endpoint, endpoint: "${endpoint.endpoint}", stream: ${STREAM}, region: us-east-1 }
load:
  seed: ${seed}
  workers: ${workers}
  producers: 3
  arrival: poisson
  phases: [{ name: hold, duration: 1s, rate: ${RECORDS}/s }]
producer: { aggregation: { enabled: false } }
records:
  partitionKey: { kind: zipf, cardinality: 1000, exponent: 1.07 }
  payload: { kind: random, size: { kind: uniform, min: 50B, max: 150B } }
  stamp: false
`;
    writeFileSync(file, scenario);
    const ended = await run(['run', file, '--quiet', '--out', join(out.path, name)], ENVIRONMENT);
    expect(ended.code, ended.stderr).toBe(0);
    return await recordsOf(endpoint.endpoint);
  } finally {
    await endpoint.close();
  }
}

it('the same seed offers the same records, byte for byte, with one worker and with three', async () => {
  const [one, three] = await Promise.all([offered(7, 1), offered(7, 3)]);
  expect(one.length).toBeGreaterThan(RECORDS / 2);
  expect(new Set(one).size).toBe(one.length);
  expect(three).toEqual(one);
});

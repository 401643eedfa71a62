// The AWS SDK for JavaScript v3 as an application calls it: 500 records a PutRecords, several calls at once. AGGREGATE=1 adds
// the aggregator that AWS publishes for Node (aws-kinesis-agg). HTTP=1.1 or 2 (the SDK's own default). See ../run.mjs.
import { createRequire } from 'node:module';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler';
import { loadOf, measured } from '../load.mjs';

const CALLS_AT_ONCE = 16;
const load = loadOf(process.env);
const isHttp2 = process.env.HTTP === '2';
const client = new KinesisClient({
  endpoint: load.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  maxAttempts: 1,
  requestHandler: isHttp2 ? new NodeHttp2Handler() : new NodeHttpHandler(),
});

async function put(Records) {
  const { FailedRecordCount } = await client.send(
    new PutRecordsCommand({ StreamName: 'bench', Records }),
  );
  if (FailedRecordCount > 0) throw new Error(`${FailedRecordCount} records were refused`);
}

const payload = Buffer.alloc(load.bytes, 'x');
let next = 0;
const nextKey = () => load.keys[next++ % load.keys.length];

function plainCall() {
  const Records = Array.from({ length: 500 }, () => ({ Data: payload, PartitionKey: nextKey() }));
  return { Records, userRecords: 500 };
}

/** The package aggregates what it is given into as few records as fit; 50 KiB each is the KPL's default. */
function aggregatedCall() {
  const { RecordAggregator } = createRequire(import.meta.url)('aws-kinesis-agg');
  const Records = [];
  const perAggregate = Math.max(1, Math.floor((50 * 1024) / (load.bytes + 10)));
  for (let i = 0; i < 10; i++) {
    const aggregator = new RecordAggregator();
    for (let j = 0; j < perAggregate; j++) {
      aggregator.addUserRecord({ partitionKey: nextKey(), data: payload });
    }
    const { data, partitionKey, explicitHashKey } = aggregator.build();
    Records.push({
      Data: data,
      PartitionKey: partitionKey,
      ...(explicitHashKey ? { ExplicitHashKey: explicitHashKey } : {}),
    });
  }
  return { Records, userRecords: 10 * perAggregate };
}

await measured(load, async (isOver, accepted) => {
  const caller = async () => {
    while (!isOver()) {
      const { Records, userRecords } =
        process.env.AGGREGATE === '1' ? aggregatedCall() : plainCall();
      await put(Records);
      accepted(userRecords);
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, caller));
});
process.exit(0);

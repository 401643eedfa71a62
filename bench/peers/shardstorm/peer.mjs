// Our own producer as a library, used as its peers are: an application that puts records, without the load generator's
// schedule, stamps and histograms. MODE=plain puts each record into a Kinesis record of its own. See ../run.mjs.
import { Producer } from '../../../dist/src/library/index.js';
import { loadOf, measured } from '../load.mjs';

const BATCH = 500;
const load = loadOf(process.env);
const producer = new Producer({
  stream: 'bench',
  region: 'us-east-1',
  endpoint: load.endpoint,
  credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  aggregation: { enabled: process.env.MODE !== 'plain' },
  rateLimitPercent: null,
});
const data = Buffer.alloc(load.bytes, 'x');
const { keys } = load;
let at = 0;

await measured(load, async (isOver, accepted) => {
  const settled = (error) => {
    if (error !== null) throw error;
    accepted(1);
  };
  while (!isOver()) {
    for (let i = 0; i < BATCH; ) {
      const record = { data, partitionKey: keys[at % keys.length] };
      if (producer.trySend(record, settled)) {
        i++;
        at++;
      } else await producer.room();
    }
    // As an application that reads its records from somewhere: others have their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
});
process.exit(0);

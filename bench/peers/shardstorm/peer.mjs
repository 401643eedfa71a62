// Our own producer as a library, used as its peers are: an application that puts records, without the load generator's
// schedule, stamps and histograms. MODE=plain puts each record into a Kinesis record of its own. FORM says how: `batch`, 500
// records a call as columns, told of together; `callback`, each told of by itself; `promise`, a promise for each, 20,000 of
// them open. See ../run.mjs.
import { Producer } from '../../../dist/src/library/index.js';
import { loadOf, measured } from '../load.mjs';

const BATCH = 500;
const OPEN_PROMISES = 20_000;
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
/** As an application that reads its records from somewhere: others have their turn. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

const FORMS = { batch, callback, promise };
await measured(load, FORMS[process.env.FORM ?? 'callback']);
process.exit(0);

/** Payloads lie in one buffer, as a block of a file does. */
async function batch(isOver, accepted) {
  const bytes = Buffer.alloc(load.bytes * BATCH, 'x');
  const starts = Uint32Array.from({ length: BATCH }, (_, i) => i * load.bytes);
  const ends = starts.map((start) => start + load.bytes);
  const settled = (ended) => {
    for (const error of ended.errors.values()) throw error;
    accepted(ended.accepted);
  };
  for (let at = 0; !isOver(); at = (at + BATCH) % (keys.length - BATCH)) {
    const partitionKeys = keys.slice(at, at + BATCH);
    const records = { partitionKeys, data: { bytes, starts, ends } };
    for (let from = 0; from < BATCH; ) {
      const taken = producer.trySendBatch(records, settled, { from });
      from += taken;
      if (taken === 0) await producer.room();
    }
    await turn();
  }
}

async function callback(isOver, accepted) {
  const settled = (error) => {
    if (error !== null) throw error;
    accepted(1);
  };
  let at = 0;
  while (!isOver()) {
    for (let i = 0; i < BATCH; ) {
      const record = { data, partitionKey: keys[at % keys.length] };
      if (producer.trySend(record, settled)) {
        i++;
        at++;
      } else await producer.room();
    }
    await turn();
  }
}

/** Callers that each await their record before the next. */
async function promise(isOver, accepted) {
  let at = 0;
  const caller = async () => {
    while (!isOver()) {
      await producer.put({ data, partitionKey: keys[at++ % keys.length] });
      accepted(1);
    }
  };
  await Promise.all(Array.from({ length: OPEN_PROMISES }, caller));
}

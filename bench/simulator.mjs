// Records for each CPU-second of the simulator's process, over a real socket:
//   npm run build && node bench/simulator.mjs [seconds a row, default 4]
//   node bench/simulator.mjs 4 ./path/to/kinesalite   with kinesalite (an npm package) beside it
// The client replays prepared PutRecords of 500 records, eight at a time, and the server reports its own CPU time, so a
// client that is slower than the server changes nothing. Rows alternate over three rounds; the best of each is printed.
import { fork } from 'node:child_process';
import http from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const ROUNDS = 3;
const IN_FLIGHT = 8;
const KEYS = 10_000;
const BODIES = 40;
const WARM_UP_MS = 1500;

/** Each row: protocol, bytes of a record, shards. kinesalite has no limits, so its shards do not matter. */
const ROWS = [
  { name: '100 B, CBOR', protocol: 'cbor', bytes: 100, shards: 2000 },
  { name: '100 B, CBOR, 10,000 shards', protocol: 'cbor', bytes: 100, shards: 10_000 },
  { name: '100 B, CBOR, 10 shards: nearly all refused', protocol: 'cbor', bytes: 100, shards: 10 },
  { name: '100 B, JSON', protocol: 'json', bytes: 100, shards: 2000 },
  { name: '1 KB, CBOR', protocol: 'cbor', bytes: 1000, shards: 2000 },
  { name: '100 B, JSON, kinesalite', protocol: 'json', bytes: 100, shards: 50, isPeer: true },
];

const HEADERS = {
  authorization: 'AWS4-HMAC-SHA256 Credential=bench, SignedHeaders=host, Signature=none',
  'x-amz-date': '20260101T000000Z',
};

if (process.argv[2] === 'serve') await serve(Number(process.argv[3]), process.argv[4]);
else await measure(Number(process.argv[2] ?? 4), process.argv[3]);

/** The child: a server that answers any message with its CPU time. */
async function serve(shards, peer) {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send({ cpuUs: user + system });
  });
  if (peer !== undefined) {
    const server = createRequire(import.meta.url)(peer)({ createStreamMs: 1, shardLimit: shards });
    server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
    return;
  }
  const { startSimulator } = await import('../dist/src/simulator/server/server.js');
  const { clockOrigin, realClock } = await import('../dist/src/core/clock.js');
  const { endpoint } = await startSimulator(
    {
      mode: 'provisioned',
      shards,
      latency: { kind: 'zero' },
      faults: [],
      stream: 'bench',
      seed: 1,
      region: null,
    },
    realClock(clockOrigin()),
  );
  process.send({ port: Number(new URL(endpoint).port) });
}

async function measure(seconds, peer) {
  const rows = ROWS.filter(({ isPeer = false }) => !isPeer || peer !== undefined);
  const best = new Map();
  for (let round = 0; round < ROUNDS; round++) {
    for (const row of rows) {
      const rate = await recordsPerCpuSecond(row, seconds, row.isPeer ? peer : undefined);
      best.set(row.name, Math.max(best.get(row.name) ?? 0, rate));
    }
  }
  for (const { name, bytes } of rows) {
    const rate = best.get(name);
    const megabytes = ((rate * bytes) / 1e6).toFixed(0);
    console.log(
      `${name.padEnd(44)} ${Math.round(rate).toLocaleString('en')} records, ${megabytes} MB`,
    );
  }
}

async function recordsPerCpuSecond({ protocol, bytes, shards }, seconds, peer) {
  const words = ['serve', String(shards), ...(peer === undefined ? [] : [peer])];
  const child = fork(fileURLToPath(import.meta.url), words);
  const message = () => new Promise((resolve) => child.once('message', resolve));
  const { port } = await message();
  const agent = new http.Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  const call = (operation, type, body) =>
    new Promise((resolve, reject) => {
      const headers = {
        ...HEADERS,
        'content-type': `application/x-amz-${type}-1.1`,
        'x-amz-target': `Kinesis_20131202.${operation}`,
        'content-length': body.length,
      };
      const request = http.request({ port, host: '127.0.0.1', method: 'POST', agent, headers });
      request.on('error', reject);
      request.on('response', (response) => response.resume().on('end', resolve));
      request.end(body);
    });
  if (peer !== undefined) {
    const stream = JSON.stringify({ StreamName: 'bench', ShardCount: shards });
    await call('CreateStream', 'json', Buffer.from(stream));
  }
  const bodies = await requestBodies(protocol, bytes);
  let calls = 0;
  let isOver = false;
  const sender = async (first) => {
    for (let i = first; !isOver; i++) {
      await call('PutRecords', protocol, bodies[i % bodies.length]);
      calls++;
    }
  };
  const senders = Array.from({ length: IN_FLIGHT }, (_, i) => sender(i * 5));
  const cpuUs = () => {
    const answer = message();
    child.send('cpu');
    return answer.then((report) => report.cpuUs);
  };
  await pause(WARM_UP_MS);
  const [cpuBefore, callsBefore] = [await cpuUs(), calls];
  await pause(seconds * 1000);
  const [cpuAfter, callsAfter] = [await cpuUs(), calls];
  isOver = true;
  await Promise.all(senders);
  agent.destroy();
  child.kill();
  return ((callsAfter - callsBefore) * 500) / ((cpuAfter - cpuBefore) / 1e6);
}

async function requestBodies(protocol, bytes) {
  const { encodeCbor } = await import('../dist/src/simulator/server/cbor.js');
  const { encodeJson } = await import('../dist/src/simulator/server/json.js');
  const encode = protocol === 'cbor' ? encodeCbor : encodeJson;
  let key = 0;
  return Array.from({ length: BODIES }, () =>
    encode({
      StreamName: 'bench',
      Records: Array.from({ length: 500 }, () => ({
        Data: new Uint8Array(bytes).fill(key),
        PartitionKey: `key-${key++ % KEYS}`,
      })),
    }),
  );
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

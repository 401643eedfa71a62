// The simulator beside kinesalite and kinesis-local: records for each CPU-second of the server's process, one client.
//   npm run build && npm install --prefix bench/peers && node bench/simulator.mjs
//   --seconds 2        measured seconds of a row, after one second of warm-up
//   --rounds 2         rows alternate over this many rounds; the best of each counts
//   --shards 1,100,10000        the ladder of shards
//   --stored 0,1000000,3000000  the ladder of records that are stored before the row is measured
//   --only TEXT        only the rows whose name holds the text
//   --profile FOLDER   CPU profiles of our server
//   --write            the table goes to docs/performance.md
// The client replays prepared PutRecords of 500 records, eight at a time. CPU time is the server process's own (user and
// system, from the operating system), so a client that is slower than the server changes nothing.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createServer } from 'node:net';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const program = join(here, '../dist/src/cli/main.js');
const modules = join(here, 'peers/node_modules');
const page = join(here, '../docs/performance.md');
const START = '<!-- bench/simulator.mjs: start -->';
const END = '<!-- bench/simulator.mjs: end -->';

const IN_FLIGHT = 8;
const KEYS = 10_000;
const BODIES = 40;
const RECORDS = 500;
const WARM_UP_MS = 1000;
const SHARDS = 100;
const HEADERS = {
  authorization: 'AWS4-HMAC-SHA256 Credential=bench, SignedHeaders=host, Signature=none',
  'x-amz-date': '20260101T000000Z',
};

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '2' },
    shards: { type: 'string', default: '1,100,10000' },
    stored: { type: 'string', default: '0,1000000,3000000' },
    only: { type: 'string', default: '' },
    profile: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

/** Each row: who serves, protocol, bytes of a record, shards, records stored before. */
const ROWS = [
  { name: '100 B, JSON', protocol: 'json', bytes: 100 },
  { name: '100 B, CBOR', protocol: 'cbor', bytes: 100 },
  { name: '1 KB, JSON', protocol: 'json', bytes: 1000 },
  { name: '1 KB, CBOR', protocol: 'cbor', bytes: 1000 },
  { name: '100 B, JSON, kinesalite', protocol: 'json', bytes: 100, server: 'kinesalite' },
  { name: '100 B, JSON, kinesis-local', protocol: 'json', bytes: 100, server: 'kinesis-local' },
  ...numbers(flags.shards).map((shards) => ({
    name: `100 B, CBOR, ${shards.toLocaleString('en')} shards`,
    protocol: 'cbor',
    bytes: 100,
    shards,
  })),
  ...numbers(flags.stored).map((stored) => ({
    name: `100 B, CBOR, ${stored.toLocaleString('en')} records stored before`,
    protocol: 'cbor',
    bytes: 100,
    stored,
  })),
].filter(({ name }) => name.includes(flags.only));

const best = new Map();
for (let round = 0; round < Number(flags.rounds); round++) {
  for (const row of ROWS) {
    const rate = isMissing(row) ? null : await recordsPerCpuSecond(row);
    if (rate !== null) best.set(row.name, Math.max(best.get(row.name) ?? 0, rate));
  }
}
const table = tableText();
process.stdout.write(`${table}\n`);
if (flags.write) writeTable(table);

function numbers(list) {
  return list.split(',').filter(Boolean).map(Number);
}

function isMissing({ server }) {
  return server !== undefined && !existsSync(join(modules, server));
}

function tableText() {
  const base = best.get('100 B, JSON');
  const lines = ROWS.map((row) => {
    const rate = best.get(row.name);
    if (rate === undefined) return `| ${row.name} | not installed | | |`;
    const megabytes = ((rate * row.bytes) / 1e6).toFixed(rate < 1e5 ? 1 : 0);
    const ratio =
      row.server === undefined || base === undefined ? '' : `${(base / rate).toFixed(0)} ×`;
    return `| ${row.name} | ${Math.round(rate).toLocaleString('en')} | ${megabytes} | ${ratio} |`;
  });
  const machine = `Node ${process.version}, ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${new Date().toISOString()}`;
  const head = '| server and records | records/CPU-s | MB/CPU-s | ours, in JSON, against it |';
  return [machine, '', head, '|---|---|---|---|', ...lines].join('\n');
}

function writeTable(text) {
  const [before, rest] = readFileSync(page, 'utf8').split(START);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`${page} has no ${START} and ${END}`);
  writeFileSync(page, `${before}${START}\n\n${text}\n\n${END}${after}`);
}

async function recordsPerCpuSecond(row) {
  const { child, port } = await startServer(row);
  const agent = new http.Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  const call = (operation, type, body) => request({ port, agent }, operation, type, body);
  try {
    await streamReady(call, row);
    const bodies = await requestBodies(row);
    return await measure(row, child.pid, (i) =>
      call('PutRecords', row.protocol, bodies[i % bodies.length]),
    );
  } finally {
    agent.destroy();
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
  }
}

async function measure({ stored = 0 }, pid, put) {
  let calls = 0;
  let isOver = false;
  const sender = async (first) => {
    for (let i = first; !isOver; i++) {
      await put(i);
      calls++;
    }
  };
  const senders = Array.from({ length: IN_FLIGHT }, (_, i) => sender(i * 5));
  const all = Promise.all(senders);
  while (calls * RECORDS < stored) await Promise.race([pause(20), all]);
  await Promise.race([pause(WARM_UP_MS), all]);
  const [cpuBefore, callsBefore] = [cpuSeconds(pid), calls];
  await Promise.race([pause(Number(flags.seconds) * 1000), all]);
  const [cpuAfter, callsAfter] = [cpuSeconds(pid), calls];
  isOver = true;
  await all;
  return ((callsAfter - callsBefore) * RECORDS) / (cpuAfter - cpuBefore);
}

/** User and system time of a process. */
function cpuSeconds(pid) {
  if (process.platform === 'linux') {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }
  const text = execFileSync('ps', ['-o', 'cputime=', '-p', String(pid)], { encoding: 'utf8' });
  return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

async function startServer({ server, shards = SHARDS, stored }) {
  const port = await freePort();
  if (server === 'kinesalite') {
    const words = ['--port', port, '--createStreamMs', '1', '--shardLimit', '1000'];
    return { port, child: start([join(modules, 'kinesalite/cli.js'), ...words]) };
  }
  if (server === 'kinesis-local') {
    const cwd = join(modules, 'kinesis-local');
    const env = {
      KINESIS_MOCK_PLAIN_PORT: String(port),
      KINESIS_MOCK_TLS_PORT: String(await freePort()),
      SHARD_LIMIT: '1000',
      CREATE_STREAM_DURATION: '1ms',
      LOG_LEVEL: 'ERROR',
    };
    return { port, child: start(['main.js'], { cwd, env: { ...process.env, ...env } }) };
  }
  const profile =
    flags.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${flags.profile}`];
  const child = start([
    ...profile,
    program,
    ...['simulate', '--json', '--stream', 'bench', '--limits', 'off', '--shards', shards],
    ...[
      '--port',
      port,
      '--control-port',
      '0',
      '--memory',
      stored === undefined ? '256MiB' : '2GiB',
    ],
  ]);
  return { port, child };
}

function start(words, options = {}) {
  const stdio = ['ignore', 'ignore', 'inherit'];
  return spawn(process.execPath, words.map(String), { stdio, ...options });
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Waits until the server answers and the stream is there. */
async function streamReady(call, { server }) {
  const name = JSON.stringify({ StreamName: 'bench' });
  const create = JSON.stringify({ StreamName: 'bench', ShardCount: SHARDS });
  for (let tries = 0; tries < 600; tries++) {
    const answer = await call('DescribeStreamSummary', 'json', Buffer.from(name)).catch(() => '');
    if (answer.includes('"ACTIVE"')) return;
    if (server !== undefined && answer.includes('ResourceNotFound')) {
      await call('CreateStream', 'json', Buffer.from(create));
    }
    await pause(50);
  }
  throw new Error(`${server ?? 'the simulator'} did not start`);
}

function request({ port, agent }, operation, type, body) {
  return new Promise((resolve, reject) => {
    const headers = {
      ...HEADERS,
      'content-type': `application/x-amz-${type}-1.1`,
      'x-amz-target': `Kinesis_20131202.${operation}`,
      'content-length': body.length,
    };
    const out = http.request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/',
      agent,
      headers,
    });
    out.on('error', reject);
    out.on('response', (response) => {
      const isPut = operation === 'PutRecords';
      if (isPut && response.statusCode !== 200) {
        reject(new Error(`PutRecords was answered with ${response.statusCode}`));
      }
      let text = '';
      if (isPut) response.resume();
      else response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve(text));
    });
    out.end(body);
  });
}

async function requestBodies({ protocol, bytes }) {
  const { encodeCbor } = await import('../dist/src/simulator/server/cbor.js');
  const { encodeJson } = await import('../dist/src/simulator/server/json.js');
  const encode = protocol === 'cbor' ? encodeCbor : encodeJson;
  let key = 0;
  return Array.from({ length: BODIES }, () =>
    encode({
      StreamName: 'bench',
      Records: Array.from({ length: RECORDS }, () => ({
        Data: new Uint8Array(bytes).fill(key),
        PartitionKey: `key-${key++ % KEYS}`,
      })),
    }),
  );
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

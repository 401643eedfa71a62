// Where the time of a record goes: each step adds one stage of the measured path to the steps above it, in one process that
// runs the built code. Nanoseconds are CPU time of the process (user and system, from the operating system), the best of
// several rounds; bytes are what V8's sampling heap profiler saw allocated, collected or not. The sink is another process.
//   npm run build && node bench/ladder.mjs [--bytes 100] [--sites]     --sites: who allocates in the last step
import { Session } from 'node:inspector';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ByteBuffer } from '../dist/src/core/byte-buffer.js';
import { clockOrigin, realClock } from '../dist/src/core/clock.js';
import { RecordBlock } from '../dist/src/core/record-block.js';
import { createGenerator } from '../dist/src/generate/generator.js';
import { KeyTable } from '../dist/src/kinesis/key-table.js';
import { createMd5 } from '../dist/src/kinesis/md5.js';
import { Outcomes } from '../dist/src/load/outcomes.js';
import { Recorder } from '../dist/src/measure/recorder.js';
import { Aggregator } from '../dist/src/producer/aggregate.js';
import { DigestWriter } from '../dist/src/producer/digest.js';
import { KinesisRecordPool } from '../dist/src/producer/kinesis-record.js';
import { Pipeline } from '../dist/src/producer/pipeline.js';
import { BEHAVIOURS } from '../dist/src/producer/settings.js';
import { ShardMap } from '../dist/src/producer/shard-map.js';
import { producerDefaults } from '../dist/src/scenario/profiles.js';
import { writeCborBody } from '../dist/src/transport/cbor-body.js';
import { CredentialSource } from '../dist/src/transport/credential-source.js';
import { directTransport } from '../dist/src/transport/direct.js';
import { http1Client } from '../dist/src/transport/http1-client.js';
import { fixedShardLister, nullTransport } from '../dist/src/transport/null.js';
import { Signer } from '../dist/src/transport/sigv4.js';
import { conditions, startSink, table, thousands } from './harness.mjs';

const SHARDS = 8;
const KEYS = 10_000;
const BLOCK_RECORDS = 512;
/** Blocks before answers are read, as in the load loop. */
const BLOCKS_A_TURN = 4;
/** Aggregates hashed together: as many as one request carries, when each shard has its 256 KiB in it. */
const AGGREGATES_HASHED = 26;
const ROUNDS = 5;
const SAMPLE_EVERY_BYTES = 16 * 1024;
const CREDENTIALS = { accessKeyId: 'bench', secretAccessKey: 'bench', sessionToken: null };
const HOUR_US = 3_600_000_000;

const QUIET = {
  closed() {},
  requestEnded() {},
  attempted() {},
  accepted() {},
  givenUp() {},
};

/** Tells of every request that has ended, because to look for it again and again would be counted as its cost. */
function awaited(observer) {
  let onEnded = () => {};
  return {
    observer: {
      ...observer,
      requestEnded(request) {
        observer.requestEnded(request);
        setImmediate(onEnded);
      },
    },
    ended: () =>
      new Promise((resolve) => {
        onEnded = resolve;
      }),
  };
}

function settingsOf(aggregates) {
  const plan = producerDefaults(aggregates ? 'shardstorm' : 'sdk-batch');
  return {
    ...plan,
    profile: 'shardstorm',
    rateLimit: null,
    maxAttempts: Number.POSITIVE_INFINITY,
    aggregateBy: 'shard',
    containerKey: null,
    ordered: false,
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** What all steps have in common: a thread's keys, generator, shards and clock. */
async function bed(bytes) {
  const clock = realClock(clockOrigin());
  const keys = new KeyTable(1 << 20, createMd5());
  const generator = createGenerator({
    records: [
      {
        weight: 1,
        partitionKey: { kind: 'zipf', cardinality: KEYS, exponent: 1, prefix: 'key-' },
        payload: { kind: 'random', size: { kind: 'fixed', bytes }, compressible: 0 },
        stamp: true,
      },
    ],
    seed: 1,
    keys,
    stamp: { runIdHigh: 1, runIdLow: 2, originEpochUs: clock.originEpochUs },
    files: [null],
  });
  const shardMap = new ShardMap({
    streamName: 'bench',
    listOpenShards: fixedShardLister(SHARDS, clock),
    keys,
    clock,
    onUpdate() {},
    onError() {},
  });
  shardMap.start();
  while (shardMap.isUpdating) await turn();
  const block = new RecordBlock(BLOCK_RECORDS, BLOCK_RECORDS * bytes);
  let index = 0;
  const fill = () => {
    const nowUs = clock.nowUs();
    block.clear();
    for (let i = 0; i < BLOCK_RECORDS; i++) {
      block.index[i] = index;
      block.sequence[i] = index++;
      block.dueUs[i] = nowUs;
    }
    block.count = BLOCK_RECORDS;
    generator.fill(block);
    return nowUs;
  };
  return { clock, keys, shardMap, block, fill };
}

/** Fills aggregates; `onClosed` has each. */
function encoder({ keys, shardMap, block, fill }, pool, onClosed) {
  const settings = settingsOf(true);
  const aggregator = new Aggregator({
    freeWriters: [],
    by: 'shard',
    limits: settings.aggregation,
    behaviour: BEHAVIOURS.shardstorm,
    containerKey: BEHAVIOURS.shardstorm.containerKey,
    keys,
    pool,
    hasContents: true,
    random: Math.random,
    onClosed,
    onOverfull: onClosed,
  });
  return () => {
    const nowUs = fill();
    const { payloads, payloadStart, payloadLength, keyId } = block;
    for (let i = 0; i < block.count; i++) {
      const shard = shardMap.predict(keyId[i]);
      const start = payloadStart[i];
      const length = payloadLength[i];
      const dueUs = nowUs + HOUR_US;
      aggregator.add(shard, shard, keyId[i], payloads.bytes, start, length, dueUs, false);
      aggregator.closeIfFull(shard);
    }
  };
}

/** Everything of the producer over a transport; a block waits while enough records are outstanding. */
function pipelineStep(common, aggregates, transport, outstanding, outcomes = null) {
  const { clock, keys, shardMap, block, fill } = common;
  let pipeline;
  const { observer, ended } = awaited(outcomes?.observe(() => pipeline) ?? QUIET);
  pipeline = new Pipeline({
    streamName: 'bench',
    settings: settingsOf(aggregates),
    keys,
    shardMap,
    transport,
    clock,
    observer,
    random: Math.random,
    wantsSequenceNumbers: false,
    onRoom() {},
  });
  const step = async () => {
    while (pipeline.outstanding > outstanding) await ended();
    const nowUs = fill();
    const took = pipeline.put(block, 0, block.count, nowUs);
    outcomes?.generated(block, 0, took, nowUs);
  };
  const end = async () => {
    pipeline.drain();
    while (pipeline.outstanding > 0) await ended();
    pipeline.close();
  };
  return { step, end };
}

/** A transport that writes and signs every body, and sends nothing. */
function signingTransport(clock, scope) {
  const inner = nullTransport(clock);
  const signer = new Signer(scope);
  const body = new ByteBuffer(1 << 20);
  return {
    send(request, done) {
      writeCborBody(request, body);
      signer.sign(body.bytes.subarray(0, body.length), CREDENTIALS, Date.now());
      inner.send(request, done);
    },
    close: () => inner.close(),
  };
}

/** The steps, each holding the ones before it: [name, what it does for a block, how it ends]. */
async function stepsOf(bytes, aggregates, sink) {
  const common = await bed(bytes);
  const { clock, keys } = common;
  const endpoint = new URL(sink.endpoint);
  const outstanding = aggregates ? 5_000_000 / bytes : 12_000;
  const scope = {
    region: 'us-east-1',
    service: 'kinesis',
    host: endpoint.host,
    path: '/',
    contentType: 'application/x-amz-cbor-1.1',
    target: 'Kinesis_20131202.PutRecords',
  };
  const steps = [{ name: 'generate', step: common.fill }];
  if (aggregates) {
    const pool = new KinesisRecordPool(1 << 25);
    steps.push({
      name: 'encode',
      step: encoder(common, pool, (record) => pool.release(record)),
    });
    const digests = new DigestWriter(keys.md5);
    const closed = [];
    const hash = (record) => {
      if (closed.push(record) < AGGREGATES_HASHED) return;
      digests.write(closed);
      for (const one of closed) pool.release(one);
      closed.length = 0;
    };
    steps.push({ name: 'hash', step: encoder(common, pool, hash) });
  }
  const settle = pipelineStep(common, aggregates, nullTransport(clock), outstanding);
  steps.push({ name: aggregates ? 'collect, settle' : 'encode, collect, settle', ...settle });
  const signing = signingTransport(clock, scope);
  steps.push({ name: 'sign', ...pipelineStep(common, aggregates, signing, outstanding) });
  const credentials = await CredentialSource.open(() =>
    Promise.resolve({ ...CREDENTIALS, expiresEpochMs: null }),
  );
  const options = { protocol: 'cbor', endpoint, region: 'us-east-1', requestTimeoutUs: 6_000_000 };
  const client = http1Client({ endpoint, maxConnections: 24, connectTimeoutUs: 6_000_000 });
  const direct = directTransport(options, client, credentials, clock);
  steps.push({ name: 'send', ...pipelineStep(common, aggregates, direct, outstanding) });
  const phases = [{ startUs: -HOUR_US, endUs: HOUR_US }];
  const outcomes = new Outcomes(new Recorder({ worker: 0, phases }));
  const measured = pipelineStep(common, aggregates, direct, outstanding, outcomes);
  steps.push({ name: 'measure', ...measured });
  return { steps, close: () => direct.close() };
}

async function repeat(step, blocks) {
  for (let i = 0; i < blocks; i++) {
    await step();
    if (i % BLOCKS_A_TURN === 0) await turn();
  }
}

const post = (session, method, parameters) =>
  new Promise((resolve, reject) => {
    session.post(method, parameters, (error, answer) => (error ? reject(error) : resolve(answer)));
  });

/** Bytes allocated while `work` runs, and by whom. */
async function allocated(work) {
  const session = new Session();
  session.connect();
  await post(session, 'HeapProfiler.startSampling', {
    samplingInterval: SAMPLE_EVERY_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  await work();
  const { profile } = await post(session, 'HeapProfiler.stopSampling');
  session.disconnect();
  const sites = new Map();
  let bytes = 0;
  const visit = ({ callFrame, selfSize, children }) => {
    const file = callFrame.url.replace(/.*\/(dist\/src|node_modules)\//, '');
    const site = `${callFrame.functionName || '(anonymous)'} ${file}:${callFrame.lineNumber + 1}`;
    bytes += selfSize;
    if (selfSize > 0) sites.set(site, (sites.get(site) ?? 0) + selfSize);
    for (const child of children) visit(child);
  };
  visit(profile.head);
  return { bytes, sites };
}

/** @returns rows of [step, ns, ns so far, bytes so far], and who allocates in the last step, bytes a record */
export async function ladder(bytes, aggregates) {
  const sink = await startSink({ shards: SHARDS });
  const { steps, close } = await stepsOf(bytes, aggregates, sink);
  const blocks = Math.max(100, Math.round(60_000_000 / bytes / BLOCK_RECORDS / 4));
  const records = blocks * BLOCK_RECORDS;
  const best = steps.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, { step }] of steps.entries()) {
      const before = process.cpuUsage();
      await repeat(step, blocks);
      const { user, system } = process.cpuUsage(before);
      if (round > 0) best[i] = Math.min(best[i], ((user + system) * 1000) / records);
    }
  }
  const rows = [];
  let sites = new Map();
  for (const [i, { name, step }] of steps.entries()) {
    const found = await allocated(() => repeat(step, blocks));
    sites = found.sites;
    rows.push({
      name,
      ns: best[i] - (best[i - 1] ?? 0),
      sumNs: best[i],
      bytes: found.bytes / records,
    });
  }
  for (const { end } of steps) await end?.();
  await close();
  sink.stop();
  const perRecord = [...sites].map(([site, size]) => [site, size / records]);
  return { rows, sites: perRecord.sort((a, b) => b[1] - a[1]) };
}

/** Markdown of one ladder. */
export function ladderTable({ rows }) {
  return table(
    ['step', 'ns a record', 'ns so far', 'records/CPU-s so far', 'bytes allocated a record so far'],
    rows.map(({ name, ns, sumNs, bytes }) => [
      name,
      ns.toFixed(0),
      sumNs.toFixed(0),
      thousands(1e9 / sumNs),
      bytes.toFixed(1),
    ]),
  );
}

async function main() {
  const { values } = parseArgs({
    options: { bytes: { type: 'string', default: '100' }, sites: { type: 'boolean' } },
  });
  const bytes = Number(values.bytes);
  for (const aggregates of [true, false]) {
    const result = await ladder(bytes, aggregates);
    console.log(`\n${bytes} B, ${aggregates ? 'aggregated' : 'plain'}\n${ladderTable(result)}`);
    if (!values.sites) continue;
    for (const [site, size] of result.sites.slice(0, 15)) {
      console.log(`${size.toFixed(2).padStart(8)} B  ${site}`);
    }
  }
  console.log(conditions());
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();

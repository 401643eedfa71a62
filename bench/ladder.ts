// Where the time of a record goes: each step adds one stage of the measured path to the steps above it, in a process that
// runs the built code. Nanoseconds are CPU time of the process (user and system, from the operating system), the best of
// several rounds; bytes are what V8's sampling heap profiler saw allocated, collected or not. The sink is another process.
//   npx tsx bench/run.mjs --only ladder --no-write --sites       --sites: who allocates in the last step
// TypeScript, so that a change of what it measures cannot break it unseen.
import type { HeapProfiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { ByteBuffer } from '../src/core/byte-buffer.ts';
import { type Clock, clockOrigin, realClock } from '../src/core/clock.ts';
import { RecordBlock } from '../src/core/record-block.ts';
import { createGenerator } from '../src/generate/generator.ts';
import { KeyTable } from '../src/kinesis/key-table.ts';
import { createMd5 } from '../src/kinesis/md5.ts';
import type { Transport } from '../src/kinesis/put-records.ts';
import { Outcomes } from '../src/load/outcomes.ts';
import { Recorder } from '../src/measure/recorder.ts';
import { Aggregator } from '../src/producer/aggregate.ts';
import { DigestWriter } from '../src/producer/digest.ts';
import { type KinesisRecord, KinesisRecordPool } from '../src/producer/kinesis-record.ts';
import { Pipeline } from '../src/producer/pipeline.ts';
import type { PipelineObserver } from '../src/producer/pipeline-options.ts';
import type { Request } from '../src/producer/send.ts';
import { BEHAVIOURS, type ProducerSettings } from '../src/producer/settings.ts';
import { ShardMap } from '../src/producer/shard-map.ts';
import { UserRecords } from '../src/producer/user-records.ts';
import { producerDefaults } from '../src/scenario/profiles.ts';
import { writeCborBody } from '../src/transport/cbor-body.ts';
import { CredentialSource } from '../src/transport/credential-source.ts';
import { directTransport } from '../src/transport/direct.ts';
import { http1Client } from '../src/transport/http1-client.ts';
import { fixedShardLister, nullTransport } from '../src/transport/null.ts';
import { Signer, type SigningScope } from '../src/transport/sigv4.ts';

const SHARDS = 8;
const KEYS = 10_000;
const BLOCK_RECORDS = 512;
/** Blocks before answers are read, as in the load loop. */
const BLOCKS_A_TURN = 4;
/** Aggregates hashed together: as many as one request carries, when each shard has its 256 KiB in it. */
const AGGREGATES_HASHED = 26;
const ROUNDS = 7;
/** Before anything counts, each step runs for so long: until then V8 compiles, which costs more than the later steps do. */
const WARM_UP_CPU_US = 1_500_000;
const SAMPLE_EVERY_BYTES = 16 * 1024;
const CREDENTIALS = { accessKeyId: 'bench', secretAccessKey: 'bench', sessionToken: null };
const HOUR_US = 3_600_000_000;
const SITES_SHOWN = 15;

type Bed = Awaited<ReturnType<typeof bed>>;

interface Step {
  readonly name: string;
  /** Does one block. */
  readonly step: () => unknown;
  readonly end?: () => Promise<void>;
}

export interface Ladder {
  /** Each step by itself, and all up to it: CPU nanoseconds and bytes a record. */
  readonly rows: readonly { name: string; ns: number; sumNs: number; bytes: number }[];
  /** Who allocates in the last step, bytes a record, the largest first. */
  readonly sites: readonly (readonly [string, number])[];
}

const QUIET: PipelineObserver = {
  closed() {},
  requestEnded() {},
  attempted() {},
  accepted() {},
  givenUp() {},
};

/** Tells of every request that has ended, because to look for it again and again would be counted as its cost. */
function awaited(observer: PipelineObserver) {
  let onEnded: (value?: unknown) => void = () => {};
  return {
    observer: {
      ...observer,
      requestEnded(request: Request) {
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

function settingsOf(aggregates: boolean): ProducerSettings {
  const plan = producerDefaults(aggregates ? 'shardstorm' : 'sdk-batch');
  return {
    ...plan,
    // As the scenarios of bench/scenarios/.
    profile: aggregates ? 'shardstorm' : 'sdk-batch',
    rateLimit: null,
    maxAttempts: Number.POSITIVE_INFINITY,
    aggregateBy: 'shard',
    containerKey: null,
    ordered: false,
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** What all steps have in common: a thread's keys, generator, shards and clock. */
async function bed(bytes: number) {
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
function encoder(
  { keys, shardMap, block, fill }: Bed,
  pool: KinesisRecordPool,
  onClosed: (record: KinesisRecord) => void,
) {
  const settings = settingsOf(true);
  const userRecords = new UserRecords();
  const slot = userRecords.take();
  const aggregator = new Aggregator({
    freeTables: [],
    by: 'shard',
    limits: settings.aggregation,
    records: userRecords,
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
    userRecords.deadlineUs[slot] = fill() + HOUR_US;
    const { payloadLength, keyId } = block;
    for (let i = 0; i < block.count; i++) {
      const id = keyId[i] as number;
      const shard = shardMap.predict(id);
      const length = payloadLength[i] as number;
      aggregator.add(shard, shard, id, block.payloadOf(i), 0, length, slot, false);
      aggregator.closeIfFull(shard);
    }
  };
}

/** Everything of the producer over a transport; a block waits while enough records are outstanding. */
function pipelineStep(
  common: Bed,
  aggregates: boolean,
  transport: Transport,
  outstanding: number,
  outcomes: Outcomes | null = null,
) {
  const { clock, keys, shardMap, block, fill } = common;
  const { observer, ended } = awaited(
    outcomes?.observe(
      0,
      () => pipeline,
      () => {},
    ) ?? QUIET,
  );
  const pipeline: Pipeline = new Pipeline({
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
function signingTransport(clock: Clock, scope: SigningScope): Transport {
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
async function stepsOf(bytes: number, aggregates: boolean, address: string) {
  const common = await bed(bytes);
  const { clock, keys } = common;
  const endpoint = new URL(address);
  const outstanding = aggregates ? 5_000_000 / bytes : 12_000;
  const scope = {
    region: 'us-east-1',
    service: 'kinesis',
    host: endpoint.host,
    path: '/',
    contentType: 'application/x-amz-cbor-1.1',
    target: 'Kinesis_20131202.PutRecords',
  };
  const steps: Step[] = [{ name: 'generate', step: common.fill }];
  if (aggregates) {
    const pool = new KinesisRecordPool(1 << 25);
    steps.push({
      name: 'encode',
      step: encoder(common, pool, (record) => pool.release(record)),
    });
    const digests = new DigestWriter(keys.md5);
    const closed: KinesisRecord[] = [];
    const hash = (record: KinesisRecord) => {
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
  const options = {
    protocol: 'cbor' as const,
    endpoint,
    region: 'us-east-1',
    requestTimeoutUs: 6_000_000,
  };
  const client = http1Client({ endpoint, maxConnections: 24, connectTimeoutUs: 6_000_000 });
  const direct = directTransport(options, client, credentials, clock);
  steps.push({ name: 'send', ...pipelineStep(common, aggregates, direct, outstanding) });
  const phases = [{ startUs: -HOUR_US, endUs: HOUR_US }];
  const outcomes = new Outcomes(new Recorder({ worker: 0, phases }));
  const measured = pipelineStep(common, aggregates, direct, outstanding, outcomes);
  steps.push({ name: 'measure', ...measured });
  return { steps, close: () => direct.close() };
}

async function repeat(step: () => unknown, blocks: number): Promise<void> {
  for (let i = 0; i < blocks; i++) {
    await step();
    if (i % BLOCKS_A_TURN === 0) await turn();
  }
}

/** Bytes allocated while `work` runs, and by whom. */
async function allocated(work: () => Promise<void>) {
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: SAMPLE_EVERY_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  await work();
  const { profile } = await session.post('HeapProfiler.stopSampling');
  session.disconnect();
  const sites = new Map<string, number>();
  let bytes = 0;
  const visit = ({ callFrame, selfSize, children }: HeapProfiler.SamplingHeapProfileNode) => {
    const file = callFrame.url.replace(/.*\/(src|node_modules)\//, '');
    const site = `${callFrame.functionName || '(anonymous)'} ${file}:${callFrame.lineNumber + 1}`;
    bytes += selfSize;
    if (selfSize > 0) sites.set(site, (sites.get(site) ?? 0) + selfSize);
    for (const child of children) visit(child);
  };
  visit(profile.head);
  return { bytes, sites };
}

/** Measures the steps for records of so many bytes, against the sink at `address`. */
export async function ladder(bytes: number, aggregates: boolean, address: string): Promise<Ladder> {
  const { steps, close } = await stepsOf(bytes, aggregates, address);
  const blocks = Math.max(100, Math.round(60_000_000 / bytes / BLOCK_RECORDS / 4));
  const records = blocks * BLOCK_RECORDS;
  for (const { step } of steps) {
    const before = process.cpuUsage();
    while (process.cpuUsage(before).user < WARM_UP_CPU_US) await repeat(step, blocks);
  }
  const best = steps.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, { step }] of steps.entries()) {
      const before = process.cpuUsage();
      await repeat(step, blocks);
      const { user, system } = process.cpuUsage(before);
      best[i] = Math.min(best[i] as number, ((user + system) * 1000) / records);
    }
  }
  const rows = [];
  let sites = new Map<string, number>();
  for (const [i, { name, step }] of steps.entries()) {
    const found = await allocated(() => repeat(step, blocks));
    sites = found.sites;
    const sumNs = best[i] as number;
    rows.push({ name, ns: sumNs - (best[i - 1] ?? 0), sumNs, bytes: found.bytes / records });
  }
  for (const { end } of steps) await end?.();
  await close();
  const perRecord = [...sites].map(([site, size]) => [site, size / records] as const);
  return { rows, sites: perRecord.sort((a, b) => b[1] - a[1]) };
}

/** Markdown of one ladder, and of who allocates at the end of it. */
export function ladderText({ rows, sites }: Ladder, showsSites = false): string {
  const lines = [
    '| step | ns a record | ns so far | records/CPU-s so far | bytes allocated a record so far |',
    '| --- | --- | --- | --- | --- |',
  ];
  for (const { name, ns, sumNs, bytes } of rows) {
    const perSecond = Math.round(1e9 / sumNs).toLocaleString('en-US');
    const cells = [name, ns.toFixed(0), sumNs.toFixed(0), perSecond, bytes.toFixed(1)];
    lines.push(`| ${cells.join(' | ')} |`);
  }
  if (showsSites) {
    lines.push('');
    for (const [site, size] of sites.slice(0, SITES_SHOWN)) {
      lines.push(`    ${size.toFixed(2).padStart(8)} B  ${site}`);
    }
  }
  return lines.join('\n');
}

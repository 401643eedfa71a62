/**
 * What the producer costs for each record on one core: aggregate, encode and digest alone, and the whole pipeline over a
 * transport that sends nothing. Time is virtual, so that nothing but CPU is measured. Each figure is the best of several
 * rounds, because others share the machine. Run: `npx tsx bench/producer.bench.ts [seconds a round]`.
 */
import { RecordBlock } from '../src/core/record-block.ts';
import { VirtualClock } from '../src/core/virtual-clock.ts';
import { KeyTable } from '../src/kinesis/key-table.ts';
import { createMd5 } from '../src/kinesis/md5.ts';
import { Aggregator } from '../src/producer/aggregate.ts';
import { DigestWriter } from '../src/producer/digest.ts';
import { type KinesisRecord, KinesisRecordPool } from '../src/producer/kinesis-record.ts';
import { Pipeline } from '../src/producer/pipeline.ts';
import type { PipelineObserver } from '../src/producer/pipeline-options.ts';
import { BEHAVIOURS, type ProducerSettings, type ProfileName } from '../src/producer/settings.ts';
import { ShardMap } from '../src/producer/shard-map.ts';
import { UserRecords } from '../src/producer/user-records.ts';
import { producerDefaults } from '../src/scenario/profiles.ts';
import { fixedShardLister, nullTransport } from '../src/transport/null.ts';

const SHARDS = 8;
const KEYS = 10_000;
const BLOCK = 512;
const ROUNDS = 5;
const roundMs = 1000 * Number(process.argv[2] ?? 1);

const QUIET: PipelineObserver = {
  closed: () => {},
  requestEnded: () => {},
  attempted: () => {},
  accepted: () => {},
  givenUp: () => {},
};

function block(keys: KeyTable, bytes: number): RecordBlock {
  const ids = Array.from({ length: KEYS }, (_, i) => keys.add(Buffer.from(`user-${i}`)));
  const made = new RecordBlock(BLOCK * 20, bytes * BLOCK * 20);
  const payload = Buffer.alloc(bytes, 'payload ');
  for (let i = 0; i < made.capacity; i++) {
    made.keyId[i] = ids[(i * 7919) % KEYS] ?? 0;
    made.payloadStart[i] = made.payloads.length;
    made.payloadLength[i] = bytes;
    made.payloads.append(payload);
  }
  made.count = made.capacity;
  return made;
}

/** Best nanoseconds of CPU a record; `work` does some records and returns how many. */
function measure(work: () => number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    const endMs = performance.now() + roundMs;
    let records = 0;
    while (performance.now() < endMs) records += work();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, ((user + system) * 1000) / records);
  }
  return best;
}

function settings(profile: ProfileName, aggregates: boolean): ProducerSettings {
  const plan = producerDefaults(profile);
  return {
    ...plan,
    profile,
    aggregation: { ...plan.aggregation, enabled: aggregates },
    rateLimit: { fraction: 1_000_000 },
    maxAttempts: Number.POSITIVE_INFINITY,
    aggregateBy: 'shard',
    containerKey: null,
    ordered: false,
  };
}

/** Aggregates of one call, hashed side by side. */
const CALL_AGGREGATES = 24;

function aggregateAlone(bytes: number): number {
  const keys = new KeyTable(1 << 20, createMd5());
  const digests = new DigestWriter(keys.md5);
  const closed: KinesisRecord[] = [];
  const records = block(keys, bytes);
  const pool = new KinesisRecordPool(2 ** 25);
  const shardMap = readyMap(keys, new VirtualClock());
  const userRecords = new UserRecords();
  const slot = userRecords.take();
  userRecords.deadlineUs[slot] = 1;
  const aggregator = new Aggregator({
    freeTables: [],
    limits: settings('shardstorm', true).aggregation,
    records: userRecords,
    behaviour: BEHAVIOURS.shardstorm,
    by: 'shard',
    containerKey: 'a',
    keys,
    pool,
    hasContents: true,
    random: () => 0,
    onClosed: (record) => {
      if (closed.push(record) < CALL_AGGREGATES) return;
      digests.write(closed);
      for (const one of closed.splice(0)) pool.release(one);
    },
    onOverfull: (record) => pool.release(record),
  });
  return measure(() => {
    for (let i = 0; i < records.count; i++) {
      const keyId = records.keyId[i] ?? 0;
      const shard = shardMap.predict(keyId);
      const from = records.payloadStart[i] ?? 0;
      aggregator.add(shard, shard, keyId, records.payloads.bytes, from, bytes, slot, false);
      aggregator.closeIfFull(shard);
    }
    return records.count;
  });
}

function readyMap(keys: KeyTable, clock: VirtualClock, onUpdate = () => {}): ShardMap {
  const listOpenShards = fixedShardLister(SHARDS, clock);
  const options = { streamName: 'bench', listOpenShards, keys, clock, onUpdate, onError: () => {} };
  const map = new ShardMap(options);
  map.start();
  clock.runUntil(1);
  return map;
}

function wholePipeline(profile: ProfileName, aggregates: boolean, bytes: number): number {
  const clock = new VirtualClock();
  const keys = new KeyTable(1 << 20, createMd5());
  const records = block(keys, bytes);
  const pipeline = new Pipeline({
    streamName: 'bench',
    settings: settings(profile, aggregates),
    keys,
    shardMap: readyMap(keys, clock),
    transport: nullTransport(clock),
    clock,
    observer: QUIET,
    random: () => 0.5,
    wantsSequenceNumbers: false,
    onRoom: () => {},
  });
  return measure(() => {
    for (let from = 0; from < records.count; from += BLOCK) {
      const nowUs = clock.nowUs();
      pipeline.put(records, from, Math.min(records.count, from + BLOCK), nowUs);
      clock.runUntil(nowUs + 1000);
    }
    return records.count;
  });
}

function show(what: string, ns: number, bytes: number): void {
  const perSecond = 1e9 / ns;
  const megabytes = (perSecond * bytes) / 1e6;
  console.log(
    `${what.padEnd(46)} ${ns.toFixed(0).padStart(6)} ns/record ${(perSecond / 1e6).toFixed(2).padStart(6)} M records/CPU-s ${megabytes.toFixed(0).padStart(6)} MB/CPU-s`,
  );
}

console.log(`node ${process.version}, ${SHARDS} shards, ${KEYS} keys, best of ${ROUNDS} rounds`);
for (const bytes of [100, 1000]) {
  show(`aggregate, encode, digest, ${bytes} B`, aggregateAlone(bytes), bytes);
  for (const profile of ['shardstorm', 'kpl'] as const) {
    show(`${profile}, null transport, ${bytes} B`, wholePipeline(profile, true, bytes), bytes);
  }
  show(`plain, null transport, ${bytes} B`, wholePipeline('shardstorm', false, bytes), bytes);
}

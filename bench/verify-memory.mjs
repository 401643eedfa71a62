// Feeds the verifier's audit directly: how much memory and time so many user records take. Not a part of `npm run bench`,
// because the whole takes minutes. `node --expose-gc bench/verify-memory.mjs [millions, default 100]`, after a build.
import { createHash } from 'node:crypto';
import { ByteBudget, SequenceSet } from '../dist/src/core/sequence-set.js';
import { Audit } from '../dist/src/verify/audit.js';
import { hashRange } from '../dist/src/verify/hash-range.js';
import { judge } from '../dist/src/verify/judge.js';

const MILLIONS = Number(process.argv[2] ?? 100);
const RECORDS = MILLIONS * 1_000_000;
const PRODUCERS = 8;
const PER_AGGREGATE = 500;
const KEYS = 100_000;
const PAYLOAD_BYTES = 100;
const ORIGIN_US = 1_795_000_000_000_000;

/** An aggregate whose records are written anew in place: key table of one key, records of the same length. */
class Aggregate {
  constructor() {
    const record = Buffer.alloc(PAYLOAD_BYTES + 6);
    record.set([0x1a, PAYLOAD_BYTES + 4, 0x08, 0x00, 0x1a, PAYLOAD_BYTES]);
    record.write('SSv1', 6, 'latin1');
    const key = Buffer.from([0x0a, 8, ...Buffer.from('key-0000')]);
    this.head = 4 + key.length;
    this.step = record.length;
    this.bytes = Buffer.concat([
      Buffer.from([0xf3, 0x89, 0x9a, 0xc2]),
      key,
      ...Array.from({ length: PER_AGGREGATE }, () => record),
      Buffer.alloc(16),
    ]);
  }

  write(producer, firstSequence, key) {
    const { bytes } = this;
    bytes.write(key.toString(36).padStart(8, '0'), 6, 'latin1');
    for (let i = 0; i < PER_AGGREGATE; i++) {
      const at = this.head + i * this.step + 6;
      bytes.writeUInt16BE(producer, at + 12);
      bytes.writeUInt32BE(firstSequence + i, at + 20);
      const intended = ORIGIN_US + (firstSequence + i) * 10;
      bytes.writeUInt32BE(Math.floor(intended / 2 ** 32), at + 24);
      bytes.writeUInt32BE(intended >>> 0, at + 28);
    }
    const end = bytes.length - 16;
    createHash('md5').update(bytes.subarray(4, end)).digest().copy(bytes, end);
    return bytes;
  }
}

const shard = { id: 'shardId-0', number: 0, range: hashRange(0n, (1n << 128n) - 1n) };
const audit = new Audit({ run: { runHigh: 0, runLow: 0 }, contents: null, onTimes: () => {} });
const aggregate = new Aggregate();
const perProducer = RECORDS / PRODUCERS;
const start = performance.now();
const startCpu = process.cpuUsage();
for (let first = 0; first < perProducer; first += PER_AGGREGATE) {
  for (let producer = 0; producer < PRODUCERS; producer++) {
    const key = (first / PER_AGGREGATE) * PRODUCERS + producer;
    const data = aggregate.write(producer, first, key % KEYS);
    const record = { sequenceNumber: '1', arrivalEpochMs: 1, partitionKey: 'a', data };
    audit.record(shard, record, 0);
  }
}
const fedMs = performance.now() - start;
const fedCpu = process.cpuUsage(startCpu);
const empty = () => new SequenceSet(new ByteBudget(0));
const producers = Array.from({ length: PRODUCERS }, () => ({
  offered: perProducer,
  notAccepted: empty(),
  uncertain: empty(),
  repeated: empty(),
}));
const judged = judge(audit, { producers, workers: 2, problem: '', accepted: RECORDS });
globalThis.gc?.();
const { rss } = process.memoryUsage();
const peak = process.resourceUsage().maxRSS * 1024;
console.log(
  JSON.stringify({
    records: RECORDS,
    found: judged.found,
    lost: judged.lost,
    rssMiB: Math.round(rss / 2 ** 20),
    peakRssMiB: Math.round(peak / 2 ** 20),
    wallSeconds: Math.round(fedMs / 1000),
    cpuNsPerRecord: Math.round((fedCpu.user * 1000) / RECORDS),
  }),
);

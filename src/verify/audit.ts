// HOT PATH of reading back: about 1 us for an aggregated record of 100 bytes, no allocation for a record.
/**
 * What a stream holds of a run. In: Kinesis records, shard by shard, parents before children. Out: counts, and for each
 * producer which sequences were there, and which more than once. It needs not know what was accepted: that is compared at
 * the end (judge.ts), so it can follow a run that is under way. Bounded: bitmaps of sequences by a budget, lines of order
 * and remembered keys by number; past a bound it counts what it did not look at.
 */
import { Fingerprint } from '../core/fingerprint.ts';
import { ADDED, ByteBudget, NO_ROOM, SequenceSet } from '../core/sequence-set.ts';
import type { StoredRecord } from '../kinesis/reading.ts';
import { Deaggregator, NO_HASH_KEY } from './deaggregate.ts';
import { type HashRange, HashRanges } from './hash-range.ts';
import { OrderCheck } from './order.ts';
import { holdsStampOf, StampReader } from './stamp.ts';

/** Bytes of all bitmaps: two thousand million sequences. */
const BITMAP_BYTES_MAX = 256 * 1024 * 1024;
/** Producers have 16 bits in a stamp. */
const PRODUCERS_MAX = 65_536;
/** Sequences found more than twice whose copies are counted one by one. */
const MANIFOLD_MAX = 100_000;
/** What is wrong, told of one by one; the rest is counted. */
const SAMPLES_MAX = 20;

/** Whose records are looked for. */
interface RunIdentity {
  readonly runHigh: number;
  readonly runLow: number;
}

/** What a record should be, for those who can say. */
interface ExpectedContents {
  /**
   * Fingerprints of the payload and of the partition key of a record.
   * @param out filled in: high and low of the payload, high and low of the key
   * @returns false: it cannot be told
   */
  lookUp(producer: number, sequence: number, out: Uint32Array): boolean;
}

/** The times of a record that was found, microseconds since the Unix epoch. */
type TimesVisitor = (intendedUs: number, arrivedUs: number, readUs: number) => void;

export interface AuditOptions {
  readonly run: RunIdentity;
  /** null: contents are not compared. */
  readonly contents: ExpectedContents | null;
  readonly onTimes: TimesVisitor;
}

/** Numbers that only grow. */
export interface AuditCounts {
  kinesisRecords: number;
  /** Data and partition keys. */
  bytes: number;
  aggregates: number;
  /** After de-aggregation, whoever wrote them. */
  userRecords: number;
  /** Of this run, copies included. */
  ownRecords: number;
  foreignUnstamped: number;
  foreignRuns: number;
  /** With a stamp of this run in them. */
  brokenAggregates: number;
  malformedAggregates: number;
  /** User records in aggregates of which a key belongs to another shard: readers that follow the KCL drop those. */
  misplacedRecords: number;
  comparedRecords: number;
  wrongContents: number;
  wrongKeys: number;
  /** Past the bitmaps' bound. */
  unchecked: number;
  /** Copies beyond {@link MANIFOLD_MAX}. */
  uncountedCopies: number;
}

export interface AuditSample {
  readonly kind: 'broken-aggregate' | 'malformed-aggregate' | 'wrong-contents' | 'wrong-key';
  readonly shard: string;
  readonly sequenceNumber: string;
  /** Of the user record; null: the whole Kinesis record is meant. */
  readonly producer: number | null;
  readonly sequence: number | null;
}

/** What was found of one producer. */
export interface ProducerFound {
  readonly seen: SequenceSet;
  /** Found at least twice. */
  readonly again: SequenceSet;
}

/** A shard as the audit knows it. */
export interface AuditedShard {
  readonly id: string;
  readonly number: number;
  readonly range: HashRange;
}

const zeroCounts = (): AuditCounts => ({
  kinesisRecords: 0,
  bytes: 0,
  aggregates: 0,
  userRecords: 0,
  ownRecords: 0,
  foreignUnstamped: 0,
  foreignRuns: 0,
  brokenAggregates: 0,
  malformedAggregates: 0,
  misplacedRecords: 0,
  comparedRecords: 0,
  wrongContents: 0,
  wrongKeys: 0,
  unchecked: 0,
  uncountedCopies: 0,
});

export class Audit {
  readonly counts = zeroCounts();
  /** By producer; undefined where none of its records was found. */
  readonly producers: (ProducerFound | undefined)[] = [];
  /** Copies past the second, by `producer:sequence`. */
  readonly manifold = new Map<string, number>();
  readonly samples: AuditSample[] = [];
  readonly keyOrder = new OrderCheck();
  readonly shardOrder = new OrderCheck();
  readonly #options: AuditOptions;
  readonly #budget = new ByteBudget(BITMAP_BYTES_MAX);
  readonly #reader = new Deaggregator();
  readonly #stamp = new StampReader();
  readonly #ranges = new HashRanges();
  readonly #print = new Fingerprint();
  readonly #expected = new Uint32Array(4);
  readonly #told = new Map<AuditSample['kind'], number>();
  /** The partition key of the Kinesis record, which is that of a lone user record. */
  readonly #key = Buffer.alloc(1024);
  #keyBytes = 0;

  constructor(options: AuditOptions) {
    this.#options = options;
  }

  /**
   * Looks at one Kinesis record. Those of a shard come in order.
   * @param readUs Unix microseconds of now
   */
  record(shard: AuditedShard, record: StoredRecord, readUs: number): void {
    const { counts } = this;
    const reader = this.#reader;
    const { data } = record;
    this.#keyBytes = this.#key.write(record.partitionKey);
    counts.kinesisRecords++;
    counts.bytes += data.length + this.#keyBytes;
    const form = reader.read(data);
    counts.userRecords += reader.count;
    if (form === 'aggregate') {
      counts.aggregates++;
      if (!this.#belongs(shard.range, data)) {
        if (this.#isOwn(record)) counts.misplacedRecords += reader.count;
        else counts.foreignUnstamped += reader.count;
        return;
      }
    } else if (form !== 'lone') {
      this.#unreadable(form === 'wrong-digest', shard, record);
      return;
    }
    for (let i = 0; i < reader.count; i++) this.#userRecord(i, shard, record, readUs);
  }

  /** An aggregate without a stamp of the run is another writer's, and so is what is wrong with it. */
  #isOwn({ data }: StoredRecord): boolean {
    const { runHigh, runLow } = this.#options.run;
    return holdsStampOf(data, runHigh, runLow);
  }

  #unreadable(isBroken: boolean, shard: AuditedShard, record: StoredRecord): void {
    const { counts } = this;
    if (!this.#isOwn(record)) {
      counts.foreignUnstamped++;
      return;
    }
    if (isBroken) counts.brokenAggregates++;
    else counts.malformedAggregates++;
    this.#sample(isBroken ? 'broken-aggregate' : 'malformed-aggregate', shard, record, false);
  }

  /** Found sequences of one producer, made at the first. */
  found(producer: number): ProducerFound {
    let found = this.producers[producer];
    if (found === undefined) {
      found = { seen: new SequenceSet(this.#budget), again: new SequenceSet(this.#budget) };
      this.producers[producer] = found;
    }
    return found;
  }

  #belongs(range: HashRange, bytes: Uint8Array): boolean {
    const { count, keys, hashKeys, keyIndex, hashKeyIndex } = this.#reader;
    let lastKey = -1;
    for (let i = 0; i < count; i++) {
      const hashKey = hashKeyIndex[i] as number;
      if (hashKey !== NO_HASH_KEY) {
        const from = hashKeys.start[hashKey] as number;
        const to = hashKeys.end[hashKey] as number;
        if (!this.#ranges.holdsHashKey(range, bytes, from, to)) return false;
        continue;
      }
      const key = keyIndex[i] as number;
      if (key === lastKey) continue;
      lastKey = key;
      const from = keys.start[key] as number;
      const to = keys.end[key] as number;
      this.#print.of(bytes, from, to);
      const { high, low } = this.#print;
      if (!this.#ranges.holdsKey(range, bytes, from, to, high, low)) return false;
    }
    return true;
  }

  #userRecord(i: number, shard: AuditedShard, record: StoredRecord, readUs: number): void {
    const { counts } = this;
    const { run, onTimes } = this.#options;
    const { data } = this.#reader;
    const stamp = this.#stamp;
    const from = data.start[i] as number;
    const to = data.end[i] as number;
    if (!stamp.read(record.data, from, to)) {
      counts.foreignUnstamped++;
      return;
    }
    if (stamp.runHigh !== run.runHigh || stamp.runLow !== run.runLow) {
      counts.foreignRuns++;
      return;
    }
    counts.ownRecords++;
    const { producer, sequence } = stamp;
    const isFirst = this.#mark(producer, sequence);
    this.#printKey(i, record.data);
    if (isFirst) {
      const { high, low } = this.#print;
      this.keyOrder.follow(high, (low ^ Math.imul(producer + 1, 0x9e37_79b1)) >>> 0, sequence);
      this.shardOrder.follow(shard.number, producer, sequence);
      onTimes(stamp.intendedEpochUs, record.arrivalEpochMs * 1000, readUs);
    }
    this.#compare(shard, record, from, to);
  }

  /** The fingerprint of the user record's key, in `#print`. */
  #printKey(i: number, bytes: Uint8Array): void {
    const { keys, keyIndex } = this.#reader;
    if (keys.count === 0) {
      this.#print.of(this.#key, 0, this.#keyBytes);
      return;
    }
    const key = keyIndex[i] as number;
    this.#print.of(bytes, keys.start[key] as number, keys.end[key] as number);
  }

  /** @returns whether it was seen for the first time */
  #mark(producer: number, sequence: number): boolean {
    const { seen, again } = this.found(producer % PRODUCERS_MAX);
    const outcome = seen.add(sequence);
    if (outcome === ADDED) return true;
    if (outcome === NO_ROOM) {
      this.counts.unchecked++;
      return false;
    }
    const second = again.add(sequence);
    if (second === NO_ROOM) this.counts.uncountedCopies++;
    if (second === ADDED || second === NO_ROOM) return false;
    const name = `${producer}:${sequence}`;
    const copies = this.manifold.get(name) ?? 0;
    if (copies === 0 && this.manifold.size === MANIFOLD_MAX) this.counts.uncountedCopies++;
    else this.manifold.set(name, copies + 1);
    return false;
  }

  /** Compares payload and key; the key's fingerprint is in `#print`. */
  #compare(shard: AuditedShard, record: StoredRecord, from: number, to: number): void {
    const { contents } = this.#options;
    const { producer, sequence } = this.#stamp;
    const expected = this.#expected;
    if (contents?.lookUp(producer, sequence, expected) !== true) return;
    const { counts } = this;
    counts.comparedRecords++;
    if (this.#print.high !== expected[2] || this.#print.low !== expected[3]) {
      counts.wrongKeys++;
      this.#sample('wrong-key', shard, record, true);
    }
    this.#print.of(record.data, from, to);
    if (this.#print.high === expected[0] && this.#print.low === expected[1]) return;
    counts.wrongContents++;
    this.#sample('wrong-contents', shard, record, true);
  }

  #sample(
    kind: AuditSample['kind'],
    shard: AuditedShard,
    { sequenceNumber }: StoredRecord,
    isUserRecord: boolean,
  ): void {
    const told = this.#told.get(kind) ?? 0;
    if (told >= SAMPLES_MAX) return;
    this.#told.set(kind, told + 1);
    const producer = isUserRecord ? this.#stamp.producer : null;
    const sequence = isUserRecord ? this.#stamp.sequence : null;
    this.samples.push({ kind, shard: shard.id, sequenceNumber, producer, sequence });
  }
}

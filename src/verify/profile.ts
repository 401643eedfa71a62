// HOT PATH of inspecting: no allocation for a user record.
/**
 * What runs through a stream, whoever wrote it. In: Kinesis records. Out: counts, sizes, keys, aggregation, rates, as plain
 * data. It keeps no payload and no key: sizes as a histogram, keys as fingerprints. Bounded: keys are counted one by one up
 * to a number, beyond it only how many there are; seconds up to a day.
 */
import { createHmac } from 'node:crypto';
import { Fingerprint } from '../core/fingerprint.ts';
import { SHARD_WRITE_BYTES_PER_SECOND, SHARD_WRITE_RECORDS_PER_SECOND } from '../kinesis/limits.ts';
import type { StoredRecord } from '../kinesis/reading.ts';
import { Deaggregator } from './deaggregate.ts';
import { HyperLogLog } from './hyper-log-log.ts';
import { type KeySkew, keySkew } from './key-skew.ts';
import { FingerprintSlots } from './slots.ts';

const KEYS_MAX = 1 << 20;
const SECONDS_MAX = 86_400;
/** Size classes in each doubling. */
const CLASSES = 4;
const SIZE_CLASSES = 25 * CLASSES;

/** Records of one class of payload sizes. */
interface SizeClass {
  /** Mean of the class, whole bytes. */
  readonly bytes: number;
  readonly count: number;
}

interface ShardProfile {
  readonly id: string;
  readonly kinesisRecords: number;
  readonly userRecords: number;
  readonly bytes: number;
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Of the shard's write limit, the larger of the shares of bytes and records; 1 is the limit. */
  readonly utilisation: number;
}

export interface ProfileData {
  readonly schema: 'shardstorm.inspection/1';
  readonly stream: string;
  readonly inspectedAt: string;
  /** Between the first and the last arrival, seconds. */
  readonly seconds: number;
  readonly kinesisRecords: number;
  readonly userRecords: number;
  /** Data and partition keys. */
  readonly bytes: number;
  readonly aggregates: number;
  readonly userRecordsPerRecord: number;
  readonly brokenAggregates: number;
  /** Of user records, bytes. */
  readonly sizes: {
    readonly min: number;
    readonly mean: number;
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly max: number;
    readonly classes: readonly SizeClass[];
  };
  readonly keys: {
    readonly distinct: number;
    /** Whether they were counted, not estimated to about 1 %. */
    readonly isExact: boolean;
    /** How they seem to be chosen, and from how many; those not seen yet are part of it. */
    readonly skew: KeySkew;
    /** Share of all user records, the most frequent first; names are hashes under a key that is thrown away. */
    readonly top: readonly { readonly name: string; readonly share: number }[];
  };
  /** User records by second of arrival, first to last; edge seconds that were seen in part are left out. */
  readonly perSecond: readonly number[];
  /** Those with records, closed ones too. */
  readonly shards: readonly ShardProfile[];
  /** Shards that take records. */
  readonly openShards: number;
  /** Shards that were not read up to the end of the look; rates leave out what was seen of the others only. */
  readonly unreadShards: readonly string[];
}

interface ShardCount {
  kinesisRecords: number;
  userRecords: number;
  bytes: number;
  lastMs: number;
}

/** What a profile cannot know by itself. */
interface ProfileFacts {
  readonly stream: string;
  readonly inspectedAt: string;
  readonly openShards: number;
  /** Ids of shards with more to read. */
  readonly unreadShards: readonly string[];
  /** For the names of keys; keep it nowhere. */
  readonly salt: Uint8Array;
  readonly topKeys: number;
}

export class StreamProfile {
  userRecords = 0;
  readonly #reader = new Deaggregator();
  readonly #print = new Fingerprint();
  readonly #key = Buffer.alloc(1024);
  readonly #keys = new FingerprintSlots(KEYS_MAX);
  #keyCounts = new Float64Array(1024);
  #keyPrints = new Float64Array(1024);
  readonly #distinct = new HyperLogLog();
  readonly #sizeCounts = new Float64Array(SIZE_CLASSES);
  readonly #sizeSums = new Float64Array(SIZE_CLASSES);
  readonly #seconds = new Map<number, number>();
  readonly #shards = new Map<string, ShardCount>();
  #firstMs = Number.POSITIVE_INFINITY;
  #lastMs = 0;
  #sizeMin = Number.POSITIVE_INFINITY;
  #sizeMax = 0;
  #aggregates = 0;
  #broken = 0;

  record(shardId: string, record: StoredRecord): void {
    const reader = this.#reader;
    const keyBytes = this.#key.write(record.partitionKey);
    const form = reader.read(record.data);
    if (form === 'aggregate') this.#aggregates++;
    else if (form !== 'lone') this.#broken++;
    this.#count(shardId, record, keyBytes, reader.count);
    for (let i = 0; i < reader.count; i++) {
      const { data, keys, keyIndex } = reader;
      this.#size((data.end[i] as number) - (data.start[i] as number));
      if (keys.count === 0) this.#print.of(this.#key, 0, keyBytes);
      else {
        const key = keyIndex[i] as number;
        this.#print.of(record.data, keys.start[key] as number, keys.end[key] as number);
      }
      this.#countKey();
    }
  }

  /** Everything until now. */
  data(facts: ProfileFacts): ProfileData {
    const { stream, inspectedAt, openShards, unreadShards, salt, topKeys } = facts;
    const counts = [...this.#shards.values()];
    const sum = (read: (shard: ShardCount) => number) =>
      counts.reduce((total, shard) => total + read(shard), 0);
    const kinesisRecords = sum((shard) => shard.kinesisRecords);
    const secondsTo = (ms: number) => Math.max(1, (ms - this.#firstMs) / 1000);
    const seconds = kinesisRecords === 0 ? 0 : secondsTo(this.#lastMs);
    const unread = new Set(unreadShards);
    // From where on some shards are missing.
    const completeToMs = [...this.#shards].reduce(
      (ms, [id, { lastMs }]) => (unread.has(id) ? Math.min(ms, lastMs) : ms),
      this.#lastMs,
    );
    return {
      schema: 'shardstorm.inspection/1',
      stream,
      inspectedAt,
      seconds,
      kinesisRecords,
      userRecords: this.userRecords,
      bytes: sum((shard) => shard.bytes),
      aggregates: this.#aggregates,
      userRecordsPerRecord: kinesisRecords === 0 ? 0 : this.userRecords / kinesisRecords,
      brokenAggregates: this.#broken,
      sizes: this.#sizeData(),
      keys: this.#keyData(salt, topKeys),
      perSecond: this.#secondData(completeToMs),
      shards: [...this.#shards]
        .map(([id, shard]) =>
          shardData(id, shard, unread.has(id) ? secondsTo(shard.lastMs) : seconds),
        )
        .sort((a, b) => b.utilisation - a.utilisation),
      openShards,
      unreadShards,
    };
  }

  #count(shardId: string, record: StoredRecord, keyBytes: number, userRecords: number): void {
    let shard = this.#shards.get(shardId);
    if (shard === undefined) {
      shard = { kinesisRecords: 0, userRecords: 0, bytes: 0, lastMs: 0 };
      this.#shards.set(shardId, shard);
    }
    shard.kinesisRecords++;
    shard.userRecords += userRecords;
    shard.bytes += record.data.length + keyBytes;
    this.userRecords += userRecords;
    const { arrivalEpochMs } = record;
    this.#firstMs = Math.min(this.#firstMs, arrivalEpochMs);
    this.#lastMs = Math.max(this.#lastMs, arrivalEpochMs);
    shard.lastMs = Math.max(shard.lastMs, arrivalEpochMs);
    const second = Math.floor(arrivalEpochMs / 1000);
    const known = this.#seconds.get(second);
    if (known === undefined && this.#seconds.size === SECONDS_MAX) return;
    this.#seconds.set(second, (known ?? 0) + userRecords);
  }

  #size(bytes: number): void {
    const size = bytes === 0 ? 0 : Math.floor(Math.log2(bytes) * CLASSES) + 1;
    this.#sizeCounts[size] = (this.#sizeCounts[size] as number) + 1;
    this.#sizeSums[size] = (this.#sizeSums[size] as number) + bytes;
    if (bytes < this.#sizeMin) this.#sizeMin = bytes;
    if (bytes > this.#sizeMax) this.#sizeMax = bytes;
  }

  #countKey(): void {
    const { high, low } = this.#print;
    this.#distinct.add(high, low);
    const slot = this.#keys.slotOf(high, low);
    if (slot < 0) return;
    if (slot >= this.#keyCounts.length) {
      this.#keyCounts = widened(this.#keyCounts);
      this.#keyPrints = widened(this.#keyPrints);
    }
    this.#keyCounts[slot] = (this.#keyCounts[slot] as number) + 1;
    this.#keyPrints[slot] = high * 0x10_0000 + (low >>> 12);
  }

  #sizeData(): ProfileData['sizes'] {
    const classes: SizeClass[] = [];
    let bytes = 0;
    for (let i = 0; i < SIZE_CLASSES; i++) {
      const count = this.#sizeCounts[i] as number;
      bytes += this.#sizeSums[i] as number;
      if (count > 0)
        classes.push({ bytes: Math.round((this.#sizeSums[i] as number) / count), count });
    }
    const at = (share: number): number => {
      let seen = 0;
      for (const { bytes: size, count } of classes) {
        seen += count;
        if (seen >= share * this.userRecords) return size;
      }
      return 0;
    };
    return {
      min: this.userRecords === 0 ? 0 : this.#sizeMin,
      mean: this.userRecords === 0 ? 0 : bytes / this.userRecords,
      p50: at(0.5),
      p90: at(0.9),
      p99: at(0.99),
      max: this.#sizeMax,
      classes,
    };
  }

  #keyData(salt: Uint8Array, topKeys: number): ProfileData['keys'] {
    const { size } = this.#keys;
    const isExact = size < KEYS_MAX;
    const distinct = isExact ? size : Math.max(size, Math.round(this.#distinct.estimate));
    const ranked = [...this.#keyCounts.subarray(0, size).keys()].sort(
      (a, b) => (this.#keyCounts[b] as number) - (this.#keyCounts[a] as number),
    );
    const counts = ranked.map((slot) => this.#keyCounts[slot] as number);
    const name = (slot: number) =>
      createHmac('sha256', salt).update(String(this.#keyPrints[slot])).digest('hex').slice(0, 10);
    return {
      distinct,
      isExact,
      skew: keySkew(counts, distinct, this.userRecords),
      top: ranked.slice(0, topKeys).map((slot) => ({
        name: name(slot),
        share: (this.#keyCounts[slot] as number) / this.userRecords,
      })),
    };
  }

  #secondData(lastMs: number): number[] {
    const first = Math.floor(this.#firstMs / 1000);
    const last = Math.floor(lastMs / 1000);
    if (!Number.isFinite(first) || last - first > SECONDS_MAX) return [];
    const all = Array.from(
      { length: last - first + 1 },
      (_, i) => this.#seconds.get(first + i) ?? 0,
    );
    return all.length >= 3 ? all.slice(1, -1) : all;
  }
}

function shardData(
  id: string,
  { kinesisRecords, userRecords, bytes }: ShardCount,
  seconds: number,
) {
  const recordsPerSecond = kinesisRecords / seconds;
  const bytesPerSecond = bytes / seconds;
  const utilisation = Math.max(
    recordsPerSecond / SHARD_WRITE_RECORDS_PER_SECOND,
    bytesPerSecond / SHARD_WRITE_BYTES_PER_SECOND,
  );
  return { id, kinesisRecords, userRecords, bytes, recordsPerSecond, bytesPerSecond, utilisation };
}

function widened(old: Float64Array): Float64Array<ArrayBuffer> {
  const wide = new Float64Array(old.length * 2);
  wide.set(old);
  return wide;
}

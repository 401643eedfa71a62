/**
 * User records → Kinesis records in the KPL's aggregated format. In: one user record at a time, its key interned and its
 * shard predicted. Out: closed Kinesis records, by callback. Invariants: an aggregate holds records of one shard; its
 * size is exact at every moment; a lone user record leaves raw.
 *
 * HOT PATH: no allocation for each record. The aggregate is written once, in stream order, into one growing buffer:
 * a key-table entry just before the first record that uses it, then the record.
 */
import { createHash } from 'node:crypto';
import { copyBytes } from '../core/byte-buffer.ts';
import { DeadlineHeap } from '../core/deadline-heap.ts';
import {
  AGGREGATE_DIGEST_BYTES,
  AGGREGATE_MAGIC,
  AGGREGATE_MAGIC_BYTES,
  AGGREGATE_PARTITION_KEY,
  TAG_DATA,
  TAG_EXPLICIT_HASH_KEY,
  TAG_EXPLICIT_HASH_KEY_INDEX,
  TAG_PARTITION_KEY,
  TAG_PARTITION_KEY_INDEX,
  TAG_RECORD,
  varintBytes,
  writeVarint,
} from '../kinesis/aggregated-record.ts';
import { hashKeyValue } from '../kinesis/hash-key.ts';
import type { KeyTable } from '../kinesis/key-table.ts';
import { KeyDedupe } from './key-dedupe.ts';
import type { CloseReason, KinesisRecord, KinesisRecordPool } from './kinesis-record.ts';
import type { Behaviour, ContainerKey, ProducerSettings } from './settings.ts';

const CONTAINER_KEY = new TextEncoder().encode(AGGREGATE_PARTITION_KEY);
const OPEN_BUFFER_BYTES = 1024;
/** What one record adds at the most beside its key and payload: a decimal hash key, tags, lengths, and a random key. */
const ENTRY_FRAME_BYTES_MAX = 112;

/** The aggregate of one shard that is being filled. */
class OpenAggregate {
  record: KinesisRecord | null = null;
  /** Bytes written so far, magic included, digest not. */
  used = 0;
  /** The KPL's estimate of the size with two records or more: data, new keys, and a few bytes each. */
  estimate = 0;
  partitionKeys = 0;
  explicitHashKeys = 0;
  readonly dedupe = new KeyDedupe();
  keyGeneration = -1;
  /** Where the key of the first record lies, for a lone record and for containers that carry it. */
  firstKeyStart = 0;
  firstKeyLength = 0;
}

export type KinesisRecordClosed = (record: KinesisRecord, reason: CloseReason) => void;

export interface AggregatorOptions {
  readonly limits: ProducerSettings['aggregation'];
  readonly behaviour: Behaviour;
  readonly containerKey: ContainerKey;
  readonly keys: KeyTable;
  readonly pool: KinesisRecordPool;
  /** {@link PipelineOptions.hasContents} */
  readonly hasContents: boolean;
  /** A number in [0, 1), for random container keys. */
  readonly random: () => number;
  readonly onClosed: KinesisRecordClosed;
}

export class Aggregator {
  readonly #limits: ProducerSettings['aggregation'];
  readonly #behaviour: Behaviour;
  readonly #containerKey: ContainerKey;
  readonly #random: () => number;
  readonly #hasContents: boolean;
  readonly #keys: KeyTable;
  readonly #pool: KinesisRecordPool;
  readonly #onClosed: KinesisRecordClosed;
  /** By shard number. */
  readonly #open: (OpenAggregate | undefined)[] = [];
  readonly #deadlines = new DeadlineHeap();

  constructor(options: AggregatorOptions) {
    this.#limits = options.limits;
    this.#behaviour = options.behaviour;
    this.#containerKey = options.containerKey;
    this.#keys = options.keys;
    this.#pool = options.pool;
    this.#random = options.random;
    this.#hasContents = options.hasContents;
    this.#onClosed = options.onClosed;
  }

  /** When the next aggregate must be closed by time; Infinity when none is open. */
  get nextUs(): number {
    return this.#deadlines.nextUs;
  }

  /**
   * Takes one user record. Closes the open aggregate first if the record does not fit into it, unless the profile
   * overfills.
   * @param shard predicted shard number, 0 … (0 for all when aggregating by stream)
   * @param payload the payload is `payload[start, start + length)`
   * @param mustFit holds the exact size even if the profile overfills
   * @returns the Kinesis record that took it; the caller chains the slot, then calls {@link closeIfFull}
   */
  add(
    shard: number,
    keyId: number,
    payload: Uint8Array,
    start: number,
    length: number,
    deadlineUs: number,
    mustFit: boolean,
  ): KinesisRecord {
    const open = this.#open[shard] ?? this.#openFor(shard);
    if (open.record !== null) {
      if (open.keyGeneration !== this.#keys.generation) {
        open.dedupe.clear();
        open.keyGeneration = this.#keys.generation;
      }
      const isExact = mustFit || !this.#behaviour.overfills;
      if (isExact && !this.#fits(open, keyId, length)) this.#close(shard, open, 'size');
    }
    const record = open.record ?? this.#begin(open, shard);
    this.#write(open, record, keyId, payload, start, length);
    record.count++;
    record.payloadBytes += length;
    if (deadlineUs < record.deadlineUs) {
      record.deadlineUs = deadlineUs;
      this.#deadlines.set(shard, deadlineUs);
    }
    return record;
  }

  /** Closes the shard's aggregate if it has reached its count or its size. */
  closeIfFull(shard: number): void {
    const open = this.#open[shard];
    if (open === undefined || open.record === null) return;
    if (open.record.count >= this.#limits.maxCount) this.#close(shard, open, 'count');
    else if (this.#sizeOf(open, open.record) >= this.#limits.maxBytes) {
      this.#close(shard, open, 'size');
    }
  }

  /** Closes the shard's aggregate, if there is one. */
  closeShard(shard: number): void {
    const open = this.#open[shard];
    if (open !== undefined && open.record !== null) this.#close(shard, open, 'flush');
  }

  /** Closes every aggregate whose deadline has come. */
  closeDue(nowUs: number): void {
    for (let shard = this.#deadlines.takeDue(nowUs); shard >= 0; ) {
      const open = this.#open[shard];
      if (open !== undefined && open.record !== null) this.#close(shard, open, 'time');
      shard = this.#deadlines.takeDue(nowUs);
    }
  }

  /** Closes the open aggregates that `isTaken` says yes to and hands them over instead of sending them on. */
  takeWhere(
    isTaken: (record: KinesisRecord) => boolean,
    take: (record: KinesisRecord) => void,
  ): void {
    const taken: KinesisRecord[] = [];
    this.#open.forEach((open, shard) => {
      if (open?.record != null && isTaken(open.record)) taken.push(this.#seal(shard, open));
    });
    for (const record of taken) take(record);
  }

  /** Closes every aggregate. */
  flush(): void {
    for (let shard = 0; shard < this.#open.length; shard++) {
      const open = this.#open[shard];
      if (open !== undefined && open.record !== null) this.#close(shard, open, 'flush');
    }
  }

  #openFor(shard: number): OpenAggregate {
    while (this.#open.length < shard) this.#open.push(undefined);
    const open = new OpenAggregate();
    this.#open[shard] = open;
    return open;
  }

  #begin(open: OpenAggregate, shard: number): KinesisRecord {
    const record = this.#pool.take(OPEN_BUFFER_BYTES);
    record.bytes.set(AGGREGATE_MAGIC);
    record.predictedShard = this.#behaviour.aggregatesBy === 'stream' ? -1 : shard;
    open.record = record;
    open.used = AGGREGATE_MAGIC_BYTES;
    open.estimate = 0;
    open.partitionKeys = 0;
    open.explicitHashKeys = 0;
    open.dedupe.clear();
    open.keyGeneration = this.#keys.generation;
    return record;
  }

  /** What is compared with the limit: the exact size, or the KPL's estimate, which leaves a lone record unwrapped. */
  #sizeOf(open: OpenAggregate, record: KinesisRecord): number {
    if (!this.#behaviour.overfills) return open.used + AGGREGATE_DIGEST_BYTES;
    return record.count < 2 ? record.payloadBytes : open.estimate;
  }

  /** Whether the exact size holds with the record: its new table entries and itself. */
  #fits(open: OpenAggregate, keyId: number, length: number): boolean {
    const keys = this.#keys;
    let added = 0;
    let keyIndex = this.#keyIndex(open, keys.base[keyId] as number);
    if (keyIndex < 0) {
      keyIndex = open.partitionKeys;
      const keyLength = keys.length[keyId] as number;
      added += 1 + varintBytes(keyLength) + keyLength;
    }
    let inner = 1 + varintBytes(keyIndex) + 1 + varintBytes(length) + length;
    if (keys.isExplicit[keyId] === 1) {
      let hashIndex = open.dedupe.find(hashId(keys, keyId));
      if (hashIndex < 0) {
        hashIndex = open.explicitHashKeys;
        const decimalLength = keys.decimalHashKey(keyId).length;
        added += 1 + varintBytes(decimalLength) + decimalLength;
      }
      inner += 1 + varintBytes(hashIndex);
    }
    added += 1 + varintBytes(inner) + inner;
    return open.used + added + AGGREGATE_DIGEST_BYTES <= this.#limits.maxBytes;
  }

  /** Place of a key in the aggregate's table; -1 when it must be added. */
  #keyIndex(open: OpenAggregate, baseId: number): number {
    if (!this.#behaviour.keepsEveryKey && open.partitionKeys > 0) return 0;
    return open.dedupe.find(baseId * 2);
  }

  #write(
    open: OpenAggregate,
    record: KinesisRecord,
    keyId: number,
    payload: Uint8Array,
    start: number,
    length: number,
  ): void {
    const keys = this.#keys;
    const keyLength = keys.length[keyId] as number;
    const isExplicit = keys.isExplicit[keyId] === 1;
    const needed = open.used + keyLength + length + ENTRY_FRAME_BYTES_MAX + AGGREGATE_DIGEST_BYTES;
    if (needed > record.bytes.length) {
      this.#pool.grow(record, Math.max(needed, record.bytes.length * 2), open.used);
    }
    const bytes = record.bytes;
    let at = open.used;
    const baseId = keys.base[keyId] as number;
    let keyIndex = this.#keyIndex(open, baseId);
    open.estimate += length + ESTIMATED_FIELD_BYTES + ESTIMATED_INDEX_BYTES;
    if (keyIndex < 0) {
      keyIndex = open.partitionKeys++;
      open.estimate += keyLength + ESTIMATED_FIELD_BYTES;
      open.dedupe.add(baseId * 2, keyIndex);
      bytes[at++] = TAG_PARTITION_KEY;
      at = writeVarint(bytes, at, keyLength);
      if (record.count === 0) {
        open.firstKeyStart = at;
        open.firstKeyLength = keyLength;
      }
      keys.copyTo(keyId, bytes, at);
      at += keyLength;
    }
    let hashIndex = -1;
    if (isExplicit) {
      hashIndex = open.dedupe.find(hashId(keys, keyId));
      open.estimate += ESTIMATED_INDEX_BYTES;
      if (hashIndex < 0) {
        hashIndex = open.explicitHashKeys++;
        open.dedupe.add(hashId(keys, keyId), hashIndex);
        const decimal = keys.decimalHashKey(keyId);
        open.estimate += decimal.length + ESTIMATED_FIELD_BYTES;
        at = writeDecimal(bytes, at, decimal);
      }
    }
    if (record.count === 0) {
      record.isExplicit = isExplicit;
      for (let word = 0; word < 4; word++) {
        record.hash[word] = keys.hash[keyId * 4 + word] as number;
      }
    }
    let inner = 1 + varintBytes(keyIndex) + 1 + varintBytes(length) + length;
    if (hashIndex >= 0) inner += 1 + varintBytes(hashIndex);
    bytes[at++] = TAG_RECORD;
    at = writeVarint(bytes, at, inner);
    bytes[at++] = TAG_PARTITION_KEY_INDEX;
    at = writeVarint(bytes, at, keyIndex);
    if (hashIndex >= 0) {
      bytes[at++] = TAG_EXPLICIT_HASH_KEY_INDEX;
      at = writeVarint(bytes, at, hashIndex);
    }
    bytes[at++] = TAG_DATA;
    at = writeVarint(bytes, at, length);
    if (this.#hasContents) copyBytes(payload, start, start + length, bytes, at);
    open.used = at + length;
  }

  #close(shard: number, open: OpenAggregate, reason: CloseReason): void {
    this.#onClosed(this.#seal(shard, open), reason);
  }

  /** Finishes the data blob, the partition key and the hash key; the shard has no open aggregate after. */
  #seal(shard: number, open: OpenAggregate): KinesisRecord {
    const record = open.record as KinesisRecord;
    open.record = null;
    this.#deadlines.clear(shard);
    record.isAggregate = record.count > 1;
    record.keyBytes = record.bytes;
    record.keyStart = open.firstKeyStart;
    record.keyEnd = open.firstKeyStart + open.firstKeyLength;
    if (record.isAggregate) {
      // One that is too large is taken apart at once: its digest would be wasted.
      const isWhole = open.used + AGGREGATE_DIGEST_BYTES <= this.#limits.maxBytes;
      if (this.#hasContents && isWhole) {
        const body = record.bytes.subarray(AGGREGATE_MAGIC_BYTES, open.used);
        record.bytes.set(createHash('md5').update(body).digest(), open.used);
      }
      record.dataStart = 0;
      record.dataEnd = open.used + AGGREGATE_DIGEST_BYTES;
      this.#writeContainerKey(record);
    } else {
      record.dataEnd = open.used;
      record.dataStart = open.used - record.payloadBytes;
    }
    if (sendsHashKey(this.#behaviour, this.#containerKey, record)) {
      record.explicitHashKey = hashKeyValue(record.hash).toString();
    }
    return record;
  }

  /** Its first record's key is in place. A random one goes behind the digest, where there is room for it. */
  #writeContainerKey(record: KinesisRecord): void {
    if (this.#containerKey === 'a') {
      record.keyBytes = CONTAINER_KEY;
      record.keyStart = 0;
      record.keyEnd = CONTAINER_KEY.length;
    } else if (this.#containerKey === 'random') {
      record.keyStart = record.dataEnd;
      record.keyEnd = record.dataEnd + RANDOM_KEY_CHARACTERS;
      for (let at = record.keyStart; at < record.keyEnd; at++) {
        record.bytes[at] = LETTER_A + Math.floor(this.#random() * 26);
      }
    }
  }
}

const RANDOM_KEY_CHARACTERS = 16;
const LETTER_A = 97;
/** The KPL's estimate for a field's tag and length, and for an index (core/kinesis_record.cc). */
const ESTIMATED_FIELD_BYTES = 3;
const ESTIMATED_INDEX_BYTES = 2;

/**
 * Whether a Kinesis record carries its first user record's hash key as ExplicitHashKey. A container must where the
 * service could not find its shard by its partition key.
 */
export function sendsHashKey(
  behaviour: Behaviour,
  containerKey: ContainerKey,
  record: KinesisRecord,
): boolean {
  if (record.isExplicit || behaviour.sendsHashKey === 'always') return true;
  if (!record.isAggregate) return false;
  return behaviour.sendsHashKey === 'containers' || containerKey !== 'first';
}

/** Names an explicit hash key among the keys of an aggregate, whose own numbers are even. */
const hashId = (keys: KeyTable, keyId: number): number =>
  (keys.firstWithHash[keyId] as number) * 2 + 1;

function writeDecimal(bytes: Uint8Array, at: number, decimal: string): number {
  let place = at;
  bytes[place++] = TAG_EXPLICIT_HASH_KEY;
  place = writeVarint(bytes, place, decimal.length);
  for (let i = 0; i < decimal.length; i++) bytes[place++] = decimal.charCodeAt(i);
  return place;
}

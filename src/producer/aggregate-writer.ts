/**
 * The bytes of one aggregate while it is filled: the KPL's aggregated format, written once, in stream order, into one
 * growing buffer: a key-table entry just before the first record that uses it, then the record. In: user records, their
 * keys interned. Out: a sealed Kinesis record. Invariants: its size is exact at every moment; a lone user record leaves
 * raw, unless the profile's original wraps it.
 *
 * HOT PATH: no allocation for each record.
 */
import { copyBytes } from '../core/byte-buffer.ts';
import {
  AGGREGATE_DIGEST_BYTES,
  AGGREGATE_MAGIC,
  AGGREGATE_MAGIC_BYTES,
  TAG_DATA,
  TAG_EXPLICIT_HASH_KEY,
  TAG_EXPLICIT_HASH_KEY_INDEX,
  TAG_PARTITION_KEY,
  TAG_PARTITION_KEY_INDEX,
  TAG_RECORD,
  varintBytes,
  writeVarint,
} from '../kinesis/aggregated-record.ts';
import { COPY_OVERRUN_BYTES, type KeyTable } from '../kinesis/key-table.ts';
import { RANDOM_KEY_CHARACTERS } from './address.ts';
import { KeyDedupe } from './key-dedupe.ts';
import { hashOf, type KinesisRecord, type KinesisRecordPool } from './kinesis-record.ts';
import type { Behaviour } from './settings.ts';

const OPEN_BUFFER_BYTES = 1024;
/** The same without contents: keys and frames only. */
const HOLLOW_BUFFER_BYTES = 128;
/** Largest decimal text of a hash key, 2^128-1. */
const DECIMAL_CHARACTERS_MAX = 39;
/** Beside its key and payload a record adds at the most seven tags with a number each, and a decimal hash key. */
const PLAIN_FRAME_BYTES_MAX = 7 * (1 + 5);
const ENTRY_FRAME_BYTES_MAX = DECIMAL_CHARACTERS_MAX + PLAIN_FRAME_BYTES_MAX;
/** What follows the last record: the digest, and a random container key. */
const TAIL_BYTES_MAX = AGGREGATE_DIGEST_BYTES + RANDOM_KEY_CHARACTERS;
/** The KPL's estimate for a field's tag and length, and for an index (core/kinesis_record.cc). */
const ESTIMATED_FIELD_BYTES = 3;
const ESTIMATED_INDEX_BYTES = 2;
/** What a8m/kinesis-producer (producer.go, aggregator.go) compares with the limit of a Kinesis record. */
const A8M_BYTES_MAX = 1024 * 1024;
const A8M_ENTRY_BYTES = 8;
const A8M_FRAME_BYTES = AGGREGATE_MAGIC_BYTES + AGGREGATE_DIGEST_BYTES;

export interface AggregateWriterOptions {
  /** Of a whole aggregate, magic and digest included. */
  readonly maxBytes: number;
  readonly behaviour: Behaviour;
  readonly keys: KeyTable;
  readonly pool: KinesisRecordPool;
  /** {@link PipelineOptions.hasContents} */
  readonly hasContents: boolean;
}

/**
 * What is known of the keys in an open aggregate, from its second record on, or from its first explicit hash key: what one
 * record tells is found in the Kinesis record itself. Used for one aggregate after the other.
 */
export class AggregateKeys {
  /** The KPL's estimate of the size with two records or more: data, new keys, and a few bytes each. */
  estimate = 0;
  partitionKeys = 0;
  explicitHashKeys = 0;
  readonly dedupe = new KeyDedupe();
  /** Of the ids that it knows keys by. */
  generation = -1;

  begin(generation: number): void {
    this.estimate = 0;
    this.partitionKeys = 0;
    this.explicitHashKeys = 0;
    this.dedupe.clear();
    this.generation = generation;
  }

  /** Ids mean other keys once the table has forgotten them: then a key may stand in the aggregate's table twice. */
  follow(generation: number): void {
    if (this.generation === generation) return;
    this.dedupe.clear();
    this.generation = generation;
  }
}

/**
 * Writes aggregates, any number of them in turn. Until a Kinesis record is sealed, its `dataEnd` is the size so far, magic
 * included, digest not, and its key is its first user record's.
 */
export class AggregateWriter {
  readonly #keys: KeyTable;
  readonly #pool: KinesisRecordPool;
  readonly #behaviour: Behaviour;
  readonly #maxBytes: number;
  readonly #hasContents: boolean;

  constructor(options: AggregateWriterOptions) {
    this.#keys = options.keys;
    this.#pool = options.pool;
    this.#behaviour = options.behaviour;
    this.#maxBytes = options.maxBytes;
    this.#hasContents = options.hasContents;
  }

  /** Opens an aggregate with its first record, whose key has no hash key of its own. */
  begin(keyId: number, payload: Uint8Array, start: number, length: number): KinesisRecord {
    if (!this.#hasContents) return this.#beginHollow(keyId, length);
    const record = this.#take();
    this.#makeRoom(record, keyId, length);
    let at = this.#writeKey(record, AGGREGATE_MAGIC_BYTES, keyId);
    this.#nameFirst(record, keyId);
    at = writeHead(record.bytes, at, 0, -1, length);
    this.#finish(record, payload, start, length, at);
    return record;
  }

  /** The same, with nothing but its sizes: most of the smallest never hold another, and then nobody asks for more. */
  #beginHollow(keyId: number, length: number): KinesisRecord {
    const keys = this.#keys;
    const record = this.#pool.takeHollow();
    const keyLength = keys.lengthOf(keyId);
    record.lacksBytes = true;
    record.keyBytes = keys.bytesOf(keyId);
    record.keyStart = keys.startOf(keyId);
    record.keyEnd = record.keyStart + keyLength;
    this.#nameFirst(record, keyId);
    const inner = innerBytes(0, -1, length);
    const keyFieldBytes = 1 + varintBytes(keyLength) + keyLength;
    record.dataEnd = AGGREGATE_MAGIC_BYTES + keyFieldBytes + 1 + varintBytes(inner) + inner;
    return record;
  }

  /** Writes what {@link #beginHollow} has left out. */
  #writeFirst(record: KinesisRecord): void {
    const { keyBytes, keyStart, keyEnd, payloadBytes } = record;
    const keyLength = keyEnd - keyStart;
    this.#pool.grow(record, Math.max(HOLLOW_BUFFER_BYTES, record.writtenEnd + TAIL_BYTES_MAX));
    const { bytes } = record;
    writeMagic(bytes);
    bytes[AGGREGATE_MAGIC_BYTES] = TAG_PARTITION_KEY;
    record.keyStart = writeVarint(bytes, AGGREGATE_MAGIC_BYTES + 1, keyLength);
    record.keyEnd = record.keyStart + keyLength;
    copyBytes(keyBytes, keyStart, keyEnd, bytes, record.keyStart);
    writeHead(bytes, record.keyEnd, 0, -1, payloadBytes);
    record.lacksBytes = false;
  }

  /** Opens an aggregate without a record in it. */
  beginEmpty(tables: AggregateKeys): KinesisRecord {
    tables.begin(this.#keys.generation);
    return this.#take();
  }

  /** What there is to know of an aggregate that {@link begin} has opened, and that has one record. */
  resume(record: KinesisRecord, tables: AggregateKeys): void {
    const keys = this.#keys;
    const keyLength = record.keyEnd - record.keyStart;
    tables.begin(keys.generation);
    tables.partitionKeys = 1;
    tables.estimate =
      record.payloadBytes + keyLength + 2 * ESTIMATED_FIELD_BYTES + ESTIMATED_INDEX_BYTES;
    if (record.keyGeneration === keys.generation) {
      tables.dedupe.add(keys.baseOf(record.keyId) * 2, 0);
    }
  }

  /** Whether the size has reached the limit: exactly, or by the KPL's estimate, which leaves a lone record unwrapped. */
  isFull(record: KinesisRecord, tables: AggregateKeys | null): boolean {
    switch (this.#behaviour.fills) {
      case 'exactly':
        return record.dataEnd + AGGREGATE_DIGEST_BYTES >= this.#maxBytes;
      case 'kplEstimate':
        return (
          (tables === null || record.count < 2 ? record.payloadBytes : tables.estimate) >=
          this.#maxBytes
        );
      default:
        return false;
    }
  }

  /** Whether one more record fits, by the exact size even if the profile only estimates when it must. */
  fits(
    record: KinesisRecord,
    tables: AggregateKeys,
    keyId: number,
    length: number,
    mustFit: boolean,
  ): boolean {
    const { fills } = this.#behaviour;
    if (fills === 'exactly' || mustFit) return this.#fitsExactly(record, tables, keyId, length);
    if (fills === 'kplEstimate') return true;
    const added = length + this.#keys.lengthOf(keyId) + A8M_ENTRY_BYTES + A8M_FRAME_BYTES;
    const keyLength = record.keyEnd - record.keyStart;
    const before = keyLength + record.payloadBytes + record.count * A8M_ENTRY_BYTES;
    return before + added <= A8M_BYTES_MAX;
  }

  /** Its new table entries and itself. */
  #fitsExactly(
    record: KinesisRecord,
    tables: AggregateKeys,
    keyId: number,
    length: number,
  ): boolean {
    const keys = this.#keys;
    const room = this.#maxBytes - AGGREGATE_DIGEST_BYTES - record.dataEnd;
    // Nearly always there is room for the largest that it can be, and nothing needs to be looked up.
    if (keys.lengthOf(keyId) + length + ENTRY_FRAME_BYTES_MAX <= room) return true;
    tables.follow(keys.generation);
    let added = 0;
    let keyIndex = this.#keyIndex(tables, keys.baseOf(keyId));
    if (keyIndex < 0) {
      keyIndex = tables.partitionKeys;
      const keyLength = keys.lengthOf(keyId);
      added += 1 + varintBytes(keyLength) + keyLength;
    }
    let inner = 1 + varintBytes(keyIndex) + 1 + varintBytes(length) + length;
    if (keys.isExplicit(keyId)) {
      let hashIndex = tables.dedupe.find(hashId(keys, keyId));
      if (hashIndex < 0) {
        hashIndex = tables.explicitHashKeys;
        const decimalLength = keys.decimalHashKey(keyId).length;
        added += 1 + varintBytes(decimalLength) + decimalLength;
      }
      inner += 1 + varintBytes(hashIndex);
    }
    added += 1 + varintBytes(inner) + inner;
    return added <= room;
  }

  /** Place of a key in the aggregate's table; -1 when it must be added. */
  #keyIndex(tables: AggregateKeys, baseId: number): number {
    if (!this.#behaviour.keepsEveryKey && tables.partitionKeys > 0) return 0;
    return tables.dedupe.find(baseId * 2);
  }

  /** Writes one user record behind the others. */
  append(
    record: KinesisRecord,
    tables: AggregateKeys,
    keyId: number,
    payload: Uint8Array,
    start: number,
    length: number,
  ): void {
    const keys = this.#keys;
    tables.follow(keys.generation);
    if (record.lacksBytes) this.#writeFirst(record);
    this.#makeRoom(record, keyId, length);
    let at = record.writtenEnd;
    const baseId = keys.baseOf(keyId);
    let keyIndex = this.#keyIndex(tables, baseId);
    tables.estimate += length + ESTIMATED_FIELD_BYTES + ESTIMATED_INDEX_BYTES;
    if (keyIndex < 0) {
      keyIndex = tables.partitionKeys++;
      tables.estimate += keys.lengthOf(keyId) + ESTIMATED_FIELD_BYTES;
      tables.dedupe.add(baseId * 2, keyIndex);
      at = this.#writeKey(record, at, keyId);
    }
    let hashIndex = -1;
    if (keys.isExplicit(keyId)) {
      hashIndex = tables.dedupe.find(hashId(keys, keyId));
      tables.estimate += ESTIMATED_INDEX_BYTES;
      if (hashIndex < 0) {
        hashIndex = tables.explicitHashKeys++;
        tables.dedupe.add(hashId(keys, keyId), hashIndex);
        const decimal = keys.decimalHashKey(keyId);
        tables.estimate += decimal.length + ESTIMATED_FIELD_BYTES;
        at = writeDecimal(record.bytes, at, decimal);
      }
    }
    if (record.count === 0) this.#nameFirst(record, keyId);
    at = writeHead(record.bytes, at, keyIndex, hashIndex, length);
    this.#finish(record, payload, start, length, at);
  }

  #take(): KinesisRecord {
    const record = this.#pool.take(this.#hasContents ? OPEN_BUFFER_BYTES : HOLLOW_BUFFER_BYTES);
    writeMagic(record.bytes);
    record.dataEnd = AGGREGATE_MAGIC_BYTES;
    record.isHollow = !this.#hasContents;
    return record;
  }

  #makeRoom(record: KinesisRecord, keyId: number, length: number): void {
    const keys = this.#keys;
    const used = record.writtenEnd;
    const frame = keys.isExplicit(keyId) ? ENTRY_FRAME_BYTES_MAX : PLAIN_FRAME_BYTES_MAX;
    const carried = this.#hasContents ? length : 0;
    const keyRoom = keys.lengthOf(keyId) + COPY_OVERRUN_BYTES;
    const needed = used + keyRoom + carried + frame + TAIL_BYTES_MAX;
    if (needed > record.bytes.length) {
      this.#pool.grow(record, Math.max(needed, record.bytes.length * 2));
    }
  }

  #writeKey(record: KinesisRecord, place: number, keyId: number): number {
    const keys = this.#keys;
    const { bytes } = record;
    const keyLength = keys.lengthOf(keyId);
    bytes[place] = TAG_PARTITION_KEY;
    const at = writeVarint(bytes, place + 1, keyLength);
    if (record.count === 0) {
      record.keyStart = at;
      record.keyEnd = at + keyLength;
    }
    keys.copyTo(keyId, bytes, at);
    return at + keyLength;
  }

  #nameFirst(record: KinesisRecord, keyId: number): void {
    const keys = this.#keys;
    record.keyId = keyId;
    record.keyGeneration = keys.generation;
    record.isExplicit = keys.isExplicit(keyId);
    record.lacksHash = true;
    if (record.isExplicit) hashOf(record, keys);
  }

  #finish(
    record: KinesisRecord,
    payload: Uint8Array,
    start: number,
    length: number,
    at: number,
  ): void {
    if (this.#hasContents) {
      copyBytes(payload, start, start + length, record.bytes, at);
      record.dataEnd = at + length;
    } else record.dataEnd = at + record.payloadBytes + length;
  }

  /** Finishes the data and the key. */
  seal(record: KinesisRecord): void {
    record.isAggregate = record.count > 1 || this.#behaviour.wrapsLoneRecords;
    if (record.lacksBytes && record.isAggregate) this.#writeFirst(record);
    if (!record.lacksBytes) record.keyBytes = record.bytes;
    if (!record.isAggregate) {
      record.dataStart = record.dataEnd - record.payloadBytes;
      return;
    }
    record.dataStart = 0;
    record.dataEnd += AGGREGATE_DIGEST_BYTES;
    // One that is too large is taken apart at once: its digest would be wasted.
    record.lacksDigest = this.#hasContents && !this.isOverfull(record);
  }

  /** Whether a sealed aggregate has become too large by the estimate that it was filled by. */
  isOverfull({ isAggregate, dataStart, dataEnd }: KinesisRecord): boolean {
    const isEstimated = isAggregate && this.#behaviour.fills === 'kplEstimate';
    return isEstimated && dataEnd - dataStart > this.#maxBytes;
  }
}

function writeMagic(bytes: Uint8Array): void {
  for (let i = 0; i < AGGREGATE_MAGIC_BYTES; i++) bytes[i] = AGGREGATE_MAGIC[i] as number;
}

/** What stands in a user record besides the length of it all. */
function innerBytes(keyIndex: number, hashIndex: number, length: number): number {
  const inner = 1 + varintBytes(keyIndex) + 1 + varintBytes(length) + length;
  return hashIndex >= 0 ? inner + 1 + varintBytes(hashIndex) : inner;
}

/** The head of a user record, before its data; `hashIndex` is -1 without an explicit hash key. */
function writeHead(
  bytes: Uint8Array,
  place: number,
  keyIndex: number,
  hashIndex: number,
  length: number,
): number {
  let at = place;
  bytes[at++] = TAG_RECORD;
  at = writeVarint(bytes, at, innerBytes(keyIndex, hashIndex, length));
  bytes[at++] = TAG_PARTITION_KEY_INDEX;
  at = writeVarint(bytes, at, keyIndex);
  if (hashIndex >= 0) {
    bytes[at++] = TAG_EXPLICIT_HASH_KEY_INDEX;
    at = writeVarint(bytes, at, hashIndex);
  }
  bytes[at++] = TAG_DATA;
  return writeVarint(bytes, at, length);
}

/** Names an explicit hash key among the keys of an aggregate, whose own numbers are even. */
const hashId = (keys: KeyTable, keyId: number): number => keys.firstWithHash(keyId) * 2 + 1;

function writeDecimal(bytes: Uint8Array, at: number, decimal: string): number {
  let place = at;
  bytes[place++] = TAG_EXPLICIT_HASH_KEY;
  place = writeVarint(bytes, place, decimal.length);
  for (let i = 0; i < decimal.length; i++) bytes[place++] = decimal.charCodeAt(i);
  return place;
}

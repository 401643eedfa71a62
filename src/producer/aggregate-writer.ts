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
import type { KeyTable } from '../kinesis/key-table.ts';
import { RANDOM_KEY_CHARACTERS } from './address.ts';
import { KeyDedupe } from './key-dedupe.ts';
import type { KinesisRecord, KinesisRecordPool } from './kinesis-record.ts';
import type { Behaviour } from './settings.ts';

const OPEN_BUFFER_BYTES = 1024;
/** Largest decimal text of a hash key, 2^128-1. */
const DECIMAL_CHARACTERS_MAX = 39;
/** Beside its key and payload a record adds at the most a decimal hash key, and seven tags with a number each. */
const ENTRY_FRAME_BYTES_MAX = DECIMAL_CHARACTERS_MAX + 7 * (1 + 5);
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

/** Fills one aggregate after the other. */
export class AggregateWriter {
  /** The record that is being filled; null between two. */
  record: KinesisRecord | null = null;
  readonly #keys: KeyTable;
  readonly #pool: KinesisRecordPool;
  readonly #behaviour: Behaviour;
  readonly #maxBytes: number;
  readonly #hasContents: boolean;
  /** Bytes written so far, magic included, digest not. */
  #used = 0;
  /** The KPL's estimate of the size with two records or more: data, new keys, and a few bytes each. */
  #estimate = 0;
  #partitionKeys = 0;
  #explicitHashKeys = 0;
  readonly #dedupe = new KeyDedupe();
  #keyGeneration = -1;
  /** Where the key of the first record lies, for a lone record and for containers that carry it. */
  #firstKeyStart = 0;
  #firstKeyLength = 0;

  constructor(options: AggregateWriterOptions) {
    this.#keys = options.keys;
    this.#pool = options.pool;
    this.#behaviour = options.behaviour;
    this.#maxBytes = options.maxBytes;
    this.#hasContents = options.hasContents;
  }

  /** Opens an aggregate; the one before must be sealed. */
  begin(): KinesisRecord {
    const record = this.#pool.take(OPEN_BUFFER_BYTES);
    record.bytes.set(AGGREGATE_MAGIC);
    this.record = record;
    this.#used = AGGREGATE_MAGIC_BYTES;
    this.#estimate = 0;
    this.#partitionKeys = 0;
    this.#explicitHashKeys = 0;
    this.#dedupe.clear();
    this.#keyGeneration = this.#keys.generation;
    return record;
  }

  /** Whether the size has reached the limit: exactly, or by the KPL's estimate, which leaves a lone record unwrapped. */
  isFull(record: KinesisRecord): boolean {
    switch (this.#behaviour.fills) {
      case 'exactly':
        return this.#used + AGGREGATE_DIGEST_BYTES >= this.#maxBytes;
      case 'kplEstimate':
        return (record.count < 2 ? record.payloadBytes : this.#estimate) >= this.#maxBytes;
      default:
        return false;
    }
  }

  /** Whether one more record fits, by the exact size even if the profile only estimates when it must. */
  fits(record: KinesisRecord, keyId: number, length: number, mustFit: boolean): boolean {
    const { fills } = this.#behaviour;
    if (fills === 'exactly' || mustFit) return this.#fitsExactly(keyId, length);
    if (fills === 'kplEstimate') return true;
    const added = length + (this.#keys.length[keyId] as number) + A8M_ENTRY_BYTES + A8M_FRAME_BYTES;
    const before = this.#firstKeyLength + record.payloadBytes + record.count * A8M_ENTRY_BYTES;
    return before + added <= A8M_BYTES_MAX;
  }

  /** Its new table entries and itself. */
  #fitsExactly(keyId: number, length: number): boolean {
    const keys = this.#keys;
    const room = this.#maxBytes - AGGREGATE_DIGEST_BYTES - this.#used;
    // Nearly always there is room for the largest that it can be, and nothing needs to be looked up.
    if ((keys.length[keyId] as number) + length + ENTRY_FRAME_BYTES_MAX <= room) return true;
    this.#followKeys();
    let added = 0;
    let keyIndex = this.#keyIndex(keys.base[keyId] as number);
    if (keyIndex < 0) {
      keyIndex = this.#partitionKeys;
      const keyLength = keys.length[keyId] as number;
      added += 1 + varintBytes(keyLength) + keyLength;
    }
    let inner = 1 + varintBytes(keyIndex) + 1 + varintBytes(length) + length;
    if (keys.isExplicit[keyId] === 1) {
      let hashIndex = this.#dedupe.find(hashId(keys, keyId));
      if (hashIndex < 0) {
        hashIndex = this.#explicitHashKeys;
        const decimalLength = keys.decimalHashKey(keyId).length;
        added += 1 + varintBytes(decimalLength) + decimalLength;
      }
      inner += 1 + varintBytes(hashIndex);
    }
    added += 1 + varintBytes(inner) + inner;
    return added <= room;
  }

  /** Place of a key in the aggregate's table; -1 when it must be added. */
  #keyIndex(baseId: number): number {
    if (!this.#behaviour.keepsEveryKey && this.#partitionKeys > 0) return 0;
    return this.#dedupe.find(baseId * 2);
  }

  /** Writes one user record behind the others. */
  append(
    record: KinesisRecord,
    keyId: number,
    payload: Uint8Array,
    start: number,
    length: number,
  ): void {
    this.#followKeys();
    const keys = this.#keys;
    const keyLength = keys.length[keyId] as number;
    const isExplicit = keys.isExplicit[keyId] === 1;
    const needed = this.#used + keyLength + length + ENTRY_FRAME_BYTES_MAX + TAIL_BYTES_MAX;
    if (needed > record.bytes.length) {
      this.#pool.grow(record, Math.max(needed, record.bytes.length * 2), this.#used);
    }
    const bytes = record.bytes;
    let at = this.#used;
    const baseId = keys.base[keyId] as number;
    let keyIndex = this.#keyIndex(baseId);
    this.#estimate += length + ESTIMATED_FIELD_BYTES + ESTIMATED_INDEX_BYTES;
    if (keyIndex < 0) {
      keyIndex = this.#partitionKeys++;
      this.#estimate += keyLength + ESTIMATED_FIELD_BYTES;
      this.#dedupe.add(baseId * 2, keyIndex);
      bytes[at++] = TAG_PARTITION_KEY;
      at = writeVarint(bytes, at, keyLength);
      if (record.count === 0) {
        this.#firstKeyStart = at;
        this.#firstKeyLength = keyLength;
      }
      keys.copyTo(keyId, bytes, at);
      at += keyLength;
    }
    let hashIndex = -1;
    if (isExplicit) {
      hashIndex = this.#dedupe.find(hashId(keys, keyId));
      this.#estimate += ESTIMATED_INDEX_BYTES;
      if (hashIndex < 0) {
        hashIndex = this.#explicitHashKeys++;
        this.#dedupe.add(hashId(keys, keyId), hashIndex);
        const decimal = keys.decimalHashKey(keyId);
        this.#estimate += decimal.length + ESTIMATED_FIELD_BYTES;
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
    this.#used = at + length;
  }

  /** Finishes the data and the place of its first key; the writer is free for the next. */
  seal(record: KinesisRecord): KinesisRecord {
    this.record = null;
    record.isAggregate = record.count > 1 || this.#behaviour.wrapsLoneRecords;
    record.keyBytes = record.bytes;
    record.keyStart = this.#firstKeyStart;
    record.keyEnd = this.#firstKeyStart + this.#firstKeyLength;
    if (!record.isAggregate) {
      record.dataEnd = this.#used;
      record.dataStart = this.#used - record.payloadBytes;
      return record;
    }
    record.dataStart = 0;
    record.dataEnd = this.#used + AGGREGATE_DIGEST_BYTES;
    // One that is too large is taken apart at once: its digest would be wasted.
    record.lacksDigest = this.#hasContents && !this.isOverfull(record);
    return record;
  }

  /** Whether a sealed aggregate has become too large by the estimate that it was filled by. */
  isOverfull({ isAggregate, dataStart, dataEnd }: KinesisRecord): boolean {
    const isEstimated = isAggregate && this.#behaviour.fills === 'kplEstimate';
    return isEstimated && dataEnd - dataStart > this.#maxBytes;
  }

  /** Ids mean other keys once the table has forgotten them: then a key may stand in the aggregate's table twice. */
  #followKeys(): void {
    if (this.#keyGeneration === this.#keys.generation) return;
    this.#dedupe.clear();
    this.#keyGeneration = this.#keys.generation;
  }
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

// HOT PATH where records are not aggregated: no allocation for each record.
import { copyBytes } from '../core/byte-buffer.ts';
import {
  CBOR_ENTRY_FRAME_BYTES_MAX,
  writeEntryHead,
  writeHashKey,
  writeKeyHead,
} from '../kinesis/cbor-entry.ts';
import { COPY_OVERRUN_BYTES, type KeyTable } from '../kinesis/key-table.ts';
import { sendsHashKey } from './address.ts';
import { hashOf, type KinesisRecord, type KinesisRecordPool } from './kinesis-record.ts';
import type { Behaviour, ContainerKey, ProducerSettings } from './settings.ts';
import { SLAB_RECORD_BYTES_MAX } from './slabs.ts';

export interface LoneRecordsOptions {
  readonly settings: ProducerSettings;
  readonly behaviour: Behaviour;
  readonly containerKey: ContainerKey;
  readonly keys: KeyTable;
  readonly pool: KinesisRecordPool;
  readonly hasContents: boolean;
}

/**
 * Makes the Kinesis records of one user record each. Its data and key are put in place once, as an entry of a CBOR body:
 * such entries are copied into a call many at a time. Small ones that nothing keeps waiting lie together in slabs.
 */
export class LoneRecords {
  readonly #options: LoneRecordsOptions;
  readonly #usesSlabs: boolean;

  constructor(options: LoneRecordsOptions) {
    const { aggregation, ordered } = options.settings;
    this.#options = options;
    // Beside aggregates they are few and leave by themselves; in order they may wait for long.
    this.#usesSlabs = !aggregation.enabled && !ordered;
  }

  /** @param payload the record's data is `payload[start, start + length)` */
  make(keyId: number, payload: Uint8Array, start: number, length: number): KinesisRecord {
    const { keys, settings, behaviour, containerKey, hasContents } = this.#options;
    const isExplicit = keys.isExplicit(keyId);
    const hashKey = sendsHashKey(behaviour, containerKey, false, isExplicit)
      ? keys.decimalHashKey(keyId)
      : '';
    const record = hasContents
      ? this.#frame(keyId, payload, start, length, hashKey)
      : this.#hollow(keyId, length);
    record.explicitHashKey = hashKey;
    record.keyId = keyId;
    record.keyGeneration = keys.generation;
    record.count = 1;
    record.payloadBytes = length;
    record.isExplicit = isExplicit;
    record.lacksHash = true;
    if (isExplicit || settings.ordered) hashOf(record, keys);
    return record;
  }

  /** A record with its key and data in place. */
  #frame(
    keyId: number,
    payload: Uint8Array,
    start: number,
    length: number,
    hashKey: string,
  ): KinesisRecord {
    const { keys, pool } = this.#options;
    const keyLength = keys.lengthOf(keyId);
    const keyRoom = keyLength + COPY_OVERRUN_BYTES;
    const bytesMax = CBOR_ENTRY_FRAME_BYTES_MAX + length + keyRoom + hashKey.length;
    const isSmall = bytesMax <= SLAB_RECORD_BYTES_MAX;
    const record = this.#usesSlabs && isSmall ? pool.takeInSlab(bytesMax) : pool.take(bytesMax);
    const { bytes } = record;
    const dataStart = writeEntryHead(bytes, record.frameStart, hashKey, length);
    const dataEnd = dataStart + length;
    copyBytes(payload, start, start + length, bytes, dataStart);
    const keyStart = writeKeyHead(bytes, dataEnd, keyLength);
    const keyEnd = keyStart + keyLength;
    keys.copyTo(keyId, bytes, keyStart);
    const frameEnd = writeHashKey(bytes, keyEnd, hashKey);
    if (record.slab !== null) record.slab.used = frameEnd;
    record.frameEnd = frameEnd;
    record.keyBytes = bytes;
    record.keyStart = keyStart;
    record.keyEnd = keyEnd;
    record.dataStart = dataStart;
    record.dataEnd = dataEnd;
    return record;
  }

  /** A record with its key, where the table has it, and nothing of its data but the size. */
  #hollow(keyId: number, length: number): KinesisRecord {
    const { keys, pool } = this.#options;
    const record = pool.takeHollow();
    record.keyBytes = keys.bytesOf(keyId);
    record.keyStart = keys.startOf(keyId);
    record.keyEnd = record.keyStart + keys.lengthOf(keyId);
    record.dataEnd = length;
    return record;
  }
}

import { type HashKeyWords, hashPartitionKey } from '../kinesis/hash-key.ts';
import type { KeyTable } from '../kinesis/key-table.ts';
import type { PutRecordsEntry } from '../kinesis/put-records.ts';
import { type Slab, Slabs } from './slabs.ts';

/** Why a Kinesis record was closed; index into the summary's `closedBy`. */
export const CLOSE_REASONS = ['count', 'size', 'time', 'flush'] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

/**
 * A Kinesis record from the moment it is opened until it is settled: one user record, or an aggregate of many. Reused:
 * nothing keeps a reference past {@link KinesisRecordPool.release}.
 */
export class KinesisRecord implements PutRecordsEntry {
  /** Owned while in use, or its slab's; data and, for a lone user record, its key lie in it. */
  bytes: Uint8Array = EMPTY;
  dataStart = 0;
  dataEnd = 0;
  keyBytes: Uint8Array = EMPTY;
  keyStart = 0;
  keyEnd = 0;
  explicitHashKey = '';
  frameStart = 0;
  frameEnd = 0;
  /** Whose bytes these are; null when they are its own. */
  slab: Slab | null = null;
  /** Of the key that it carries, which is its first user record's while it is open. */
  keyId = -1;
  keyGeneration = -1;

  /** Number of the shard it is expected in; -1 when the shard map could not tell. */
  predictedShard = -1;
  /** Whether {@link hash} is still to be filled in ({@link hashOf}): few records are ever asked for it. */
  lacksHash = false;
  /** Hash key of its first user record, four words; none before {@link hashOf} was asked. */
  hash: HashKeyWords = NO_HASH;
  /** Whether that was given by the caller. */
  isExplicit = false;
  /** User records: a chain of slots in UserRecords. */
  firstSlot = -1;
  lastSlot = -1;
  count = 0;
  /** Whether the data blob is an aggregate; false for a lone user record, which travels raw. */
  isAggregate = false;
  /** Whether payloads only count: keys and frames are in `bytes`, and places past them are sizes. */
  isHollow = false;
  /** Whether not even keys and frames are there yet: it has one user record, whose key lies in the key table. */
  lacksBytes = false;
  /** An aggregate whose digest is still to be written, before it is first sent. */
  lacksDigest = false;
  /** Payload and key bytes of its user records, and their overhead: what settling gives back to the buffer. */
  bufferedBytes = 0;
  /** Sum of the payload bytes of its user records. */
  payloadBytes = 0;
  /** When it should leave the collector, and when it must be given up: the earliest of its user records. */
  deadlineUs = 0;
  expirationUs = 0;
  /** Attempts of this very Kinesis record that have ended. */
  attempts = 0;
  /** Its user records that were never sent before: none of them means that the whole record is a retry. */
  freshCount = 0;
  /** Start of the latest attempt that was settled by itself, not with a whole call in which all went well. */
  sentUs = 0;
  /** Whether it shares no call: the one before, with others in it, was refused as invalid. */
  goesAlone = false;
  /** Its lane while it holds one (lanes.ts); -1 otherwise. */
  lane = -1;
  /** The map is invalidated at most once for each record. */
  hasInvalidatedMap = false;

  /** Where in `bytes` an aggregate's data ends, its digest included once it is sealed. */
  get writtenEnd(): number {
    return this.isHollow ? this.dataEnd - this.payloadBytes : this.dataEnd;
  }

  /** Data and partition key: what counts against the service's byte limits. */
  get wireBytes(): number {
    return this.dataEnd - this.dataStart + this.keyEnd - this.keyStart;
  }
}

const EMPTY = new Uint8Array(0);
const NO_HASH: HashKeyWords = new Uint32Array(0);

/** The hash key of a record's first user record; one that was given is filled in when the record is made. */
export function hashOf(record: KinesisRecord, keys: KeyTable): HashKeyWords {
  if (!record.lacksHash) return record.hash;
  record.lacksHash = false;
  if (record.hash === NO_HASH) record.hash = new Uint32Array(4);
  const { hash, keyId } = record;
  if (record.keyGeneration === keys.generation) {
    keys.copyHashTo(keyId, hash);
  } else {
    hashPartitionKey(record.keyBytes.subarray(record.keyStart, record.keyEnd), hash);
  }
  return hash;
}

const CLASS_BITS_MIN = 7;
/** A free record keeps a buffer as small as this. */
const OWN_BYTES_MAX = 2 ** CLASS_BITS_MIN;
const CLASS_BITS_MAX = 25;

/** Buffers by powers of two, so that they can be used again; keeps at most `keptBytesMax`. */
export class BufferPool {
  readonly #classes: Uint8Array[][] = [];
  readonly #keptBytesMax: number;
  #keptBytes = 0;

  constructor(keptBytesMax: number) {
    this.#keptBytesMax = keptBytesMax;
    for (let bits = 0; bits <= CLASS_BITS_MAX; bits++) this.#classes.push([]);
  }

  /** A buffer of at least `bytes`, with whatever it held before. */
  take(bytes: number): Uint8Array {
    const bits = Math.max(CLASS_BITS_MIN, 32 - Math.clz32(bytes - 1));
    const kept = this.#classes[bits]?.pop();
    if (kept === undefined) return new Uint8Array(2 ** bits);
    this.#keptBytes -= kept.length;
    return kept;
  }

  give(buffer: Uint8Array): void {
    if (buffer.length === 0 || this.#keptBytes + buffer.length > this.#keptBytesMax) return;
    this.#keptBytes += buffer.length;
    this.#classes[31 - Math.clz32(buffer.length)]?.push(buffer);
  }
}

/** Kinesis records and their buffers, for use again. */
export class KinesisRecordPool {
  readonly #free: KinesisRecord[] = [];
  readonly #slabs = new Slabs();
  readonly buffers: BufferPool;

  constructor(keptBytesMax: number) {
    this.buffers = new BufferPool(keptBytesMax);
  }

  /** An empty record with a buffer of at least `bytes`. */
  take(bytes: number): KinesisRecord {
    const record = this.#empty();
    const { length } = record.bytes;
    if (length >= bytes && length > 0) return record;
    this.buffers.give(record.bytes);
    record.bytes = this.buffers.take(bytes);
    return record;
  }

  /** An empty record that carries nothing in a buffer of its own. */
  takeHollow(): KinesisRecord {
    const record = this.#empty();
    record.isHollow = true;
    return record;
  }

  /**
   * An empty record with at least `bytes` of a slab from its `frameStart` on. Whoever frames it there sets its
   * `frameEnd`, and the slab's `used`, before the next is taken.
   */
  takeInSlab(bytes: number): KinesisRecord {
    const record = this.#empty();
    const slab = this.#slabs.enter(bytes);
    this.buffers.give(record.bytes);
    record.slab = slab;
    record.bytes = slab.bytes;
    record.frameStart = slab.used;
    return record;
  }

  /** Moves a record out of its slab, because it will stay for long. */
  own(record: KinesisRecord): void {
    const { slab, frameStart, frameEnd } = record;
    if (slab === null) return;
    const bytes = this.buffers.take(frameEnd - frameStart);
    bytes.set(slab.bytes.subarray(frameStart, frameEnd));
    record.bytes = bytes;
    record.keyBytes = bytes;
    record.keyStart -= frameStart;
    record.keyEnd -= frameStart;
    record.dataStart -= frameStart;
    record.dataEnd -= frameStart;
    record.frameStart = 0;
    record.frameEnd = frameEnd - frameStart;
    record.slab = null;
    this.#slabs.leave(slab);
  }

  #empty(): KinesisRecord {
    const record = this.#free.pop() ?? new KinesisRecord();
    record.dataStart = 0;
    record.dataEnd = 0;
    record.frameStart = 0;
    record.frameEnd = 0;
    record.explicitHashKey = '';
    record.keyId = -1;
    record.keyGeneration = -1;
    record.isExplicit = false;
    record.lacksHash = false;
    record.predictedShard = -1;
    record.firstSlot = -1;
    record.lastSlot = -1;
    record.count = 0;
    record.isAggregate = false;
    record.isHollow = false;
    record.lacksBytes = false;
    record.lacksDigest = false;
    record.bufferedBytes = 0;
    record.payloadBytes = 0;
    record.deadlineUs = Number.POSITIVE_INFINITY;
    record.expirationUs = Number.POSITIVE_INFINITY;
    record.attempts = 0;
    record.freshCount = 0;
    record.sentUs = 0;
    record.goesAlone = false;
    record.lane = -1;
    record.hasInvalidatedMap = false;
    return record;
  }

  /** Widens the record's buffer to at least `bytes`, which are more than it has. */
  grow(record: KinesisRecord, bytes: number): void {
    const wider = this.buffers.take(bytes);
    // It is nearly full: a view of what is used would cost more than the rest.
    wider.set(record.bytes);
    this.buffers.give(record.bytes);
    record.bytes = wider;
  }

  release(record: KinesisRecord): void {
    if (record.slab !== null) {
      this.#slabs.leave(record.slab);
      record.slab = null;
      record.bytes = EMPTY;
    } else if (record.bytes.length > OWN_BYTES_MAX) {
      this.buffers.give(record.bytes);
      record.bytes = EMPTY;
    }
    record.keyBytes = EMPTY;
    if (this.#free.length < FREE_RECORDS_MAX) this.#free.push(record);
  }
}

/** Free records kept; past it the garbage collector has them. */
const FREE_RECORDS_MAX = 65_536;

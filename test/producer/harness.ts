import { createHash } from 'node:crypto';
import { RecordBlock } from '../../src/core/record-block.ts';
import { VirtualClock } from '../../src/core/virtual-clock.ts';
import { hashKeyWords } from '../../src/kinesis/hash-key.ts';
import { KeyTable } from '../../src/kinesis/key-table.ts';
import type { PutRecordsRequest, Transport } from '../../src/kinesis/put-records.ts';
import type { Shard } from '../../src/kinesis/shard.ts';
import { shardId } from '../../src/kinesis/shard.ts';
import { Pipeline } from '../../src/producer/pipeline.ts';
import type { PipelineObserver } from '../../src/producer/pipeline-options.ts';
import type { ProducerSettings } from '../../src/producer/settings.ts';
import { ShardMap } from '../../src/producer/shard-map.ts';

export const SETTINGS: ProducerSettings = {
  profile: 'shardstorm',
  aggregation: { enabled: true, maxCount: 4294967295, maxBytes: 51200 },
  collection: { maxCount: 500, maxBytes: 5 * 1024 * 1024, maxShardBytes: 256 * 1024 },
  maxBufferedTimeUs: 100_000,
  recordTtlUs: 30_000_000,
  rateLimit: { fraction: 1.5 },
  maxConnections: 24,
  failIfThrottled: false,
  maxBufferedBytes: 64 * 1024 * 1024,
  maxAttempts: Number.POSITIVE_INFINITY,
  aggregateBy: 'shard',
  containerKey: null,
  ordered: false,
};

/** Even shards over the hash space. */
export function evenShards(count: number, firstNumber = 0): Shard[] {
  const width = (1n << 128n) / BigInt(count);
  return Array.from({ length: count }, (_, i) => ({
    id: shardId(firstNumber + i),
    number: firstNumber + i,
    startingHashKey: BigInt(i) * width,
    endingHashKey: i === count - 1 ? (1n << 128n) - 1n : BigInt(i + 1) * width - 1n,
    parentNumber: null,
    adjacentParentNumber: null,
    isOpen: true,
  }));
}

export function hashOf(key: string): bigint {
  return BigInt(`0x${createHash('md5').update(key).digest('hex')}`);
}

/** What a reader of the stream sees: an independent, slow reader of the format, written from its description. */
export interface SeenRecord {
  key: string;
  explicitHashKey: string | null;
  data: string;
}

function readUserRecords(data: Uint8Array, partitionKey: string): SeenRecord[] {
  const bytes = Buffer.from(data);
  const raw = [{ key: partitionKey, explicitHashKey: null, data: bytes.toString('latin1') }];
  if (bytes.length < 20 || bytes.readUInt32BE(0) !== 0xf3899ac2) return raw;
  const body = bytes.subarray(4, -16);
  if (!createHash('md5').update(body).digest().equals(bytes.subarray(-16))) return raw;
  const fields = readMessage(body);
  const keys = fields.filter((field) => field.number === 1).map((field) => field.bytes.toString());
  const hashes = fields
    .filter((field) => field.number === 2)
    .map((field) => field.bytes.toString());
  return fields
    .filter((field) => field.number === 3)
    .map((field) => {
      const inner = readMessage(field.bytes);
      const at = (number: number) => inner.find((found) => found.number === number);
      const hashIndex = at(2)?.value;
      return {
        key: keys[at(1)?.value ?? -1] ?? 'NO KEY',
        explicitHashKey: hashIndex === undefined ? null : (hashes[hashIndex] ?? 'NO HASH KEY'),
        data: at(3)?.bytes.toString('latin1') ?? 'NO DATA',
      };
    });
}

function readMessage(bytes: Buffer): { number: number; value: number; bytes: Buffer }[] {
  const fields = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('cut off');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    if ((tag & 7) === 0) fields.push({ number: tag >> 3, value: varint(), bytes: Buffer.alloc(0) });
    else {
      const length = varint();
      fields.push({ number: tag >> 3, value: 0, bytes: bytes.subarray(at, at + length) });
      at += length;
    }
  }
  return fields;
}

export interface SentEntry {
  data: Buffer;
  key: string;
  explicitHashKey: string;
  records: SeenRecord[];
}

/** A copy of what a request holds, made when it is sent. */
function entriesOf(request: PutRecordsRequest): SentEntry[] {
  return request.entries.slice(0, request.entryCount).map((entry) => {
    const data = Buffer.from(entry.bytes.subarray(entry.dataStart, entry.dataEnd));
    const key = Buffer.from(entry.keyBytes.subarray(entry.keyStart, entry.keyEnd)).toString();
    return {
      data,
      key,
      explicitHashKey: entry.explicitHashKey,
      records: readUserRecords(data, key),
    };
  });
}

/** Answers a request some virtual time later; `answer` fills in the answer. */
export class ScriptedTransport implements Transport {
  bodyCopies = 0;
  readonly requests: SentEntry[][] = [];
  readonly #clock: VirtualClock;
  readonly #delayUs: () => number;
  readonly #answer: (request: PutRecordsRequest, entries: SentEntry[]) => void;

  constructor(
    clock: VirtualClock,
    delayUs: () => number,
    answer: (request: PutRecordsRequest, entries: SentEntry[]) => void,
  ) {
    this.#clock = clock;
    this.#delayUs = delayUs;
    this.#answer = answer;
  }

  send(request: PutRecordsRequest, done: () => void): void {
    const entries = entriesOf(request);
    this.requests.push(entries);
    this.#clock.setTimer(this.#clock.nowUs() + this.#delayUs(), () => {
      this.#answer(request, entries);
      done();
    });
  }

  async close(): Promise<void> {}
}

/** Accepts every entry in the shard that its hash key belongs to. */
export function acceptAll(shards: () => readonly Shard[]) {
  return (request: PutRecordsRequest, entries: SentEntry[]): void => {
    request.answer.status = 'answered';
    request.answer.resultCount = entries.length;
    entries.forEach((entry, i) => {
      request.answer.acceptEntry(i, shardFor(shards(), entry));
    });
  };
}

export function shardFor(shards: readonly Shard[], entry: SentEntry): number {
  const hash = entry.explicitHashKey === '' ? hashOf(entry.key) : BigInt(entry.explicitHashKey);
  const shard = shards.find((s) => s.startingHashKey <= hash && hash <= s.endingHashKey);
  if (shard === undefined) throw new Error('no shard holds the hash key');
  return shard.number;
}

export interface PutRecord {
  readonly key: string;
  readonly data: string | Uint8Array;
  readonly hashKey?: bigint | null;
}

/** The hash key that a reader takes for a user record. */
export function hashOfSeen(record: SeenRecord): bigint {
  return record.explicitHashKey === null ? hashOf(record.key) : BigInt(record.explicitHashKey);
}

export interface Settled {
  tag: number;
  outcome: 'accepted' | 'failed' | 'expired';
  code: string;
  dueUs: number;
  attempts: number;
  atUs: number;
}

/** A pipeline in virtual time, with everything it tells written down. */
export class Harness {
  readonly clock = new VirtualClock();
  readonly keys: KeyTable;
  readonly settled: Settled[] = [];
  readonly closed: { count: number; reason: string; bytes: number; isFresh: boolean }[] = [];
  readonly attempts: { outcome: string; code: string; shard: number }[] = [];
  readonly pipeline: Pipeline;
  readonly shardMap: ShardMap;
  rooms = 0;
  /** Listings that fail before the next succeeds. */
  listingFailures = 0;
  shards: readonly Shard[];
  /** Where the stream stores, when the listing is behind. */
  stored: readonly Shard[] | null = null;
  listings = 0;
  #sequence = 0;

  constructor(options: {
    settings?: Partial<ProducerSettings>;
    shards?: readonly Shard[];
    transport: (harness: Harness) => Transport;
    keyCapacity?: number;
    hasContents?: boolean;
    random?: () => number;
    observer?: Partial<PipelineObserver>;
  }) {
    this.shards = options.shards ?? evenShards(4);
    this.keys = new KeyTable(options.keyCapacity ?? 1 << 16, undefined, options.hasContents);
    this.shardMap = new ShardMap({
      streamName: 'test',
      keys: this.keys,
      clock: this.clock,
      listOpenShards: (_stream, done) => {
        this.listings++;
        this.clock.setTimer(this.clock.nowUs() + 1000, () => {
          if (this.listingFailures-- > 0) done(null, 'LimitExceededException', '');
          else done(this.shards, '', '');
        });
      },
      onUpdate: () => this.pipeline.mapChanged(),
      onError: () => this.pipeline.mapChanged(),
    });
    const observer: PipelineObserver = {
      closed: (record, reason) => {
        this.closed.push({
          count: record.count,
          reason,
          bytes: record.dataEnd - record.dataStart,
          isFresh: record.freshCount > 0,
        });
      },
      requestEnded: () => {},
      attempted: (_record, outcome, code, shard) => {
        this.attempts.push({ outcome, code, shard });
      },
      accepted: (record) => {
        const { next } = this.pipeline.records;
        for (let slot = record.firstSlot; slot >= 0; slot = next[slot] as number) {
          this.#note(slot, 'accepted', '');
        }
      },
      givenUp: (slot, outcome, code) => this.#note(slot, outcome, code),
      ...options.observer,
    };
    this.pipeline = new Pipeline({
      streamName: 'test',
      settings: { ...SETTINGS, ...options.settings },
      keys: this.keys,
      shardMap: this.shardMap,
      transport: options.transport(this),
      hasContents: options.hasContents ?? true,
      clock: this.clock,
      observer,
      random: options.random ?? (() => 0.5),
      wantsSequenceNumbers: false,
      onRoom: () => {
        this.rooms++;
      },
    });
  }

  /** Fetches the shard map, as a worker does before it starts. */
  ready(): this {
    this.shardMap.start();
    this.clock.runUntil(this.clock.nowUs() + 2000);
    return this;
  }

  /** Puts records now; returns how many were taken. */
  put(records: readonly PutRecord[]): number {
    const block = new RecordBlock(Math.max(1, records.length));
    this.keys.makeRoom(records.length * 2);
    for (const { key, data, hashKey } of records) {
      const i = block.count++;
      const payload = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
      block.keyId[i] = this.#intern(key, hashKey ?? null);
      block.dueUs[i] = this.clock.nowUs();
      block.sequence[i] = this.#sequence++;
      block.payloadStart[i] = block.payloads.length;
      block.payloadLength[i] = payload.length;
      block.payloads.append(payload);
    }
    const taken = this.pipeline.put(block, 0, block.count, this.clock.nowUs());
    this.#sequence -= records.length - taken;
    return taken;
  }

  /** Flushes and runs until nothing is outstanding, at most an hour of virtual time. */
  drain(): this {
    this.pipeline.drain();
    const endUs = this.clock.nowUs() + 3_600_000_000;
    while (this.pipeline.outstanding > 0 && this.clock.nowUs() < endUs) {
      this.clock.runUntil(this.clock.nowUs() + 10_000);
    }
    return this;
  }

  #interned = new Map<string, number>();
  #generation = -1;

  #intern(key: string, hashKey: bigint | null): number {
    if (this.#generation !== this.keys.generation) {
      this.#interned.clear();
      this.#generation = this.keys.generation;
    }
    const name = `${hashKey}/${key}`;
    let id = this.#interned.get(name);
    if (id === undefined) {
      id =
        hashKey === null
          ? this.keys.add(Buffer.from(key))
          : this.keys.addExplicit(this.#intern(key, null), hashKeyWords(hashKey));
      this.#interned.set(name, id);
    }
    return id;
  }

  #note(slot: number, outcome: Settled['outcome'], code: string): void {
    const { tag, dueUs, attempts } = this.pipeline.records;
    this.settled.push({
      tag: tag[slot] as number,
      outcome,
      code,
      dueUs: dueUs[slot] as number,
      attempts: attempts[slot] as number,
      atUs: this.clock.nowUs(),
    });
  }
}

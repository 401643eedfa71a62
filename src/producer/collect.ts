/**
 * Kinesis records → collections, one PutRecords call each. In: records that may be sent. Out: closed collections, by
 * callback. Invariants: never more than the count or the bytes of one call; no shard gets more than its burst in one.
 */
import type { KinesisRecord } from './kinesis-record.ts';
import type { ProducerSettings } from './settings.ts';

export class Collection {
  readonly records: KinesisRecord[] = [];
  count = 0;
  /** Data and partition keys. */
  bytes = 0;
  deadlineUs = Number.POSITIVE_INFINITY;

  clear(): void {
    this.records.length = 0;
    this.count = 0;
    this.bytes = 0;
    this.deadlineUs = Number.POSITIVE_INFINITY;
  }
}

export class Collector {
  readonly #limits: ProducerSettings['collection'];
  readonly #extraUs: number;
  readonly #take: () => Collection;
  readonly #onClosed: (collection: Collection) => void;
  #open: Collection;
  /** Bytes of the open collection by shard number, valid where the mark is the current one. */
  #shardBytes = new Float64Array(64);
  #shardMarks = new Uint32Array(64);
  #mark = 1;

  /**
   * @param extraUs how long a record may wait here beyond its deadline, so that aggregates of one moment meet
   * @param take gives an empty collection, used again after its call
   */
  constructor(
    limits: ProducerSettings['collection'],
    extraUs: number,
    take: () => Collection,
    onClosed: (collection: Collection) => void,
  ) {
    this.#limits = limits;
    this.#extraUs = extraUs;
    this.#take = take;
    this.#onClosed = onClosed;
    this.#open = take();
  }

  /** When the open collection must be closed by time; Infinity when it is empty. */
  get nextUs(): number {
    return this.#open.deadlineUs;
  }

  get openCount(): number {
    return this.#open.count;
  }

  put(record: KinesisRecord, nowUs: number): void {
    const bytes = record.wireBytes;
    if (this.#open.count > 0 && this.#open.bytes + bytes > this.#limits.maxBytes) this.#close();
    const open = this.#open;
    open.records.push(record);
    open.count++;
    open.bytes += bytes;
    const deadlineUs = Math.max(record.deadlineUs, nowUs + this.#extraUs);
    if (deadlineUs < open.deadlineUs) open.deadlineUs = deadlineUs;
    const shardBytes = this.#addShardBytes(record.predictedShard, bytes);
    if (
      open.count >= this.#limits.maxCount ||
      open.bytes >= this.#limits.maxBytes ||
      shardBytes >= this.#limits.maxShardBytes
    ) {
      this.#close();
    }
  }

  /** Closes the open collection if its deadline has come. */
  closeDue(nowUs: number): void {
    if (this.#open.count > 0 && this.#open.deadlineUs <= nowUs) this.#close();
  }

  flush(): void {
    if (this.#open.count > 0) this.#close();
  }

  /** Takes out the records of the open collection. */
  takeAll(take: (record: KinesisRecord) => void): void {
    for (const record of this.#open.records) take(record);
    this.#open.clear();
    this.#mark++;
  }

  #close(): void {
    const closed = this.#open;
    this.#open = this.#take();
    this.#mark++;
    this.#onClosed(closed);
  }

  #addShardBytes(shard: number, bytes: number): number {
    if (shard < 0) return 0;
    if (shard >= this.#shardBytes.length) this.#widen(shard);
    const before = this.#shardMarks[shard] === this.#mark ? (this.#shardBytes[shard] as number) : 0;
    this.#shardMarks[shard] = this.#mark;
    this.#shardBytes[shard] = before + bytes;
    return before + bytes;
  }

  #widen(shard: number): void {
    const capacity = Math.max(shard + 1, this.#shardBytes.length * 2);
    const bytes = new Float64Array(capacity);
    bytes.set(this.#shardBytes);
    this.#shardBytes = bytes;
    const marks = new Uint32Array(capacity);
    marks.set(this.#shardMarks);
    this.#shardMarks = marks;
  }
}

import type { RecordBlock } from '../core/record-block.ts';
import type { KeyTable } from '../kinesis/key-table.ts';
import type { Transport } from '../kinesis/put-records.ts';
import type { Aggregator } from './aggregate.ts';
import type { Held } from './held.ts';
import type { KinesisRecord, KinesisRecordPool } from './kinesis-record.ts';
import { LoneRecords } from './lone.ts';
import type { Room } from './room.ts';
import {
  type Behaviour,
  type ContainerKey,
  LONE_OVERHEAD_BYTES,
  type ProducerSettings,
} from './settings.ts';
import type { ShardMap } from './shard-map.ts';
import type { FoundRecord } from './split.ts';
import type { UserRecords } from './user-records.ts';

export interface RouterOptions {
  readonly settings: ProducerSettings;
  readonly behaviour: Behaviour;
  readonly containerKey: ContainerKey;
  readonly keys: KeyTable;
  readonly shardMap: ShardMap;
  readonly records: UserRecords;
  readonly held: Held;
  readonly pool: KinesisRecordPool;
  readonly aggregator: Aggregator;
  /** Says how often records lie in memory once more while they are under way. */
  readonly transport: Pick<Transport, 'bodyCopies'>;
  /** {@link PipelineOptions.overheadBytes} */
  readonly overheadBytes: number;
  /** {@link PipelineOptions.hasContents} */
  readonly hasContents: boolean;
  /** A Kinesis record of one user record is ready to be sent. */
  readonly onAlone: (record: KinesisRecord) => void;
}

/**
 * User records → the aggregate of their shard, or a Kinesis record of their own: while the shard is not known, when they
 * are larger than an aggregate may be, or when aggregation is off. Counts what is buffered.
 *
 * HOT PATH: no allocation for each aggregated record.
 */
export class Router {
  readonly #options: RouterOptions;
  readonly #lone: LoneRecords;
  readonly #aggregates: boolean;
  /** Largest payload that is aggregated, together with its key where the profile counts it. */
  readonly #maxBytes: number;
  readonly #countsKey: boolean;
  readonly #overheadBytes: number;
  #taken = 0;

  constructor(options: RouterOptions) {
    const { aggregation } = options.settings;
    const {
      settings,
      behaviour,
      containerKey,
      keys,
      shardMap,
      records,
      held,
      pool,
      aggregator,
      transport,
      overheadBytes,
      hasContents,
      onAlone,
    } = options;
    // Of one shape for all producers: what comes is put together in several places.
    this.#options = {
      settings,
      behaviour,
      containerKey,
      keys,
      shardMap,
      records,
      held,
      pool,
      aggregator,
      transport,
      overheadBytes,
      hasContents,
      onAlone,
    };
    this.#lone = new LoneRecords(this.#options);
    this.#aggregates = aggregation.enabled;
    this.#overheadBytes = options.overheadBytes;
    const { fills } = options.behaviour;
    // The KPL's reducer takes a record of any size, and closes after it.
    this.#maxBytes = fills === 'kplEstimate' ? Number.POSITIVE_INFINITY : aggregation.maxBytes;
    this.#countsKey = fills === 'a8mEstimate';
  }

  /**
   * Takes records `from … to-1` of a block while there is room.
   * @returns how many it took
   */
  takeBlock(block: RecordBlock, from: number, to: number, nowUs: number, room: Room): number {
    const { payloads, payloadLength, keyId, dueUs, sequence } = block;
    const { hasContents } = this.#options;
    let i = from;
    for (; i < to && !room.isFull(); i++) {
      this.take(
        keyId[i] as number,
        hasContents ? block.payloadOf(i) : payloads.bytes,
        0,
        payloadLength[i] as number,
        dueUs[i] as number,
        nowUs,
        nowUs,
        sequence[i] as number,
      );
    }
    return i - from;
  }

  /**
   * Takes a new record.
   * @param bornUs when its time to live began
   * @param tag the caller's own number for it
   */
  take(
    keyId: number,
    payload: Uint8Array,
    start: number,
    length: number,
    dueUs: number,
    bornUs: number,
    nowUs: number,
    tag: number,
  ): void {
    const { records, settings, held } = this.#options;
    const slot = records.take();
    held.outstanding++;
    records.dueUs[slot] = dueUs;
    records.generatedUs[slot] = bornUs;
    records.tag[slot] = tag;
    records.order[slot] = this.#taken++;
    records.payloadBytes[slot] = length;
    this.#nameKey(slot, keyId);
    records.deadlineUs[slot] = nowUs + settings.maxBufferedTimeUs;
    this.#route(slot, keyId, payload, start, length, false);
  }

  /**
   * Sends a record of a Kinesis record that was taken apart on its way again.
   * @param payload the bytes that `found` has its places in
   */
  takeAgain(found: FoundRecord, payload: Uint8Array, deadlineUs: number, mustFit: boolean): void {
    const { records, keys } = this.#options;
    const { slot, dataStart, dataEnd } = found;
    records.next[slot] = -1;
    if (records.keyGeneration[slot] !== keys.generation) this.#nameKey(slot, this.#addKey(found));
    const keyId = records.keyId[slot] as number;
    records.deadlineUs[slot] = deadlineUs;
    this.#route(slot, keyId, payload, dataStart, dataEnd - dataStart, mustFit);
  }

  /** Expected shard of a key; -1 when it is not known, or the profile does not look. */
  #predict(keyId: number): number {
    const { behaviour, shardMap } = this.#options;
    if (behaviour.aggregatesBy === 'stream') return this.#aggregates ? 0 : -1;
    if (!this.#aggregates && !behaviour.predictsPlain) return -1;
    if (shardMap.isUpdating && !behaviour.predictsWhileUpdating) return -1;
    return shardMap.predict(keyId);
  }

  /** A record whose deadline is in its slot. */
  #route(
    slot: number,
    keyId: number,
    payload: Uint8Array,
    start: number,
    length: number,
    mustFit: boolean,
  ): void {
    const { settings, keys, records, aggregator, transport, held } = this.#options;
    const expirationUs = (records.generatedUs[slot] as number) + settings.recordTtlUs;
    const dueUs = Math.min(records.deadlineUs[slot] as number, expirationUs);
    records.deadlineUs[slot] = dueUs;
    const shard = this.#predict(keyId);
    const size = this.#countsKey ? length + keys.lengthOf(keyId) : length;
    const joins = this.#aggregates && shard >= 0 && size <= this.#maxBytes;
    const place = this.#aggregates ? aggregator.placeOf(shard, keyId) : -1;
    if (!joins && settings.ordered && place >= 0) aggregator.closePlace(place);
    const record = joins
      ? aggregator.add(place, shard, keyId, payload, start, length, slot, mustFit)
      : this.#lone.make(keyId, payload, start, length);
    if (!joins) record.deadlineUs = dueUs;
    if (record.firstSlot < 0) record.firstSlot = slot;
    else records.next[record.lastSlot] = slot;
    record.lastSlot = slot;
    if (expirationUs < record.expirationUs) record.expirationUs = expirationUs;
    if (records.attempts[slot] === 0) record.freshCount++;
    const overheadBytes = joins ? this.#overheadBytes : this.#overheadBytes + LONE_OVERHEAD_BYTES;
    // From the start, so that what is taken has room on its whole way.
    const carried = length + keys.lengthOf(keyId);
    const bytes = carried + overheadBytes + Math.ceil(carried * (transport.bodyCopies ?? 0));
    record.bufferedBytes += bytes;
    held.bufferedBytes += bytes;
    if (joins) {
      aggregator.closeIfFull(place);
    } else {
      record.predictedShard = this.#options.behaviour.aggregatesBy === 'stream' ? -1 : shard;
      this.#options.onAlone(record);
    }
  }

  #nameKey(slot: number, keyId: number): void {
    const { records, keys } = this.#options;
    records.keyId[slot] = keyId;
    records.keyGeneration[slot] = keys.generation;
  }

  /** The key table has forgotten the key; it makes no room for it, because others hold ids. */
  #addKey({ keyBytes, keyStart, keyEnd, explicitHash }: FoundRecord): number {
    const { keys } = this.#options;
    const id = keys.add(keyBytes, keyStart, keyEnd);
    return explicitHash === null ? id : keys.addExplicit(id, explicitHash);
  }
}

import { RECORD_BYTES_DEFAULT_MAX } from '../../kinesis/limits.ts';
import type { Consumer } from './consumer.ts';
import type { CoreOptions } from './options.ts';
import type { BodyOwner, RecordStore } from './record-store.ts';
import type { ShardState } from './shard.ts';
import { ShardMap } from './shard-map.ts';

export type StreamStatus = 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';
export type StreamMode = 'PROVISIONED' | 'ON_DEMAND';
export type Distribution = 'USER_PARTITION_KEY' | 'AUTO';

const HOUR_MS = 3_600_000;

/** A stream: its state, its settings, its shards and its consumers. */
export class Stream implements BodyOwner {
  readonly name: string;
  readonly createdMs: number;
  readonly map: ShardMap;
  readonly consumers = new Map<string, Consumer>();
  status: StreamStatus = 'CREATING';
  /** Its records are no longer held. */
  isDeleted = false;
  mode: StreamMode;
  retentionHours = 24;
  /** Data and partition key of one record. */
  recordBytesMax = RECORD_BYTES_DEFAULT_MAX;
  tags = new Map<string, string>();
  /** null: not encrypted. */
  encryptionKeyId: string | null = null;
  /** Shard-level metrics that are on. */
  metrics = new Set<string>();
  /** null: never set. */
  warmThroughputMiBps: number | null = null;
  distribution: Distribution = 'USER_PARTITION_KEY';
  /** Unix milliseconds of the last changes of mode and of UpdateShardCount, newest last. */
  modeChangesMs: number[] = [];
  rescalesMs: number[] = [];
  #spread = 0;

  constructor(
    name: string,
    mode: StreamMode,
    shardCount: number,
    createdMs: number,
    options: CoreOptions,
    store: RecordStore,
  ) {
    this.name = name;
    this.mode = mode;
    this.createdMs = createdMs;
    this.map = new ShardMap(shardCount, createdMs, options, store);
  }

  get shards(): readonly ShardState[] {
    return this.map.shards;
  }

  get openShards(): readonly ShardState[] {
    return this.map.open;
  }

  shard(number: number): ShardState | undefined {
    return this.map.shards[number];
  }

  /**
   * The shard that the service picks under the distribution AUTO: the open shards in turn. How the service picks is not
   * published.
   */
  nextSpreadShard(): number {
    this.#spread = (this.#spread + 1) % this.map.open.length;
    return (this.map.open[this.#spread] as ShardState).place.number;
  }

  /** Unix milliseconds before which the stream's records are gone. */
  keptSinceMs(nowMs: number): number {
    if (this.isDeleted) return Number.POSITIVE_INFINITY;
    return nowMs - this.retentionHours * HOUR_MS;
  }

  /** Shards by number, without those that were closed so long ago that nothing in them can be read. */
  keptShards(nowMs: number): readonly ShardState[] {
    if (this.shards.length === this.openShards.length) return this.shards;
    const sinceMs = this.keptSinceMs(nowMs);
    return this.shards.filter(({ closedMs }) => closedMs === null || closedMs >= sinceMs);
  }

  /** Forgets the shard's records past the retention, before somebody reads it. */
  expire(shard: ShardState, nowMs: number): void {
    shard.log.expireBefore(this.keptSinceMs(nowMs));
  }
}

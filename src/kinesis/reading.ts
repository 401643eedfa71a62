/** What readers of a stream get from a transport: plain data, whatever the way of reading. */
import type { Shard } from './shard.ts';

/** A Kinesis record as it lies in a shard. */
export interface StoredRecord {
  /** Decimal. */
  readonly sequenceNumber: string;
  /** Whole Unix milliseconds: when the service took it, as it says. */
  readonly arrivalEpochMs: number;
  /** '' where it was written without one. */
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** Where in a shard to begin. */
export type ReadPosition =
  | { readonly kind: 'start' }
  | { readonly kind: 'end' }
  | { readonly kind: 'time'; readonly epochMs: number }
  /** Behind the record of this sequence number. */
  | { readonly kind: 'after'; readonly sequenceNumber: string };

/** What one call, or one event of a subscription, brought. */
export interface ReadPage {
  readonly records: readonly StoredRecord[];
  /** How far behind the tip of the shard; 0: there is nothing more now. */
  readonly millisBehindLatest: number;
  /** The shard is closed and this was its end. */
  readonly isEnd: boolean;
}

/** A way of reading one shard: pages, one after the other, no faster than the service allows. */
export interface ShardReader {
  /** The next page, when it may be asked for; empty at the tip. @throws ShardstormError */
  next(): Promise<ReadPage>;
  /** Ends what is under way; `next` is not called afterwards. */
  close(): void;
}

/** A stream to read. */
export interface ReadableStream {
  /** All shards that the service knows, closed ones too. @throws ShardstormError */
  listShards(): Promise<readonly Shard[]>;
  /** @throws ShardstormError */
  openShard(shard: Shard, position: ReadPosition): Promise<ShardReader>;
  /** Gives back what was taken for reading. */
  close(): Promise<void>;
}

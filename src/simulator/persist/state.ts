/**
 * A simulator's state as data, without its records: streams, shards, settings, consumers, and what the audit counted.
 * Changes that are under way count as done: a stream that is being created is there, one that is being deleted is not.
 */
import type { AuditState } from '../core/audit.ts';
import { Consumer } from '../core/consumer.ts';
import type { ShardCounts, ShardPlace, ShardState } from '../core/shard.ts';
import type { Simulator } from '../core/simulator.ts';
import { type Distribution, Stream, type StreamMode } from '../core/stream.ts';

interface ShardData extends ShardCounts {
  /** Hash keys in hexadecimal. */
  readonly from: string;
  readonly to: string;
  readonly parents: readonly number[];
  readonly createdMs: number;
  readonly closedMs: number | null;
}

interface ConsumerData {
  readonly name: string;
  readonly arn: string;
  readonly createdMs: number;
  readonly tags: readonly (readonly [string, string])[];
}

/** Members of a stream that are kept as they are. */
interface StreamSettings {
  mode: StreamMode;
  retentionHours: number;
  recordBytesMax: number;
  encryptionKeyId: string | null;
  warmThroughputMiBps: number | null;
  distribution: Distribution;
  modeChangesMs: number[];
  rescalesMs: number[];
}

interface StreamData {
  readonly name: string;
  readonly createdMs: number;
  readonly settings: StreamSettings;
  readonly tags: readonly (readonly [string, string])[];
  readonly metrics: readonly string[];
  readonly consumers: readonly ConsumerData[];
  readonly shards: readonly ShardData[];
}

export interface SimulatorState {
  readonly streams: readonly StreamData[];
  readonly policies: readonly (readonly [string, string])[];
  readonly commitmentStartedMs: number | null;
  readonly audit: AuditState;
  readonly heldRecords: number;
  readonly droppedRecords: number;
  readonly expiredRecords: number;
}

export function stateOf(simulator: Simulator): SimulatorState {
  const kept = [...simulator.streams.values()].filter(({ status }) => status !== 'DELETING');
  return {
    streams: kept.map(streamData),
    policies: [...simulator.policies],
    commitmentStartedMs: simulator.commitmentStartedMs,
    audit: simulator.ledger.state(),
    heldRecords: simulator.store.heldRecords,
    droppedRecords: simulator.store.droppedRecords,
    expiredRecords: simulator.store.expiredRecords,
  };
}

/** Puts streams, settings and the audit's counts into a simulator without any. */
export function restoreState(simulator: Simulator, state: SimulatorState): void {
  for (const data of state.streams)
    simulator.streams.set(data.name, restoreStream(simulator, data));
  for (const [arn, policy] of state.policies) simulator.policies.set(arn, policy);
  simulator.commitmentStartedMs = state.commitmentStartedMs;
  simulator.ledger.restore(state.audit);
}

function streamData(stream: Stream): StreamData {
  const { name, createdMs, mode, retentionHours, recordBytesMax, encryptionKeyId } = stream;
  const { warmThroughputMiBps, distribution, modeChangesMs, rescalesMs } = stream;
  const consumers = [...stream.consumers.values()].filter(({ status }) => status !== 'DELETING');
  return {
    name,
    createdMs,
    settings: {
      mode,
      retentionHours,
      recordBytesMax,
      encryptionKeyId,
      warmThroughputMiBps,
      distribution,
      modeChangesMs,
      rescalesMs,
    },
    tags: [...stream.tags],
    metrics: [...stream.metrics],
    consumers: consumers.map((consumer) => ({
      name: consumer.name,
      arn: consumer.arn,
      createdMs: consumer.createdMs,
      tags: [...consumer.tags],
    })),
    shards: stream.shards.map(shardData),
  };
}

function shardData(shard: ShardState): ShardData {
  const { startingHashKey, endingHashKey, parentNumber, adjacentParentNumber } = shard.place;
  return {
    from: startingHashKey.toString(16),
    to: endingHashKey.toString(16),
    parents: [parentNumber, adjacentParentNumber].filter((number) => number !== null),
    createdMs: shard.createdMs,
    closedMs: shard.closedMs,
    next: shard.log.next,
    writtenBytes: shard.writtenBytes,
    acceptedRecords: shard.acceptedRecords,
    acceptedBytes: shard.acceptedBytes,
    throttledRecords: shard.throttledRecords,
    failedRecords: shard.failedRecords,
  };
}

function restoreStream({ options, store }: Simulator, data: StreamData): Stream {
  const stream = new Stream(data.name, data.settings.mode, 0, data.createdMs, options, store);
  Object.assign(stream, data.settings);
  stream.status = 'ACTIVE';
  stream.tags = new Map(data.tags);
  stream.metrics = new Set(data.metrics);
  for (const { name, arn, createdMs, tags } of data.consumers) {
    const consumer = new Consumer(name, arn, createdMs);
    consumer.status = 'ACTIVE';
    consumer.tags = new Map(tags);
    stream.consumers.set(name, consumer);
  }
  stream.map.restore(
    data.shards.map(({ createdMs, closedMs, ...shard }, number) => ({
      place: shardPlace(shard, number),
      createdMs,
      closedMs,
    })),
  );
  return stream;
}

function shardPlace(
  { from, to, parents }: Pick<ShardData, 'from' | 'to' | 'parents'>,
  number: number,
): ShardPlace {
  return {
    number,
    startingHashKey: BigInt(`0x${from}`),
    endingHashKey: BigInt(`0x${to}`),
    parentNumber: parents[0] ?? null,
    adjacentParentNumber: parents[1] ?? null,
  };
}

import { shardNumber } from '../../kinesis/shard.ts';
import { resourceInUse, resourceNotFound, validation } from '../core/service-error.ts';
import type { ShardState } from '../core/shard.ts';
import type { Simulator } from '../core/simulator.ts';
import type { Stream } from '../core/stream.ts';

/** @throws ServiceError ResourceInUseException unless the stream is ACTIVE */
export function requireActive(simulator: Simulator, stream: Stream): void {
  if (stream.status === 'ACTIVE') return;
  const { account } = simulator.options;
  throw resourceInUse(
    `Stream ${stream.name} under account ${account} not ACTIVE, instead in state ${stream.status}`,
  );
}

/** @throws ServiceError ValidationException for an on-demand stream, whose shards are the service's own business */
export function requireProvisioned(stream: Stream, operation: string): void {
  if (stream.mode === 'PROVISIONED') return;
  throw validation(
    `Request is invalid. ${operation} is not supported for streams with the ON_DEMAND stream mode.`,
  );
}

/** The shard of that id; leading zeros may be left out. @throws ServiceError ResourceNotFoundException */
export function requireShard(simulator: Simulator, stream: Stream, id: string): ShardState {
  const shard = isShardId(id) ? stream.shard(shardNumber(id)) : undefined;
  if (shard !== undefined) return shard;
  throw resourceNotFound(
    `Could not find shard ${id} in stream ${stream.name} under account ${simulator.options.account}.`,
  );
}

/** The same for readers, in other words. @throws ServiceError ResourceNotFoundException */
export function requireReadableShard(
  simulator: Simulator,
  streamName: string,
  id: string,
): { readonly stream: Stream; readonly shard: ShardState } {
  const stream = simulator.streams.get(streamName);
  if (stream !== undefined && !isShardId(id)) requireShard(simulator, stream, id);
  const shard = stream?.shard(shardNumber(id));
  if (stream !== undefined && shard !== undefined) return { stream, shard };
  throw resourceNotFound(
    `Shard ${id} in stream ${streamName} under account ${simulator.options.account} does not exist`,
  );
}

function isShardId(id: string): boolean {
  return /^shardId-\d{1,12}$/.test(id);
}

/** Puts the stream in UPDATING; when that is over, `change` happens and the stream is ACTIVE again. */
export function update(simulator: Simulator, stream: Stream, change: () => void): void {
  stream.status = 'UPDATING';
  simulator.later(() => {
    if (stream.status !== 'UPDATING') return;
    change();
    stream.status = 'ACTIVE';
  });
}

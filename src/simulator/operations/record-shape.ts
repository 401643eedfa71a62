import type { ShardState } from '../core/shard.ts';
import type { Stream } from '../core/stream.ts';
import { type Output, Timestamp } from './operation.ts';

/** Record `index` of a shard as GetRecords and SubscribeToShard tell of it. */
export function recordShape(stream: Stream, shard: ShardState, index: number): Output {
  const body = shard.log.body(index);
  const place = shard.log.place(index);
  return {
    SequenceNumber: shard.sequenceNumber(index, Math.floor(body.arrivedMs / 1000)),
    ApproximateArrivalTimestamp: new Timestamp(body.arrivedMs),
    Data: body.data(place),
    PartitionKey: keyText(body.key(place)),
    EncryptionType: stream.encryptionKeyId === null ? undefined : 'KMS',
  };
}

/** None where the record was written without one. */
function keyText(key: Uint8Array): string | undefined {
  return key.length === 0 ? undefined : Buffer.from(key).toString('utf8');
}

/** The shards that came of a closed one. */
export function childShards(stream: Stream, shard: ShardState): Output {
  return stream.map.children(shard).map(({ id, place }) => ({
    ShardId: id,
    ParentShards: [place.parentNumber, place.adjacentParentNumber]
      .filter((number) => number !== null)
      .map((number) => stream.shard(number)?.id),
    HashKeyRange: {
      StartingHashKey: place.startingHashKey.toString(),
      EndingHashKey: place.endingHashKey.toString(),
    },
  }));
}

import type { Clock } from '../core/clock.ts';
import { HASH_KEY_MAX } from '../kinesis/hash-key.ts';
import type { ListOpenShards } from '../kinesis/listing.ts';
import type { Transport } from '../kinesis/put-records.ts';
import { type Shard, shardId } from '../kinesis/shard.ts';

/**
 * Accepts everything at the next turn and sends nothing: what the generator and the producer reach
 * by themselves. It knows no shards: each entry's shard number is -1, which says "accepted, shard
 * not told".
 */
export function nullTransport(clock: Clock): Transport {
  return {
    send({ answer, entryCount }, done) {
      answer.reset();
      answer.status = 'answered';
      answer.httpStatus = 200;
      answer.resultCount = entryCount;
      for (let i = 0; i < entryCount; i++) {
        answer.acceptEntry(i, -1);
        if (answer.wantsSequenceNumbers) answer.sequenceNumbers.push('');
      }
      clock.setImmediate(done);
    },
    close: () => Promise.resolve(),
  };
}

/** Lists `shardCount` open shards that share the hash key space evenly. */
export function fixedShardLister(shardCount: number, clock: Clock): ListOpenShards {
  const boundary = (number: number) => ((HASH_KEY_MAX + 1n) * BigInt(number)) / BigInt(shardCount);
  const shards = Array.from(
    { length: shardCount },
    (_, number): Shard => ({
      id: shardId(number),
      number,
      startingHashKey: boundary(number),
      endingHashKey: boundary(number + 1) - 1n,
      parentNumber: null,
      adjacentParentNumber: null,
      isOpen: true,
    }),
  );
  return (_streamName, done) => clock.setImmediate(() => done(shards, '', ''));
}

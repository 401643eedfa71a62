import { expect, it } from 'vitest';
import { KINESIS_OPERATIONS, SHARD_OPERATIONS } from '../../src/kinesis/operations.ts';
import { OPERATIONS } from '../../src/simulator/operations/table.ts';

it('the operations that a fault can be about are those that the simulator carries out', () => {
  const special = ['PutRecord', 'PutRecords', 'SubscribeToShard'];
  expect([...KINESIS_OPERATIONS]).toEqual([...OPERATIONS.keys(), ...special].sort());
});

it('each operation with a shard in its input is one that a fault of shards can be about', () => {
  const shardMembers = ['ShardId', 'ShardToSplit', 'ShardIterator'];
  const found = [...OPERATIONS.values()]
    .filter(({ members }) => shardMembers.some((name) => name in members))
    .map(({ name }) => name);
  for (const name of found) expect(SHARD_OPERATIONS).toContain(name);
});

import { expect, it } from 'vitest';
import { type FaultKind, neverFires } from '../../src/kinesis/faults.ts';

it.each<[FaultKind, string | null, number[] | null, RegExp | null]>([
  ['wrong-record-count', 'PutRecord', null, /about PutRecords only/],
  ['wrong-record-count', 'PutRecords', null, null],
  ['swap-order', 'GetRecords', null, /about PutRecords and PutRecord only/],
  ['swap-order', 'PutRecord', null, null],
  ['split-shard', 'PutRecords', [0], /about no operation/],
  ['call-500', 'ListStreams', [0], /ListStreams is about no shard/],
  ['call-500', 'ListStreams', null, null],
  ['call-500', 'GetRecords', [0], null],
  ['throttle', null, [0], null],
])('%s of %s in the shards %j', (kind, operation, shards, why) => {
  const reason = neverFires({ kind, operation, shards });
  if (why === null) expect(reason).toBeNull();
  else expect(reason).toMatch(why);
});

import { describe, expect, it } from 'vitest';
import { hashKeyWords } from '../../src/kinesis/hash-key.ts';
import type { Shard } from '../../src/kinesis/shard.ts';
import {
  answerControlCall,
  ControlCalls,
  type ControlTarget,
} from '../../src/load/control-calls.ts';

const SHARD: Shard = {
  id: 'shardId-000000000000',
  number: 0,
  startingHashKey: 0n,
  endingHashKey: 2n ** 128n - 1n,
  parentNumber: null,
  adjacentParentNumber: null,
  isOpen: true,
};
const CREDENTIALS = {
  accessKeyId: 'id',
  secretAccessKey: 'secret',
  sessionToken: null,
  expiresEpochMs: 5,
};

/** Both ends, with what a port does to messages between them. */
function ends(target: Partial<ControlTarget>): ControlCalls {
  const whole: ControlTarget = {
    listOpenShards: (_stream, done) => done(null, 'None', 'none'),
    fetchCredentials: () => Promise.reject(new Error('none')),
    ...target,
  };
  const calls: ControlCalls = new ControlCalls((call) =>
    answerControlCall(structuredClone(call), whole, (answer) =>
      calls.hear(structuredClone(answer)),
    ),
  );
  return calls;
}

describe('calls that a load thread has made for it', () => {
  it('lists the shards of the stream that was asked for', () => {
    const asked: string[] = [];
    const calls = ends({
      listOpenShards: (stream, done) => {
        asked.push(stream);
        done([SHARD], '', '');
      },
    });
    let listed: readonly Shard[] | null = null;
    calls.listOpenShards('clicks', (shards) => {
      listed = shards;
    });
    expect(asked).toEqual(['clicks']);
    expect(listed).toEqual([SHARD]);
    expect(hashKeyWords((listed ?? [SHARD])[0]?.endingHashKey ?? 0n)[0]).toBe(0xffff_ffff);
  });

  it('tells why a listing failed, and asks anew the next time', () => {
    let asked = 0;
    const calls = ends({
      listOpenShards: (_stream, done) => done(null, 'LimitExceeded', `refused ${++asked}`),
    });
    const told: string[] = [];
    for (let i = 0; i < 2; i++) {
      calls.listOpenShards('clicks', (shards, code, message) =>
        told.push(`${shards} ${code} ${message}`),
      );
    }
    expect(told).toEqual(['null LimitExceeded refused 1', 'null LimitExceeded refused 2']);
  });

  it('fetches credentials, or says why there are none', async () => {
    const found = ends({ fetchCredentials: () => Promise.resolve(CREDENTIALS) });
    expect(await found.fetchCredentials()).toEqual(CREDENTIALS);
    const missing = ends({ fetchCredentials: () => Promise.reject(new Error('no profile')) });
    await expect(missing.fetchCredentials()).rejects.toThrow('no profile');
  });
});

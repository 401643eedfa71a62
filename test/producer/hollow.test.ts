import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PutRecordsRequest } from '../../src/kinesis/put-records.ts';
import { BEHAVIOURS, type ProfileName } from '../../src/producer/settings.ts';
import { evenShards, Harness, ScriptedTransport, type SentEntry, shardFor } from './harness.ts';

interface Put {
  readonly key: number;
  readonly hashKey: bigint | null;
  readonly length: number;
  readonly waitUs: number;
}

const put = fc.record({
  key: fc.nat(30),
  hashKey: fc.option(fc.bigInt(0n, 2n ** 128n - 1n), { freq: 8 }),
  length: fc.integer({ min: 0, max: 1500 }),
  waitUs: fc.constantFrom(0, 0, 1000, 40_000, 130_000),
});

/** Every fifth entry throttled, every seventh stored elsewhere, whatever it is. */
function answerer(harness: Harness) {
  let seen = 0;
  return ({ answer }: PutRecordsRequest, entries: SentEntry[]): void => {
    answer.status = 'answered';
    answer.resultCount = entries.length;
    entries.forEach((entry, i) => {
      seen++;
      const shard = shardFor(harness.shards, entry);
      if (seen % 5 === 0) answer.refuseEntry(i, 'ProvisionedThroughputExceededException', '');
      else answer.acceptEntry(i, seen % 7 === 0 ? (shard + 1) % harness.shards.length : shard);
    });
  };
}

/** All that can be seen of a run but payloads. */
function seenOf(profile: ProfileName, hasContents: boolean, puts: readonly Put[]) {
  let transport: ScriptedTransport | undefined;
  const harness = new Harness({
    settings: { profile, recordTtlUs: 2_000_000 },
    shards: evenShards(8),
    // So few that ids and places of keys change while records are on their way.
    keyCapacity: 12,
    hasContents,
    transport: (h) => {
      transport = new ScriptedTransport(h.clock, () => 12_000, answerer(h));
      return transport;
    },
  }).ready();
  for (const { key, hashKey, length, waitUs } of puts) {
    const text = key % 3 === 0 ? `a key longer than an entry has room, ${key}` : `key ${key}`;
    harness.put([{ key: text, hashKey, data: new Uint8Array(length) }]);
    harness.clock.runUntil(harness.clock.nowUs() + waitUs);
  }
  harness.drain();
  const sent = transport?.requests.map((entries) =>
    entries.map(({ key, explicitHashKey }) => `${key} ${explicitHashKey}`),
  );
  return { sent, closed: harness.closed, attempts: harness.attempts, settled: harness.settled };
}

describe('records without contents', () => {
  it.each(Object.keys(BEHAVIOURS) as ProfileName[])(
    'have the sizes, keys, places and fates of those with them (%s)',
    (profile) => {
      fc.assert(
        fc.property(fc.array(put, { minLength: 1, maxLength: 60 }), (puts) => {
          expect(seenOf(profile, false, puts)).toEqual(seenOf(profile, true, puts));
        }),
        { numRuns: 30 },
      );
    },
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomSequence } from '../../src/core/random.ts';
import { AGGREGATE_DIGEST_BYTES } from '../../src/kinesis/aggregated-record.ts';
import type { PutRecordsRequest } from '../../src/kinesis/put-records.ts';
import type { ProfileName } from '../../src/producer/settings.ts';
import {
  acceptAll,
  evenShards,
  Harness,
  hashOf,
  ScriptedTransport,
  type SentEntry,
  shardFor,
} from './harness.ts';

const steady = (harness: Harness) =>
  new ScriptedTransport(
    harness.clock,
    () => 5000,
    acceptAll(() => harness.shards),
  );

describe('a producer pipeline', () => {
  it('sends a lone record raw, under its own key, after the buffering time', () => {
    let transport: ScriptedTransport | undefined;
    const harness = new Harness({
      transport: (h) => {
        transport = steady(h);
        return transport;
      },
    }).ready();
    harness.put([{ key: 'user-1', data: 'hello' }]);
    harness.clock.runUntil(harness.clock.nowUs() + 99_000);
    expect(transport?.requests).toHaveLength(0);
    harness.clock.runUntil(harness.clock.nowUs() + 30_000);
    expect(transport?.requests).toEqual([
      [
        {
          data: Buffer.from('hello'),
          key: 'user-1',
          explicitHashKey: '',
          records: [{ key: 'user-1', explicitHashKey: null, data: 'hello' }],
        },
      ],
    ]);
    expect(harness.settled.map((s) => s.outcome)).toEqual(['accepted']);
    expect(harness.closed).toMatchObject([{ count: 1, reason: 'time' }]);
  });

  it('sends an aggregate under key "a" with the hash key of its first record', () => {
    let transport: ScriptedTransport | undefined;
    const harness = new Harness({
      shards: evenShards(1),
      transport: (h) => {
        transport = steady(h);
        return transport;
      },
    }).ready();
    harness.put([
      { key: 'x', data: '1' },
      { key: 'y', data: '22' },
      { key: 'x', data: '' },
    ]);
    harness.drain();
    const entry = transport?.requests[0]?.[0];
    expect(entry?.key).toBe('a');
    expect(entry?.explicitHashKey).toBe(hashOf('x').toString());
    expect(entry?.records).toEqual([
      { key: 'x', explicitHashKey: null, data: '1' },
      { key: 'y', explicitHashKey: null, data: '22' },
      { key: 'x', explicitHashKey: null, data: '' },
    ]);
    // Magic, key x, record, key y, record, record (key x is in the table once), digest: counted by hand.
    expect(entry?.data.length).toBe(4 + 3 + 7 + 3 + 8 + 6 + AGGREGATE_DIGEST_BYTES);
  });

  it('retries only the refused records of a partial failure', () => {
    let calls = 0;
    const harness = new Harness({
      settings: { aggregation: { enabled: false, maxCount: 1, maxBytes: 51200 } },
      transport: (h) =>
        new ScriptedTransport(
          h.clock,
          () => 5000,
          (request, entries) => {
            acceptAll(() => h.shards)(request, entries);
            calls++;
            if (calls > 1) return;
            request.answer.refuseEntry(
              1,
              'ProvisionedThroughputExceededException',
              'Rate exceeded',
            );
          },
        ),
    }).ready();
    harness.put([
      { key: 'a', data: '1' },
      { key: 'b', data: '2' },
      { key: 'c', data: '3' },
    ]);
    harness.drain();
    expect(calls).toBe(2);
    expect(harness.settled.map((s) => s.tag).sort()).toEqual([0, 1, 2]);
    expect(harness.attempts.map((a) => a.outcome)).toEqual([
      'accepted',
      'throttled',
      'accepted',
      'accepted',
    ]);
  });

  it('stops taking records at its buffer limit and says when there is room again', () => {
    const harness = new Harness({
      settings: { maxBufferedBytes: 1000 },
      transport: steady,
    }).ready();
    const records = Array.from({ length: 50 }, (_, i) => ({ key: `k${i}`, data: 'x'.repeat(34) }));
    const taken = harness.put(records);
    expect(taken).toBe(10);
    expect(harness.rooms).toBe(0);
    harness.drain();
    expect(harness.rooms).toBe(1);
    expect(harness.settled).toHaveLength(10);
  });

  it('expires records that no shard takes within their time to live', () => {
    const harness = new Harness({
      settings: { recordTtlUs: 2_000_000 },
      transport: (h) =>
        new ScriptedTransport(
          h.clock,
          () => 5000,
          (request) => {
            request.answer.fail('failed', 'InternalFailure', '', 500);
          },
        ),
    }).ready();
    harness.put([{ key: 'a', data: '1' }]);
    harness.drain();
    expect(harness.settled).toMatchObject([{ outcome: 'expired', code: 'Expired' }]);
    expect(harness.clock.nowUs()).toBeLessThan(2_100_000);
  });

  it('fails at once on an error that no retry can mend', () => {
    const harness = new Harness({
      transport: (h) =>
        new ScriptedTransport(
          h.clock,
          () => 5000,
          (request) => {
            request.answer.fail('failed', 'AccessDeniedException', 'no', 400);
          },
        ),
    }).ready();
    harness.put([{ key: 'a', data: '1' }]);
    harness.drain();
    expect(harness.settled).toMatchObject([
      { outcome: 'failed', code: 'AccessDeniedException', attempts: 1 },
    ]);
  });

  it('fails what is not in flight when it is aborted, and the rest when its call ends', () => {
    const harness = new Harness({
      transport: (h) =>
        new ScriptedTransport(
          h.clock,
          () => 50_000,
          (request) => {
            request.answer.fail('unknown', 'RequestTimeout', '');
          },
        ),
    }).ready();
    harness.put([{ key: 'a', data: '1' }]);
    harness.pipeline.flush();
    harness.put([{ key: 'b', data: '2' }]);
    harness.pipeline.abort('Aborted');
    expect(harness.settled).toMatchObject([{ tag: 1, outcome: 'failed', code: 'Aborted' }]);
    harness.clock.runUntil(harness.clock.nowUs() + 60_000);
    expect(harness.settled).toHaveLength(2);
    expect(harness.pipeline.outstanding).toBe(0);
    expect(harness.pipeline.bufferedBytes).toBe(0);
  });
});

interface Chaos {
  readonly profile: ProfileName;
  readonly aggregates: boolean;
  readonly seed: number;
  readonly refusal: number;
  readonly callFailure: number;
  readonly unknown: number;
  readonly reshards: boolean;
  readonly records: readonly { key: number; size: number; gapUs: number }[];
}

const chaos: fc.Arbitrary<Chaos> = fc.record({
  profile: fc.constantFrom<ProfileName>('shardstorm', 'kpl', 'sdk-batch'),
  aggregates: fc.boolean(),
  seed: fc.nat(),
  refusal: fc.double({ min: 0, max: 0.6, noNaN: true }),
  callFailure: fc.double({ min: 0, max: 0.3, noNaN: true }),
  unknown: fc.double({ min: 0, max: 0.3, noNaN: true }),
  reshards: fc.boolean(),
  records: fc.array(
    fc.record({
      key: fc.nat(40),
      size: fc.oneof(fc.nat(300), fc.nat(70_000)),
      gapUs: fc.constantFrom(0, 0, 100, 5_000, 200_000),
    }),
    { minLength: 1, maxLength: 120 },
  ),
});

/** Runs any records against any behaviour of the service; what was stored is kept as the service would. */
function runChaos(input: Chaos) {
  const random = new RandomSequence(input.seed);
  const stored = new Map<string, number>();
  let uncertain = 0;
  const breaches: string[] = [];
  const answer = (harness: Harness) => (request: PutRecordsRequest, entries: SentEntry[]) => {
    if (entries.length > 500) breaches.push(`${entries.length} records in a request`);
    const bytes = entries.reduce((sum, e) => sum + e.data.length + e.key.length, 0);
    if (bytes > 5 * 1024 * 1024 && entries.length > 1) breaches.push(`${bytes} bytes in a request`);
    if (random.unit() < input.callFailure) {
      request.answer.fail('failed', 'InternalFailure', '', 500);
      return;
    }
    const isLost = random.unit() < input.unknown;
    if (isLost && random.unit() < 0.5) {
      request.answer.fail('unknown', 'ConnectionReset', '');
      return;
    }
    request.answer.status = 'answered';
    request.answer.resultCount = entries.length;
    entries.forEach((entry, i) => {
      if (random.unit() < input.refusal) {
        request.answer.refuseEntry(
          i,
          random.unit() < 0.5 ? 'InternalFailure' : 'ProvisionedThroughputExceededException',
          '',
        );
        return;
      }
      const shard = shardFor(harness.shards, entry);
      request.answer.acceptEntry(i, shard);
      const range = harness.shards.find((s) => s.number === shard);
      for (const record of entry.records) {
        const hash = hashOf(record.key);
        const isReadable =
          range !== undefined && range.startingHashKey <= hash && hash <= range.endingHashKey;
        if (isReadable) stored.set(record.data, (stored.get(record.data) ?? 0) + 1);
      }
    });
    if (isLost) {
      uncertain++;
      request.answer.reset();
      request.answer.fail('unknown', 'RequestTimeout', '');
    }
  };
  const harness = new Harness({
    settings: {
      profile: input.profile,
      aggregation: { enabled: input.aggregates, maxCount: 50, maxBytes: 51200 },
      recordTtlUs: 5_000_000,
    },
    keyCapacity: 130,
    transport: (h) =>
      new ScriptedTransport(h.clock, () => 1000 + random.unit() * 40_000, answer(h)),
  }).ready();
  input.records.forEach((record, i) => {
    if (input.reshards && i === Math.floor(input.records.length / 2)) {
      harness.shards = evenShards(8, 4);
    }
    const data = `${i}:`.padEnd(record.size, 'x');
    harness.put([{ key: `key-${record.key}`, data }]);
    harness.clock.runUntil(harness.clock.nowUs() + record.gapUs);
  });
  harness.drain();
  return { harness, stored, breaches, uncertain };
}

describe('a producer pipeline under any faults', () => {
  it('settles every record exactly once, and what it calls accepted is in the stream', () => {
    fc.assert(
      fc.property(chaos, (input) => {
        const { harness, stored, breaches } = runChaos(input);
        expect(breaches).toEqual([]);
        const tags = harness.settled.map((s) => s.tag).sort((a, b) => a - b);
        expect(tags).toEqual(input.records.map((_, i) => i));
        expect(harness.pipeline.outstanding).toBe(0);
        expect(harness.pipeline.bufferedBytes).toBe(0);
        for (const { tag, outcome } of harness.settled) {
          const data = `${tag}:`.padEnd(input.records[tag]?.size ?? 0, 'x');
          // The KPL looks at an aggregate's first key only and so can lose the others when shards move.
          const isKnownLoss = input.profile === 'kpl' && input.reshards;
          if (outcome === 'accepted' && !isKnownLoss)
            expect(stored.get(data) ?? 0).toBeGreaterThan(0);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('stores nothing twice when every answer arrives and no shard moves', () => {
    fc.assert(
      fc.property(chaos, (input) => {
        const { stored } = runChaos({ ...input, unknown: 0, reshards: false });
        expect([...stored.values()].every((times) => times === 1)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

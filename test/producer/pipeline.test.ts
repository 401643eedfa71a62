import { describe, expect, it } from 'vitest';
import { AGGREGATE_DIGEST_BYTES } from '../../src/kinesis/aggregated-record.ts';
import type { ProducerSettings } from '../../src/producer/settings.ts';
import { acceptAll, evenShards, Harness, hashOf, ScriptedTransport } from './harness.ts';

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

  it('lets records share requests while it drains', () => {
    let transport: ScriptedTransport | undefined;
    const harness = new Harness({
      settings: { aggregation: { enabled: false, maxCount: 1, maxBytes: 51200 } },
      transport: (h) => {
        transport = steady(h);
        return transport;
      },
    }).ready();
    harness.put(Array.from({ length: 3000 }, (_, i) => ({ key: `k${i % 7}`, data: `${i}` })));
    harness.drain();
    expect(harness.settled).toHaveLength(3000);
    expect(transport?.requests.length).toBeLessThan(300);
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

  it.each<[string, Partial<ProducerSettings>, number]>([
    ['for a connection', {}, 1],
    ['for their lane', { ordered: true }, 1],
    // It looks before and after a call only: the call that holds the connection takes 10 s.
    ['for a connection, as the KPL when its call is over', { profile: 'kpl' }, 20],
  ])('expires records while they wait %s', (_where, settings, seconds) => {
    const harness = new Harness({
      settings: { recordTtlUs: 1_000_000, maxConnections: 1, ...settings },
      shards: evenShards(1),
      transport: (h) =>
        new ScriptedTransport(
          h.clock,
          () => 10_000_000,
          (request) => request.answer.fail('unknown', 'RequestTimeout', ''),
        ),
    }).ready();
    const startUs = harness.clock.nowUs();
    for (const data of ['1', '2', '3']) {
      harness.put([{ key: 'k', data }]);
      harness.pipeline.flush();
      harness.clock.runUntil(harness.clock.nowUs() + 100_000);
    }
    harness.drain();
    const ends = harness.settled.map(({ tag, outcome, atUs }) => ({ tag, outcome, atUs }));
    expect(ends.map(({ outcome }) => outcome)).toEqual(['expired', 'expired', 'expired']);
    const second = ends.find(({ tag }) => tag === 1)?.atUs ?? 0;
    expect((second - startUs) / 1e6).toBeGreaterThanOrEqual(seconds);
    expect((second - startUs) / 1e6).toBeLessThan(seconds + 0.2);
    expect(harness.pipeline.bufferedBytes).toBe(0);
  });

  it('gives records up after their attempts, each for itself', () => {
    const harness = new Harness({
      settings: { maxAttempts: 3 },
      transport: (h) =>
        new ScriptedTransport(
          h.clock,
          () => 5000,
          (request) => request.answer.fail('failed', 'InternalFailure', '', 500),
        ),
    }).ready();
    harness.put([{ key: 'a', data: '1' }]);
    harness.drain();
    expect(harness.settled).toMatchObject([
      { outcome: 'failed', code: 'InternalFailure', attempts: 3 },
    ]);
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

  it.each([false, true])('fails no record for another that is invalid (ordered: %s)', (ordered) => {
    let transport: ScriptedTransport | undefined;
    const harness = new Harness({
      settings: { ordered, aggregation: { enabled: false, maxCount: 1, maxBytes: 51200 } },
      transport: (h) => {
        transport = new ScriptedTransport(
          h.clock,
          () => 5000,
          (request, entries) => {
            acceptAll(() => h.shards)(request, entries);
            if (entries.every(({ data }) => data.length <= 100)) return;
            request.answer.fail('failed', 'InvalidArgumentException', 'too large', 400);
          },
        );
        return transport;
      },
    }).ready();
    harness.put(
      Array.from({ length: 200 }, (_, i) => ({
        key: `k${i}`,
        data: i === 77 ? 'x'.repeat(101) : `${i}`,
      })),
    );
    harness.drain();
    const lost = harness.settled.filter(({ outcome }) => outcome !== 'accepted');
    expect(lost).toMatchObject([{ tag: 77, outcome: 'failed', code: 'InvalidArgumentException' }]);
    expect(harness.settled).toHaveLength(200);
    expect(harness.pipeline.bufferedBytes).toBe(0);
    expect(transport?.requests.length).toBeLessThanOrEqual(201);
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

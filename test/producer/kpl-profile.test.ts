import { describe, expect, it } from 'vitest';
import type { ProducerSettings } from '../../src/producer/settings.ts';
import {
  acceptAll,
  evenShards,
  Harness,
  hashOf,
  type PutRecord,
  ScriptedTransport,
} from './harness.ts';

const THROTTLED = 'ProvisionedThroughputExceededException';
const ANSWER_US = 5_000;

/** Keys whose hash keys lie in the lower and in the upper half. */
const LOWER = Array.from({ length: 50 }, (_, i) => `k${i}`).find((k) => hashOf(k) < 1n << 127n);
const UPPER = Array.from({ length: 50 }, (_, i) => `k${i}`).find((k) => hashOf(k) >= 1n << 127n);
const lower = LOWER ?? '';
const upper = UPPER ?? '';

/** The `kpl` profile over a stream of one shard; the first calls are throttled. */
function kpl(settings: Partial<ProducerSettings> = {}, throttledCalls = 0) {
  const sentUs: number[] = [];
  let requests: ScriptedTransport['requests'] = [];
  const harness: Harness = new Harness({
    settings: { profile: 'kpl', ...settings },
    shards: evenShards(1),
    transport: (h) => {
      const transport = new ScriptedTransport(
        h.clock,
        () => ANSWER_US,
        (request, entries) => {
          sentUs.push(h.clock.nowUs() - ANSWER_US);
          acceptAll(() => h.stored ?? h.shards)(request, entries);
          if (sentUs.length > throttledCalls) return;
          entries.forEach((_, i) => {
            request.answer.refuseEntry(i, THROTTLED, '');
          });
        },
      );
      requests = transport.requests;
      return transport;
    },
  });
  harness.ready();
  return { harness, sentUs, requests };
}

const large = (count: number): PutRecord[] =>
  Array.from({ length: count }, () => ({ key: lower, data: 'x'.repeat(45_000) }));

describe('the kpl profile', () => {
  it('sends an aggregate under key "a", with the hash key of its first record', () => {
    const { harness, requests } = kpl();
    harness.put([
      { key: upper, data: '1' },
      { key: lower, data: '2' },
    ]);
    harness.drain();
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject([{ key: 'a', explicitHashKey: hashOf(upper).toString() }]);
  });

  it('calls an aggregate stored where its first key belongs, though its others do not', () => {
    const { harness, requests } = kpl();
    harness.put([
      { key: lower, data: '1' },
      { key: upper, data: '2' },
    ]);
    harness.pipeline.flush();
    harness.clock.runUntil(harness.clock.nowUs() + 80_000);
    expect(requests).toHaveLength(1);
    // While the call is under way the stream's shard is split, and the listing knows it.
    harness.shards = evenShards(2, 1);
    harness.shardMap.invalidate(harness.clock.nowUs(), 0);
    harness.clock.runUntil(harness.clock.nowUs() + 1_000_000);
    expect(harness.attempts).toEqual([{ outcome: 'accepted', code: '', shard: 1 }]);
    expect(requests).toHaveLength(1);
  });

  it('gives a shard that is throttled no less than before', () => {
    const lastUs = (throttledCalls: number) => {
      const { harness } = kpl({ rateLimit: { fraction: 1 } }, throttledCalls);
      harness.put(large(250));
      harness.drain();
      expect(harness.settled.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(250);
      return Math.max(...harness.settled.map(({ atUs }) => atUs));
    };
    // What was refused is sent again, a quarter of a second for 256 KiB, and the shard keeps its burst of 10 MiB.
    expect(lastUs(1) - lastUs(0)).toBeLessThan(400_000);
  });

  it('lets what was refused wait half of the buffering time, even when all the rest is flushed', () => {
    const { harness, sentUs } = kpl({ maxBufferedTimeUs: 1_000_000 }, 1);
    harness.put([{ key: lower, data: 'x' }]);
    harness.drain();
    expect((sentUs[1] ?? 0) - (sentUs[0] ?? 0)).toBe(ANSWER_US + 500_000);
  });

  it('looks every 25 ms at what the limiter holds back', () => {
    const { harness, sentUs } = kpl({ rateLimit: { fraction: 1 } });
    harness.put(large(250));
    harness.drain();
    const gaps = sentUs.slice(-10).map((us, i, all) => us - (all[i - 1] ?? us));
    // A record takes 42.9 ms of the shard's rate.
    expect(new Set(gaps.slice(1))).toEqual(new Set([25_000, 50_000]));
  });

  it('neither limits nor expects in a shard what is not aggregated', () => {
    const { harness, sentUs } = kpl({
      aggregation: { enabled: false, maxCount: 4_294_967_295, maxBytes: 51_200 },
      rateLimit: { fraction: 0.5 },
    });
    harness.stored = evenShards(1, 7);
    harness.put(large(100));
    harness.drain();
    // 4.5 MB at half a shard's rate would take nine seconds.
    expect((sentUs.at(-1) ?? 0) - (sentUs[0] ?? 0)).toBeLessThan(500_000);
    expect(new Set(harness.attempts.map(({ outcome }) => outcome))).toEqual(new Set(['accepted']));
    expect(harness.listings).toBe(1);
  });
});

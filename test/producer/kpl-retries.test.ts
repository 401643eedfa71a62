import { describe, expect, it } from 'vitest';
import type { ProducerSettings } from '../../src/producer/settings.ts';
import { acceptAll, evenShards, Harness, ScriptedTransport, type SentEntry } from './harness.ts';

/** Half of the buffering time: a refused record's deadline. */
const RETRY_US = 50_000;
const ANSWER_US = 5_000;

/** The `kpl` profile over one shard; calls are refused while `refuses` says so. */
function kpl(
  refuses: (call: number, entries: readonly SentEntry[]) => boolean,
  settings: Partial<ProducerSettings> = {},
) {
  const sent: { atUs: number; entries: SentEntry[] }[] = [];
  const harness: Harness = new Harness({
    settings: { profile: 'kpl', ...settings },
    shards: evenShards(1),
    transport: (h) =>
      new ScriptedTransport(
        h.clock,
        () => ANSWER_US,
        (request, entries) => {
          sent.push({ atUs: h.clock.nowUs() - ANSWER_US, entries });
          acceptAll(() => h.stored ?? h.shards)(request, entries);
          if (!refuses(sent.length, entries)) return;
          entries.forEach((_, i) => {
            request.answer.refuseEntry(i, 'InternalFailure', '');
          });
        },
      ),
  });
  harness.ready();
  return { harness, sent };
}

describe("the KPL's retrier (kpl profile)", () => {
  it('sends each user record of a refused aggregate again by itself, with who has come meanwhile', () => {
    const { harness, sent } = kpl((call) => call === 1);
    harness.put([
      { key: 'a', data: '1' },
      { key: 'b', data: '2' },
    ]);
    harness.pipeline.flush();
    harness.clock.runUntil(harness.clock.nowUs() + 90_000);
    harness.put([{ key: 'c', data: '3' }]);
    harness.drain();
    const data = sent.map(({ entries }) => entries.map((e) => e.records.map((r) => r.data)));
    expect(data).toEqual([[['1', '2']], [['1', '2', '3']]]);
  });

  it('lets a refused record wait half of the buffering time, without growth or jitter', () => {
    const { harness, sent } = kpl((call) => call <= 5);
    harness.put([{ key: 'a', data: '1' }]);
    harness.clock.runUntil(harness.clock.nowUs() + 2_000_000);
    const gaps = sent.slice(1).map(({ atUs }, i) => atUs - (sent[i]?.atUs ?? 0));
    // The collector extends a deadline to a fifth of the buffering time, which is over by then.
    expect(gaps).toEqual(Array.from({ length: 5 }, () => ANSWER_US + RETRY_US + 20_000));
  });

  it('tries without end, until the time to live is over', () => {
    const { harness, sent } = kpl(() => true, { recordTtlUs: 1_000_000 });
    harness.put([{ key: 'a', data: '1' }]);
    harness.drain();
    expect(harness.settled).toMatchObject([{ outcome: 'expired', code: 'Expired' }]);
    expect(sent.length).toBeGreaterThan(10);
  });

  it('lets a record expire in the limiter, at its time', () => {
    const { harness } = kpl(() => false, {
      recordTtlUs: 2_000_000,
      rateLimit: { fraction: 0.01 },
      aggregation: { enabled: true, maxCount: 1, maxBytes: 51_200 },
    });
    const startUs = harness.clock.nowUs();
    harness.put(Array.from({ length: 1500 }, (_, i) => ({ key: 'k', data: `${i}` })));
    harness.clock.runUntil(startUs + 5_000_000);
    const expired = harness.settled.filter(({ outcome }) => outcome === 'expired');
    // A burst of 1000 and ten a second; it looks every 25 ms.
    expect(expired.length).toBeGreaterThan(470);
    expect(expired.length).toBeLessThanOrEqual(500);
    for (const { atUs } of expired) expect(atUs - startUs).toBeLessThanOrEqual(2_025_000);
  });

  it('lets go on those of an expired aggregate whose own time is not over', () => {
    const { harness, sent } = kpl(() => false, {
      recordTtlUs: 1_000_000,
      maxBufferedTimeUs: 900_000,
      rateLimit: { fraction: 0.001 },
    });
    // The bucket of a record a second is emptied first.
    harness.put(Array.from({ length: 999 }, () => ({ key: 'k', data: Buffer.alloc(52_000) })));
    harness.put([{ key: 'old', data: 'x' }]);
    harness.clock.runUntil(harness.clock.nowUs() + 600_000);
    harness.put([{ key: 'young', data: 'y' }]);
    harness.clock.runUntil(harness.clock.nowUs() + 3_000_000);
    const ends = harness.settled.filter(({ tag }) => tag >= 999);
    const [old, young] = [ends.find((e) => e.tag === 999), ends.find((e) => e.tag === 1000)];
    expect(old).toMatchObject({ outcome: 'expired' });
    expect((young?.atUs ?? 0) - (old?.atUs ?? 0)).toBeGreaterThan(400_000);
    expect(sent.length).toBeGreaterThan(0);
  });

  it('sends a storm of records that are in a wrong shard again, and lists shards once for all', () => {
    const { harness, sent } = kpl(() => false, {
      aggregation: { enabled: true, maxCount: 1, maxBytes: 51_200 },
    });
    const { listings } = harness;
    // The stream has split: what is stored lands in children that the listing does not show yet.
    harness.stored = evenShards(2, 7);
    harness.put(Array.from({ length: 50 }, (_, i) => ({ key: `k${i}`, data: `${i}` })));
    harness.drain();
    expect(sent[0]?.entries).toHaveLength(50);
    expect(harness.attempts.slice(0, 50).map(({ code }) => code)).toEqual(
      Array.from({ length: 50 }, () => 'Wrong Shard'),
    );
    expect(harness.listings).toBe(listings + 1);
    expect(harness.settled).toHaveLength(50);
  });
});

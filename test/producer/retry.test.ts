import { describe, expect, it } from 'vitest';
import type { ProducerSettings } from '../../src/producer/settings.ts';
import { BEHAVIOURS } from '../../src/producer/settings.ts';
import { acceptAll, evenShards, Harness, ScriptedTransport, type SentEntry } from './harness.ts';

const ANSWER_US = 5000;
/** A fifth of the buffering time, by which the collector lets a record wait for company. */
const COLLECTOR_US = 20_000;

/** One shard; `refuse` may change the answer of a call. */
function producer(
  refuse: (
    call: number,
    entries: readonly SentEntry[],
    request: Parameters<ReturnType<typeof acceptAll>>[0],
  ) => void,
  settings: Partial<ProducerSettings> = {},
  random: () => number = () => 0.5,
) {
  const sentUs: number[] = [];
  const harness: Harness = new Harness({
    settings,
    random,
    shards: evenShards(1),
    transport: (h) =>
      new ScriptedTransport(
        h.clock,
        () => ANSWER_US,
        (request, entries) => {
          sentUs.push(h.clock.nowUs() - ANSWER_US);
          acceptAll(() => h.stored ?? h.shards)(request, entries);
          refuse(sentUs.length, entries, request);
        },
      ),
  });
  harness.ready();
  return { harness, sentUs };
}

const internalFailure: Parameters<typeof producer>[0] = (_call, entries, { answer }) =>
  entries.forEach((_, i) => {
    answer.refuseEntry(i, 'InternalFailure', '');
  });

/** From the answer of one attempt to the next attempt. */
const waitsOf = (sentUs: readonly number[]) =>
  sentUs.slice(1).map((us, i) => us - (sentUs[i] ?? 0) - ANSWER_US - COLLECTOR_US);

describe('a refused record', () => {
  const { backoffFirstUs, backoffMaxUs } = BEHAVIOURS.shardstorm;

  it.each([
    ['half', () => 0, 0.5],
    ['all but nothing', () => 0.999999, 1],
    ['three quarters', () => 0.5, 0.75],
  ])('waits %s of a time that doubles up to a bound, as chance has it', (_, random, share) => {
    const { harness, sentUs } = producer(internalFailure, {}, random);
    harness.put([{ key: 'a', data: '1' }]);
    harness.clock.runUntil(20_000_000);
    const waits = waitsOf(sentUs).slice(0, 9);
    const expected = waits.map(
      (_wait, i) => share * Math.min(backoffMaxUs, backoffFirstUs * 2 ** i),
    );
    expect(waits.length).toBe(9);
    for (const [i, wait] of waits.entries()) {
      expect(Math.abs(wait - (expected[i] ?? 0))).toBeLessThan(10);
    }
  });

  it('keeps the time at which it was due, and its time to live counts from its generation', () => {
    const { harness } = producer((call, entries, request) => {
      if (call <= 3) internalFailure(call, entries, request);
    });
    const dueUs = harness.clock.nowUs();
    harness.put([
      { key: 'a', data: '1' },
      { key: 'b', data: '2' },
    ]);
    harness.drain();
    expect(harness.settled.map((one) => [one.outcome, one.dueUs, one.attempts])).toEqual([
      ['accepted', dueUs, 3],
      ['accepted', dueUs, 3],
    ]);
    const late = producer(internalFailure, { recordTtlUs: 1_000_000 });
    const putUs = late.harness.clock.nowUs();
    late.harness.put([{ key: 'a', data: '1' }]);
    late.harness.drain();
    expect(late.harness.settled).toMatchObject([{ outcome: 'expired', dueUs: putUs }]);
    expect((late.harness.settled[0]?.atUs ?? 0) - putUs).toBeLessThanOrEqual(1_000_000);
  });

  it('keeps its due time when its aggregate is taken apart and its user records are routed again', () => {
    const { harness } = producer(
      (call, entries, request) => {
        if (call === 1) internalFailure(call, entries, request);
      },
      { profile: 'kpl' },
    );
    const dueUs = harness.clock.nowUs();
    harness.put([
      { key: 'a', data: '1' },
      { key: 'b', data: '2' },
    ]);
    harness.pipeline.flush();
    harness.clock.runUntil(dueUs + 30_000);
    harness.put([{ key: 'c', data: '3' }]);
    harness.drain();
    expect(harness.settled.map((one) => one.dueUs)).toEqual([dueUs, dueUs, dueUs + 30_000]);
  });

  it('that is in the wrong shard waits for the new map and then goes to the new shard', () => {
    const { harness } = producer(() => {});
    const children = evenShards(2, 1);
    harness.put(Array.from({ length: 20 }, (_, i) => ({ key: `key ${i}`, data: `${i}` })));
    // The stream was split and the map does not know: the service stores by the new ranges.
    harness.stored = children;
    harness.shards = children;
    const before = harness.listings;
    harness.drain();
    expect(harness.listings - before).toBe(1);
    expect(harness.settled.every(({ outcome }) => outcome === 'accepted')).toBe(true);
    expect(harness.settled.length).toBe(20);
    expect(harness.shardMap.openShards).toEqual([1, 2]);
  });
});
